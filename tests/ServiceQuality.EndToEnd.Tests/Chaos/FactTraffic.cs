using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace ServiceQuality.EndToEnd.Chaos;

/// <summary>What branch systems send while things go wrong: every batch again, with the same ids, until it is accepted.</summary>
internal sealed class FactTraffic(string name, int seed)
{
    private long _longest;

    /// <summary>Beginning of the sources of these facts.</summary>
    public string Source { get; } = $"urn:test:{name}:";

    /// <summary>Ids that were acknowledged.</summary>
    public ConcurrentDictionary<string, byte> Accepted { get; } = new();

    /// <summary>Answers by status, or by what came instead of one.</summary>
    public ConcurrentDictionary<string, int> Answers { get; } = new();

    /// <summary>Longest wait for an answer.</summary>
    public TimeSpan Longest => TimeSpan.FromTicks(Volatile.Read(ref _longest));

    /// <summary>Facts <paramref name="first"/> to <paramref name="last"/> (exclusive) of a sender, spread over units and days.</summary>
    public List<Dictionary<string, object?>> Batch(int sender, int first, int last, IReadOnlyList<UnitRow> units, Random random) =>
        [.. Enumerable.Range(first, last - first).Select(number => Event(sender, number, units[random.Next(units.Count)], random))];

    /// <summary>Posts a batch; false means: again. A refusal of single facts, or a status that no fault excuses, fails the test.</summary>
    public async Task<bool> TryPostAsync(HttpClient client, List<Dictionary<string, object?>> batch, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            using var content = JsonContent.Create(batch, new MediaTypeHeaderValue("application/cloudevents-batch+json"));
            using var answer = await client.PostAsync(new Uri("/api/telemetry", UriKind.Relative), content, ct);
            Note(answer.StatusCode is HttpStatusCode.ServiceUnavailable && answer.Headers.RetryAfter is null ? "ServiceUnavailable without Retry-After" : answer.StatusCode.ToString(), started);
            if (answer.StatusCode != HttpStatusCode.Accepted)
            {
                Assert.True(answer.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout,
                    $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync(ct)}");
                return false;
            }

            var receipt = await answer.Content.ReadFromJsonAsync<JsonElement>(ct);
            Assert.DoesNotContain(receipt.GetProperty("items").EnumerateArray(), item => item.GetProperty("status").GetString() != "duplicate");
            foreach (var item in batch)
                Accepted[(string)item["id"]!] = 1;
            return true;
        }
        catch (Exception away) when (away is HttpRequestException or TaskCanceledException or IOException && !ct.IsCancellationRequested)
        {
            Note(away.GetType().Name, started);
            return false;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", Answers.OrderBy(answer => answer.Key).Select(answer => $"{answer.Key}: {answer.Value}"));

    private void Note(string answer, long started)
    {
        Answers.AddOrUpdate(answer, 1, (_, count) => count + 1);
        var took = Stopwatch.GetElapsedTime(started).Ticks;
        for (var longest = Volatile.Read(ref _longest); took > longest && Interlocked.CompareExchange(ref _longest, took, longest) != longest;)
            longest = Volatile.Read(ref _longest);
    }

    private Dictionary<string, object?> Event(int sender, int number, UnitRow unit, Random random) => BranchSystem.Event(
        unit.Code,
        string.Create(CultureInfo.InvariantCulture, $"{Source}{sender}"),
        string.Create(CultureInfo.InvariantCulture, $"{name}-{seed}-{sender}-{number}"),
        "service.completed",
        new
        {
            channel = "hall",
            service = "enquiry",
            waitSeconds = random.Next(1200),
            handleSeconds = random.Next(30, 900),
            outcome = random.Next(10) == 0 ? "unresolved" : "resolved",
            errors = random.Next(50) == 0 ? 1 : 0,
            rating = random.Next(1, 6),
        },
        TimeProvider.System.GetUtcNow().AddSeconds(-random.Next(3600 * 24 * 20)));
}
