namespace ServiceQuality.Contracts.Scores;

/// <summary>The live score of a unit moved; coalesced to at most one message a second per unit (design.md, the way of a fact, step 5).</summary>
/// <param name="Unit">The unit.</param>
/// <param name="Period">The scheme's main period, for example <c>7d</c>.</param>
/// <param name="Score">0–100; null when the unit has no data.</param>
/// <param name="Grade">Code of the grade band; null when coverage is under one half.</param>
/// <param name="Coverage">Share of leaf weight that had data, 0–1.</param>
/// <param name="Scheme">Scheme id and version as <c>id@version</c>.</param>
/// <param name="Seq">Journal position of the unit at which the score was computed; 0 for a unit that only rolls up others.</param>
/// <param name="AsOf">The moment for which it was computed.</param>
public sealed record ScoreChanged(
    Guid Unit, string Period, double? Score, string? Grade, double Coverage, string Scheme, long Seq, DateTimeOffset AsOf);
