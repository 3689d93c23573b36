using System.Globalization;
using ServiceQuality.Scores.Scores;
using ServiceQuality.Scoring;
using ServiceQuality.Scoring.Charts;

namespace ServiceQuality.Scores.Charts;

/// <summary>A point of a chart: value and limits in the unit of the measure, size under the line; null where there is none.</summary>
internal sealed record ChartPointView(DateTimeOffset At, double? Value, double? Size, double? Lower, double? Upper, double? Z, double? MovingRange, double? LowerSum);

/// <summary>A signal; <paramref name="At"/> is the time of the point that completed it, points are counted from 0.</summary>
internal sealed record ChartSignalView(int Point, DateTimeOffset At, string Rule, int Number, string Side, IReadOnlyList<int> Points, double P);

/// <summary>An indicator as it is named beside a chart.</summary>
internal sealed record IndicatorView(string Code, Bilingual Name, string Unit, string Aggregator)
{
    public static IndicatorView Of(Indicator indicator) => new(indicator.Code, indicator.Name, indicator.Measure.Unit, Codes.Of(indicator.Measure.Aggregator));
}

/// <summary>A control chart of an indicator of a unit (scoring.md §9).</summary>
internal sealed record ChartView(
    UnitView Unit, IndicatorView Indicator, string Type, string Rules, string Step, int? Baseline, double? Center, double? Sigma, double? MovingRangeLimit, int Estimated, bool Preliminary, string? Reason,
    double? FalseAlarmEvery, double? FalseAlarmsPerDay, IReadOnlyList<ChartPointView> Points, IReadOnlyList<ChartSignalView> Signals)
{
    public static ChartView Of(UnitView unit, Indicator indicator, string step, IReadOnlyList<DateTimeOffset> times, IReadOnlyList<Observation> data, ControlChart chart)
    {
        // Rates are charted per one, and shown in the measure's own unit.
        var scale = indicator.Measure.Aggregator == Aggregator.PerThousand && ChartTypes.HasSizes(chart.Design.Type) ? 1000 : 1;
        return new(
            unit, IndicatorView.Of(indicator), ChartTypes.Code(chart.Design.Type), chart.Design.Type is ChartType.Ewma or ChartType.Cusum ? "limit" : (chart.Design.Rules ?? RuleSet.ThreeSigma).Name, step,
            chart.Design.Baseline, chart.Center * scale, chart.Sigma, chart.MovingRangeLimit, chart.Estimated, chart.Preliminary, chart.Reason,
            chart.FalseAlarmEvery, chart.FalseAlarmEvery is { } every ? ControlChart.FalseAlarmsPerDay(1, step == "hour" ? 24 : 1, every) : null,
            [.. chart.Points.Select((point, i) => new ChartPointView(times[i], point.Value * scale, data[i].Size, point.Lower * scale, point.Upper * scale, point.Z, point.MovingRange, point.LowerSum))],
            [.. chart.Signals.Select(signal => new ChartSignalView(signal.Point, times[signal.Point], signal.Rule, signal.Number, Codes.Of(signal.Side), signal.Points, signal.Evidence))]);
    }
}

/// <summary>Kinds of chart as they stand in addresses.</summary>
internal static class ChartTypes
{
    private const double LargeSample = 500;

    public static IReadOnlyDictionary<string, ChartType> ByCode { get; } = new Dictionary<string, ChartType>(StringComparer.OrdinalIgnoreCase)
    {
        ["i-mr"] = ChartType.IMr, ["p"] = ChartType.P, ["u"] = ChartType.U, ["p-prime"] = ChartType.PPrime, ["ewma"] = ChartType.Ewma, ["cusum"] = ChartType.Cusum,
    };

    public static string Code(ChartType type) => ByCode.First(pair => pair.Value == type).Key;

    /// <summary>The chart for the data: shares of large samples vary by more than chance from day to day, and get Laney's.</summary>
    public static ChartType SuitedTo(Measure measure, IReadOnlyList<Tally?> tallies) =>
        Tally.ChartOf(measure) == ChartType.P && tallies.Where(tally => tally?.Size > 0).Select(tally => tally!.Value.Size).DefaultIfEmpty().Average() >= LargeSample ? ChartType.PPrime : Tally.ChartOf(measure);

    public static bool HasSizes(ChartType type) => type is ChartType.P or ChartType.PPrime or ChartType.U;

    public static DateOnly? Day(string? text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;
}
