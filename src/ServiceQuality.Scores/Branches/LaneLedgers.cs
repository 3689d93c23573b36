using Npgsql;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Scores.Journals;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Branches;

/// <summary>
/// The live ledgers of one branch, one for each catalogue in use, behind one lock: readers get in between folds. They only ever go on by the next rows of the
/// journal, and say so when rows are missing.
/// </summary>
internal sealed class LaneLedgers
{
    private readonly NpgsqlDataSource _db;
    private readonly TimeProvider _clock;
    private readonly Guid _unit;
    private readonly int _branch;
    private readonly Lock _lock = new();
    private Ledger[] _ledgers;
    private long _savedSeq;
    private long _savedAt;
    private DateTimeOffset _earliest = DateTimeOffset.MaxValue;
    private int _written;

    /// <summary>Those of a branch; none while its unit is not in the tree.</summary>
    public LaneLedgers(NpgsqlDataSource db, TimeProvider clock, JournalHead head, IEnumerable<Ledger> ledgers)
    {
        (_db, _clock, _unit, _branch) = (db, clock, head.Unit, head.Branch);
        _ledgers = [.. ledgers];
        _savedSeq = _ledgers.Length > 0 ? _ledgers[0].Seq : 0;
        _savedAt = clock.GetTimestamp();
    }

    /// <summary>Journal position; 0 without a ledger.</summary>
    public long Seq
    {
        get
        {
            lock (_lock)
                return _ledgers.Length > 0 ? _ledgers[0].Seq : 0;
        }
    }

    /// <summary>Time zone; null without a ledger.</summary>
    public TimeZoneInfo? Zone
    {
        get
        {
            lock (_lock)
                return _ledgers is [var ledger, ..] ? ledger.Zone : null;
        }
    }

    /// <summary>Where the first of them stands; null without a ledger.</summary>
    public (long Seq, DateTimeOffset? Received)? Position
    {
        get
        {
            lock (_lock)
                return _ledgers is [var ledger, ..] ? (ledger.Seq, ledger.Received) : null;
        }
    }

    /// <summary>The least that one of them has folded; null without a ledger.</summary>
    public long? Hindmost => _ledgers.Length == 0 ? null : _ledgers.Min(ledger => ledger.Seq);

    /// <summary>Rows folded since the last snapshot, and how long ago that was.</summary>
    public (long Rows, TimeSpan Age) Unsaved => (Seq - _savedSeq, _clock.GetElapsedTime(_savedAt));

    /// <summary>What was folded since the last time this was asked.</summary>
    public Movement TakeMovement()
    {
        lock (_lock)
        {
            var movement = new Movement(_unit, _earliest, _ledgers.Length > 0 ? _ledgers[0].Seq : 0, _written);
            (_earliest, _written) = (DateTimeOffset.MaxValue, 0);
            return movement;
        }
    }

    /// <summary>The state to save, if anything was folded since the last time.</summary>
    public IReadOnlyList<Snapshot> TakeSnapshots()
    {
        lock (_lock)
        {
            if (_ledgers.Length == 0 || _ledgers[0].Seq == _savedSeq)
                return [];
            _savedSeq = _ledgers[0].Seq;
            _savedAt = _clock.GetTimestamp();
            return [.. _ledgers.Select(ledger => Snapshots.Of(_branch, ledger))];
        }
    }

    /// <summary>The ledger with these; null when there is none.</summary>
    public Ledger? Find(MeasureCatalogue catalogue, TimeZoneInfo zone)
    {
        lock (_lock)
            return Array.Find(_ledgers, one => one.Catalogue.Hash == catalogue.Hash && one.Zone.Id == zone.Id);
    }

    /// <summary>Reads the ledger of a catalogue; null when there is none, or when it has passed the moment asked for.</summary>
    public BranchState? Read(BranchQuery query, DateTimeOffset now, string catalogue)
    {
        lock (_lock)
        {
            return Array.Find(_ledgers, one => one.Catalogue.Hash == catalogue) is { } ledger && (query.AsOf is null || ledger.Received is null || query.AsOf >= ledger.Received)
                ? Read(ledger, query, now)
                : null;
        }
    }

    /// <summary>Reads a ledger, also one that is not among these.</summary>
    public BranchState Read(Ledger ledger, BranchQuery query, DateTimeOffset now)
    {
        // Another machine's clock may be ahead of this one: what it has received has happened.
        var moment = query.AsOf ?? (ledger.Received > now ? ledger.Received.Value : now);
        var readings = new Readings?[query.Windows.Count];
        for (var i = 0; i < readings.Length; i++)
        {
            var window = query.Windows[i].Period.Window(query.Windows[i].Moment ?? moment, ledger.Zone);
            readings[i] = ledger.CanRead(window) ? ledger.Read(window) : null;
        }
        return new(_unit, ledger.Seq, ledger.Received, ledger.Newest, ledger.Late, readings);
    }

    /// <summary>What the first of them is, to compare it with another; null without a ledger.</summary>
    public (string Hash, long Seq, MeasureCatalogue Catalogue, TimeZoneInfo Zone)? Hash()
    {
        lock (_lock)
            return _ledgers is [var ledger, ..] ? (ledger.Hash(), ledger.Seq, ledger.Catalogue, ledger.Zone) : null;
    }

    /// <summary>Puts others in the place of the present ones.</summary>
    public void Replace(IEnumerable<Ledger> next)
    {
        lock (_lock)
            _ledgers = [.. next];
    }

    /// <summary>Folds a row during bulk recovery, before anybody else knows of them.</summary>
    public void Recover(in Fact fact)
    {
        foreach (var ledger in _ledgers)
        {
            if (fact.Seq > ledger.Seq)
                ledger.Fold(fact);
        }
    }

    /// <summary>Folds what was just committed; answers false when a ledger lacks rows before it, and did not take part.</summary>
    /// <param name="entries">What was to be written.</param>
    /// <param name="data">Their data, one for each.</param>
    /// <param name="appended">What was.</param>
    public bool Fold(IReadOnlyList<Entry> entries, FactData[] data, Appended appended)
    {
        var first = appended.Head - appended.Written.Count + 1;
        var follows = true;
        lock (_lock)
        {
            foreach (var ledger in _ledgers)
            {
                if (ledger.Seq + 1 != first)
                {
                    follows &= appended.Written.Count == 0;
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
            _written += appended.Written.Count;
        }
        return follows;
    }

    /// <summary>Folds the rows of the journal that they lack.</summary>
    public async Task CatchUpAsync(long upTo, CancellationToken ct)
    {
        foreach (var ledger in _ledgers)
            await FoldLiveAsync(ledger, upTo, ct);
    }

    /// <summary>Streams rows of the journal into a ledger that nobody else knows of.</summary>
    public async Task FoldAsync(Ledger ledger, long upTo, CancellationToken ct)
    {
        if (ledger.Seq >= upTo)
            return;
        await using var rows = await JournalCursor.OpenAsync(_db, _branch, ledger.Seq, upTo, received: null, ct);
        while (await rows.MoveNextAsync(ct))
            ledger.Fold(FactOf.Row(rows));
    }

    /// <summary>Streams rows of the journal into a ledger that is, or is about to be, one of them; readers get in between.</summary>
    public async Task FoldLiveAsync(Ledger ledger, long upTo, CancellationToken ct)
    {
        if (ledger.Seq >= upTo)
            return;
        await using var rows = await JournalCursor.OpenAsync(_db, _branch, ledger.Seq, upTo, received: null, ct);
        while (await rows.MoveNextAsync(ct))
        {
            lock (_lock)
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
}
