using System.Runtime.InteropServices;

namespace ServiceQuality.Scoring.Comparison;

/// <summary>A value drawn towards the mean of its siblings, by as much as it is noise.</summary>
/// <param name="Value">The second value, beside the unit's own.</param>
/// <param name="Weight">How much of it is the unit's own, 0–1; the rest is the siblings'.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Shrunk(double Value, double Weight);

/// <summary>
/// Empirical-Bayes shrinkage of small units towards their parent (scoring.md §8), by the method of moments. Fewer than four units say nothing about how units differ: then there
/// is no second value.
/// </summary>
public static class Shrinkage
{
    private const int Fewest = 4;

    /// <summary>
    /// Values with their standard errors, normal about a normal prior. The variance between units is DerSimonian and Laird's moment estimate (Controlled Clinical Trials 7, 1986);
    /// the share taken from the siblings is (k − 3)/(k − 1) · s²/(s² + τ²) as Morris has it (JASA 78, 1983), which for equal errors is the James–Stein estimator.
    /// </summary>
    /// <param name="units">Value and standard error, above 0, of each of k siblings.</param>
    /// <returns>One for every unit, in their order; null with fewer than four units.</returns>
    /// <exception cref="ArgumentException">A value is not finite or an error not above 0.</exception>
    public static IReadOnlyList<Shrunk>? OfMeans(IReadOnlyList<(double Value, double Error)> units)
    {
        if (units.Any(unit => !double.IsFinite(unit.Value) || !double.IsFinite(unit.Error) || unit.Error <= 0))
            throw new ArgumentException("Every value must be finite and its error above 0.", nameof(units));
        if (units.Count < Fewest)
            return null;

        double Mean(double between) => units.Sum(unit => unit.Value / ((unit.Error * unit.Error) + between)) / units.Sum(unit => 1 / ((unit.Error * unit.Error) + between));
        var weights = units.Select(unit => 1 / (unit.Error * unit.Error)).ToList();
        var (common, total) = (Mean(0), weights.Sum());
        var q = units.Zip(weights, (unit, weight) => weight * (unit.Value - common) * (unit.Value - common)).Sum();
        var between = Math.Max(0, (q - (units.Count - 1)) / (total - (weights.Sum(weight => weight * weight) / total)));
        var (mean, correction) = (Mean(between), (units.Count - 3) / (units.Count - 1.0));
        return [.. units.Select(unit =>
        {
            var own = 1 - (correction * unit.Error * unit.Error / ((unit.Error * unit.Error) + between));
            return new Shrunk(mean + (own * (unit.Value - mean)), own);
        })];
    }

    /// <summary>The same for units of several parents: each is drawn towards its own siblings.</summary>
    /// <param name="units">Parent, value and standard error of each unit; null for one that has no error.</param>
    /// <returns>One for every unit, in their order; null where there is no second value.</returns>
    /// <exception cref="ArgumentException">A value is not finite or an error not above 0.</exception>
    public static IReadOnlyList<Shrunk?> OfMeansByParent<TParent>(IReadOnlyList<(TParent Parent, double Value, double Error)?> units)
    {
        var result = new Shrunk?[units.Count];
        foreach (var siblings in Enumerable.Range(0, units.Count).Where(i => units[i] is not null).GroupBy(i => units[i]!.Value.Parent))
        {
            var shrunk = OfMeans([.. siblings.Select(i => (units[i]!.Value.Value, units[i]!.Value.Error))]);
            foreach (var (at, i) in siblings.Index())
                result[i] = shrunk?[at];
        }
        return result;
    }

    /// <summary>
    /// Shares k / n, binomial about a beta prior with mean μ and strength M: (k + M μ)/(n + M), μ = Σk/Σn. M is Kleinman's moment estimate (JASA 68, 1973) with weights n;
    /// where the units differ by no more than chance, all are drawn to μ.
    /// </summary>
    /// <param name="units">Count and size, above 0, of each sibling.</param>
    /// <returns>One for every unit, in their order; null with fewer than four units.</returns>
    /// <exception cref="ArgumentException">A count is not between 0 and its size, or a size not above 0.</exception>
    public static IReadOnlyList<Shrunk>? OfShares(IReadOnlyList<(double Count, double Size)> units)
    {
        if (units.Any(unit => unit.Count is not >= 0 || unit.Size is not (> 0 and < double.PositiveInfinity) || unit.Count > unit.Size))
            throw new ArgumentException("Every count must lie between 0 and its size, which is above 0.", nameof(units));
        if (units.Count < Fewest)
            return null;

        var size = units.Sum(unit => unit.Size);
        var mean = units.Sum(unit => unit.Count) / size;
        var (chance, k) = (mean * (1 - mean), units.Count);
        // E Σ n (p − μ)² = μ(1 − μ) [(k − 1) + (N − Σn²/N − (k − 1)) ρ] with ρ = 1/(M + 1), the correlation within a unit.
        var spread = units.Sum(unit => unit.Size * Math.Pow((unit.Count / unit.Size) - mean, 2));
        var room = size - (units.Sum(unit => unit.Size * unit.Size) / size) - (k - 1);
        var correlation = chance > 0 && room > 0 ? Math.Clamp(((spread / chance) - (k - 1)) / room, 0, 1) : 0;
        return [.. units.Select(unit =>
        {
            var own = correlation == 0 ? 0 : unit.Size / (unit.Size + ((1 - correlation) / correlation));
            return new Shrunk((own * unit.Count / unit.Size) + ((1 - own) * mean), own);
        })];
    }
}
