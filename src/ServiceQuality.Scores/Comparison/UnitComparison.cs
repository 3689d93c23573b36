using ServiceQuality.Scores.Charts;
using ServiceQuality.Scores.Scores;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;
using ServiceQuality.Scoring.Charts;
using ServiceQuality.Scoring.Comparison;

namespace ServiceQuality.Scores.Comparison;

/// <summary>Compares units with each other. Computed at most once an hour for the same question, beside the request that waits.</summary>
internal sealed class UnitComparison(UnitBuckets buckets, UnitScores scores, TimeProvider clock)
{
    private const int MostTied = 10;

    // 3,000 units over 30 days are drawn in about half a minute (docs/benchmarks.md, ranking-3000); beyond this the scores of the days are drawn.
    private const int MostMergedDays = 100_000;
    private const double Z = 1.959963984540054;

    private readonly HourMemory<(Guid, string?, Period, int?), RankingView> _rankings = new(clock);
    private readonly HourMemory<(Guid, string?, Period, string, double), FunnelView> _funnels = new(clock);

    /// <summary>Ranks the units; without a seed it follows from the day, so that the same day gives the same intervals.</summary>
    public Task<RankingView> RankAsync(Comparing asked, int? seed, CancellationToken ct) =>
        _rankings.GetAsync((asked.Under.Id, asked.Level, asked.Period, seed), () => RankAsync(asked, seed ?? asked.Days[^1].DayNumber), ct);

    /// <summary>The funnel of an indicator that is a share or a rate.</summary>
    public Task<FunnelView> FunnelAsync(Comparing asked, Indicator indicator, double minimum, CancellationToken ct) =>
        _funnels.GetAsync((asked.Under.Id, asked.Level, asked.Period, indicator.Code, minimum), () => FunnelAsync(asked, indicator, minimum), ct);

    private async Task<RankingView> RankAsync(Comparing asked, int seed)
    {
        var (days, scheme, drawing) = (asked.Days, buckets.SchemeOn(asked.Days[^1]), new DayDraws(asked.Days.Count, seed));
        var drawsBuckets = days.Count * asked.Units.Count <= MostMergedDays;
        var (ranked, drawn) = (new (double? Score, int Days)[asked.Units.Count], new DrawnScores?[asked.Units.Count]);
        // The buckets of a unit are held no longer than its draws take.
        await Parallel.ForAsync(0, asked.Units.Count, async (i, ct) =>
        {
            var unit = asked.Units[i];
            var score = await scores.ReadAsync(unit, asked.Period, asOf: null, version: null, ct);
            var daily = await buckets.DaysAsync(unit, days, ct);
            IReadOnlyList<double?> points = drawsBuckets ? [] : [.. daily.Select((readings, day) => UnitCharts.DayScore(buckets.SchemeOn(days[day]), readings))];
            ranked[i] = (score.ScoredUnits == 0 ? null : score.Score.Value, drawsBuckets ? daily.Count(day => day is not null) : points.Count(day => day is not null));
            drawn[i] = ranked[i].Score is not { } value ? null : drawsBuckets ? drawing.OfBuckets(scheme, value, daily) : drawing.OfScores(value, points);
        });
        var placed = RankDraws.Place(drawn);
        var shrunk = Shrink(asked.Units, ranked, placed);
        var rows = Enumerable.Range(0, ranked.Length).Where(i => placed[i].Rank is not null).OrderBy(i => placed[i].Rank).ThenBy(i => asked.Units[i].Code, StringComparer.Ordinal).Select(i => new RankingRow(
            UnitView.Of(asked.Units[i]), ranked[i].Score!.Value, placed[i].Rank!.Value, placed[i].Interval?.Best, placed[i].Interval?.Worst, IntervalView.Of(placed[i].Score),
            placed[i].Tied, TiedWith(asked.Units, placed, i), shrunk[i]?.Value, shrunk[i]?.Weight, ranked[i].Days));
        return new(
            UnitView.Of(asked.Under), asked.Level, asked.Period.ToString(), asked.Window.From, asked.Window.To, asked.Window.AsOf, seed, RankDraws.Draws, drawsBuckets ? "day-buckets" : "day-scores", days.Count, [.. rows],
            [.. Enumerable.Range(0, ranked.Length).Where(i => placed[i].Rank is null).Select(i => NotScoredView.Of(asked.Units[i]))]);
    }

    /// <summary>The second value: towards the mean of the units under the same parent, by the width of each score's interval.</summary>
    private static IReadOnlyList<Shrunk?> Shrink(IReadOnlyList<OrgUnit> units, (double? Score, int Days)[] ranked, IReadOnlyList<Placing> placed) =>
        Shrinkage.OfMeansByParent([.. units.Select((unit, i) =>
            placed[i].Score is { } interval && interval.High > interval.Low ? (unit.Parent, ranked[i].Score!.Value, (interval.High - interval.Low) / (2 * Z)) : default((Guid?, double, double)?))]);

    private static List<string>? TiedWith(IReadOnlyList<OrgUnit> units, IReadOnlyList<Placing> placed, int unit) => placed[unit].Interval is not { } own ? null
        : [.. Enumerable.Range(0, units.Count).Where(i => i != unit && placed[i].Interval?.Overlaps(own) == true).OrderBy(i => Math.Abs(placed[i].Rank!.Value - placed[unit].Rank!.Value)).Take(MostTied).Select(i => units[i].Code)];

    private async Task<FunnelView> FunnelAsync(Comparing asked, Indicator indicator, double minimum)
    {
        var counts = new List<(double Count, double Size)>(asked.Units.Count);
        foreach (var unit in asked.Units)
        {
            var tally = Tally.Of(indicator.Measure, (await scores.ReadAsync(unit, asked.Period, asOf: null, version: null, CancellationToken.None)).Readings);
            counts.Add((tally.Size > 0 ? tally.Count : 0, tally.Size));
        }
        var (kind, scale) = indicator.Measure.Aggregator == Aggregator.Ratio ? (FunnelKind.Share, 1.0) : (FunnelKind.Rate, 1000.0);
        var funnel = Funnel.Of(kind, counts, minimum);
        return new(
            UnitView.Of(asked.Under), asked.Level, asked.Period.ToString(), asked.Window.From, asked.Window.To, asked.Window.AsOf, IndicatorView.Of(indicator), Codes.Of(kind), minimum,
            funnel.Target * scale, funnel.Dispersion, funnel.Overdispersed,
            [.. funnel.Points.Select((point, i) => new FunnelRow(UnitView.Of(asked.Units[i]), point.Value * scale, counts[i].Count, point.Size, point.Low3 * scale, point.Low2 * scale, point.High2 * scale, point.High3 * scale, Codes.Of(point.Place)))],
            FunnelView.WallsOf(funnel, scale));
    }
}
