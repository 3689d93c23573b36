using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using ServiceQuality.Testing;

namespace ServiceQuality.EndToEnd;

/// <summary>
/// The invariants under SIGKILL (design.md): nothing acknowledged is lost, no fact counts twice, live score = score recomputed from the journal.
/// Short in the test run; <c>./build.sh chaos</c> runs it with SQ_CHAOS_FACTS=200000 and SQ_CHAOS_KILLS=40.
/// </summary>
[Collection("suite")]
public sealed class KillTests(SuiteFixture fixture, ITestOutputHelper output)
{
    private const int BatchSize = 200;

    private static readonly int Facts = Setting("SQ_CHAOS_FACTS", 20_000);
    private static readonly int Kills = Setting("SQ_CHAOS_KILLS", 6);
    private static readonly int Seed = Setting("SQ_CHAOS_SEED", 20261120);

    private readonly ConcurrentDictionary<string, byte> _accepted = new();
    private readonly ConcurrentDictionary<string, int> _answers = new();
    private volatile int _kills;

    [Fact]
    public async Task PLT_03_PLT_04_Nothing_accepted_is_lost_or_counted_twice_while_everything_is_killed()
    {
        var ct = TestContext.Current.CancellationToken;
        var units = (await fixture.UnitsAsync()).Where(unit => unit.Kind is "outlet" or "hotline" or "online-desk" or "field-team").ToList();
        var regions = fixture.Demo.Keys.Select(key => key.Region).ToList();
        using var done = new CancellationTokenSource();

        var sent = Stopwatch.StartNew();
        var senders = Enumerable.Range(0, 4).Select(sender =>
        {
            var region = regions[sender % regions.Count];
            var mine = units.Where(unit => unit.Path.Contains($"/{region}/", StringComparison.Ordinal)).ToList();
            return SendAsync(sender, region, mine, Facts / 4, ct);
        }).ToList();
        var killer = KillAsync(done.Token);
        await Task.WhenAll(senders);
        await killer.WaitAsync(ct);
        await done.CancelAsync();
        output.WriteLine($"{_accepted.Count} facts accepted, {_kills} kills, {sent.Elapsed.TotalSeconds:0} s; answers: {string.Join(", ", _answers.OrderBy(answer => answer.Key).Select(answer => $"{answer.Key}: {answer.Value}"))}");

        Assert.Equal(Facts / 4 * 4, _accepted.Count);
        Assert.Equal(Kills, _kills);
        foreach (var name in fixture.Suite.Names)
            await fixture.Suite.ReadyAsync(name, ct);
        await Eventually.Async(async () => Assert.Equal(_accepted.Count, (await JournalAsync()).Count), TimeSpan.FromSeconds(120));

        var journal = await JournalAsync();
        Assert.Equal(journal.Count, journal.Distinct().Count());
        Assert.Empty(_accepted.Keys.Except(journal));
        Assert.Equal(0, await GapsAsync());
        await LiveEqualsRecomputedAsync(units, ct);
    }

    private async Task SendAsync(int sender, string region, List<UnitRow> units, int count, CancellationToken ct)
    {
        using var client = fixture.KeyOf(region);
        var random = new Random(Seed + sender);
        for (var first = 0; first < count; first += BatchSize)
        {
            // The traffic lasts as long as the killing.
            while ((double)first / count > (_kills + 1.0) / Kills)
                await Task.Delay(20, ct);

            var batch = Enumerable.Range(first, Math.Min(BatchSize, count - first)).Select(number => Event(sender, number, units[random.Next(units.Count)], random)).ToList();
            while (!await TryPostAsync(client, batch, ct))
                await Task.Delay(random.Next(50, 250), ct);
        }
    }

    /// <summary>Posts a batch; anything but a 202 means: again, with the same ids.</summary>
    private async Task<bool> TryPostAsync(HttpClient client, List<Dictionary<string, object?>> batch, CancellationToken ct)
    {
        try
        {
            using var content = JsonContent.Create(batch, new MediaTypeHeaderValue("application/cloudevents-batch+json"));
            using var answer = await client.PostAsync(new Uri("/api/telemetry", UriKind.Relative), content, ct);
            _answers.AddOrUpdate(answer.StatusCode.ToString(), 1, (_, count) => count + 1);
            if (answer.StatusCode != HttpStatusCode.Accepted)
            {
                Assert.True(answer.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout,
                    $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync(ct)}");
                return false;
            }

            var receipt = await answer.Content.ReadFromJsonAsync<JsonElement>(ct);
            var refused = receipt.GetProperty("items").EnumerateArray().Where(item => item.GetProperty("status").GetString() != "duplicate").ToList();
            Assert.Empty(refused);
            foreach (var item in batch)
                _accepted[(string)item["id"]!] = 1;
            return true;
        }
        catch (Exception away) when (away is HttpRequestException or TaskCanceledException or IOException && !ct.IsCancellationRequested)
        {
            _answers.AddOrUpdate(away.GetType().Name, 1, (_, count) => count + 1);
            return false;
        }
    }

