using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using ServiceQuality.LocalServers;
using ServiceQuality.Standalone;

namespace ServiceQuality.Benchmarks;

/// <summary>From the POST of a fact to its being visible in the branch's score, through the gateway both ways, while 3,000 branches report.</summary>
internal static class FreshnessFigure
{
    private const int Branches = 3_000;
    private const int Probed = 60;
    private const int Probes = 4;
    private const int FactsPerSecond = 1_000;
    private static readonly TimeSpan Warming = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(5);

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(string folder, CancellationToken ct)
    {
        await using var servers = await LocalSuite.StartAsync(folder, ct);
        var units = await ImportAsync(servers, ct);
        using var reader = await servers.SignInAsync("head-office", ct);

        // Probed branches have no other traffic, so that each probe's position is known.
        var keys = servers.Access.Keys;
        var loaded = keys.Select(key => (key.Key, (IReadOnlyList<string>)[.. units[key.Region].Skip(Probed / keys.Count)])).ToList();
        var load = new LoadGenerator(servers.Address, loaded, factsPerPost: 100, factsPerUnit: 4);
        var times = new ConcurrentBag<double>();
        await load.RunAsync(keys.Count, Warming, FactsPerSecond, ct);
        await Task.WhenAll(
            load.RunAsync(keys.Count, Duration, FactsPerSecond, ct),
            Task.WhenAll(Enumerable.Range(0, Probes).Select(probe =>
                Task.Run(() => ProbeAsync(servers.Address, reader, [.. keys.SelectMany(key => units[key.Region].Take(Probed / keys.Count).Select(unit => (key.Key, unit))).Where((_, place) => place % Probes == probe)], times, ct), ct))));

        var p95 = times.Percentile(0.95);
        return
        [
            new($"freshness, {Branches:N0} branches, {FactsPerSecond:N0} facts/s: POST → visible in `GET /api/scores/{{branch}}`", "p95 < 500 ms",
                string.Create(CultureInfo.InvariantCulture, $"p95 {p95:0} ms, p50 {times.Percentile(0.5):0} ms, worst {times.Max():0} ms of {times.Count:N0} probes{PathFigures.Refused(load)}"), "—", null, p95 < 500),
        ];
    }

    private static async Task ProbeAsync(string address, HttpClient reader, IReadOnlyList<(string Key, string Unit)> branches, ConcurrentBag<double> times, CancellationToken ct)
    {
        using var sender = new HttpClient { BaseAddress = new Uri(address) };
        var seqs = new long[branches.Count];
        var clock = Stopwatch.StartNew();
        for (var i = 0; clock.Elapsed < Duration; i = (i + 1) % branches.Count)
        {
            var (key, unit) = branches[i];
            using var post = new HttpRequestMessage(HttpMethod.Post, "/api/telemetry") { Headers = { { "X-Api-Key", key } }, Content = Fact(unit, ++seqs[i]) };
            var started = clock.Elapsed;
            using var answer = await sender.SendAsync(post, ct);
            answer.EnsureSuccessStatusCode();
            while (await SeqAsync(reader, unit, ct) < seqs[i])
                await Task.Delay(PollEvery, ct);
            times.Add((clock.Elapsed - started).TotalMilliseconds);
        }
    }

    private static StringContent Fact(string unit, long number)
    {
        var body = $$$"""[{"specversion":"1.0","id":"{{{number}}}","source":"urn:bench:probe:{{{unit}}}","type":"servicequality.service.completed.v1","subject":"{{{unit}}}","time":"{{{TimeProvider.System.GetUtcNow():O}}}","data":{"channel":"hall","service":"enquiry","waitSeconds":120,"handleSeconds":300,"outcome":"resolved","errors":0,"rating":5}}]""";
        return new StringContent(body, new MediaTypeHeaderValue("application/cloudevents-batch+json"));
    }

    private static async Task<long> SeqAsync(HttpClient reader, string unit, CancellationToken ct) =>
        (await reader.GetFromJsonAsync<JsonElement>($"/api/scores/{unit}", ct)).GetProperty("position").GetProperty("seq").GetInt64();

    /// <summary>Adds the branches to the demo's regions, and waits until facts of the last ones are taken and shown.</summary>
    private static async Task<Dictionary<string, List<string>>> ImportAsync(LocalSuite suite, CancellationToken ct)
    {
        var regions = suite.Access.Keys.Select(key => key.Region).ToList();
        var units = regions.ToDictionary(region => region, region => Enumerable.Range(0, Branches / regions.Count).Select(number => $"bench-{region}-{number:0000}").ToList());
        using var admin = await suite.SignInAsync("administrator", ct);
        using var imported = await admin.PostAsJsonAsync("/api/units/import", new
        {
            units = units.SelectMany(region => region.Value.Select(code => new { code, kind = "county-branch", parent = region.Key, name = new { zh = $"分公司 {code}", en = $"Branch {code}" }, functions = new[] { "county-branch" }, customersServed = 1_000, state = "active" })),
        }, ct);
        if (!imported.IsSuccessStatusCode)
            throw new InvalidOperationException($"The branches were not imported: {await imported.Content.ReadAsStringAsync(ct)}");

        using var reader = await suite.SignInAsync("head-office", ct);
        using var sender = new HttpClient { BaseAddress = new Uri(suite.Address) };
        foreach (var key in suite.Access.Keys)
        {
            var last = units[key.Region][^1];
            await UntilAsync(async () =>
            {
                using var post = new HttpRequestMessage(HttpMethod.Post, "/api/telemetry") { Headers = { { "X-Api-Key", key.Key } }, Content = Fact(last, 1) };
                using var answer = await sender.SendAsync(post, ct);
                return answer.StatusCode == System.Net.HttpStatusCode.Accepted;
            }, ct);
            await UntilAsync(async () =>
            {
                using var answer = await reader.GetAsync(new Uri($"/api/scores/{last}", UriKind.Relative), ct);
                return answer.IsSuccessStatusCode;
            }, ct);
        }
        return units;
    }

    private static async Task UntilAsync(Func<Task<bool>> done, CancellationToken ct)
    {
        for (var clock = Stopwatch.StartNew(); !await done(); await Task.Delay(250, ct))
        {
            if (clock.Elapsed > TimeSpan.FromSeconds(60))
                throw new InvalidOperationException("The new branches did not reach every service within a minute.");
        }
    }
}
