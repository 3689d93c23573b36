namespace ServiceQuality.Scores.Board;

/// <summary>
/// Units whose past has to be computed again, because facts arrived that happened before it: a backfill, an import, a branch that was cut off.
/// They are taken together when no more have come for a second, or after five seconds of more and more; and history takes at most a fifth of the
/// time, however many units there are.
/// </summary>
internal sealed class LateFacts(TimeProvider clock)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private const int Rest = 4;

    private readonly Dictionary<Guid, DateTimeOffset> _earliest = [];
    private long _first;
    private long _last;
    private long _restsFrom;
    private TimeSpan _rests;

    /// <summary>Whether it is time to compute the past of these units.</summary>
    public bool AreDue => _earliest.Count > 0 && clock.GetElapsedTime(_restsFrom) >= _rests
        && (clock.GetElapsedTime(_last) >= Quiet || clock.GetElapsedTime(_first) >= Longest);

    public void Add(Guid unit, DateTimeOffset earliest)
    {
        _last = clock.GetTimestamp();
        if (_earliest.Count == 0)
            _first = _last;
        if (!_earliest.TryGetValue(unit, out var known) || earliest < known)
            _earliest[unit] = earliest;
    }

    /// <summary>The units, each with the earliest event time among its late facts; from now on there are none.</summary>
    public IReadOnlyDictionary<Guid, DateTimeOffset> Take()
    {
        var taken = new Dictionary<Guid, DateTimeOffset>(_earliest);
        _earliest.Clear();
        return taken;
    }

    public void Clear() => _earliest.Clear();

    /// <summary>Work on the past has just taken so long.</summary>
    public void RestAfter(TimeSpan work) => (_restsFrom, _rests) = (clock.GetTimestamp(), work * Rest);
}
