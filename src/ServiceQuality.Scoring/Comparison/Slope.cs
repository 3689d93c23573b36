namespace ServiceQuality.Scoring.Comparison;

/// <summary>
/// A trend: the median of the slopes between all pairs of points (Theil 1950; Sen, JASA 63, 1968), with Sen's interval from Kendall's S. Chosen over least squares because one
/// freak day does not turn it and nothing is assumed about how scores vary about the line; it takes the points as independent of each other.
/// </summary>
/// <param name="PerStep">Change of the value by one step of the abscissa.</param>
/// <param name="Interval">95 % interval; null with too few points to bound it.</param>
/// <param name="Points">Points it was taken from.</param>
public sealed record Slope(double PerStep, Interval? Interval, int Points)
{
    private const double Z = 1.959963984540054;

    /// <summary>Whether the interval leaves out no change at all.</summary>
    public bool Significant => Interval is { } interval && (interval.Low > 0 || interval.High < 0);

    /// <summary>The slope of a series.</summary>
    /// <param name="points">Abscissa and value; at most 1,000 of them.</param>
    /// <returns>Null when fewer than two points differ in their abscissa.</returns>
    /// <exception cref="ArgumentException">A number is not finite, or there are too many points.</exception>
    public static Slope? Of(IReadOnlyList<(double X, double Y)> points)
    {
        if (points.Count > 1_000)
            throw new ArgumentException("At most 1,000 points.", nameof(points));
        if (points.Any(point => !double.IsFinite(point.X) || !double.IsFinite(point.Y)))
            throw new ArgumentException("Every number must be finite.", nameof(points));
        var slopes = new List<double>();
        for (var i = 0; i < points.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (points[i].X != points[j].X)
                    slopes.Add((points[i].Y - points[j].Y) / (points[i].X - points[j].X));
            }
        }
        if (slopes.Count == 0)
            return null;
        slopes.Sort();
        return new(slopes.Count % 2 == 1 ? slopes[slopes.Count / 2] : (slopes[(slopes.Count / 2) - 1] + slopes[slopes.Count / 2]) / 2, Bounds(slopes, points), points.Count);
    }

    /// <summary>The slopes between ranks (N − C)/2 and (N + C)/2 + 1, C = z √var S; ties in either number lessen the variance.</summary>
    private static Interval? Bounds(List<double> slopes, IReadOnlyList<(double X, double Y)> points)
    {
        double n = points.Count;
        double Ties(Func<(double X, double Y), double> key) => points.GroupBy(key).Sum(group => (double)group.Count() * (group.Count() - 1) * ((2 * group.Count()) + 5));
        var variance = ((n * (n - 1) * ((2 * n) + 5)) - Ties(point => point.X) - Ties(point => point.Y)) / 18;
        var half = Z * Math.Sqrt(Math.Max(0, variance));
        var (low, high) = ((int)Math.Floor((slopes.Count - half) / 2) - 1, (int)Math.Ceiling((slopes.Count + half) / 2));
        return low < 0 || high >= slopes.Count ? null : new(slopes[low], slopes[high]);
    }
}
