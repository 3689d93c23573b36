using MathNet.Numerics.Distributions;

namespace ServiceQuality.Scoring.Comparison;

/// <summary>What a funnel compares.</summary>
public enum FunnelKind
{
    /// <summary>Shares: count of size, binomial limits.</summary>
    Share,

    /// <summary>Rates: count per exposure, Poisson limits.</summary>
    Rate,
}

/// <summary>Where a unit lies in the funnel.</summary>
public enum FunnelPlace
{
    /// <summary>Its denominator is under the minimum: shown, not judged.</summary>
    TooSmall,

    /// <summary>Below the lower 3σ limit.</summary>
    FarBelow,

    /// <summary>Below the lower 2σ limit.</summary>
    Below,

    /// <summary>Within the limits.</summary>
    Within,

    /// <summary>Above the upper 2σ limit.</summary>
    Above,

    /// <summary>Above the upper 3σ limit.</summary>
    FarAbove,
}

/// <summary>A unit in a funnel.</summary>
/// <param name="Value">Count / size; null when the size is 0.</param>
/// <param name="Size">Number of cases or exposure.</param>
/// <param name="Low3">Lower 3σ limit at this size.</param>
/// <param name="Low2">Lower 2σ limit.</param>
/// <param name="High2">Upper 2σ limit.</param>
/// <param name="High3">Upper 3σ limit.</param>
/// <param name="Place">Where the value lies; on a limit is within.</param>
public sealed record FunnelPoint(double? Value, double Size, double Low3, double Low2, double High2, double High3, FunnelPlace Place);

/// <summary>
/// A funnel plot (Spiegelhalter, Statistics in Medicine 24, 2005): shares or rates against volume, with the limits that chance alone keeps within.
/// 2σ and 3σ stand for tails of 2.275 % and 0.135 %; limits are exact binomial or Poisson, interpolated between counts as in the paper's appendix A.1.1.
/// </summary>
/// <param name="Kind">Share or rate.</param>
/// <param name="Target">The value of all units together, or the one given; null without data.</param>
/// <param name="Points">One for every unit, in their order; no limits (all 0) without a target.</param>
/// <param name="Dispersion">
/// φ: mean squared z of the units that are large enough, the outermost tenth on either side drawn in (winsorised). 1 when units differ by chance only; null with fewer than ten of them.
/// </param>
/// <param name="Overdispersed">Whether φ is more than chance explains (χ² beyond its 97.5 % point): the units differ for reasons the target does not know, and limits are too tight for all.</param>
public sealed record Funnel(FunnelKind Kind, double? Target, IReadOnlyList<FunnelPoint> Points, double? Dispersion, bool Overdispersed)
{
    /// <summary>Denominator from which a unit is judged, unless said otherwise.</summary>
    public const double DefaultMinimum = 20;

    private const double Tail2 = 0.022750131948179;
    private const double Tail3 = 0.001349898031630;
    private const int FewestForDispersion = 10;

    /// <summary>Draws the funnel.</summary>
    /// <param name="kind">Share or rate.</param>
    /// <param name="units">Count and size of each unit.</param>
    /// <param name="minimum">Denominator under which a unit is not judged; it still counts towards the target.</param>
    /// <param name="target">The line to compare with; null for the value of all units together.</param>
    /// <exception cref="ArgumentException">A count is negative or, for shares, above its size; sizes of shares are whole numbers.</exception>
    public static Funnel Of(FunnelKind kind, IReadOnlyList<(double Count, double Size)> units, double minimum = DefaultMinimum, double? target = null)
    {
        Check(kind, units, target);
        var size = units.Sum(unit => unit.Size);
        var middle = target ?? (size > 0 ? units.Sum(unit => unit.Count) / size : default(double?));
        if (middle is not { } line)
            return new(kind, null, [.. units.Select(unit => new FunnelPoint(null, unit.Size, 0, 0, 0, 0, FunnelPlace.TooSmall))], null, false);

        var points = units.Select(unit => Point(kind, line, unit.Count, unit.Size, minimum)).ToList();
        var variance = kind == FunnelKind.Share ? line * (1 - line) : line;
        var judged = units.Where(unit => unit.Size > 0 && unit.Size >= minimum).Select(unit => ((unit.Count / unit.Size) - line) / Math.Sqrt(variance / unit.Size)).Order().ToArray();
        if (judged.Length < FewestForDispersion || variance <= 0)
            return new(kind, line, points, null, false);
        var drawnIn = judged.Length / 10;
        var dispersion = judged.Average(z => Math.Pow(Math.Clamp(z, judged[drawnIn], judged[^(drawnIn + 1)]), 2));
        return new(kind, line, points, dispersion, dispersion * judged.Length > ChiSquared.InvCDF(judged.Length, 0.975));
    }

