using System.Collections.Immutable;

namespace ServiceQuality.Scores.Branches;

/// <summary>Tells those who have subscribed which branches have moved on.</summary>
internal sealed class MovementFeed
{
    private ImmutableArray<Action<Movement>> _subscribers = [];

    public void Publish(Movement movement)
    {
        foreach (var subscriber in _subscribers)
            subscriber(movement);
    }

    /// <summary>Calls back, quickly and on any thread, until disposed.</summary>
    public IDisposable Subscribe(Action<Movement> moved)
    {
        ImmutableInterlocked.Update(ref _subscribers, subscribers => subscribers.Add(moved));
        return new Subscription(this, moved);
    }

    private sealed class Subscription(MovementFeed feed, Action<Movement> moved) : IDisposable
    {
        public void Dispose() => ImmutableInterlocked.Update(ref feed._subscribers, subscribers => subscribers.Remove(moved));
    }
}
