using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Scoring;

/// <summary>One fact as it stands in the journal of one unit (scoring.md §1).</summary>
/// <param name="Seq">Position in the journal: 1, 2, 3 … without gaps.</param>
/// <param name="Source">CloudEvents <c>source</c>.</param>
/// <param name="Id">CloudEvents <c>id</c>; with <paramref name="Source"/> it identifies the fact.</param>
/// <param name="Time">When it happened.</param>
/// <param name="Received">When it reached the suite.</param>
/// <param name="Data">What it says.</param>
public readonly record struct Fact(long Seq, string Source, string Id, DateTimeOffset Time, DateTimeOffset Received, FactData Data);
