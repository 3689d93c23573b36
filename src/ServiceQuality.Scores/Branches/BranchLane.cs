using System.Diagnostics;
using Npgsql;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Scores.Journals;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Branches;

/// <summary>
/// The owner of one branch: appends take turns, appends that wait are written together, and what was committed is folded in the order of
/// <c>seq</c>. An owner that finds that it has missed rows, by a refused append or by a seq that does not follow, reads them from the journal before it goes on.
/// </summary>
internal sealed class BranchLane : IDisposable
{
    private const int MaxAttempts = 20;

    private readonly NpgsqlDataSource _db;
    private readonly JournalWriter _writer;
    private readonly Snapshots _snapshots;
    private readonly TimeProvider _clock;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly AppendQueue _appends;
    private readonly LaneLedgers _ledgers;
    private JournalHead _head;
    private bool _uncertain;

    /// <summary>An owner of a branch whose ledgers reach up to <paramref name="head"/>, or will after <see cref="CatchUpAsync"/>.</summary>
    public BranchLane(NpgsqlDataSource db, JournalWriter writer, Snapshots snapshots, TimeProvider clock, JournalHead head, IEnumerable<Ledger> ledgers)
    {
        (_db, _writer, _snapshots, _clock, _head) = (db, writer, snapshots, clock, head);
        _ledgers = new(db, clock, head, ledgers);
        // After a failure it is unknown whether anything was written: look before the next append.
        _appends = new(WriteAsync, written: () => Moved?.Invoke(this), failed: () => _uncertain = true);
    }

    public Guid Unit => _head.Unit;

    public int Branch => _head.Branch;

    /// <summary>Journal position of the ledgers; 0 without one.</summary>
    public long Seq => _ledgers.Seq;

    /// <summary>Time zone of the ledgers; null without one.</summary>
    public TimeZoneInfo? Zone => _ledgers.Zone;

    /// <summary>Rows folded since the last snapshot, and how long ago that was.</summary>
    public (long Rows, TimeSpan Age) Unsaved => _ledgers.Unsaved;

    /// <summary>Called after facts were committed and folded.</summary>
    public Action<BranchLane>? Moved { get; set; }

    /// <summary>The first row that recovery has to read.</summary>
    public long RecoverFrom => _ledgers.Hindmost ?? _head.Head;

    /// <summary>What was folded since the last time this was asked.</summary>
    public Movement TakeMovement() => _ledgers.TakeMovement();

    /// <summary>The state to save, if anything was folded since the last time.</summary>
    public IReadOnlyList<Snapshot> TakeSnapshots() => _ledgers.TakeSnapshots();

    /// <summary>Writes facts; returns after the commit, when the ledger has them.</summary>
    public Task<AppendResult> AppendAsync(FactsAppend append) => _appends.AppendAsync(append);

    /// <summary>Reads the live ledger; null when there is none of that catalogue, or when it has passed the moment asked for.</summary>
    public BranchState? Read(BranchQuery query, DateTimeOffset now, string catalogue) => _ledgers.Read(query, now, catalogue);

    /// <summary>Reads from the journal, folded again: as of a moment that the live ledger has passed, or by a catalogue of which there is no live ledger.</summary>
    public async Task<BranchState> ReadFoldedAsync(BranchQuery query, DateTimeOffset now, MeasureCatalogue catalogue, TimeZoneInfo zone, CancellationToken ct)
    {
        var seq = query.AsOf is { } asOf ? await new Journal(_db).SeqAsOfAsync(Branch, asOf, ct) : long.MaxValue;
        var ledger = await SavedAsync(catalogue, zone, seq, ct);
        await _ledgers.FoldAsync(ledger, seq, ct);
        return _ledgers.Read(ledger, query, now);
    }

    /// <summary>Folds the whole journal up to where the live ledger stands, and compares.</summary>
    public async Task<Verification?> VerifyAsync(CancellationToken ct)
    {
        if (_ledgers.Hash() is not { } live)
            return null;
        var recomputed = new Ledger(live.Catalogue, live.Zone);
        await _ledgers.FoldAsync(recomputed, live.Seq, ct);
        return new(Unit, live.Seq, live.Hash, recomputed.Hash());
    }

