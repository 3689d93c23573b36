using ServiceQuality.Scores.Scores;
using ServiceQuality.Scoring;
using ServiceQuality.Scoring.Comparison;

namespace ServiceQuality.Scores.Charts;

/// <summary>The score of a month; null when nothing happened in it.</summary>
internal sealed record MonthScoreView(string Month, double? Score);

/// <summary>The score of a day with the limits of the quarter.</summary>
internal sealed record DayScoreView(DateOnly Day, double? Score);

/// <summary>A trend in points per day, by Theil and Sen, with its 95 % interval.</summary>
internal sealed record SlopeView(double PerDay, IntervalView? Interval, bool Significant, int Days);

/// <summary>A day on which a rule was met.</summary>
internal sealed record DaySignalView(DateOnly Day, string Rule, int Number, string Side);

/// <summary>How steady a unit was in a quarter (SCO-30).</summary>
internal sealed record StabilityView(
    UnitView Unit, string Quarter, IReadOnlyList<MonthScoreView> Months, double? Range, double? Deviation, SlopeView? Slope, double? Center, double? Lower, double? Upper, string? Reason,
    double? FalseAlarmEvery, IReadOnlyList<DayScoreView> Days, IReadOnlyList<DaySignalView> Signals)
{
    public static StabilityView Of(UnitView unit, Period quarter, IReadOnlyList<MonthScoreView> months, IReadOnlyList<DateOnly> days, IReadOnlyList<double?> scores, Stability found)
    {
        var chart = found.Chart;
        return new(
            unit, quarter.ToString(), months, found.Range, found.Deviation,
            found.Slope is { } slope ? new(slope.PerStep, slope.Interval is { } interval ? new(interval.Low, interval.High) : null, slope.Significant, slope.Points) : null,
            chart.Center, chart.Center - (3 * chart.Sigma), chart.Center + (3 * chart.Sigma), chart.Reason, chart.FalseAlarmEvery,
            [.. days.Select((day, i) => new DayScoreView(day, scores[i]))],
            [.. chart.Signals.Select(signal => new DaySignalView(days[signal.Point], signal.Rule, signal.Number, Codes.Of(signal.Side)))]);
    }
}
