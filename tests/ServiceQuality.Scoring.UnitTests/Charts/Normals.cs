namespace ServiceQuality.Scoring.UnitTests.Charts;

/// <summary>Normal numbers from another generator than the product's.</summary>
internal sealed class Normals(int seed)
{
    private readonly Random random = new(seed);

    public double Next() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
