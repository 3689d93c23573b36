using ServiceQuality.Scores.Branches;
using ServiceQuality.Scores.Schemes;
using ServiceQuality.Scores.Scores;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Board;

/// <summary>
/// The scores of all units for one period, kept by one worker: a unit whose facts changed is read again, and so are the units above it;
/// everything is read again when the <see cref="BoardGround"/> changes. Scores of the past follow in small steps (<see cref="BoardPast"/>).
/// </summary>
internal sealed class BoardState(Period period, IScoreTier tier, SchemeBook schemes, TimeProvider clock)
{
    private static long views;
    private readonly UnitReader _reader = new(tier);
    private readonly BoardPast _past = new(period, new(tier), schemes, clock);
    private readonly Dictionary<Guid, BoardPlace> _places = [];
    private readonly HashSet<Guid> _dirty = [];
    private BoardGround? _ground;
    private volatile BoardView? _view;

    public Period Period => period;

    public BoardView? View => _view;

    /// <summary>Monotone time of the last request for this period.</summary>
    public long AskedAt { get; set; }

    /// <summary>Facts of a unit were folded; the earliest of them happened then.</summary>
    public void Mark(Guid unit, DateTimeOffset earliest)
    {
        _dirty.Add(unit);
        if (_ground?.Tree.Find(unit) is { } known)
            _past.Mark(known, earliest);
    }

    /// <summary>Brings the board up to date; answers the rows that are new.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="wait">How long after a unit's last computation the next one may come.</param>
    /// <param name="ct">Cancellation.</param>
    public async Task<IReadOnlyList<BoardRow>> RefreshAsync(UnitTree tree, TimeSpan wait, CancellationToken ct)
    {
        try
        {
            var now = clock.GetUtcNow();
            var ground = BoardGround.Now(_ground, tree, schemes, now);
            return ReferenceEquals(ground, _ground) ? await RefreshDueAsync(ground, now, wait, ct) : await RefreshAllAsync(ground, now, ct);
        }
        catch
        {
            // Half done: everything is read again.
            _ground = null;
            throw;
        }
    }

    /// <summary>Goes on with the past for a moment; answers the rows that are new once a piece of work is done.</summary>
    public async Task<IReadOnlyList<BoardRow>> ContinuePastAsync(CancellationToken ct)
    {
        if (_ground is not { } ground || await _past.ContinueAsync(ground, _places, ct) is not { } changed)
            return [];
        Publish(ground, clock.GetUtcNow());
        return changed;
    }

    private async Task<IReadOnlyList<BoardRow>> RefreshAllAsync(BoardGround ground, DateTimeOffset now, CancellationToken ct)
    {
        _ground = ground;
        foreach (var gone in _places.Keys.Where(unit => ground.Tree.Find(unit) is null).ToList())
            _places.Remove(gone);
        _dirty.Clear();
        _past.Clear();
        var all = await ComputeAsync(ground.Tree.ByPath, ground, now, ct);
        await _past.BeginAsync(ground, _places, ct);
        Publish(ground, now);
        return [.. all.Select(row => _places[row.Unit.Id].Row!)];
    }

    private async Task<IReadOnlyList<BoardRow>> RefreshDueAsync(BoardGround ground, DateTimeOffset now, TimeSpan wait, CancellationToken ct)
    {
        foreach (var (unit, place) in _places)
        {
            if (place.Row?.HasAged(now) == true)
                _dirty.Add(unit);
        }
        var due = Due(ground.Tree, wait);
        if (due.Count == 0)
            return [];
        var changed = await ComputeAsync(due, ground, now, ct);
        Publish(ground, now);
        return changed;
    }

    /// <summary>Dirty units that have rested long enough, and all above them, parents before children.</summary>
    private List<OrgUnit> Due(UnitTree tree, TimeSpan wait)
    {
        var due = new HashSet<Guid>();
        foreach (var id in _dirty)
        {
            if (tree.Find(id) is not { } unit)
                continue;
            if (_places.TryGetValue(id, out var place) && clock.GetElapsedTime(place.ComputedAt) < wait)
                continue;
            due.UnionWith(tree.Ancestry(unit).Select(one => one.Id));
        }
        _dirty.ExceptWith(due);

        // A unit above may have rested less than its children; the change then arrives there with the next round.
        foreach (var id in due.ToList())
        {
            if (_places.TryGetValue(id, out var place) && clock.GetElapsedTime(place.ComputedAt) < wait)
            {
                due.Remove(id);
                _dirty.Add(id);
            }
        }
        return [.. due.Select(id => tree.Find(id)!).OrderBy(unit => unit.Path, StringComparer.Ordinal)];
    }

    private async Task<IReadOnlyList<BoardRow>> ComputeAsync(IReadOnlyList<OrgUnit> units, BoardGround ground, DateTimeOffset now, CancellationToken ct)
    {
        var query = new BranchQuery([new WindowAt(period)], Catalogue: ground.Catalogue);
        var changed = new List<BoardRow>();

        // Children before parents: a parent merges what its children have merged.
        await foreach (var (unit, state) in _reader.ReadAsync(units.Reverse(), _ => query, ct))
        {
            if (!_places.TryGetValue(unit.Id, out var place))
                _places[unit.Id] = place = new BoardPlace();
            place.Own = state;
            place.ComputedAt = clock.GetTimestamp();

            var below = ground.Children[unit.Id].Select(child => _places.GetValueOrDefault(child.Id)).OfType<BoardPlace>().ToList();
            List<Readings> parts = [.. below.Select(child => child.Merged).OfType<Readings>()];
            if (place.Own?.Readings[0] is { } own)
                parts.Add(own);
            place.Merged = UnitScores.Merged(parts, ground.Scheme.RollUp, place.Own?.Readings[0]);
            place.Seq = (place.Own?.Seq ?? 0) + below.Sum(child => child.Seq);
            place.Newest = Max(place.Own?.Newest, below.Max(child => child.Newest));
            place.Received = Max(place.Own?.Received, below.Max(child => child.Received));

            var zone = Zones.Of(unit.TimeZone);
            var readings = place.Merged ?? new Ledger(schemes.Active, zone).Read(period.Window(now, zone));
            var row = new BoardRow(unit, Scorer.Evaluate(ground.Scheme, readings), place.Merged, place.Own?.Readings[0], place.Seq, place.Own?.Seq ?? 0, place.Newest, place.Received, place.Before, place.Trend, now);
            place.Row = row;
            changed.Add(row);
        }
        return changed;
    }

    private void Publish(BoardGround ground, DateTimeOffset now) =>
        _view = new(Interlocked.Increment(ref views), [.. ground.Tree.ByPath.Select(unit => _places.GetValueOrDefault(unit.Id)?.Row).OfType<BoardRow>()], ground.Scheme, now);

    private static DateTimeOffset? Max(DateTimeOffset? one, DateTimeOffset? other) => one is null || other > one ? other : one;
}
