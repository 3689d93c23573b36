namespace ServiceQuality.Scoring.Results;

/// <summary>Which of many numbers stand out (SCO-24), by the median and the median absolute deviation, which outliers themselves do not move.</summary>
public static class Outliers
{
    /// <summary>Fewer numbers than this say nothing about each other.</summary>
    public const int Fewest = 5;

    private const double Consistency = 0.6745;

    /// <summary>
    /// Modified z-scores <c>0.6745 (x − median) / MAD</c>; beyond ±3.5 a number counts as an outlier. Iglewicz and Hoaglin, How to Detect and Handle Outliers
    /// (ASQC 1993); NIST/SEMATECH e-Handbook 1.3.5.17. Null for all when there are fewer than <see cref="Fewest"/> or more than half of them are equal (MAD 0).
    /// </summary>
    /// <param name="values">Finite numbers.</param>
    /// <exception cref="ArgumentException">A number is not finite.</exception>
    public static IReadOnlyList<double?> ModifiedZ(IReadOnlyList<double> values)
    {
        if (values.Any(value => !double.IsFinite(value)))
            throw new ArgumentException("Outliers are looked for among finite numbers.", nameof(values));
        var median = values.Count < Fewest ? 0 : Median(values);
        var deviation = values.Count < Fewest ? 0 : Median([.. values.Select(value => Math.Abs(value - median))]);
        return [.. values.Select(value => deviation > 0 ? Consistency * (value - median) / deviation : (double?)null)];
    }

    private static double Median(IReadOnlyList<double> values)
    {
        double[] sorted = [.. values.Order()];
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
