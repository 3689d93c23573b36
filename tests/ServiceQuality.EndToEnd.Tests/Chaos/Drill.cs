using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using ServiceQuality.Testing;

namespace ServiceQuality.EndToEnd.Chaos;

/// <summary>One drill: traffic and readers, something that breaks meanwhile, and afterwards every invariant.</summary>
internal sealed class Drill(DrillSuite suite, ChaosReport report, ITestOutputHelper output)
{
    /// <summary>No answer may take longer: a change 20 s and a read 30 s at the gateway (docs/operations.md), and as much again for a loaded machine.</summary>
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(60);

    private const int BatchSize = 100;
    private static int _drills;

    private readonly ConcurrentDictionary<string, int> _reads = new();
    private TimeSpan _longestRead;
    private volatile bool _over;

    /// <summary>Breaks things while facts are sent and scores are read; then all must come to rest and every invariant hold.</summary>
    public async Task RunAsync(string name, Func<CancellationToken, Task<Harm>> breakThings)
    {
        var ct = TestContext.Current.CancellationToken;
        var number = Interlocked.Increment(ref _drills);
        var traffic = new FactTraffic(string.Create(CultureInfo.InvariantCulture, $"drill-{number}"), number);
        var (took, harm, held) = (Stopwatch.StartNew(), new Harm(), false);
        try
        {
            var work = Task.WhenAll([.. suite.Regions.Select((region, sender) => SendAsync(traffic, sender, region, ct)), ReadAsync(ct)]);
            harm = await breakThings(ct);
            var healed = Stopwatch.StartNew();
            _over = true;
            await work.WaitAsync(TimeSpan.FromSeconds(120), ct);

            await new JournalCheck(suite.Processes, suite.ScoresDatabase).HoldsAsync(traffic, suite.Units, ct);
            await new JournalCheck(suite.Processes, suite.ScoresDatabase).AgreeAsync(suite.Units, ct);
            await Eventually.Async(QueuesAreEmptyAsync, TimeSpan.FromSeconds(60));
            output.WriteLine($"{name}: {traffic.Accepted.Count} facts, {harm}, {took.Elapsed.TotalSeconds:0} s, at rest {healed.Elapsed.TotalSeconds:0.0} s after the end; " +
                $"posts: {traffic}, longest {traffic.Longest.TotalSeconds:0.0} s; reads: {string.Join(", ", _reads.Select(read => $"{read.Key}: {read.Value}"))}, longest {_longestRead.TotalSeconds:0.0} s");
            AnswersAreBounded(traffic);
            held = true;
        }
        finally
        {
            _over = true;
            report.Add(name, traffic.Accepted.Count, harm, took.Elapsed, held);
        }
    }

    private void AnswersAreBounded(FactTraffic traffic)
    {
        Assert.False(traffic.Accepted.IsEmpty, "no fact was accepted");
        Assert.True(_reads.GetValueOrDefault("OK") > 0, "no read was answered");
        Assert.All(traffic.Answers.Keys, answer => Assert.Contains(answer, (string[])["Accepted", "ServiceUnavailable"]));
        Assert.All(_reads.Keys, answer => Assert.Contains(answer, (string[])["OK", "ServiceUnavailable"]));
        Assert.InRange(traffic.Longest, TimeSpan.Zero, LongestAnswer);
        Assert.InRange(_longestRead, TimeSpan.Zero, LongestAnswer);
    }

    private async Task SendAsync(FactTraffic traffic, int sender, string region, CancellationToken ct)
    {
        using var client = suite.KeyOf(region);
        var units = suite.Units.Where(unit => unit.Path.Contains($"/{region}/", StringComparison.Ordinal)).ToList();
        var random = new Random(sender);
        for (var first = 0; !_over; first += BatchSize)
        {
            var batch = traffic.Batch(sender, first, first + BatchSize, units, random);
            while (!await traffic.TryPostAsync(client, batch, ct))
                await Task.Delay(random.Next(50, 250), ct);
            await Task.Delay(20, ct);
        }
    }

    private async Task ReadAsync(CancellationToken ct)
    {
        using var person = await suite.SignInAsync(ct);
        for (var number = 0; !_over; number++)
        {
            var address = number % 3 == 0 ? "/api/overview" : $"/api/scores/{suite.Units[number % suite.Units.Count].Code}?period=30d";
            var started = Stopwatch.GetTimestamp();
            string answer;
            try
            {
                using var read = await person.GetAsync(new Uri(address, UriKind.Relative), ct);
                answer = read.StatusCode is HttpStatusCode.ServiceUnavailable && read.Headers.RetryAfter is null ? $"503 without Retry-After of {address}" : read.StatusCode.ToString();
            }
            catch (Exception broken) when (broken is HttpRequestException or TaskCanceledException && !ct.IsCancellationRequested)
            {
                answer = $"{broken.GetType().Name} of {address}";
            }
            _reads.AddOrUpdate(answer, 1, (_, count) => count + 1);
            if (Stopwatch.GetElapsedTime(started) is var took && took > _longestRead)
                _longestRead = took;
            await Task.Delay(100, ct);
        }
    }

    private async Task QueuesAreEmptyAsync()
    {
        var queues = await suite.Nodes[0].QueuesAsync();
        Assert.Contains("scores-facts", queues.Keys);
        Assert.DoesNotContain(queues, queue => queue.Value > 0);
    }
}
