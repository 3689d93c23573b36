using System.Collections.Concurrent;
using System.Collections.Immutable;
using Orleans.Runtime;
using ServiceQuality.Scores.Branches;
using ServiceQuality.Scores.Journals;

namespace ServiceQuality.Scores.Silo.Movements;

/// <summary>
/// What moves anywhere in the cluster, for the board of this silo. Each silo tells the others what moved at its branches, in batches; what does not get
/// through is noticed by comparing with the heads of the journals.
/// </summary>
internal sealed class MovementFeed : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);
    private readonly MovementCaller _caller;
    private readonly ISiloStatusOracle _silos;
    private readonly TimeProvider _clock;
    private readonly ILogger<MovementFeed> _logger;
    private readonly IDisposable _here;
    private readonly ConcurrentDictionary<Guid, long> _heard = new();
    private readonly Lock _lock = new();
    private Dictionary<Guid, Movement> _untold = [];
    private ImmutableArray<Action<Movement>> _subscribers = [];
    private Dictionary<Guid, long> _headsSeen = [];

    public MovementFeed(BranchLanes lanes, MovementCaller caller, ISiloStatusOracle silos, TimeProvider clock, ILogger<MovementFeed> logger)
    {
        (_caller, _silos, _clock, _logger) = (caller, silos, clock, logger);
        _here = lanes.Subscribe(MovedHere);
    }

    /// <summary>Every unit that is known to have facts.</summary>
    public IEnumerable<Guid> Units => _heard.Keys;

    public IDisposable Subscribe(Action<Movement> moved)
    {
        ImmutableInterlocked.Update(ref _subscribers, subscribers => subscribers.Add(moved));
        return new Subscription(this, moved);
    }

    /// <summary>Something moved, here or at another silo.</summary>
    public void Hear(Movement movement)
    {
        if (movement.Seq > 0)
            _heard.AddOrUpdate(movement.Unit, movement.Seq, (_, known) => Math.Max(known, movement.Seq));
        foreach (var subscriber in _subscribers)
            subscriber(movement);
    }

    /// <summary>These branches have been brought back: what is in their journals is no news.</summary>
    public void Know(IEnumerable<JournalHead> heads)
    {
        foreach (var head in heads)
            _heard.AddOrUpdate(head.Unit, head.Head, (_, known) => Math.Max(known, head.Head));
    }

    /// <summary>Makes up for what was not heard of: a journal that had gone further when it was looked at the time before.</summary>
    public void Mend(IReadOnlyList<JournalHead> heads)
    {
        foreach (var (unit, seen) in _headsSeen)
        {
            if (seen > _heard.GetValueOrDefault(unit))
                Hear(new(unit, DateTimeOffset.MinValue, seen, 0));
        }
        _headsSeen = heads.Where(head => head.Head > 0).ToDictionary(head => head.Unit, head => head.Head);
    }

    public override void Dispose()
    {
        _here.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await TellAsync();
            await Task.Delay(Interval, _clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void MovedHere(Movement movement)
    {
        lock (_lock)
            _untold[movement.Unit] = _untold.TryGetValue(movement.Unit, out var before) ? before.With(movement) : movement;
        Hear(movement);
    }

    private async Task TellAsync()
    {
        Dictionary<Guid, Movement> moved;
        lock (_lock)
        {
            if (_untold.Count == 0)
                return;
            (moved, _untold) = (_untold, []);
        }

        WireMovement[] batch = [.. moved.Values.Select(movement => new WireMovement(movement))];
        foreach (var silo in _silos.GetApproximateSiloStatuses(onlyActive: true).Keys.Where(silo => !silo.Equals(_silos.SiloAddress)))
        {
            try
            {
                await _caller.TellAsync(silo, batch);
            }
            catch (Exception e) when (e is OrleansException or TimeoutException)
            {
                _logger.LogDebug(e, "Movements could not be told to {Silo}", silo);
            }
        }
    }

    private sealed class Subscription(MovementFeed feed, Action<Movement> moved) : IDisposable
    {
        public void Dispose() => ImmutableInterlocked.Update(ref feed._subscribers, subscribers => subscribers.Remove(moved));
    }
}
