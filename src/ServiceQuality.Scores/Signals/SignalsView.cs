using ServiceQuality.Scores.Charts;
using ServiceQuality.Scores.Scores;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;
using ServiceQuality.Scoring.Charts;
using ServiceQuality.Scoring.Comparison;

namespace ServiceQuality.Scores.Signals;

/// <summary>A rule that was met.</summary>
internal sealed record MetRuleView(string Rule, int Number, string Side);

/// <summary>An indicator of a unit that signalled on the day; value and limits in the unit of the measure.</summary>
/// <param name="Unit">The unit.</param>
/// <param name="Indicator">The indicator.</param>
/// <param name="Type">Kind of chart.</param>
/// <param name="Value">The day's value.</param>
/// <param name="Center">Centre line of the 28 days before.</param>
/// <param name="Lower">Lower limit of the day.</param>
/// <param name="Upper">Upper limit of the day.</param>
/// <param name="Rules">Rules met.</param>
/// <param name="P">How likely that is by chance.</param>
/// <param name="Adjusted">The smallest q at which it would be kept.</param>
/// <param name="Kept">Whether the control of false discoveries keeps it.</param>
internal sealed record SignalRow(
    UnitView Unit, IndicatorView Indicator, string Type, double? Value, double? Center, double? Lower, double? Upper, IReadOnlyList<MetRuleView> Rules, double P, double Adjusted, bool Kept);

/// <summary>The signals of a day.</summary>
/// <param name="Day">The day.</param>
/// <param name="Rules">Rules that the charts were read by.</param>
/// <param name="Units">Units with a chart that could be read.</param>
/// <param name="Charts">Charts read.</param>
/// <param name="FalseAlarmEvery">Points between false alarms of one chart.</param>
/// <param name="ExpectedFalseAlarms">How many signals to expect of this day if nothing had changed anywhere.</param>
/// <param name="Rate">q of Benjamini and Hochberg.</param>
/// <param name="Found">Signals in all.</param>
/// <param name="Kept">Those kept.</param>
/// <param name="Signals">The first of them, least likely by chance first.</param>
internal sealed record SignalsView(
    DateOnly Day, string Rules, int Units, int Charts, double FalseAlarmEvery, double ExpectedFalseAlarms, double Rate, int Found, int Kept, IReadOnlyList<SignalRow> Signals)
{
    public static SignalsView Of(DateOnly day, RuleSet rules, DayOfCharts found, UnitTree tree, Func<Guid, bool> isVisible, int limit)
    {
        var tested = found.Tested.Where(unit => isVisible(unit.Key)).ToList();
        List<FiredChart> fired = [.. found.Fired.Where(one => isVisible(one.Unit.Id))];
        var charts = tested.Sum(unit => unit.Value);
        // Charts without a signal are hypotheses too: they stand with p = 1.
        var judged = FalseDiscovery.BenjaminiHochberg([.. fired.Select(one => one.P), .. Enumerable.Repeat(1.0, charts - fired.Count)]);
        var every = RunLength.InControl(rules);
        var rows = fired.Select((one, i) => Row(one, tree.Find(one.Unit.Id) ?? one.Unit, judged[i])).OrderBy(row => row.P).ThenBy(row => row.Unit.Path, StringComparer.Ordinal).ThenBy(row => row.Indicator.Code, StringComparer.Ordinal);
        return new(day, rules.Name, tested.Count, charts, every, ControlChart.FalseAlarmsPerDay(charts, 1, every), FalseDiscovery.DefaultRate, fired.Count, judged.Take(fired.Count).Count(one => one.Kept), [.. rows.Take(limit)]);
    }

    private static SignalRow Row(FiredChart one, OrgUnit unit, Discovery judged)
    {
        var (chart, point) = (one.Chart, one.Chart.Points[DaySignals.BaselineDays]);
        var scale = one.Indicator.Measure.Aggregator == Aggregator.PerThousand && ChartTypes.HasSizes(chart.Design.Type) ? 1000 : 1;
        return new(
            UnitView.Of(unit), IndicatorView.Of(one.Indicator), ChartTypes.Code(chart.Design.Type), point.Value * scale, chart.Center * scale, point.Lower * scale, point.Upper * scale,
            [.. one.Signals.Select(signal => new MetRuleView(signal.Rule, signal.Number, Codes.Of(signal.Side)))], one.P, judged.Adjusted, judged.Kept);
    }
}
