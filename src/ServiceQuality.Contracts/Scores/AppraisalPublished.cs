namespace ServiceQuality.Contracts.Scores;

/// <summary>The official result of a unit for a period is out, or was restated (SCO-24, XR-50). The document is read by <c>GET /api/results/units/{unit}/{period}</c>.</summary>
/// <param name="Unit">The unit.</param>
/// <param name="Period">A whole period: <c>2026-10</c>, <c>2026-Q3</c>, <c>2026-H2</c>, <c>2026</c>.</param>
/// <param name="Number">0 for the result, 1, 2, 3 … for its restatements.</param>
/// <param name="Official">Official points, two decimals, 0–100; null when the unit was not scored.</param>
/// <param name="Grade">Code of the grade band; null when there is none.</param>
/// <param name="Place">Rank among the units with the same parent, 1 is best; null when not ranked.</param>
/// <param name="Hash">SHA-256 of the document.</param>
/// <param name="At">When it was published.</param>
public sealed record AppraisalPublished(Guid Unit, string Period, int Number, decimal? Official, string? Grade, int? Place, string Hash, DateTimeOffset At);
