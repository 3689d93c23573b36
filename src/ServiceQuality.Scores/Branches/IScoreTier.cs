using System.Runtime.InteropServices;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Scores.Journals;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Branches;

/// <summary>
/// Where branches live: one owner for each, which writes its journal, keeps its ledger and answers from it (design.md, the way of a fact).
/// Any tier passes the tests of <c>ScoreTierContract</c>.
/// </summary>
public interface IScoreTier
{
    /// <summary>Writes facts to the journal of a unit; returns after the commit, when the ledger has them too.</summary>
    /// <exception cref="TemporarilyUnavailableException">It is not known to be written; the same facts may be sent again.</exception>
    Task<AppendResult> AppendAsync(Guid unit, FactsAppend append, CancellationToken ct);

    /// <summary>The statistics of a unit's own facts; null when the unit has no journal, or is not in the tree yet.</summary>
    Task<BranchState?> ReadAsync(Guid unit, BranchQuery query, CancellationToken ct);

    /// <summary>Folds the whole journal of a unit again and compares it with the live ledger, bit for bit; null when the unit has no journal.</summary>
    Task<Verification?> VerifyAsync(Guid unit, CancellationToken ct);

    /// <summary>Units that have a journal and are in the tree.</summary>
    Task<IReadOnlyCollection<Guid>> UnitsAsync(CancellationToken ct);

    /// <summary>Calls back after every append that wrote something, quickly and on any thread, until disposed.</summary>
    IDisposable Subscribe(Action<Movement> moved);

    /// <summary>True once every branch is back.</summary>
    bool IsRecovered { get; }

    /// <summary>Brings every branch back; <see cref="UnitsAsync"/> waits for it. May be called again after a failure.</summary>
    Task RecoverAsync(CancellationToken ct);

    /// <summary>Compares what is known here with the journals, and mends what was missed. Called once a second.</summary>
    Task FollowHeadsAsync(CancellationToken ct);
}

/// <summary>A unit's ledger has moved on.</summary>
/// <param name="Unit">The unit.</param>
/// <param name="Earliest">Earliest event time of the facts that were folded; windows that end at or before it are as they were. The beginning of time when everything was folded again.</param>
/// <param name="Seq">Journal position of the ledger.</param>
/// <param name="Written">How many facts this process has just written to the journal.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Movement(Guid Unit, DateTimeOffset Earliest, long Seq, int Written)
{
    /// <summary>Both at once.</summary>
    public Movement With(Movement other) => new(Unit, other.Earliest < Earliest ? other.Earliest : Earliest, Math.Max(Seq, other.Seq), Written + other.Written);
}

/// <summary>Facts for one unit.</summary>
/// <param name="Entries">At least one.</param>
/// <param name="Origins">Batches to record with them; each batch once, with the first unit that it touches.</param>
/// <param name="Redelivered">They may well be there already.</param>
public sealed record FactsAppend(IReadOnlyList<Entry> Entries, IReadOnlyList<BatchOrigin> Origins, bool Redelivered = false)
{
    /// <summary>All facts of a batch that has one unit only.</summary>
    public static FactsAppend Of(FactsAccepted batch, bool redelivered = false) =>
        new([.. batch.Facts.Select(fact => Entry.Of(fact, batch.Received, batch.Batch))], [BatchOrigin.Of(batch)], redelivered);
}

/// <summary>What an append did.</summary>
/// <param name="Seq">The branch's journal position after it.</param>
/// <param name="Written">New facts.</param>
/// <param name="Duplicates">Facts that were there already.</param>
public sealed record AppendResult(long Seq, int Written, int Duplicates);

/// <summary>A reading that is asked for.</summary>
/// <param name="Period">The period.</param>
/// <param name="Moment">An earlier hour boundary of the unit's zone, read with today's knowledge; null for the moment of the query.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct WindowAt(Period Period, DateTimeOffset? Moment = null);

/// <summary>What is asked of a branch.</summary>
/// <param name="Windows">Readings wanted.</param>
/// <param name="AsOf">Facts received up to then; null for now.</param>
/// <param name="Catalogue">Hash of the catalogue to read; null for the one in use. Merged readings must be of one catalogue.</param>
public sealed record BranchQuery(IReadOnlyList<WindowAt> Windows, DateTimeOffset? AsOf = null, string? Catalogue = null);

/// <summary>What a branch answers.</summary>
/// <param name="Unit">The unit.</param>
/// <param name="Seq">Journal position of the answer.</param>
/// <param name="Received">Newest received up to there.</param>
/// <param name="Newest">Newest event time up to there.</param>
/// <param name="Late">Facts that were too old to count.</param>
/// <param name="Readings">One for each window asked for; null where the buckets cannot answer exactly.</param>
public sealed record BranchState(Guid Unit, long Seq, DateTimeOffset? Received, DateTimeOffset? Newest, long Late, IReadOnlyList<Readings?> Readings);

/// <summary>Live and recomputed, side by side.</summary>
/// <param name="Unit">The unit.</param>
/// <param name="Seq">Journal position of both.</param>
/// <param name="Live">Hash of the live ledger.</param>
/// <param name="Recomputed">Hash of the ledger folded from the first row.</param>
public sealed record Verification(Guid Unit, long Seq, string Live, string Recomputed)
{
    /// <summary>True when both are the same, bit for bit.</summary>
    public bool Agrees => Live == Recomputed;
}
