using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace ServiceQuality.Benchmarks;

/// <summary>
/// Posts CloudEvents batches as branch systems would. The bodies are made before the clock starts; for each POST only the ids are
/// rewritten in place, so that the generator takes as little of the machine as it can.
/// </summary>
internal sealed class LoadGenerator(string address, IReadOnlyList<(string Key, IReadOnlyList<string> Units)> keys, int factsPerPost, int factsPerUnit = 50)
{
    private const string Place = "00000000000000000000";
    private const int MostBodies = 50;

    private long _number;

    /// <summary>Facts that were answered 202 so far.</summary>
    public long Accepted;

    /// <summary>Answers other than 202 by status.</summary>
    public ConcurrentDictionary<HttpStatusCode, int> Others { get; } = new();

    /// <summary>Posts as fast as the answers come, or at <paramref name="factsPerSecond"/>; answers the time of each POST in milliseconds.</summary>
    public async Task<IReadOnlyCollection<double>> RunAsync(int senders, TimeSpan duration, double? factsPerSecond, CancellationToken ct)
    {
        var times = new ConcurrentBag<double>();
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, senders).Select(sender => Task.Run(() => SendAsync(sender, senders, duration, factsPerSecond, clock, times, ct), ct)));
        return times;
    }

    private async Task SendAsync(int sender, int senders, TimeSpan duration, double? factsPerSecond, Stopwatch clock, ConcurrentBag<double> times, CancellationToken ct)
    {
        var (key, units) = keys[sender % keys.Count];
        using var client = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = Timeout.InfiniteTimeSpan }) { BaseAddress = new Uri(address) };
        client.DefaultRequestHeaders.Add("X-Api-Key", key);
        var perPost = factsPerPost / factsPerUnit;
        var bodies = Enumerable.Range(0, Math.Clamp(units.Count / perPost, 1, MostBodies)).Select(turn => Body(units, sender + turn * perPost)).ToList();
        var interval = factsPerSecond is { } rate ? TimeSpan.FromSeconds(factsPerPost * senders / rate) : TimeSpan.Zero;
        var next = interval * ((double)sender / senders);
        for (var turn = 0; clock.Elapsed < duration && !ct.IsCancellationRequested; turn = (turn + 1) % bodies.Count)
        {
            var (body, ids) = bodies[turn];
            if (interval > TimeSpan.Zero)
            {
                if (next - clock.Elapsed is var wait && wait > TimeSpan.Zero)
                    await Task.Delay(wait, ct);
                next += interval;
            }

            var first = Interlocked.Add(ref _number, factsPerPost) - factsPerPost;
            for (var i = 0; i < ids.Length; i++)
                (first + i).TryFormat(body.AsSpan(ids[i], Place.Length), out _, "D20", CultureInfo.InvariantCulture);

            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/cloudevents-batch+json");
            var started = clock.Elapsed;
            using var answer = await client.PostAsync(new Uri("/api/telemetry", UriKind.Relative), content, ct);
            await answer.Content.ReadAsByteArrayAsync(ct);
            times.Add((clock.Elapsed - started).TotalMilliseconds);
            if (answer.StatusCode == HttpStatusCode.Accepted)
                Interlocked.Add(ref Accepted, factsPerPost);
            else
                Others.AddOrUpdate(answer.StatusCode, 1, (_, count) => count + 1);
        }
    }

    private (byte[] Body, int[] Ids) Body(IReadOnlyList<string> units, int firstUnit)
    {
        var random = new Random(firstUnit);
        var run = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("N");
        var text = new StringBuilder("[");
        for (var i = 0; i < factsPerPost; i++)
        {
            var time = TimeProvider.System.GetUtcNow().AddSeconds(-random.Next(3600));
            text.Append(i == 0 ? "" : ",").Append(CultureInfo.InvariantCulture,
                $$$"""{"specversion":"1.0","id":"{{{Place}}}","source":"urn:bench:{{{run}}}","type":"servicequality.service.completed.v1","subject":"{{{units[(firstUnit + i / factsPerUnit) % units.Count]}}}","time":"{{{time:O}}}","data":{"channel":"hall","service":"enquiry","agent":"a{{{random.Next(20)}}}","waitSeconds":{{{random.Next(1200)}}},"handleSeconds":{{{random.Next(30, 900)}}},"outcome":"resolved","rating":{{{random.Next(1, 6)}}},"errors":0}}""");
        }
        var body = Encoding.UTF8.GetBytes(text.Append(']').ToString());
        var ids = new List<int>();
        var place = Encoding.ASCII.GetBytes(Place);
        for (var at = 0; body.AsSpan(at).IndexOf(place) is var found and >= 0; at += found + Place.Length)
            ids.Add(at + found);
        return (body, [.. ids]);
    }
}
