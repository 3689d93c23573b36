namespace ServiceQuality.Contracts.Scores;

/// <summary>What one indicator did to a score over the last 24 hours.</summary>
/// <param name="Indicator">Code of the indicator.</param>
/// <param name="Effect">Points of the score; less than 0 when it cost.</param>
/// <param name="From">Value a day ago, in the unit of its measure; null without data.</param>
/// <param name="To">Value now; null without data.</param>
public sealed record ScoreCause(string Indicator, double Effect, double? From, double? To);

/// <summary>The live score of a unit has crossed a limit between grade bands (SCO-31, XR-51). Told once for a crossing, through the outbox.</summary>
/// <param name="Alert">Id of the alert, as in <c>GET /api/alerts</c>.</param>
/// <param name="Unit">The unit.</param>
/// <param name="Period">The scheme's main period.</param>
/// <param name="From">Code of the grade before.</param>
/// <param name="To">Code of the grade now.</param>
/// <param name="IsFall">True when the grade now is the worse one.</param>
/// <param name="Score">The score, 0–100.</param>
/// <param name="Scheme">Scheme id and version as <c>id@version</c>.</param>
/// <param name="Causes">Indicators that moved the score the most, at most five, the strongest first; empty when there was no score a day ago.</param>
/// <param name="At">When it was seen.</param>
public sealed record GradeBandCrossed(Guid Alert, Guid Unit, string Period, string From, string To, bool IsFall, double Score, string Scheme, IReadOnlyList<ScoreCause> Causes, DateTimeOffset At);

/// <summary>The live score of a unit has fallen by the limit or more in 24 hours (SCO-31, XR-51). Told once for a fall, through the outbox; again only after the score has recovered.</summary>
/// <param name="Alert">Id of the alert, as in <c>GET /api/alerts</c>.</param>
/// <param name="Unit">The unit.</param>
/// <param name="Period">The scheme's main period.</param>
/// <param name="Score">The score, 0–100.</param>
/// <param name="Change">Change in 24 hours, less than 0.</param>
/// <param name="Grade">Code of the grade now; null when coverage is under one half.</param>
/// <param name="Scheme">Scheme id and version as <c>id@version</c>.</param>
/// <param name="Causes">Indicators that cost the score the most, at most five, the strongest first.</param>
/// <param name="At">When it was seen.</param>
public sealed record ScoreDropDetected(Guid Alert, Guid Unit, string Period, double Score, double Change, string? Grade, string Scheme, IReadOnlyList<ScoreCause> Causes, DateTimeOffset At);
