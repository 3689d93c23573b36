using ServiceQuality.Scores.Branches;
using ServiceQuality.Scores.Schemes;
using ServiceQuality.Scores.Scores;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Board;

/// <summary>
/// The scores of the past of one board, with today's knowledge. They follow in small steps, so that live scores never wait for history: all of them when the
/// <see cref="BoardGround"/> has changed, and those of a unit and the units above it after facts that happened before them.
/// </summary>
internal sealed class BoardPast(Period period, UnitReader reader, SchemeBook schemes, TimeProvider clock)
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);
    private readonly LateFacts _late = new(clock);
    private PastWork? _work;

    /// <summary>Facts of a unit were folded; the earliest of them happened then.</summary>
    public void Mark(OrgUnit unit, DateTimeOffset earliest)
    {
        if (earliest < Trend.Newest(Zones.Of(unit.TimeZone), clock.GetUtcNow(), period))
            _late.Add(unit.Id, earliest);
    }

    /// <summary>Forgets what it was about.</summary>
    public void Clear() => _late.Clear();

    /// <summary>Begins with all of the past of every unit; the scores of a day ago are there when it returns.</summary>
    public async Task BeginAsync(BoardGround ground, IReadOnlyDictionary<Guid, BoardPlace> places, CancellationToken ct)
    {
        var work = new PastWork(null, new(Enumerable.Range(1, Trend.Points - 1)));
        _work = work;
        await ComputeAsync(work, PastWork.DayBefore, ground, places, ct);
        foreach (var (unit, place) in places)
            place.Show(work.Before.GetValueOrDefault(unit), place.Trend);
    }

    /// <summary>Goes on for a moment; answers the rows that are new once a piece of work is done, until then null.</summary>
    public async Task<IReadOnlyList<BoardRow>?> ContinueAsync(BoardGround ground, IReadOnlyDictionary<Guid, BoardPlace> places, CancellationToken ct)
    {
        _work ??= LateWork(ground);
        if (_work is not { } work)
            return null;

        var started = clock.GetTimestamp();
        while (work.Left.TryPeek(out var back) && clock.GetElapsedTime(started) < Step)
        {
            await ComputeAsync(work, back, ground, places, ct);
            work.Left.Dequeue();
        }
        work.Took += clock.GetElapsedTime(started);
        if (work.Left.Count > 0)
            return null;
        _work = null;
        _late.RestAfter(work.Took);
        return Show(work, places);
    }

    private PastWork? LateWork(BoardGround ground)
    {
        if (!_late.AreDue)
            return null;
        var affected = Affected(_late.Take(), ground.Tree);
        if (affected.Count == 0)
            return null;
        var (first, now) = (affected.Values.Min(), clock.GetUtcNow());
        return new(affected, new(Enumerable.Range(PastWork.DayBefore, Trend.Points).Where(back => ground.Zones.Any(zone => Moment(zone, ground, now, back) > first))));
    }

    private static List<BoardRow> Show(PastWork done, IReadOnlyDictionary<Guid, BoardPlace> places)
    {
        var changed = new List<BoardRow>();
        foreach (var (unit, place) in places)
        {
            if (done.Earliest?.ContainsKey(unit) == false)
                continue;
            place.Show(done.Before.TryGetValue(unit, out var before) ? before : place.Before,
                [.. place.Trend.Select((known, index) => done.Points.TryGetValue((unit, index), out var point) ? point : known)]);
            if (place.Row is { } row)
                changed.Add(row);
        }
        return changed;
    }

    /// <summary>The units with late facts and all above them.</summary>
    private static Dictionary<Guid, DateTimeOffset> Affected(IReadOnlyDictionary<Guid, DateTimeOffset> late, UnitTree tree)
    {
        var affected = new Dictionary<Guid, DateTimeOffset>();
        foreach (var (id, earliest) in late)
        {
            if (tree.Find(id) is not { } unit)
                continue;
            foreach (var one in tree.Ancestry(unit))
                affected[one.Id] = affected.TryGetValue(one.Id, out var known) && known < earliest ? known : earliest;
        }
        return affected;
    }

    /// <summary>
    /// The score of the window that ended at an earlier full hour, of every unit that the work is about. All others are read as well, because the
    /// units above merge them: keeping what was read would take many times the memory of the ledgers.
    /// </summary>
    private async Task ComputeAsync(PastWork work, int back, BoardGround ground, IReadOnlyDictionary<Guid, BoardPlace> places, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var merged = new Dictionary<Guid, Readings>();
        var query = (OrgUnit unit) => new BranchQuery([new WindowAt(period, Moment(Zones.Of(unit.TimeZone), ground, now, back))], Catalogue: ground.Catalogue);
        await foreach (var (unit, own) in reader.ReadAsync(ground.Tree.ByPath.Reverse(), query, ct))
        {
            var zone = Zones.Of(unit.TimeZone);
            var at = Moment(zone, ground, now, back);
            List<Readings> parts = [.. ground.Children[unit.Id].Where(child => merged.ContainsKey(child.Id)).Select(child => merged[child.Id])];
            if (own?.Readings[0] is { } readings)
                parts.Add(readings);
            var scheme = schemes.InForce(period.Window(at, zone), zone);
            var all = UnitScores.Merged(parts, scheme.RollUp, own?.Readings[0]);
            if (all is not null)
                merged[unit.Id] = all;
            if (work.Concerns(unit.Id, at))
                work.Keep(unit.Id, back, all is null ? null : Trend.Telling(Scorer.Evaluate(scheme, all), all, places.GetValueOrDefault(unit.Id)?.Merged));
        }
    }

    private DateTimeOffset Moment(TimeZoneInfo zone, BoardGround ground, DateTimeOffset now, int back) =>
        back == PastWork.DayBefore ? Trend.DayBefore(zone, now) : Trend.Moment(zone, ground.Hour, period, back);

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
