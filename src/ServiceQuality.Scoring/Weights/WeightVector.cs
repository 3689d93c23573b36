namespace ServiceQuality.Scoring.Weights;

/// <summary>Weights given directly, and weights joined (scoring.md §6, SCO-04).</summary>
public static class WeightVector
{
    /// <summary>Weights given directly, normalised to sum 1.</summary>
    /// <param name="weights">At least one; finite and ≥ 0; at least one above 0.</param>
    /// <exception cref="ArgumentException">A weight is negative or not finite, or all are 0.</exception>
    public static IReadOnlyList<double> Normalised(IReadOnlyList<double> weights)
    {
        for (var i = 0; i < weights.Count; i++)
        {
            if (!double.IsFinite(weights[i]) || weights[i] < 0)
                throw new ArgumentException($"Weight {i + 1} is {weights[i]}: weights are finite and not negative.", nameof(weights));
        }
        // Scaled by the largest first: a sum of finite weights may not be finite.
        var largest = weights.Count == 0 ? 0 : weights.Max();
        if (largest == 0)
            throw new ArgumentException("At least one weight is above 0.", nameof(weights));
        var scaled = weights.Select(weight => weight / largest).ToList();
        var sum = scaled.Sum();
        return [.. scaled.Select(weight => weight / sum)];
    }

    /// <summary>Subjective and objective weights joined: w ∝ w_ahp · w_entropy (scoring.md §6).</summary>
    /// <param name="subjective">Weights by judgement, for example <see cref="AhpResult.Eigenvector"/>; normalised here.</param>
    /// <param name="objective">Weights by data, for example <see cref="EntropyResult.Weights"/>; normalised here.</param>
    /// <exception cref="ArgumentException">They differ in number, one is not a weight, or no element has weight in both.</exception>
    public static IReadOnlyList<double> Combined(IReadOnlyList<double> subjective, IReadOnlyList<double> objective)
    {
        if (subjective.Count != objective.Count)
            throw new ArgumentException($"{subjective.Count} weights cannot be joined with {objective.Count}.", nameof(objective));
        var (left, right) = (Normalised(subjective), Normalised(objective));
        var products = left.Zip(right, (a, b) => a * b).ToList();
        if (products.All(product => product == 0))
            throw new ArgumentException("No element has weight in both.", nameof(objective));
        return Normalised(products);
    }
}
