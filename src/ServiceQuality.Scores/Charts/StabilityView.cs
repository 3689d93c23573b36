using ServiceQuality.Scores.Scores;
using ServiceQuality.Scoring;
using ServiceQuality.Scoring.Comparison;

namespace ServiceQuality.Scores.Charts;

/// <summary>
/// The score of a month; null when nothing happened in it or nothing is kept of it. <paramref name="Source"/>: <c>live</c> is computed from the days, <c>official</c> a published result,
/// which is read where the days are no longer kept. <paramref name="ToDate"/>: the month is not over.
/// </summary>
internal sealed record MonthScoreView(string Month, double? Score, IntervalView? Interval, double Coverage, string Source, bool ToDate)
{
    public static MonthScoreView Of(MonthScore month) => new(month.Name, month.Score, IntervalView.Of(month.Interval), month.Coverage, month.IsOfficial ? "official" : "live", month.IsToDate);
}

/// <summary>The score of a day with the limits of the period.</summary>
internal sealed record DayScoreView(DateOnly Day, double? Score);

/// <summary>A trend by Theil and Sen in points per day and per month (30.44 days), each with its 95 % interval.</summary>
internal sealed record SlopeView(double PerDay, IntervalView? Interval, double PerMonth, IntervalView? MonthInterval, bool Significant, int Days)
{
    public static SlopeView? Of(Slope? slope) => slope is null ? null : new(
        slope.PerStep, IntervalView.Of(slope.Interval), slope.PerStep * Stability.DaysOfMonth,
        slope.Interval is { } interval ? new(interval.Low * Stability.DaysOfMonth, interval.High * Stability.DaysOfMonth) : null, slope.Significant, slope.Points);
}

/// <summary>A day on which a rule was met.</summary>
internal sealed record DaySignalView(DateOnly Day, string Rule, int Number, string Side);

/// <summary>The months of a unit with the same parent, as far as the caller may see it; mean and range of those scored.</summary>
internal sealed record SiblingMonthsView(UnitView Unit, IReadOnlyList<double?> Months, double? Mean, double? Range, double? Change);

/// <summary>
/// How steady a unit was in a quarter or year, and where it goes (SCO-30, RPT-11). <paramref name="Verdict"/>: <c>steady</c>, <c>improving</c>, <c>worsening</c>, or <c>few-days</c>.
/// <paramref name="Before"/> are the same months of the year before.
/// </summary>
internal sealed record StabilityView(
    UnitView Unit, string Period, IReadOnlyList<MonthScoreView> Months, IReadOnlyList<MonthScoreView> Before, double? Range, double? Deviation, SlopeView? Slope, string Verdict,
    double? Center, double? Lower, double? Upper, string? Reason, double? FalseAlarmEvery, IReadOnlyList<DayScoreView> Days, IReadOnlyList<DaySignalView> Signals, IReadOnlyList<SiblingMonthsView> Siblings)
{
    public static StabilityView Of(
        UnitView unit, Period period, IReadOnlyList<MonthScore> months, IReadOnlyList<MonthScore> before, IReadOnlyList<DateOnly> days, IReadOnlyList<double?> scores, Stability found,
        IReadOnlyList<SiblingMonthsView> siblings)
    {
        var chart = found.Chart;
        return new(
            unit, period.ToString(), [.. months.Select(MonthScoreView.Of)], [.. before.Select(MonthScoreView.Of)], found.Range, found.Deviation, SlopeView.Of(found.Slope), Codes.Of(found.Verdict),
            chart.Center, chart.Center - (3 * chart.Sigma), chart.Center + (3 * chart.Sigma), chart.Reason, chart.FalseAlarmEvery,
            [.. days.Select((day, i) => new DayScoreView(day, scores[i]))],
            [.. chart.Signals.Select(signal => new DaySignalView(days[signal.Point], signal.Rule, signal.Number, Codes.Of(signal.Side)))], siblings);
    }
}

/// <summary>What is expected of a month: a 95 % prediction interval of its score.</summary>
internal sealed record ForecastMonthView(string Month, double Value, IntervalView Interval, double Error);

/// <summary>
/// The next months of a unit (RPT-11), from its whole months; the running one is not over and is the first that is forecast. <paramref name="Reason"/> says why there is none:
/// <c>few-points</c>, <c>many-gaps</c>, <c>zero-variance</c>.
/// </summary>
internal sealed record ForecastView(
    UnitView Unit, string? Method, double? Alpha, double? Beta, double? Phi, double? Level, double? Trend, double? Deviation, int Points, int Needed, string? Reason,
    IReadOnlyList<MonthScoreView> Months, IReadOnlyList<ForecastMonthView> Steps);
