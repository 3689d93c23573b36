namespace ServiceQuality.Scoring.Charts;

/// <summary>Standard normal random numbers from a seed, by Marsaglia's polar method over xoshiro256++ (Blackman and Vigna); the same on every machine.</summary>
internal sealed class NormalStream
{
    private ulong a, b, c, d;
    private double? spare;

    public NormalStream(int seed)
    {
        var state = (ulong)(uint)seed;
        (a, b, c, d) = (Spread(ref state), Spread(ref state), Spread(ref state), Spread(ref state));
    }

    /// <summary>The next number.</summary>
    public double Next()
    {
        if (spare is { } kept)
        {
            spare = null;
            return kept;
        }
        double x, y, square;
        do
        {
            (x, y) = ((2 * Uniform()) - 1, (2 * Uniform()) - 1);
            square = (x * x) + (y * y);
        }
        while (square is >= 1 or 0);
        var factor = Math.Sqrt(-2 * Math.Log(square) / square);
        spare = y * factor;
        return x * factor;
    }

    /// <summary>The next number of 0 … below 1.</summary>
    public double Uniform() => (Bits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>The next whole number of 0 … count − 1.</summary>
    public int Below(int count) => (int)Math.BigMul(Bits(), (ulong)count, out _);

    private ulong Bits()
    {
        var result = ulong.RotateLeft(a + d, 23) + a;
        var shifted = b << 17;
        c ^= a;
        d ^= b;
        b ^= c;
        a ^= d;
        c ^= shifted;
        d = ulong.RotateLeft(d, 45);
        return result;
    }

    /// <summary>SplitMix64, which fills the state.</summary>
    private static ulong Spread(ref ulong state)
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
