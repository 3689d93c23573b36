using MathNet.Numerics.Distributions;

namespace ServiceQuality.Scoring.Weights;

/// <summary>One element as a panel rated it.</summary>
/// <param name="Mean">Mean rating.</param>
/// <param name="Median">Median rating.</param>
/// <param name="Deviation">Standard deviation of the sample, over n − 1.</param>
/// <param name="Lowest">Lowest rating.</param>
/// <param name="Highest">Highest rating.</param>
/// <param name="MeanWeight">Share of the mean among all; null when all means are 0.</param>
/// <param name="MedianWeight">Share of the median among all; null when all medians are 0.</param>
public sealed record PanelElement(double Mean, double Median, double Deviation, double Lowest, double Highest, double? MeanWeight, double? MedianWeight);

/// <summary>A rating far from the panel's median: its expert has to say why (SCO-07).</summary>
/// <param name="Expert">The expert, from 0.</param>
/// <param name="Element">The element, from 0.</param>
/// <param name="Rating">What the expert said.</param>
/// <param name="Median">The median of the panel.</param>
public sealed record PanelOutlier(int Expert, int Element, double Rating, double Median);

/// <summary>How far a panel agrees on the order of the elements.</summary>
/// <param name="W">Kendall's coefficient of concordance with ties, 0 (none) to 1 (the same order); null when there is no order to agree on.</param>
/// <param name="ChiSquare">k (n − 1) W with n − 1 degrees of freedom; an approximation for n &gt; 7.</param>
/// <param name="P">Probability of so much agreement by chance.</param>
/// <param name="Reason">Why there is no W: <c>one-element</c>, or <c>all-tied</c> when no expert tells elements apart.</param>
public sealed record Concordance(double? W, double? ChiSquare, double? P, string? Reason);

/// <summary>What a panel said.</summary>
/// <param name="Elements">In the order given.</param>
/// <param name="Agreement">Kendall's W.</param>
/// <param name="Outliers">Ratings that need a comment.</param>
public sealed record PanelResult(IReadOnlyList<PanelElement> Elements, Concordance Agreement, IReadOnlyList<PanelOutlier> Outliers);

/// <summary>Expert panels (SCO-07): experts rate the same elements independently of each other.</summary>
public static class Panel
{
    /// <summary>Fewest experts (SCO-07, assumed).</summary>
    public const int DefaultFewest = 3;

    /// <summary>A rating needs a comment when it is further than this share of the scale from the panel's median (assumed); the median, since one far rating moves it little.</summary>
    public const double DefaultOutlierShare = 0.25;

    /// <summary>Sums up the ratings of a panel.</summary>
    /// <param name="ratings">Experts × elements, within the scale.</param>
    /// <param name="low">Lower end of the scale, ≥ 0.</param>
    /// <param name="high">Upper end of the scale.</param>
    /// <param name="outlierShare">Share of the scale beyond which a rating needs a comment, above 0 and up to 1.</param>
    /// <param name="fewest">Fewest experts, at least 2.</param>
    /// <exception cref="ArgumentException">There are too few experts or no elements, a rating is off the scale, or a parameter is out of its range.</exception>
    public static PanelResult Summarise(double[,] ratings, double low, double high, double outlierShare = DefaultOutlierShare, int fewest = DefaultFewest)
    {
        var (experts, elements) = (ratings.GetLength(0), ratings.GetLength(1));
        if (fewest < 2 || experts < fewest || elements < 1)
            throw new ArgumentException($"A panel has at least {Math.Max(2, fewest)} experts and 1 element, not {experts} and {elements}.", nameof(ratings));
        if (!(low >= 0 && high > low && double.IsFinite(high)))
            throw new ArgumentException($"A scale goes up from 0 or more, not from {low} to {high}.", nameof(high));
        if (!(outlierShare is > 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(outlierShare), outlierShare, "A share of the scale is above 0 and up to 1.");
        foreach (var rating in ratings)
        {
            if (!(rating >= low && rating <= high))
                throw new ArgumentException($"{rating} is not on the scale from {low} to {high}.", nameof(ratings));
        }

        var columns = Enumerable.Range(0, elements).Select(element => Enumerable.Range(0, experts).Select(expert => ratings[expert, element]).ToArray()).ToList();
        // Sums over sorted numbers, so that the order of the experts changes not one bit.
        var (means, medians) = (columns.Select(column => column.Order().Average()).ToList(), columns.Select(Median).ToList());
        var (meanTotal, medianTotal) = (means.Sum(), medians.Sum());
        return new(
            [.. columns.Select((column, i) => new PanelElement(
                means[i], medians[i], Math.Sqrt(column.Order().Sum(rating => (rating - means[i]) * (rating - means[i])) / (experts - 1)), column.Min(), column.Max(),
                meanTotal > 0 ? means[i] / meanTotal : null, medianTotal > 0 ? medians[i] / medianTotal : null))],
            Agree(ratings),
            [.. Outliers(columns, medians, outlierShare * (high - low))]);
    }

    /// <summary>Kendall's coefficient of concordance with mean ranks for ties (Kendall and Babington Smith 1939; Siegel 1956, ch. 9).</summary>
    /// <param name="ratings">Experts × elements, at least two experts; any finite scale, ranked per expert.</param>
    public static Concordance Agree(double[,] ratings)
    {
        var (k, n) = (ratings.GetLength(0), ratings.GetLength(1));
        if (k < 2)
            throw new ArgumentException("Agreement takes at least two experts.", nameof(ratings));
        if (n < 2)
            return new(null, null, null, "one-element");
        var sums = new double[n];
        var ties = 0.0;
        for (var expert = 0; expert < k; expert++)
        {
            var row = Enumerable.Range(0, n).Select(element => ratings[expert, element]).ToArray();
            for (var element = 0; element < n; element++)
                sums[element] += 1 + row.Count(other => other < row[element]) + ((row.Count(other => other == row[element]) - 1) / 2.0);
            ties += row.GroupBy(rating => rating).Sum(group => Math.Pow(group.Count(), 3) - group.Count());
        }
        var most = (k * (double)k * (Math.Pow(n, 3) - n)) - (k * ties);
        if (most <= 0)
            return new(null, null, null, "all-tied");
        var mean = k * (n + 1) / 2.0;
        var w = Math.Min(1, 12 * sums.Sum(sum => (sum - mean) * (sum - mean)) / most);
        var chi = k * (n - 1) * w;
        return new(w, chi, 1 - ChiSquared.CDF(n - 1, chi), null);
    }

    private static IEnumerable<PanelOutlier> Outliers(List<double[]> columns, List<double> medians, double far)
    {
        for (var expert = 0; expert < columns[0].Length; expert++)
        {
            for (var element = 0; element < columns.Count; element++)
            {
                if (Math.Abs(columns[element][expert] - medians[element]) > far)
                    yield return new(expert, element, columns[element][expert], medians[element]);
            }
        }
    }

    private static double Median(double[] values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