    /// <summary>
    /// Puts other ledgers in the place of the present ones once they have caught up: for another catalogue, or another time zone.
    /// Until then the present ones go on answering.
    /// </summary>
    public async Task UseAsync(IReadOnlyList<MeasureCatalogue> catalogues, TimeZoneInfo zone, CancellationToken ct)
    {
        var next = new List<Ledger>();
        foreach (var catalogue in catalogues)
        {
            var ledger = _ledgers.Find(catalogue, zone);
            if (ledger is null)
            {
                ledger = await SavedAsync(catalogue, zone, long.MaxValue, ct);
                // The long way while appends go on …
                await _ledgers.FoldAsync(ledger, long.MaxValue, ct);
            }
            next.Add(ledger);
        }

        // … and the rest with appends held back.
        await _turn.WaitAsync(ct);
        try
        {
            foreach (var ledger in next)
                await _ledgers.FoldLiveAsync(ledger, long.MaxValue, ct);
            _ledgers.Replace(next);
            if (next.Count > 0 && next[0].Seq >= _head.Head)
                _head = _head with { Head = next[0].Seq, Received = next[0].Received ?? _head.Received };
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Folds rows that are in the journal and not in the ledgers.</summary>
    public async Task CatchUpAsync(CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            await CatchUpInTurnAsync(ct);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Waits until nothing is being written or folded.</summary>
    public async Task SettleAsync(CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        _turn.Release();
    }

    /// <summary>Folds a row during bulk recovery, before anybody else knows of this lane.</summary>
    public void Recover(in Fact fact)
    {
        _ledgers.Recover(fact);
        if (fact.Seq > _head.Head)
            _head = _head with { Head = fact.Seq, Received = fact.Received };
    }

    public void Dispose() => _turn.Dispose();

    private async Task<Ledger> SavedAsync(MeasureCatalogue catalogue, TimeZoneInfo zone, long upTo, CancellationToken ct) =>
        await _snapshots.FindAsync(Branch, Snapshots.KeyOf(catalogue, zone), upTo, ct) is { } snapshot ? Snapshots.Load(catalogue, zone, snapshot.State.Span) : new Ledger(catalogue, zone);

    private async Task<Appended> WriteAsync(IReadOnlyList<FactsAppend> appends)
    {
        await _turn.WaitAsync();
        try
        {
            return await WriteInTurnAsync(appends);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<Appended> WriteInTurnAsync(IReadOnlyList<FactsAppend> appends)
    {
        IReadOnlyList<Entry> entries = appends.Count == 1 ? appends[0].Entries : [.. appends.SelectMany(append => append.Entries)];
        IReadOnlyList<BatchOrigin> origins = appends.Count == 1 ? appends[0].Origins : [.. appends.SelectMany(append => append.Origins)];
        var redelivered = appends.Any(append => append.Redelivered);
        FactData[]? data = null;

        for (var attempt = 1; ; attempt++)
        {
            if (_uncertain)
                await CatchUpInTurnAsync(CancellationToken.None);

            var committing = _writer.AppendAsync(_head, entries, origins, redelivered || attempt > 1);
            data ??= Parse(entries);
            var appended = await committing;
            if (!appended.Stale)
            {
                await FoldCommittedAsync(entries, data, appended);
                return appended;
            }
            if (attempt == MaxAttempts)
                throw new TemporarilyUnavailableException($"Other owners keep writing to branch {Unit}.");
            _uncertain = true;
        }
    }

    /// <summary>While the database is at work; nothing is folded before the commit.</summary>
    private static FactData[] Parse(IReadOnlyList<Entry> entries)
    {
        var data = new FactData[entries.Count];
        for (var i = 0; i < data.Length; i++)
            data[i] = FactOf.Data(entries[i].Type, entries[i].Data.Span);
        return data;
    }

    private async Task FoldCommittedAsync(IReadOnlyList<Entry> entries, FactData[] data, Appended appended)
    {
        var started = Stopwatch.GetTimestamp();
        var follows = _ledgers.Fold(entries, data, appended);
        _head = _head with { Head = appended.Head, Received = appended.Received };
        ScoresTelemetry.FoldDuration.Record(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        if (appended.Times.Count > 0)
            ScoresTelemetry.Lag.Record((_clock.GetUtcNow() - appended.Written[^1].Received).TotalSeconds);
        if (!follows)
            await CatchUpInTurnAsync(CancellationToken.None);
    }

    private async Task CatchUpInTurnAsync(CancellationToken ct)
    {
        var before = _head.Head;
        await _ledgers.CatchUpAsync(long.MaxValue, ct);

        // The head as the database has it: without a ledger there is no other way to know.
        var head = await new Journal(_db).OpenAsync(Unit, ct);
        // Rows may have come in between; the ledgers must not be behind the head that the next append builds on.
        await _ledgers.CatchUpAsync(head.Head, ct);
        _head = _ledgers.Position is { } position ? head with { Head = position.Seq, Received = position.Received ?? head.Received } : head;
        _uncertain = false;
        if (_head.Head > before)
            ScoresTelemetry.GapsClosed.Add(1);
    }
}
