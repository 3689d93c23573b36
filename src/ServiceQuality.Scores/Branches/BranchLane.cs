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
    private readonly Lock _waitingLock = new();
    private readonly Lock _ledgerLock = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private List<Pending> _waiting = [];
    private bool _draining;
    private JournalHead _head;
    private bool _uncertain;
    private Ledger[] _ledgers;
    private long _savedSeq;
    private long _savedAt;
    private DateTimeOffset _earliest = DateTimeOffset.MaxValue;
    private int _written;

    /// <summary>An owner of a branch whose ledgers reach up to <paramref name="head"/>, or will after <see cref="CatchUpAsync"/>.</summary>
    public BranchLane(NpgsqlDataSource db, JournalWriter writer, Snapshots snapshots, TimeProvider clock, JournalHead head, IEnumerable<Ledger> ledgers)
    {
        (_db, _writer, _snapshots, _clock, _head) = (db, writer, snapshots, clock, head);
        _ledgers = [.. ledgers];
        _savedSeq = _ledgers.Length > 0 ? _ledgers[0].Seq : 0;
        _savedAt = clock.GetTimestamp();
    }

    public Guid Unit => _head.Unit;

    public int Branch => _head.Branch;

    /// <summary>Journal position of the ledgers; 0 without one.</summary>
    public long Seq
    {
        get
        {
            lock (_ledgerLock)
                return _ledgers.Length > 0 ? _ledgers[0].Seq : 0;
        }
    }

    /// <summary>Rows folded since the last snapshot, and how long ago that was.</summary>
    public (long Rows, TimeSpan Age) Unsaved => (Seq - _savedSeq, _clock.GetElapsedTime(_savedAt));

    /// <summary>Called after facts were committed and folded.</summary>
    public Action<BranchLane>? Moved { get; set; }

    /// <summary>What was folded since the last time this was asked.</summary>
    public Movement TakeMovement()
    {
        lock (_ledgerLock)
        {
            var movement = new Movement(Unit, _earliest, _ledgers.Length > 0 ? _ledgers[0].Seq : 0, _written);
            (_earliest, _written) = (DateTimeOffset.MaxValue, 0);
            return movement;
        }
    }

    /// <summary>Writes facts; returns after the commit, when the ledger has them.</summary>
    public Task<AppendResult> AppendAsync(FactsAppend append)
    {
        var pending = new Pending(append);
        lock (_waitingLock)
        {
            _waiting.Add(pending);
            if (_draining)
                return pending.Completion.Task;
            _draining = true;
        }
        _ = DrainAsync();
        return pending.Completion.Task;
    }

    /// <summary>Time zone of the ledgers; null without one.</summary>
    public TimeZoneInfo? Zone
    {
        get
        {
            lock (_ledgerLock)
                return _ledgers is [var ledger, ..] ? ledger.Zone : null;
        }
    }

    /// <summary>Reads the live ledger; null when there is none of that catalogue, or when it has passed the moment asked for.</summary>
    public BranchState? Read(BranchQuery query, DateTimeOffset now, string catalogue)
    {
        lock (_ledgerLock)
        {
            return Array.Find(_ledgers, one => one.Catalogue.Hash == catalogue) is { } ledger && (query.AsOf is null || ledger.Received is null || query.AsOf >= ledger.Received)
                ? Read(ledger, query, now)
                : null;
        }
    }

    /// <summary>Reads from the journal, folded again: as of a moment that the live ledger has passed, or by a catalogue of which there is no live ledger.</summary>
    public async Task<BranchState> ReadFoldedAsync(BranchQuery query, DateTimeOffset now, MeasureCatalogue catalogue, TimeZoneInfo zone, CancellationToken ct)
    {
        var seq = query.AsOf is { } asOf ? await new Journal(_db).SeqAsOfAsync(Branch, asOf, ct) : long.MaxValue;
        var snapshot = await _snapshots.FindAsync(Branch, Snapshots.KeyOf(catalogue, zone), seq, ct);
        var ledger = snapshot is null ? new Ledger(catalogue, zone) : Snapshots.Load(catalogue, zone, snapshot.State.Span);
        await FoldAsync(ledger, seq, ct);
        return Read(ledger, query, now);
    }

    /// <summary>Folds the whole journal up to where the live ledger stands, and compares.</summary>
    public async Task<Verification?> VerifyAsync(CancellationToken ct)
    {
        (string Hash, long Seq, MeasureCatalogue Catalogue, TimeZoneInfo Zone) live;
        lock (_ledgerLock)
        {
            if (_ledgers is not [var ledger, ..])
                return null;
            live = (ledger.Hash(), ledger.Seq, ledger.Catalogue, ledger.Zone);
        }

        var recomputed = new Ledger(live.Catalogue, live.Zone);
        await FoldAsync(recomputed, live.Seq, ct);
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
            Ledger? kept;
            lock (_ledgerLock)
                kept = Array.Find(_ledgers, one => one.Catalogue.Hash == catalogue.Hash && one.Zone.Id == zone.Id);
            if (kept is null)
            {
                var snapshot = await _snapshots.FindAsync(Branch, Snapshots.KeyOf(catalogue, zone), long.MaxValue, ct);
                kept = snapshot is null ? new Ledger(catalogue, zone) : Snapshots.Load(catalogue, zone, snapshot.State.Span);
                // The long way while appends go on …
                await FoldAsync(kept, long.MaxValue, ct);
            }
            next.Add(kept);
        }

        // … and the rest with appends held back.
        await _turn.WaitAsync(ct);
        try
        {
            foreach (var ledger in next)
                await FoldAsync(ledger, long.MaxValue, _ledgerLock, ct);
            lock (_ledgerLock)
                _ledgers = [.. next];
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

    /// <summary>The state to save, if anything was folded since the last time.</summary>
    public IReadOnlyList<Snapshot> TakeSnapshots()
    {
        lock (_ledgerLock)
        {
            if (_ledgers.Length == 0 || _ledgers[0].Seq == _savedSeq)
                return [];
            _savedSeq = _ledgers[0].Seq;
            _savedAt = _clock.GetTimestamp();
            return [.. _ledgers.Select(ledger => Snapshots.Of(Branch, ledger))];
        }
    }

    /// <summary>Folds a row during bulk recovery, before anybody else knows of this lane.</summary>
    public void Recover(in Fact fact)
    {
        foreach (var ledger in _ledgers)
        {
            if (fact.Seq > ledger.Seq)
                ledger.Fold(fact);
        }
        if (fact.Seq > _head.Head)
            _head = _head with { Head = fact.Seq, Received = fact.Received };
    }

    /// <summary>The first row that recovery has to read.</summary>
    public long RecoverFrom => _ledgers.Length == 0 ? _head.Head : _ledgers.Min(ledger => ledger.Seq);

    public void Dispose() => _turn.Dispose();

    private BranchState Read(Ledger ledger, BranchQuery query, DateTimeOffset now)
    {
        // Another machine's clock may be ahead of this one: what it has received has happened.
        var moment = query.AsOf ?? (ledger.Received > now ? ledger.Received.Value : now);
        var readings = new Readings?[query.Windows.Count];
        for (var i = 0; i < readings.Length; i++)
        {
            var window = query.Windows[i].Period.Window(query.Windows[i].Moment ?? moment, ledger.Zone);
            readings[i] = ledger.CanRead(window) ? ledger.Read(window) : null;
        }
        return new(Unit, ledger.Seq, ledger.Received, ledger.Newest, ledger.Late, readings);
    }

    private async Task DrainAsync()
    {
        while (true)
        {
            List<Pending> taken;
            lock (_waitingLock)
            {
                if (_waiting.Count == 0)
                {
                    _draining = false;
                    return;
                }
                taken = _waiting;
                _waiting = [];
            }

            try
            {
                await _turn.WaitAsync();
                try
                {
                    await AppendInTurnAsync(taken);
                }
                finally
                {
                    _turn.Release();
                }
                Moved?.Invoke(this);
            }
            catch (Exception e)
            {
                // Whether anything was written is unknown: look before the next append.
                _uncertain = true;
                var failure = e is NpgsqlException ? new TemporarilyUnavailableException("The journal could not be written.", e) : e;
                foreach (var pending in taken)
                    pending.Completion.TrySetException(failure);
            }
        }
    }

    private async Task AppendInTurnAsync(List<Pending> taken)
    {
        IReadOnlyList<Entry> entries = taken.Count == 1 ? taken[0].Append.Entries : [.. taken.SelectMany(pending => pending.Append.Entries)];
        IReadOnlyList<BatchOrigin> origins = taken.Count == 1 ? taken[0].Append.Origins : [.. taken.SelectMany(pending => pending.Append.Origins)];
        var redelivered = taken.Exists(pending => pending.Append.Redelivered);
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
                Complete(taken, appended);
                return;
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
        var first = appended.Head - appended.Written.Count + 1;
        var gap = false;
        lock (_ledgerLock)
        {
            foreach (var ledger in _ledgers)
            {
                if (ledger.Seq + 1 != first)
                {
                    gap |= appended.Written.Count > 0;
                    continue;
                }
                var (late, at) = (ledger.Late, 0);
                for (var i = 0; i < appended.Written.Count; i++, at++)
                {
                    // Written is what remains of the entries, in the same order.
                    while (!ReferenceEquals(entries[at], appended.Written[i]))
                        at++;
                    var entry = entries[at];
                    ledger.Fold(new Fact(first + i, entry.Source, entry.Id, entry.Time, appended.Times[i], data[at]));
                    NoteTime(entry.Time);
                }
                if (ReferenceEquals(ledger, _ledgers[0]))
                    ScoresTelemetry.Late.Add(ledger.Late - late);
            }
        }
        lock (_ledgerLock)
            _written += appended.Written.Count;
        _head = _head with { Head = appended.Head, Received = appended.Received };
        ScoresTelemetry.FoldDuration.Record(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        if (appended.Times.Count > 0)
            ScoresTelemetry.Lag.Record((_clock.GetUtcNow() - appended.Written[^1].Received).TotalSeconds);
        if (gap)
            await CatchUpInTurnAsync(CancellationToken.None);
    }

    private async Task CatchUpInTurnAsync(CancellationToken ct)
    {
        var before = _head.Head;
        foreach (var ledger in _ledgers)
            await FoldAsync(ledger, long.MaxValue, _ledgerLock, ct);

        // The head as the database has it: without a ledger there is no other way to know.
        var head = await new Journal(_db).OpenAsync(Unit, ct);
        foreach (var ledger in _ledgers)
        {
            // Rows may have come in between; the ledger must not be behind the head that the next append builds on.
            if (ledger.Seq < head.Head)
                await FoldAsync(ledger, head.Head, _ledgerLock, ct);
        }
        _head = _ledgers is [var first, ..] ? head with { Head = first.Seq, Received = first.Received ?? head.Received } : head;
        _uncertain = false;
        if (_head.Head > before)
            ScoresTelemetry.GapsClosed.Add(1);
    }

    private Task FoldAsync(Ledger ledger, long upTo, CancellationToken ct) => FoldAsync(ledger, upTo, guard: null, ct);

    /// <summary>Streams rows into a ledger; with a guard, readers get in between.</summary>
    private async Task FoldAsync(Ledger ledger, long upTo, Lock? guard, CancellationToken ct)
    {
        if (ledger.Seq >= upTo)
            return;

        await using var rows = await JournalCursor.OpenAsync(_db, Branch, ledger.Seq, upTo, received: null, ct);
        while (await rows.MoveNextAsync(ct))
        {
            if (guard is null)
            {
                ledger.Fold(FactOf.Row(rows));
                continue;
            }
            lock (guard)
            {
                ledger.Fold(FactOf.Row(rows));
                NoteTime(rows.Time);
            }
        }
    }

    private void NoteTime(DateTimeOffset time)
    {
        if (time < _earliest)
            _earliest = time;
    }

    private static void Complete(List<Pending> taken, Appended appended)
    {
        var at = 0;
        foreach (var pending in taken)
        {
            var written = 0;
            foreach (var entry in pending.Append.Entries)
            {
                if (at < appended.Written.Count && ReferenceEquals(entry, appended.Written[at]))
                {
                    at++;
                    written++;
                }
            }
            pending.Completion.TrySetResult(new AppendResult(appended.Head, written, pending.Append.Entries.Count - written));
        }
    }

    private sealed class Pending(FactsAppend append)
    {
        public FactsAppend Append => append;

        public TaskCompletionSource<AppendResult> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
