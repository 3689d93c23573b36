using ServiceQuality.Console.Suite;

namespace ServiceQuality.Console.Charts;

/// <summary>An indicator as it is named beside a chart.</summary>
public sealed record ChartedIndicator(string Code, LocalName? Name, string? Unit, string? Aggregator);

public sealed record ChartedPoint(DateTimeOffset At, double? Value, double? Size, double? Lower, double? Upper, double? Z, double? MovingRange, double? LowerSum);

public sealed record ChartedSignal(int Point, DateTimeOffset At, string Rule, int Number, string Side, IReadOnlyList<int> Points, double P);

/// <summary>GET /api/scores/{unit}/charts/{indicator}.</summary>
public sealed record ControlChart(
    ChartedIndicator Indicator, string Type, string Rules, string Step, double? Center, double? Sigma, int Estimated, bool Preliminary, string? Reason,
    double? FalseAlarmEvery, double? FalseAlarmsPerDay, IReadOnlyList<ChartedPoint> Points, IReadOnlyList<ChartedSignal> Signals);

public sealed record RankedUnit(
    ScoredUnit Unit, double Score, int Rank, int? BestRank, int? WorstRank, Interval? Interval, int? Tied, IReadOnlyList<string>? TiedWith, double? Shrunk, double? ShrunkWeight, int Days);

/// <summary>GET /api/ranking.</summary>
public sealed record Ranking(
    ScoredUnit Under, string? Level, string Period, DateTimeOffset From, DateTimeOffset To, DateTimeOffset AsOf, int Seed, int Draws, int Days, IReadOnlyList<RankedUnit> Units, IReadOnlyList<NotScored> NotScored);

public sealed record FunnelUnit(ScoredUnit Unit, double? Value, double Count, double Size, double Low3, double Low2, double High2, double High3, string Place);

public sealed record FunnelWall(double Size, double Low3, double Low2, double High2, double High3);

/// <summary>GET /api/funnel/{indicator}.</summary>
public sealed record FunnelPlot(
    ChartedIndicator Indicator, string Kind, double Minimum, double? Target, double? Dispersion, bool Overdispersed, IReadOnlyList<FunnelUnit> Units, IReadOnlyList<FunnelWall> Walls);

public sealed record MetRule(string Rule, int Number, string Side);

public sealed record DaySignal(
    ScoredUnit Unit, ChartedIndicator Indicator, string Type, double? Value, double? Center, double? Lower, double? Upper, IReadOnlyList<MetRule> Rules, double P, double Adjusted, bool Kept);

/// <summary>GET /api/signals.</summary>
public sealed record SignalsOfDay(DateOnly Day, string Rules, int Units, int Charts, double FalseAlarmEvery, double ExpectedFalseAlarms, double Rate, int Found, int Kept, IReadOnlyList<DaySignal> Signals);

public sealed record AlertCause(string Indicator, LocalName? Name, string? Unit, double Effect, double? From, double? To);

public sealed record ScoreAlert(
    Guid Id, ScoredUnit Unit, string Kind, string Period, DateTimeOffset At, double Score, double? Change24h, Grade? From, Grade? To, bool IsFall, IReadOnlyList<AlertCause> Causes);

/// <summary>GET /api/alerts.</summary>
public sealed record AlertPage(IReadOnlyList<ScoreAlert> Alerts, Guid? Next);
