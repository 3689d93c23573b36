namespace ServiceQuality.Scoring;

/// <summary>A fact was handed to a ledger out of turn.</summary>
/// <param name="expected">The seq that was due.</param>
/// <param name="found">The seq that came.</param>
public sealed class JournalGapException(long expected, long found) : Exception($"Journal position {expected} was due, but {found} came.")
{
    /// <summary>The seq that was due.</summary>
    public long Expected { get; } = expected;

    /// <summary>The seq that came.</summary>
    public long Found { get; } = found;
}
