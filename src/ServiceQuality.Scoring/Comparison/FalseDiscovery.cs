namespace ServiceQuality.Scoring.Comparison;

/// <summary>A p-value after the control of false discoveries.</summary>
/// <param name="P">As given, 0–1.</param>
/// <param name="Adjusted">The smallest q at which it would be kept, 0–1.</param>
/// <param name="Kept">Whether it is a discovery at the chosen q.</param>
public sealed record Discovery(double P, double Adjusted, bool Kept);

/// <summary>Control of the share of false ones among the signals that many units raise together (scoring.md §9).</summary>
public static class FalseDiscovery
{
    /// <summary>q of scoring.md §9: one in ten of the signals kept may be false, on the average.</summary>
    public const double DefaultRate = 0.1;

    /// <summary>
    /// Benjamini and Hochberg's step-up procedure (JRSS B 57, 1995): with p₍₁₎ ≤ … ≤ p₍ₘ₎ it keeps the first k, k the largest i with p₍ᵢ₎ ≤ i q / m.
    /// Every unit that was looked at must be in the list, not only those with a signal.
    /// </summary>
    /// <param name="values">p-values, 0–1.</param>
    /// <param name="rate">q, above 0 and at most 1.</param>
    /// <returns>One for every p-value, in their order.</returns>
    /// <exception cref="ArgumentException">A p-value or the rate is out of range.</exception>
    public static IReadOnlyList<Discovery> BenjaminiHochberg(IReadOnlyList<double> values, double rate = DefaultRate)
    {
        if (rate is not (> 0 and <= 1))
            throw new ArgumentException("The rate must be above 0 and at most 1.", nameof(rate));
        if (values.Any(p => p is not (>= 0 and <= 1)))
            throw new ArgumentException("A p-value is 0 to 1.", nameof(values));

        var order = Enumerable.Range(0, values.Count).OrderByDescending(i => values[i]).ToArray();
        var (result, least, kept) = (new Discovery[values.Count], 1.0, false);
        for (var place = 0; place < order.Length; place++)
        {
            var (p, rank) = (values[order[place]], values.Count - place);
            least = Math.Min(least, p * ((double)values.Count / rank));
            // From the largest rank that passes on down, everything is kept, whether it passes itself or not.
            kept |= p <= rank * rate / values.Count;
            result[order[place]] = new(p, least, kept);
        }
        return result;
    }
}
