using ServiceQuality.Scores.Scores;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;
using ServiceQuality.Scoring.Charts;

namespace ServiceQuality.Scores.Charts;

/// <summary>Draws the charts of one unit from its buckets.</summary>
internal sealed class UnitCharts(UnitBuckets buckets, TimeProvider clock)
{
    private const double LeastCoverage = 0.5;

    /// <summary>The chart of an indicator; the newest point may be a day or an hour that is not over.</summary>
    public async Task<ChartView> DrawAsync(OrgUnit unit, ChartRequest request, CancellationToken ct)
    {
        var (times, tallies) = request.Step == "hour" ? await HoursAsync(unit, request, ct) : await DaysAsync(unit, request, ct);
        var design = request.For(tallies);
        var data = tallies.Select(tally => tally?.ObservationFor(design.Type) ?? default).ToList();
        return ChartView.Of(UnitView.Of(unit), request.Indicator, request.Step, times, data, ControlChart.Of(design, data));
    }

    /// <summary>A day's score; null when nothing happened, or less than half of the indicators by weight had data: such a day says nothing about the unit.</summary>
    public static double? DayScore(Scheme scheme, Readings? readings) =>
        readings is { Facts: > 0 } && Scorer.Evaluate(scheme, readings) is { Value: { } value, Coverage: >= LeastCoverage } ? value : null;

    private async Task<(IReadOnlyList<DateTimeOffset> Times, IReadOnlyList<Tally?> Tallies)> DaysAsync(OrgUnit unit, ChartRequest request, CancellationToken ct)
    {
        var zone = Zones.Of(unit.TimeZone);
        var readings = await buckets.DaysAsync(unit, request.Days, ct);
        return ([.. request.Days.Select(day => StartOf(zone, day))], [.. readings.Select(day => day is null ? default(Tally?) : Tally.Of(request.Indicator.Measure, day))]);
    }

    private async Task<(IReadOnlyList<DateTimeOffset> Times, IReadOnlyList<Tally?> Tallies)> HoursAsync(OrgUnit unit, ChartRequest request, CancellationToken ct)
    {
        var (zone, measure) = (Zones.Of(unit.TimeZone), request.Indicator.Measure);
        var ends = new List<DateTimeOffset>();
        for (var end = StartOf(zone, request.Days[0]).AddHours(1); end <= StartOf(zone, request.Days[^1].AddDays(1)) && end <= zone.HourAt(clock.GetUtcNow()); end = end.AddHours(1))
            ends.Add(end);
        var upTo = (await buckets.DaysUpToAsync(unit, ends, ct)).Select(readings => readings is null ? default(Tally?) : Tally.Of(measure, readings)).ToList();
        var hours = new List<Tally?>(ends.Count);
        for (var i = 0; i < ends.Count; i++)
        {
            var isFirst = i == 0 || UnitBuckets.DayOf(zone, ends[i].AddHours(-1)) != UnitBuckets.DayOf(zone, ends[i - 1].AddHours(-1));
            hours.Add(isFirst ? upTo[i] : upTo[i]?.Since(upTo[i - 1] ?? default, measure));
        }
        return ([.. ends.Select(end => end.AddHours(-1))], hours);
    }

    private static DateTimeOffset StartOf(TimeZoneInfo zone, DateOnly day) => Period.Whole(PeriodKind.Day, day).Window(DateTimeOffset.MaxValue.AddDays(-2), zone).From;
}
