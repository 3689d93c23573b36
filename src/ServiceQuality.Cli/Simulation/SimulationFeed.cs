using System.Threading.Channels;
using ServiceQuality.Cli.Telemetry;

namespace ServiceQuality.Cli.Simulation;

/// <summary>How far a feed has come.</summary>
/// <param name="Until">Time of the newest fact that was answered.</param>
/// <param name="Accepted">Facts that were new to the suite.</param>
/// <param name="Duplicate">Facts that it had already.</param>
/// <param name="Refused">Facts that it refused.</param>
public sealed record FeedProgress(DateTimeOffset Until, long Accepted, long Duplicate, long Refused);

/// <summary>Sends the facts of a simulator: days gone by as fast as they are taken, and then what happens now.</summary>
/// <param name="simulator">Makes the facts.</param>
/// <param name="sender">Sends them.</param>
/// <param name="clock">What "now" is.</param>
/// <param name="progress">Told after every answer; may be null.</param>
public sealed class SimulationFeed(BranchSimulator simulator, TelemetrySender sender, TimeProvider clock, IProgress<FeedProgress>? progress = null)
{
    private const int BatchSize = 500;
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, long> refusals = [];
    private DateTimeOffset until;
    private long accepted;
    private long duplicate;

    /// <summary>Refused facts by code.</summary>
    public IReadOnlyDictionary<string, long> Refusals
    {
        get
        {
            lock (gate)
                return new Dictionary<string, long>(refusals);
        }
    }

    /// <summary>Sends all facts with <c>from ≤ time &lt; to</c>; <paramref name="to"/> must not lie ahead of now.</summary>
    /// <param name="from">Start.</param>
    /// <param name="to">End.</param>
    /// <param name="parallel">Requests at the same time.</param>
    /// <param name="ct">Stops the feed.</param>
    public async Task BackfillAsync(DateTimeOffset from, DateTimeOffset to, int parallel, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var queue = Channel.CreateBounded<CloudEvent[]>(parallel);
        var senders = Enumerable.Range(0, parallel).Select(_ => SendQueueAsync()).ToList();
        try
        {
            foreach (var batch in simulator.Between(from, to).Chunk(BatchSize))
                await queue.Writer.WriteAsync(batch, stop.Token);
            queue.Writer.Complete();
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // A sender failed and stopped the rest; awaiting the senders tells why.
        }

        await Task.WhenAll(senders);

        async Task SendQueueAsync()
        {
            try
            {
                await foreach (var batch in queue.Reader.ReadAllAsync(stop.Token))
                    await SendAsync(batch, stop.Token);
            }
            catch
            {
                await stop.CancelAsync();
                throw;
            }
        }
    }

    /// <summary>Sends what happens from <paramref name="from"/> on, as the clock goes, until it is cancelled or <paramref name="until"/> is reached.</summary>
    public async Task FollowAsync(DateTimeOffset from, DateTimeOffset? until, CancellationToken ct)
    {
        for (var sent = from; until is null || sent < until;)
        {
            var now = clock.GetUtcNow();
            if (until < now)
                now = until.Value;
            foreach (var batch in simulator.Between(sent, now).Chunk(BatchSize))
                await SendAsync(batch, ct);
            sent = now;
            if (until is null || sent < until)
                await Task.Delay(Beat, clock, ct);
        }
    }

    private async Task SendAsync(CloudEvent[] batch, CancellationToken ct)
    {
        var answer = await sender.SendAsync(batch, ct);
        lock (gate)
        {
            accepted += answer.Accepted;
            duplicate += answer.Duplicate;
            foreach (var refusal in answer.Refused)
                refusals[refusal.Code] = refusals.GetValueOrDefault(refusal.Code) + 1;
            until = batch[^1].Time > until ? batch[^1].Time : until;
            progress?.Report(new FeedProgress(until, accepted, duplicate, refusals.Values.Sum()));
        }
    }
}
