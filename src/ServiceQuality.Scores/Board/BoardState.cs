using System.Runtime.CompilerServices;
using ServiceQuality.Scores.Branches;
using ServiceQuality.Scores.Schemes;
using ServiceQuality.Scores.Scores;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Board;

/// <summary>Every row of one period at one moment; a reader holds one view from start to end.</summary>
/// <param name="Version">Rises with every view of this process.</param>
/// <param name="Rows">Rows in the order of the paths, parents before children.</param>
/// <param name="Scheme">The scheme in force.</param>
/// <param name="AsOf">When it was computed.</param>
internal sealed record BoardView(long Version, IReadOnlyList<BoardRow> Rows, Scheme Scheme, DateTimeOffset AsOf);

/// <summary>
/// The scores of all units for one period, kept by one worker: a unit whose facts changed is read again, and so are the units above it;
/// everything is read again when the hour turns or the tree or a scheme changes. Scores of the past follow in small steps: all of them after
/// such a turn, and those of a unit and the units above it after facts that happened before them.
/// </summary>
internal sealed class BoardState(Period period, IScoreTier tier, SchemeBook schemes, TimeProvider clock)
{
    private static long views;
    private const int ReadAtOnce = 64;
    private static readonly TimeSpan PastStep = TimeSpan.FromMilliseconds(100);
    private readonly Dictionary<Guid, Place> _places = [];
    private readonly HashSet<Guid> _dirty = [];
    private readonly LateFacts _late = new(clock);
    private UnitTree _tree = UnitTree.Empty;
    private ILookup<Guid, OrgUnit> _children = Array.Empty<OrgUnit>().ToLookup(unit => unit.Id);
    private IReadOnlyList<TimeZoneInfo> _zones = [];
    private string _catalogue = "";
    private Scheme? _scheme;
    private DateTimeOffset _hour;
    private volatile BoardView? _view;
    private PastWork? _past;

    public Period Period => period;

    public BoardView? View => _view;

    /// <summary>Monotone time of the last request for this period.</summary>
    public long AskedAt { get; set; }

    /// <summary>Facts of a unit were folded; the earliest of them happened then.</summary>
    public void Mark(Guid unit, DateTimeOffset earliest)
    {
        _dirty.Add(unit);
        if (_tree.Find(unit) is { } known && earliest < Trend.Newest(Zones.Of(known.TimeZone), clock.GetUtcNow(), period))
            _late.Add(unit, earliest);
    }

    /// <summary>Brings the board up to date; answers the rows that are new.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="wait">How long after a unit's last computation the next one may come.</param>
    /// <param name="ct">Cancellation.</param>
    public async Task<IReadOnlyList<BoardRow>> RefreshAsync(UnitTree tree, TimeSpan wait, CancellationToken ct)
    {
        try
        {
            return await RefreshDueAsync(tree, wait, ct);
        }
        catch
        {
            // Half done: everything is read again.
            _scheme = null;
            throw;
        }
    }

    private async Task<IReadOnlyList<BoardRow>> RefreshDueAsync(UnitTree tree, TimeSpan wait, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var scheme = schemes.InForce(tree.Today(now));
        var hour = (tree.Root is { } root ? Zones.Of(root.TimeZone) : TimeZoneInfo.Utc).HourAt(now);
        var catalogue = schemes.Active;
        if (!ReferenceEquals(tree, _tree) || catalogue.Hash != _catalogue || scheme.Reference != _scheme?.Reference || hour != _hour)
        {
            (_tree, _catalogue, _scheme, _hour) = (tree, catalogue.Hash, scheme, hour);
            _zones = [.. tree.ByPath.Select(unit => unit.TimeZone).Distinct().Select(Zones.Of)];
            _children = tree.ByPath.Where(unit => unit.Parent is not null).ToLookup(unit => unit.Parent!.Value);
            foreach (var gone in _places.Keys.Where(unit => tree.Find(unit) is null).ToList())
                _places.Remove(gone);
            _dirty.Clear();
            _late.Clear();
            var all = await ComputeAsync(tree.ByPath, now, ct);
            _past = new PastWork(null, new(Enumerable.Range(1, Trend.Points - 1)));
            await ComputePastAsync(_past, PastWork.DayBefore, ct);
            foreach (var (unit, place) in _places)
                place.Show(_past.Before.GetValueOrDefault(unit), place.Trend);
            Publish(now);
            return [.. all.Select(row => _places[row.Unit.Id].Row!)];
        }

        foreach (var (unit, place) in _places)
        {
            if (place.Row?.HasAged(now) == true)
                _dirty.Add(unit);
        }
        var due = Due(wait);
        if (due.Count == 0)
            return [];
        var changed = await ComputeAsync(due, now, ct);
        Publish(now);
        return changed;
    }

