using ServiceQuality.Console.Suite;

namespace ServiceQuality.Console.Trends;

/// <summary>A month of a unit; source: live, or official where the days are no longer kept.</summary>
public sealed record UnitMonth(string Month, double? Score, Interval? Interval, double Coverage, string Source, bool ToDate);

public sealed record DaySlope(double PerDay, Interval? Interval, double PerMonth, Interval? MonthInterval, bool Significant, int Days);

public sealed record DayScore(DateOnly Day, double? Score);

public sealed record SignalDay(DateOnly Day, string Rule, int Number, string Side);

public sealed record SiblingMonths(ScoredUnit Unit, IReadOnlyList<double?> Months, double? Mean, double? Range, double? Change);

/// <summary>GET /api/scores/{unit}/stability.</summary>
public sealed record Stability(
    ScoredUnit Unit, string Period, IReadOnlyList<UnitMonth> Months, IReadOnlyList<UnitMonth> Before, double? Range, double? Deviation, DaySlope? Slope, string Verdict,
    double? Center, double? Lower, double? Upper, string? Reason, double? FalseAlarmEvery, IReadOnlyList<DayScore> Days, IReadOnlyList<SignalDay> Signals, IReadOnlyList<SiblingMonths> Siblings);

public sealed record MonthAhead(string Month, double Value, Interval Interval, double Error);

/// <summary>GET /api/scores/{unit}/forecast.</summary>
public sealed record MonthsAhead(
    string? Method, double? Alpha, double? Beta, double? Phi, double? Level, double? Trend, double? Deviation, int Points, int Needed, string? Reason,
    IReadOnlyList<UnitMonth> Months, IReadOnlyList<MonthAhead> Steps);

/// <summary>Everything the page of a unit's trend shows.</summary>
public sealed record TrendView(string Code, string Rules, IReadOnlyList<string> Periods, Reading<Stability> Stability, Reading<MonthsAhead> Forecast, Scheme Scheme);
