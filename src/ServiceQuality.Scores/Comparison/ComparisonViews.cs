using ServiceQuality.Scores.Charts;
using ServiceQuality.Scores.Scores;
using ServiceQuality.Scoring.Comparison;

namespace ServiceQuality.Scores.Comparison;

/// <summary>A unit in a ranking. Intervals are null with fewer than two days; <paramref name="TiedWith"/> are the ten nearest of those tied within noise.</summary>
internal sealed record RankingRow(
    UnitView Unit, double Score, int Rank, int? BestRank, int? WorstRank, IntervalView? Interval, int? Tied, IReadOnlyList<string>? TiedWith, double? Shrunk, double? ShrunkWeight, int Days);

/// <summary>
/// A ranking that says how sure it is (scoring.md §8, RPT-08); units without a score are listed and have no rank. <paramref name="Drawn"/>: day-buckets, merged and scored again in
/// every draw, or with many units day-scores.
/// </summary>
internal sealed record RankingView(
    UnitView Under, string? Level, string Period, DateTimeOffset From, DateTimeOffset To, DateTimeOffset AsOf, int Seed, int Draws, string Drawn, int Days,
    IReadOnlyList<RankingRow> Units, IReadOnlyList<NotScoredView> NotScored);

/// <summary>A unit in a funnel; value and limits in the unit of the measure.</summary>
internal sealed record FunnelRow(UnitView Unit, double? Value, double Count, double Size, double Low3, double Low2, double High2, double High3, string Place);

/// <summary>The limits at a size, to draw the funnel's walls.</summary>
internal sealed record FunnelWall(double Size, double Low3, double Low2, double High2, double High3);

/// <summary>A funnel plot (scoring.md §8).</summary>
internal sealed record FunnelView(
    UnitView Under, string? Level, string Period, DateTimeOffset From, DateTimeOffset To, DateTimeOffset AsOf, IndicatorView Indicator, string Kind, double Minimum,
    double? Target, double? Dispersion, bool Overdispersed, IReadOnlyList<FunnelRow> Units, IReadOnlyList<FunnelWall> Walls)
{
    private const int WallPoints = 60;

    public static IReadOnlyList<FunnelWall> WallsOf(Funnel funnel, double scale)
    {
        var largest = funnel.Points.Select(point => point.Size).DefaultIfEmpty().Max();
        if (funnel.Target is not { } target || largest < 1)
            return [];
        // Evenly spaced in the root of the size, for that is how the walls bend.
        return [.. Enumerable.Range(1, WallPoints).Select(i => Math.Max(1, Math.Round(largest * 1.05 * i * i / WallPoints / WallPoints))).Distinct().Select(size =>
        {
            var (low3, low2, high2, high3) = Funnel.Limits(funnel.Kind, target, size);
            return new FunnelWall(size, low3 * scale, low2 * scale, high2 * scale, high3 * scale);
        })];
    }
}
