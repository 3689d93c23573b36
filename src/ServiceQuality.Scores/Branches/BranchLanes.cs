using System.Collections.Immutable;
using Npgsql;
using ServiceQuality.Scores.Journals;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Branches;

/// <summary>
/// The branches that live in this process: one <see cref="BranchLane"/> each, over one journal writer. Which branches these are is the business of
/// the tier: all of them, brought back at the start, or those whose grains are here.
/// </summary>
public sealed class BranchLanes : IAsyncDisposable
{
    private const int SnapshotRows = 5_000;
    private const int MaxReplays = 2;
    private const int MaxSaves = 4;
    private static readonly TimeSpan SnapshotAge = TimeSpan.FromMinutes(5);

    private readonly NpgsqlDataSource _db;
    private readonly TimeProvider _clock;
    private readonly Func<Guid, TimeZoneInfo?> _zones;
    private readonly Func<string, MeasureCatalogue?> _known;
    private readonly Journal _journal;
    private readonly JournalWriter _writer;
    private readonly Snapshots _snapshots;
    private readonly BranchRecovery _recovery;
    private readonly OpenLanes _lanes;
    private readonly MovementFeed _feed = new();
    private readonly SemaphoreSlim _replays = new(MaxReplays, MaxReplays);
    private readonly SemaphoreSlim _saves = new(MaxSaves, MaxSaves);
    private readonly SemaphoreSlim _changingCatalogue = new(1, 1);
    private ImmutableArray<MeasureCatalogue> _catalogues;
    private Dictionary<Guid, long> _headsSeen = [];
    private int _disposed;

    /// <summary>Without a branch; they come when they are asked for.</summary>
    /// <param name="db">Database with the tables of the score service in its search path.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="catalogue">What ledgers measure.</param>
    /// <param name="zones">Time zone of a unit; null while the unit is unknown, when its facts are kept but not scored.</param>
    /// <param name="known">Other catalogues that may be asked for, by hash: those of processes that have not followed a change of the schemes yet, or have already.</param>
    public BranchLanes(NpgsqlDataSource db, TimeProvider clock, MeasureCatalogue catalogue, Func<Guid, TimeZoneInfo?> zones, Func<string, MeasureCatalogue?>? known = null)
    {
        (_db, _clock, _zones, _known, _catalogues) = (db, clock, zones, known ?? (_ => null), [catalogue]);
        _journal = new Journal(db);
        _writer = new JournalWriter(db, clock);
        _snapshots = new Snapshots(db, clock);
        _recovery = new BranchRecovery(db, _snapshots, zones, NewLane);
        _lanes = new OpenLanes(OpenLaneAsync);
    }

    /// <summary>The catalogue that reads use unless they name another.</summary>
    public MeasureCatalogue Catalogue => _catalogues[0];

    /// <summary>Units whose facts the ledgers here have.</summary>
    public IReadOnlyCollection<Guid> Units => [.. _lanes.All.Where(lane => lane.Seq > 0).Select(lane => lane.Unit)];

    /// <summary>Where every branch's journal ends, here or elsewhere.</summary>
    public Task<IReadOnlyList<JournalHead>> HeadsAsync(CancellationToken ct) => _journal.AllAsync(ct);

    /// <summary>Whether a unit is in the tree.</summary>
    public bool IsInTree(Guid unit) => _zones(unit) is not null;

    /// <summary>A catalogue that ledgers had, have or will have; null when it is not known here yet.</summary>
    public MeasureCatalogue? FindCatalogue(string hash) => _catalogues.FirstOrDefault(one => one.Hash == hash) ?? _known(hash);

    /// <summary>Opens a branch, unless it is open or has no journal: newest snapshot, then the rows after it.</summary>
    public async Task OpenAsync(Guid unit, CancellationToken ct) => await FindLaneAsync(unit, ct);

    /// <summary>Brings many branches back: the newest snapshots, then the rows after them, each in a few streams.</summary>
    public async Task OpenAsync(IReadOnlyList<JournalHead> heads, CancellationToken ct)
    {
        foreach (var lane in await _recovery.RunAsync([.. heads.Where(head => !_lanes.Contains(head.Unit))], _catalogues, ct))
            _lanes.Add(lane);
    }