    /// <summary>The limits at a size, to draw the funnel's walls: lower 3σ, lower 2σ, upper 2σ, upper 3σ.</summary>
    public static (double Low3, double Low2, double High2, double High3) Limits(FunnelKind kind, double target, double size) =>
        (Limit(kind, target, size, Tail3), Limit(kind, target, size, Tail2), Limit(kind, target, size, 1 - Tail2), Limit(kind, target, size, 1 - Tail3));

    private static FunnelPoint Point(FunnelKind kind, double target, double count, double size, double minimum)
    {
        if (size <= 0)
            return new(null, size, target, target, target, target, FunnelPlace.TooSmall);
        var (low3, low2, high2, high3) = Limits(kind, target, size);
        var value = count / size;
        var place = size < minimum ? FunnelPlace.TooSmall
            : value < low3 ? FunnelPlace.FarBelow
            : value < low2 ? FunnelPlace.Below
            : value > high3 ? FunnelPlace.FarAbove
            : value > high2 ? FunnelPlace.Above
            : FunnelPlace.Within;
        return new(value, size, low3, low2, high2, high3, place);
    }

    /// <summary>With r the least count of P(X ≤ r) > p: (r − (P(X ≤ r) − p) / P(X = r)) / size, 0 at least.</summary>
    private static double Limit(FunnelKind kind, double target, double size, double p)
    {
        if (target <= 0 || (kind == FunnelKind.Share && target >= 1))
            return target;
        var mean = size * target;
        Func<double, double> cumulative = kind == FunnelKind.Share ? r => r >= size ? 1 : Binomial.CDF(target, (int)size, r) : r => Poisson.CDF(mean, r);
        // The count is found by halving between 0 and far outside.
        var (low, high) = (-1.0, kind == FunnelKind.Share ? size : Math.Ceiling(mean + (10 * Math.Sqrt(mean)) + 20));
        while (high - low > 1)
        {
            var middle = Math.Floor((low + high) / 2);
            (low, high) = cumulative(middle) > p ? (low, middle) : (middle, high);
        }
        var (before, at) = (high == 0 ? 0 : cumulative(high - 1), cumulative(high));
        return Math.Max(0, high - ((at - p) / (at - before))) / size;
    }

    private static void Check(FunnelKind kind, IReadOnlyList<(double Count, double Size)> units, double? target)
    {
        for (var i = 0; i < units.Count; i++)
        {
            var (count, size) = units[i];
            if (!double.IsFinite(count) || !double.IsFinite(size) || count < 0 || size < 0 || (size == 0 && count > 0))
                throw new ArgumentException($"Count and size of the unit at {i} are not numbers of 0 or more.", nameof(units));
            if (kind == FunnelKind.Share && (count > size || size != Math.Floor(size) || size > int.MaxValue))
                throw new ArgumentException($"The unit at {i} counts more than its size, or its size is no whole number.", nameof(units));
        }
        if (target is { } line && (!double.IsFinite(line) || line < 0 || (kind == FunnelKind.Share && line > 1)))
            throw new ArgumentException("The target is no share or rate.", nameof(target));
    }
}
