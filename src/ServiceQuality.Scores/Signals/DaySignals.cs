using ServiceQuality.Scores.Charts;
using ServiceQuality.Scores.Comparison;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;
using ServiceQuality.Scoring.Charts;

namespace ServiceQuality.Scores.Signals;

/// <summary>A chart whose point of the day met a rule.</summary>
internal sealed record FiredChart(OrgUnit Unit, Indicator Indicator, ControlChart Chart, double P, IReadOnlyList<Signal> Signals);

/// <summary>All charts of a day: how many were read of each unit, and which of them signalled.</summary>
internal sealed record DayOfCharts(IReadOnlyDictionary<Guid, int> Tested, IReadOnlyList<FiredChart> Fired);

/// <summary>
/// Reads the day's point of every indicator of every unit with facts of its own against limits from the four weeks before it (scoring.md §9). Roll-ups are not read: their branches
/// are. A chart with fewer than ten days to estimate from is not read either, nor are states (<c>last</c>, <c>latest</c>), up-time figures (<c>availability</c>, <c>mtbf</c>,
/// <c>failure-rate</c>) and inspections mixed by month (<c>blend</c>): most of their days are alike and the others far away, so that no chart of individuals keeps its rate of false alarms.
/// </summary>
internal sealed class DaySignals(UnitBuckets buckets, TimeProvider clock)
{
    /// <summary>Days before the day in question that set the limits.</summary>
    public const int BaselineDays = 28;

    private const int FewestDays = 10;
    private readonly HourMemory<(DateOnly, string), DayOfCharts> _days = new(clock);

    /// <summary>The day's charts of the whole organisation; the caller sees those of its scope.</summary>
    public Task<DayOfCharts> ReadAsync(DateOnly day, RuleSet rules, CancellationToken ct) => _days.GetAsync((day, rules.Name), () => ComputeAsync(day, rules), ct);

    private async Task<DayOfCharts> ComputeAsync(DateOnly day, RuleSet rules)
    {
        var (tested, fired) = (new Dictionary<Guid, int>(), new List<FiredChart>());
        var indicators = buckets.SchemeOn(day).Indicators;
        DateOnly[] days = [.. Enumerable.Range(-BaselineDays, BaselineDays + 1).Select(day.AddDays)];
        await foreach (var (unit, readings) in buckets.OwnDaysAsync(days, CancellationToken.None))
        {
            var charts = ChartsOf(indicators, readings, rules).ToList();
            if (charts.Count > 0)
                tested[unit.Id] = charts.Count;
            fired.AddRange(charts.Where(one => one.Signals.Count > 0).Select(one => new FiredChart(unit, one.Indicator, one.Chart, one.P, one.Signals)));
        }
        return new(tested, fired);
    }

    /// <summary>The charts that are read of a unit's days, the newest last, with the p-value and the signals of the newest.</summary>
    internal static IEnumerable<(Indicator Indicator, ControlChart Chart, double P, IReadOnlyList<Signal> Signals)> ChartsOf(IReadOnlyList<Indicator> indicators, IReadOnlyList<Readings?> days, RuleSet rules)
    {
        foreach (var indicator in indicators)
        {
            if (Draw(indicator.Measure, days, rules) is { } chart && SignalEvidence.AtPoint(chart, BaselineDays) is { } p)
                yield return (indicator, chart, p, [.. chart.Signals.Where(signal => signal.Point == BaselineDays)]);
        }
    }

    private static ControlChart? Draw(Measure measure, IReadOnlyList<Readings?> days, RuleSet rules)
    {
        if (measure.Aggregator is Aggregator.Last or Aggregator.Latest or Aggregator.Availability or Aggregator.Mtbf or Aggregator.FailureRate or Aggregator.Blend)
            return null;
        List<Tally?> tallies = [.. days.Select(day => day is null ? default(Tally?) : Tally.Of(measure, day))];
        if (tallies[^1]?.Value is null || tallies.Take(BaselineDays).Count(tally => tally?.Value is not null) < FewestDays)
            return null;
        var type = ChartTypes.SuitedTo(measure, tallies);
        return ControlChart.Of(new(type, rules) { Baseline = BaselineDays }, [.. tallies.Select(tally => tally?.ObservationFor(type) ?? default)]);
    }
}