    /// <summary>Ends the life of a branch in this process, after what is under way; saves its ledgers if anything was folded since the last time.</summary>
    public async Task CloseAsync(Guid unit, CancellationToken ct)
    {
        if (await _lanes.RemoveAsync(unit) is not { } lane)
            return;

        // Not disposed of: whoever follows the schemes or the heads may still hold it.
        await lane.SettleAsync(ct);
        await _saves.WaitAsync(ct);
        try
        {
            await _snapshots.SaveAsync(lane.TakeSnapshots(), ct);
        }
        finally
        {
            _saves.Release();
        }
    }

    /// <summary>Writes facts to the journal of a unit; returns after the commit, when the ledger has them too.</summary>
    /// <exception cref="TemporarilyUnavailableException">It is not known to be written; the same facts may be sent again.</exception>
    public async Task<AppendResult> AppendAsync(Guid unit, FactsAppend append, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var lane = await _lanes.OpenAsync(unit);
        return await lane.AppendAsync(append).WaitAsync(ct);
    }

    /// <summary>The statistics of a unit's own facts; null when the unit has no journal, or is not in the tree yet.</summary>
    public async Task<BranchState?> ReadAsync(Guid unit, BranchQuery query, CancellationToken ct)
    {
        if (await FindLaneAsync(unit, ct) is not { } lane || lane.Zone is not { } zone)
            return null;

        var now = _clock.GetUtcNow();
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var catalogue = CatalogueOf(query);
            if (lane.Read(query, now, catalogue.Hash) is { } state)
                return state;
            // The ledger in use may just have given way to its successor.
            if (query.AsOf is null && catalogue.Hash == Catalogue.Hash)
                continue;

            await _replays.WaitAsync(ct);
            try
            {
                return await lane.ReadFoldedAsync(query, now, catalogue, zone, ct);
            }
            finally
            {
                _replays.Release();
            }
        }
        throw new TemporarilyUnavailableException($"The ledger of {unit} is being rebuilt.");
    }

    /// <summary>Folds the whole journal of a unit again and compares it with the live ledger, bit for bit; null when the unit has no journal.</summary>
    public async Task<Verification?> VerifyAsync(Guid unit, CancellationToken ct)
    {
        if (await FindLaneAsync(unit, ct) is not { } lane)
            return null;

        await _replays.WaitAsync(ct);
        try
        {
            return await lane.VerifyAsync(ct);
        }
        finally
        {
            _replays.Release();
        }
    }

    /// <summary>Calls back after every fold here, quickly and on any thread, until disposed.</summary>
    public IDisposable Subscribe(Action<Movement> moved) => _feed.Subscribe(moved);

    /// <summary>
    /// Measures something else from now on: every ledger is folded again in the background, reads go on with the old catalogue, and once all
    /// are there the new one takes over everywhere at the same time.
    /// </summary>
    /// <param name="next">The catalogue.</param>
    /// <param name="takesOver">Called when every ledger of the new catalogue is there and those of the former still are; from then on reads should name the new one.</param>
    /// <param name="ct">Cancellation.</param>
    public async Task UseAsync(MeasureCatalogue next, Action<MeasureCatalogue>? takesOver, CancellationToken ct)
    {
        await _changingCatalogue.WaitAsync(ct);
        try
        {
            if (next.Hash == Catalogue.Hash)
            {
                takesOver?.Invoke(next);
                return;
            }

            _catalogues = [Catalogue, next];
            await ForEachLaneAsync((lane, zone) => lane.UseAsync(_catalogues, zone, ct), ct);
            takesOver?.Invoke(next);
            _catalogues = [next];
            await ForEachLaneAsync((lane, zone) => lane.UseAsync(_catalogues, zone, ct), ct);
            await _snapshots.DropUnusedAsync([next.Hash], ct);
        }
        finally
        {
            _changingCatalogue.Release();
        }
    }

    /// <summary>The tree has changed: ledgers of units that are new in it, or in another time zone, are folded again.</summary>
    public async Task FollowZonesAsync(CancellationToken ct)
    {
        foreach (var lane in _lanes.All.Where(lane => _zones(lane.Unit) is { } zone && zone.Id != lane.Zone?.Id))
        {
            await lane.UseAsync(_catalogues, _zones(lane.Unit)!, ct);
            _feed.Publish(new(lane.Unit, DateTimeOffset.MinValue, lane.Seq, 0));
        }
    }

    /// <summary>Catches up with rows that another process wrote: a gap is noticed even when nothing is appended here.</summary>
    /// <param name="heads">Where every branch's journal ends, as just read.</param>
    /// <param name="ct">Cancellation.</param>
    public async Task FollowHeadsAsync(IReadOnlyList<JournalHead> heads, CancellationToken ct)
    {
        var folded = _lanes.All.Where(lane => lane.Zone is not null).ToDictionary(lane => lane.Unit, lane => lane.Seq);
        ScoresTelemetry.Behind.Record(heads.Sum(head => folded.TryGetValue(head.Unit, out var seq) ? Math.Max(0, head.Head - seq) : 0));
        foreach (var head in heads)
        {
            // Behind what was seen the time before: not merely between a commit and its fold.
            if (!_headsSeen.TryGetValue(head.Unit, out var seen) || seen == 0)
                continue;
            if (await _lanes.FindAsync(head.Unit) is not { } lane || lane.Seq >= seen || lane.Zone is null)
                continue;
            await lane.CatchUpAsync(ct);
            _feed.Publish(lane.TakeMovement());
        }
        _headsSeen = heads.ToDictionary(head => head.Unit, head => head.Head);
    }

    /// <summary>Saves the ledgers that have moved on enough, or all that have moved.</summary>
    public async Task SaveSnapshotsAsync(bool all, CancellationToken ct)
    {
        foreach (var chunk in _lanes.All.Where(lane => lane.Unsaved is var (rows, age) && rows > 0 && (all || rows >= SnapshotRows || age > SnapshotAge)).Chunk(200))
            await _snapshots.SaveAsync([.. chunk.SelectMany(lane => lane.TakeSnapshots())], ct);
    }

    /// <summary>Commits what waits and saves every ledger.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
            return;
        await _writer.DisposeAsync();
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            await SaveSnapshotsAsync(all: true, patience.Token);
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException or ObjectDisposedException)
        {
            // Snapshots only save time at the next start.
        }
        foreach (var lane in _lanes.All)
            lane.Dispose();
        _replays.Dispose();
        _saves.Dispose();
        _changingCatalogue.Dispose();
    }

    private MeasureCatalogue CatalogueOf(BranchQuery query) => query.Catalogue is not { } hash
        ? Catalogue
        : FindCatalogue(hash) ?? throw new TemporarilyUnavailableException("The schemes have changed, and this process has not followed yet.");

    private BranchLane NewLane(JournalHead head, IEnumerable<Ledger> ledgers) => new(_db, _writer, _snapshots, _clock, head, ledgers) { Moved = lane => _feed.Publish(lane.TakeMovement()) };

    private async Task<BranchLane?> FindLaneAsync(Guid unit, CancellationToken ct) =>
        _lanes.Contains(unit) || await _journal.ExistsAsync(unit, ct) ? await _lanes.OpenAsync(unit) : null;

    private async Task<BranchLane> OpenLaneAsync(Guid unit)
    {
        var head = await _journal.OpenAsync(unit, CancellationToken.None);
        if (_zones(unit) is not { } zone)
            return NewLane(head, []);

        var lane = NewLane(head, []);
        await lane.UseAsync(_catalogues, zone, CancellationToken.None);
        return lane;
    }

    private Task ForEachLaneAsync(Func<BranchLane, TimeZoneInfo, Task> act, CancellationToken ct) =>
        Parallel.ForEachAsync(_lanes.Units, new ParallelOptions { MaxDegreeOfParallelism = MaxReplays, CancellationToken = ct }, async (unit, _) =>
        {
            // Not opened for this: a branch may just have left.
            if (_zones(unit) is { } zone && await _lanes.FindAsync(unit) is { } lane)
                await act(lane, zone);
        });
}
