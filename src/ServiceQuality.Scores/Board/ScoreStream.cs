using System.Globalization;
using System.Threading.Channels;

namespace ServiceQuality.Scores.Board;

/// <summary>One event of the live stream, written once for all clients.</summary>
/// <param name="Number">Rises by one with every event of this process.</param>
/// <param name="Path">Path of the unit, by which clients are allowed to see it.</param>
/// <param name="Data">The event's data as UTF-8 JSON.</param>
internal sealed record StreamEvent(long Number, string Path, ReadOnlyMemory<byte> Data);

/// <summary>
/// Score changes for live clients. The newest events are kept for clients that come back (<c>Last-Event-ID</c>); whoever is too far
/// behind, or comes from another process's numbering, is told to read the board again instead (<c>resync</c>).
/// </summary>
internal sealed class ScoreStream(TimeProvider clock)
{
    private const int Kept = 16_384;
    private const int ClientBacklog = 2_048;

    private readonly Lock _lock = new();
    private readonly StreamEvent?[] _ring = new StreamEvent?[Kept];
    private readonly HashSet<Subscription> _subscriptions = [];
    private readonly string _run = clock.GetUtcNow().ToUnixTimeMilliseconds().ToString("x", CultureInfo.InvariantCulture);
    private long _last;

    /// <summary>The <c>id</c> of an event: this process's run, and the number.</summary>
    public string IdOf(long number) => string.Create(CultureInfo.InvariantCulture, $"{_run}-{number}");

    public void Publish(string path, ReadOnlyMemory<byte> data)
    {
        lock (_lock)
        {
            var next = new StreamEvent(++_last, path, data);
            _ring[next.Number % Kept] = next;
            foreach (var subscription in _subscriptions)
                subscription.Offer(next);
        }
    }

    /// <summary>Follows the stream from after <paramref name="lastEventId"/>, or from now on.</summary>
    public Subscription Subscribe(string? lastEventId)
    {
        lock (_lock)
        {
            var subscription = new Subscription(this, ClientBacklog);
            if (!string.IsNullOrEmpty(lastEventId))
            {
                if (NumberOf(lastEventId) is { } seen && seen <= _last && _last - seen <= ClientBacklog)
                {
                    for (var number = seen + 1; number <= _last; number++)
                        subscription.Offer(_ring[number % Kept]!);
                }
                else
                {
                    subscription.Miss();
                }
            }
            subscription.Position = _last;
            _subscriptions.Add(subscription);
            return subscription;
        }
    }

    private long? NumberOf(string id)
    {
        var dash = id.IndexOf('-', StringComparison.Ordinal);
        return dash > 0 && id.AsSpan(0, dash).SequenceEqual(_run) && long.TryParse(id.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    /// <summary>One client's place in the stream.</summary>
    internal sealed class Subscription(ScoreStream stream, int backlog) : IDisposable
    {
        private readonly Channel<StreamEvent> _events = Channel.CreateBounded<StreamEvent>(new BoundedChannelOptions(backlog) { SingleReader = true });
        private int _missed;

        public ChannelReader<StreamEvent> Events => _events.Reader;

        /// <summary>Number of the newest event when the client came.</summary>
        public long Position { get; set; }

        /// <summary>True once after events were lost to this client; asking clears it.</summary>
        public bool TakeMissed() => Interlocked.Exchange(ref _missed, 0) == 1;

        public void Miss() => Volatile.Write(ref _missed, 1);

        public void Offer(StreamEvent next)
        {
            if (!_events.Writer.TryWrite(next))
                Miss();
        }

        public void Dispose()
        {
            lock (stream._lock)
                stream._subscriptions.Remove(this);
        }
    }
}