    /// <summary>
    /// Goes on with the past for a moment, so that live scores never wait for history; answers the rows that are new once a piece of work is done.
    /// </summary>
    public async Task<IReadOnlyList<BoardRow>> ContinuePastAsync(CancellationToken ct)
    {
        if (_past is null)
        {
            if (!_late.AreDue)
                return [];
            var affected = Affected(_late.Take());
            if (affected.Count == 0)
                return [];
            var (first, now) = (affected.Values.Min(), clock.GetUtcNow());
            _past = new PastWork(affected, new(Enumerable.Range(PastWork.DayBefore, Trend.Points).Where(back => _zones.Any(zone => PastMoment(zone, now, back) > first))));
        }

        var started = clock.GetTimestamp();
        while (_past.Left.TryPeek(out var back) && clock.GetElapsedTime(started) < PastStep)
        {
            await ComputePastAsync(_past, back, ct);
            _past.Left.Dequeue();
        }
        _past.Took += clock.GetElapsedTime(started);
        return _past.Left.Count == 0 ? ShowPast() : [];
    }

    private List<BoardRow> ShowPast()
    {
        var (done, changed) = (_past!, new List<BoardRow>());
        _past = null;
        _late.RestAfter(done.Took);
        foreach (var (unit, place) in _places)
        {
            if (done.Earliest?.ContainsKey(unit) == false)
                continue;
            place.Show(done.Before.TryGetValue(unit, out var before) ? before : place.Before,
                [.. place.Trend.Select((known, index) => done.Points.TryGetValue((unit, index), out var point) ? point : known)]);
            if (place.Row is { } row)
                changed.Add(row);
        }
        Publish(clock.GetUtcNow());
        return changed;
    }

    /// <summary>The units with late facts and all above them.</summary>
    private Dictionary<Guid, DateTimeOffset> Affected(IReadOnlyDictionary<Guid, DateTimeOffset> late)
    {
        var affected = new Dictionary<Guid, DateTimeOffset>();
        foreach (var (id, earliest) in late)
        {
            if (_tree.Find(id) is not { } unit)
                continue;
            foreach (var one in _tree.Ancestry(unit))
                affected[one.Id] = affected.TryGetValue(one.Id, out var known) && known < earliest ? known : earliest;
        }
        return affected;
    }

    /// <summary>Dirty units that have rested long enough, and all above them, parents before children.</summary>
    private List<OrgUnit> Due(TimeSpan wait)
    {
        var due = new HashSet<Guid>();
        foreach (var id in _dirty)
        {
            if (_tree.Find(id) is not { } unit)
                continue;
            if (_places.TryGetValue(id, out var place) && clock.GetElapsedTime(place.ComputedAt) < wait)
                continue;
            due.UnionWith(_tree.Ancestry(unit).Select(one => one.Id));
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
        return [.. due.Select(id => _tree.Find(id)!).OrderBy(unit => unit.Path, StringComparer.Ordinal)];
    }

    private async Task<IReadOnlyList<BoardRow>> ComputeAsync(IReadOnlyList<OrgUnit> units, DateTimeOffset now, CancellationToken ct)
    {
        var known = (await tier.UnitsAsync(ct)).ToHashSet();
        var query = new BranchQuery([new WindowAt(period)], Catalogue: _catalogue);
        var changed = new List<BoardRow>();

        // Children before parents: a parent merges what its children have merged.
        await foreach (var (unit, state) in ReadAsync(units.Reverse(), known, _ => query, ct))
        {
            if (!_places.TryGetValue(unit.Id, out var place))
                _places[unit.Id] = place = new Place();
            place.Own = state;
            place.ComputedAt = clock.GetTimestamp();

            var below = _children[unit.Id].Select(child => _places.GetValueOrDefault(child.Id)).OfType<Place>().ToList();
            List<Readings> parts = [.. below.Select(child => child.Merged).OfType<Readings>()];
            if (place.Own?.Readings[0] is { } own)
                parts.Add(own);
            place.Merged = UnitScores.Merged(parts, _scheme!.RollUp, place.Own?.Readings[0]);
            place.Seq = (place.Own?.Seq ?? 0) + below.Sum(child => child.Seq);
            place.Newest = Max(place.Own?.Newest, below.Max(child => child.Newest));
            place.Received = Max(place.Own?.Received, below.Max(child => child.Received));

            var zone = Zones.Of(unit.TimeZone);
            var readings = place.Merged ?? new Ledger(schemes.Active, zone).Read(period.Window(now, zone));
            var row = new BoardRow(unit, Scorer.Evaluate(_scheme, readings), place.Merged, place.Own?.Readings[0], place.Seq, place.Own?.Seq ?? 0, place.Newest, place.Received, place.Before, place.Trend, now);
            place.Row = row;
            changed.Add(row);
        }
        return changed;
    }

    /// <summary>
    /// The score of the window that ended at an earlier full hour, with today's knowledge, of every unit that the work is about. All others are read
    /// as well, because the units above merge them: keeping what was read would take many times the memory of the ledgers.
    /// </summary>
    private async Task ComputePastAsync(PastWork work, int back, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var known = (await tier.UnitsAsync(ct)).ToHashSet();
        var merged = new Dictionary<Guid, Readings>();
        var query = (OrgUnit unit) => new BranchQuery([new WindowAt(period, PastMoment(Zones.Of(unit.TimeZone), now, back))], Catalogue: _catalogue);
        await foreach (var (unit, own) in ReadAsync(_tree.ByPath.Reverse(), known, query, ct))
        {
            var zone = Zones.Of(unit.TimeZone);
            var at = PastMoment(zone, now, back);
            List<Readings> parts = [.. _children[unit.Id].Where(child => merged.ContainsKey(child.Id)).Select(child => merged[child.Id])];
            if (own?.Readings[0] is { } readings)
                parts.Add(readings);
            var scheme = schemes.InForce(period.Window(at, zone), zone);
            var all = UnitScores.Merged(parts, scheme.RollUp, own?.Readings[0]);
            if (all is not null)
                merged[unit.Id] = all;
            if (work.Concerns(unit.Id, at))
                work.Keep(unit.Id, back, all is null ? null : Trend.Telling(Scorer.Evaluate(scheme, all), all, _places.GetValueOrDefault(unit.Id)?.Merged));
        }
    }

    /// <summary>Reads units in their order, some at a time: a branch may live in another process. No more than these are held.</summary>
    private async IAsyncEnumerable<(OrgUnit Unit, BranchState? Own)> ReadAsync(
        IEnumerable<OrgUnit> units, HashSet<Guid> known, Func<OrgUnit, BranchQuery> query, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var some in units.Chunk(ReadAtOnce))
        {
            var states = await Task.WhenAll(some.Select(unit => known.Contains(unit.Id) ? tier.ReadAsync(unit.Id, query(unit), ct) : Task.FromResult<BranchState?>(null)));
            foreach (var (index, unit) in some.Index())
                yield return (unit, states[index]);
        }
    }

