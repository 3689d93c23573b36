namespace ServiceQuality.Contracts.Scores;

/// <summary>
/// The live score of a unit moved; coalesced to at most one message a second per unit. Told at once and without the outbox, so that a single change may be
/// lost or come twice; every unit is told again through the outbox at the turn of the hour, and when the score service starts. Keep the message
/// with the newest <paramref name="AsOf"/>: the newest score always arrives, not every score in between. What was shown each hour is in the history.
/// </summary>
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
