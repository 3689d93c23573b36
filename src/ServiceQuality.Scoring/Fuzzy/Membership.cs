namespace ServiceQuality.Scoring.Fuzzy;

/// <summary>
/// How far points belong to each grade (scoring.md §7): trapezoids that cross at 0.5 on the limits between grades. From half a width below a limit to half a width above it, belonging passes
/// evenly from the lower grade to the upper one. Where a band is narrower than two half-widths, its limits use half the band instead, so that every grade has points that belong to it alone.
/// Memberships sum to 1, and more points never move belonging downwards.
/// </summary>
public sealed class Membership
{
    /// <summary>Half-width in points unless another is asked for (scoring.md §7).</summary>
    public const double DefaultHalfWidth = 5;

    private readonly (double From, double Half)[] limits;

    /// <summary>Makes the functions of a scheme's bands.</summary>
    /// <param name="bands">Bands, best first, the last from 0 (<see cref="Scheme.Bands"/>); at least two.</param>
    /// <param name="halfWidth">Half-width of the passage between two grades, in points, 0–50; 0 makes the grades crisp.</param>
    /// <exception cref="ArgumentException">There are fewer than two bands, or they do not descend from under 100.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The half-width is not within 0–50.</exception>
    public Membership(IReadOnlyList<GradeBand> bands, double halfWidth = DefaultHalfWidth)
    {
        if (!(halfWidth is >= 0 and <= 50))
            throw new ArgumentOutOfRangeException(nameof(halfWidth), halfWidth, "A half-width is within 0–50 points.");
        if (bands.Count < 2 || !(bands[0].From < 100) || bands[^1].From != 0 || bands.Zip(bands.Skip(1)).Any(pair => !(pair.First.From > pair.Second.From)))
            throw new ArgumentException("Bands descend from under 100 to 0, and are at least two.", nameof(bands));
        Bands = bands;
        limits = new (double, double)[bands.Count - 1];
        for (var i = 0; i < limits.Length; i++)
        {
            var above = (i == 0 ? 100 : bands[i - 1].From) - bands[i].From;
            var below = bands[i].From - bands[i + 1].From;
            limits[i] = (bands[i].From, Math.Min(halfWidth, Math.Min(above, below) / 2));
        }
    }

    /// <summary>The grades, best first.</summary>
    public IReadOnlyList<GradeBand> Bands { get; }

    /// <summary>Middle of each band, in points: what a grade is worth as a number.</summary>
    public IReadOnlyList<double> MidPoints => [.. Bands.Select((band, i) => ((i == 0 ? 100 : Bands[i - 1].From) + band.From) / 2)];

    /// <summary>Belonging to each grade, best first: each 0–1, summing to 1.</summary>
    /// <param name="points">0–100.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not within 0–100.</exception>
    public IReadOnlyList<double> Of(double points)
    {
        if (!(points is >= 0 and <= 100))
            throw new ArgumentOutOfRangeException(nameof(points), points, "Points are within 0–100.");
        var row = new double[Bands.Count];
        var better = 0.0;
        for (var i = 0; i < limits.Length; i++)
        {
            var (from, half) = limits[i];
            var atLeast = half == 0 ? (points >= from ? 1 : 0) : Math.Clamp((points - from + half) / (2 * half), 0, 1);
            row[i] = atLeast - better;
            better = atLeast;
        }
        row[^1] = 1 - better;
        return row;
    }
}