    private DateTimeOffset PastMoment(TimeZoneInfo zone, DateTimeOffset now, int back) =>
        back == PastWork.DayBefore ? Trend.DayBefore(zone, now) : Trend.Moment(zone, _hour, period, back);

    private void Publish(DateTimeOffset now) =>
        _view = new(Interlocked.Increment(ref views), [.. _tree.ByPath.Select(unit => _places.GetValueOrDefault(unit.Id)?.Row).OfType<BoardRow>()], _scheme!, now);

    private static DateTimeOffset? Max(DateTimeOffset? one, DateTimeOffset? other) => one is null || other > one ? other : one;

    private sealed class Place
    {
        public BranchState? Own { get; set; }

        public Readings? Merged { get; set; }

        public long Seq { get; set; }

        public DateTimeOffset? Newest { get; set; }

        public DateTimeOffset? Received { get; set; }

        public DayBefore? Before { get; set; }

        public IReadOnlyList<double?> Trend { get; set; } = new double?[Board.Trend.Points - 1];

        public BoardRow? Row { get; set; }

        public long ComputedAt { get; set; }

        public void Show(DayBefore? before, IReadOnlyList<double?> trend)
        {
            (Before, Trend) = (before, trend);
            Row = Row?.With(before, trend);
        }
    }

    /// <summary>A part of the past that is being computed; shown when all of it is there.</summary>
    /// <param name="Earliest">From when on which units are to be computed; null for all of every unit.</param>
    /// <param name="Left">Points still to come, in steps back from now.</param>
    private sealed record PastWork(IReadOnlyDictionary<Guid, DateTimeOffset>? Earliest, Queue<int> Left)
    {
        /// <summary>Stands among the steps for the window of a day ago.</summary>
        public const int DayBefore = 0;

        public Dictionary<Guid, DayBefore?> Before { get; } = [];

        public Dictionary<(Guid Unit, int Index), double?> Points { get; } = [];

        public TimeSpan Took { get; set; }

        public bool Concerns(Guid unit, DateTimeOffset at) => Earliest is null || (Earliest.TryGetValue(unit, out var earliest) && earliest < at);

        public void Keep(Guid unit, int back, Score? score)
        {
            if (back == DayBefore)
                Before[unit] = score is { Value: { } value } ? new DayBefore(value, score.Interval) : null;
            else
                Points[(unit, Board.Trend.Points - 1 - back)] = score?.Value;
        }
    }
}