    private static Dictionary<string, object?> Event(int sender, int number, UnitRow unit, Random random) => new()
    {
        ["specversion"] = "1.0",
        ["id"] = string.Create(CultureInfo.InvariantCulture, $"kill-{Seed}-{sender}-{number}"),
        ["source"] = $"urn:test:kill:{sender}",
        ["type"] = "servicequality.service.completed.v1",
        ["subject"] = unit.Code,
        ["time"] = TimeProvider.System.GetUtcNow().AddSeconds(-random.Next(3600 * 24 * 20)).ToString("O", CultureInfo.InvariantCulture),
        ["data"] = new
        {
            channel = "hall",
            service = "enquiry",
            waitSeconds = random.Next(1200),
            handleSeconds = random.Next(30, 900),
            outcome = random.Next(10) == 0 ? "unresolved" : "resolved",
            errors = random.Next(50) == 0 ? 1 : 0,
            rating = random.Next(1, 6),
        },
    };

    /// <summary>Ends something at random again and again, until there were enough kills.</summary>
    private async Task KillAsync(CancellationToken ct)
    {
        var random = new Random(Seed);
        string[] victims = ["gateway", "monitoring", "scores", "broker", "connections"];
        while (_kills < Kills && !ct.IsCancellationRequested)
        {
            await Task.Delay(random.Next(500, 2500), CancellationToken.None);
            var victim = _kills < victims.Length ? victims[_kills] : victims[random.Next(victims.Length)];
            switch (victim)
            {
                case "broker":
                    await fixture.Broker.CrashAsync();
                    await fixture.Broker.LaunchAsync(CancellationToken.None);
                    break;
                case "connections":
                    await CutConnectionsAsync();
                    break;
                default:
                    await fixture.Suite.KillAsync(victim);
                    await fixture.Suite.ReadyAsync(victim, CancellationToken.None);
                    break;
            }
            output.WriteLine($"killed {victim}");
            _kills++;
        }
    }

    private async Task CutConnectionsAsync()
    {
        await using var db = NpgsqlDataSource.Create(fixture.Postgres);
        await using var cut = db.CreateCommand("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend' and datname <> current_database()");
        await cut.ExecuteNonQueryAsync();
    }

    private async Task<List<string>> JournalAsync()
    {
        await using var db = NpgsqlDataSource.Create(fixture.ScoresDatabase);
        await using var read = db.CreateCommand("select id from scores.journal where source like 'urn:test:kill:%'");
        await using var rows = await read.ExecuteReaderAsync();
        var ids = new List<string>();
        while (await rows.ReadAsync())
            ids.Add(rows.GetString(0));
        return ids;
    }

    private async Task<long> GapsAsync()
    {
        await using var db = NpgsqlDataSource.Create(fixture.ScoresDatabase);
        await using var read = db.CreateCommand("select count(*) from (select branch, count(*) n, min(seq) low, max(seq) high from scores.journal group by branch) j where low <> 1 or high <> n");
        return (long)(await read.ExecuteScalarAsync())!;
    }

    private async Task LiveEqualsRecomputedAsync(List<UnitRow> units, CancellationToken ct)
    {
        using var auditor = await fixture.SignInAsync("auditor");
        foreach (var unit in units)
        {
            using var answer = await auditor.PostAsync(new Uri($"/api/journal/{unit.Id}/verify", UriKind.Relative), null, ct);
            Assert.True(answer.IsSuccessStatusCode, $"{unit.Code}: {await answer.Content.ReadAsStringAsync(ct)}");
            var result = await answer.Content.ReadFromJsonAsync<JsonElement>(ct);
            Assert.Equal(result.GetProperty("recomputed").GetString(), result.GetProperty("live").GetString());
        }
    }

    private static int Setting(string name, int value) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var given) ? given : value;
}
