namespace ServiceQuality.Scores.Journals;

/// <summary>What became of an append.</summary>
/// <param name="Stale">True when the journal had moved on: nothing was written, and the owner reads the journal before it tries again.</param>
/// <param name="Head">Seq of the branch's newest row after the commit.</param>
/// <param name="Received">Received of that row.</param>
/// <param name="Written">The entries that were written, in the order of their seq, without duplicates; the last one has seq <paramref name="Head"/>.</param>
/// <param name="Times">Received as journalled, one for each of <paramref name="Written"/>.</param>
public sealed record Appended(bool Stale, long Head, DateTimeOffset Received, IReadOnlyList<Entry> Written, IReadOnlyList<DateTimeOffset> Times);
