using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using ServiceQuality.Access;
using ServiceQuality.EndToEnd.Chaos;
using ServiceQuality.Scores.Tests;
using ServiceQuality.Testing;

namespace ServiceQuality.Scores.Silo.Tests;

/// <summary>Two silos as processes, in the suite: killed, stopped, cut off from each other's memory, and asked behind each other's back.</summary>
public sealed class SiloProcessTests(SiloSuite fixture, ITestOutputHelper output) : IClassFixture<SiloSuite>
{
    private const int BatchSize = 200;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private JournalCheck Journal => new(fixture.Suite, fixture.ScoresDatabase);

    [Fact]
    public async Task PLT_03_A_silo_that_is_killed_takes_nothing_with_it_and_the_other_answers_for_all_branches_within_seconds()
    {
        var traffic = new FactTraffic("kill-a-silo", 1);
        await TrafficWhileAsync(traffic, async () =>
        {
            await Eventually.Async(async () => Assert.Equal(fixture.Units.Count, await ScalarAsync("select count(*) from scores.branch where head > 0")), TimeSpan.FromSeconds(30));
            using var reader = fixture.ClientOf("scores");
            var killed = Stopwatch.StartNew();
            await using (await fixture.Suite.TakeDownAsync("scores-2"))
            {
                var slowest = TimeSpan.Zero;
                await Task.WhenAll(fixture.Units.Select(async unit =>
                {
                    var asked = Stopwatch.StartNew();
                    // On a machine that is busy beyond measure the survivor may be taken for dead too; it comes back.
                    await Eventually.Async(async () =>
                    {
                        using var answer = await reader.GetAsync(new Uri($"/api/scores/{unit.Id}", UriKind.Relative), Token);
                        Assert.True(answer.IsSuccessStatusCode, $"{unit.Code}: {await answer.Content.ReadAsStringAsync(Token)}");
                    }, TimeSpan.FromSeconds(60));
                    lock (traffic)
                        slowest = asked.Elapsed > slowest ? asked.Elapsed : slowest;
                }));
                output.WriteLine($"kill -9 of one of two silos: all {fixture.Units.Count} branches answer after {killed.Elapsed.TotalSeconds:0.00} s, the slowest answer took {slowest.TotalSeconds:0.00} s");
                var accepted = traffic.Accepted.Count;
                await Eventually.Async(async () => Assert.True(await ScalarAsync("select count(*) from scores.journal") > accepted), TimeSpan.FromSeconds(60));
                output.WriteLine($"the journal goes on {killed.Elapsed.TotalSeconds:0.00} s after the kill");
            }
            output.WriteLine($"two silos are ready again {killed.Elapsed.TotalSeconds:0.00} s after the kill");
        });

        await Journal.HoldsAsync(traffic, fixture.Units, Token);
        await Journal.AgreeAsync(fixture.Units, Token);
    }

    [Fact]
    public async Task PLT_03_A_power_cut_of_all_silos_at_once_is_over_by_itself()
    {
        var traffic = new FactTraffic("power-cut", 2);
        await TrafficWhileAsync(traffic, async () =>
        {
            await Task.Delay(1_000, Token);
            var cut = Stopwatch.StartNew();
            await Task.WhenAll(SiloSuite.Silos.Select(fixture.Suite.KillAsync));
            await Task.Delay(500, Token);
            foreach (var silo in SiloSuite.Silos)
                await fixture.Suite.ReadyAsync(silo, Token);
            output.WriteLine($"kill -9 of both silos: both ready after {cut.Elapsed.TotalSeconds:0.0} s");
        });

        await Journal.HoldsAsync(traffic, fixture.Units, Token);
    }

    [Fact]
    public async Task PLT_05_Without_Redis_the_cluster_goes_on_and_takes_silos_again_once_it_is_back()
    {
        var traffic = new FactTraffic("redis", 7);
        await TrafficWhileAsync(traffic, async () =>
        {
            await fixture.Redis.CrashAsync();
            var rows = await ScalarAsync("select count(*) from scores.journal");
            foreach (var silo in SiloSuite.Silos)
            {
                await Eventually.Async(() => GetAsync(silo, "/api/scores/hq"), TimeSpan.FromSeconds(30));
                await fixture.Suite.ReadyAsync(silo, Token);
            }
            await Eventually.Async(async () => Assert.True(await ScalarAsync("select count(*) from scores.journal") > rows + 2_000), TimeSpan.FromSeconds(60));
            await fixture.Redis.LaunchAsync(Token);
            await fixture.Suite.RestartAsync("scores-2", Token);
        });

        await Journal.HoldsAsync(traffic, fixture.Units, Token);
        await Journal.AgreeAsync(fixture.Units, Token);
    }

    [Fact]
    public async Task PLT_03_PLT_04_Nothing_accepted_is_lost_or_counted_twice_while_silos_and_services_are_killed()
    {
        const int kills = 6;
        var (traffic, random) = (new FactTraffic("kills", 3), new Random(20261121));
        await TrafficWhileAsync(traffic, async () =>
        {
            string[] victims = ["scores", "scores-2", "monitoring", "gateway", "organisation"];
            for (var kill = 0; kill < kills; kill++)
            {
                var victim = kill < 3 ? SiloSuite.Silos[kill % 2] : victims[random.Next(victims.Length)];
                await fixture.Suite.KillAsync(victim);
                await Task.Delay(random.Next(500, 3_000), Token);
                await fixture.Suite.ReadyAsync(victim, Token);
            }
        });

        output.WriteLine($"{traffic.Accepted.Count} facts accepted, {kills} kills; {traffic}");
        await Journal.HoldsAsync(traffic, fixture.Units, Token);
        await Journal.AgreeAsync(fixture.Units, Token);
    }

    [Fact]
    public async Task PLT_06_Silos_that_are_told_to_stop_save_their_branches_and_give_back_only_what_they_have_not_written()
    {
        var traffic = new FactTraffic("rolling", 4);
        var before = await DuplicatesAsync("scores");
        await TrafficWhileAsync(traffic, async () =>
        {
            await Task.Delay(1_000, Token);
            var started = Stopwatch.StartNew();
            await fixture.Suite.RestartAsync("scores-2", Token);
            output.WriteLine($"one silo restarted under traffic in {started.Elapsed.TotalSeconds:0.0} s");
        });
        await Journal.HoldsAsync(traffic, fixture.Units, Token);
        // What came again is counted by the silo that stayed, and by the new process of the other.
        var again = await DuplicatesAsync("scores") - before + await DuplicatesAsync("scores-2");
        output.WriteLine($"{traffic.Accepted.Count} facts accepted, {again} came again");
        Assert.InRange(again, 0, 2 * BatchSize);

        // With nothing coming in, every branch is saved where it stands, wherever it lives.
        foreach (var silo in SiloSuite.Silos)
            await fixture.Suite.RestartAsync(silo, Token);
        Assert.Equal(0, await ScalarAsync("select count(*) from scores.branch b where head > 0 and not exists (select 1 from scores.snapshot s where s.branch = b.id and s.seq = b.head)"));
        Assert.DoesNotContain("could not be saved", fixture.LogOf("scores") + fixture.LogOf("scores-2"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Both_boards_show_what_came_in_through_whichever_silo()
    {
        var traffic = new FactTraffic("boards", 5);
        await TrafficWhileAsync(traffic, () => Task.Delay(1_500, Token));
        await Journal.HoldsAsync(traffic, fixture.Units, Token);
        var rows = await ScalarAsync("select sum(head)::bigint from scores.branch");

        foreach (var silo in SiloSuite.Silos)
        {
            await Eventually.Async(async () =>
            {
                var overview = await GetAsync(silo, "/api/overview");
                Assert.Equal(rows, overview.GetProperty("organisation").GetProperty("position").GetProperty("seq").GetInt64());
                Assert.True(overview.GetProperty("facts").GetProperty("lastHour").GetInt64() >= traffic.Accepted.Count, overview.GetProperty("facts").GetRawText());
            });
        }
    }

    [Fact]
    public async Task SCO_02_A_scheme_that_one_silo_takes_is_known_to_the_other_and_takes_over_without_a_failed_read()
    {
        var traffic = new FactTraffic("scheme", 6);
        await TrafficWhileAsync(traffic, () => Task.Delay(1_000, Token));
        var scheme = Some.OtherScheme(from: DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().AddDays(3).DateTime));
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var readers = SiloSuite.Silos.Select(silo => ReadUntilAsync(silo, reading)).ToList();

        using (var author = fixture.ClientOf("scores"))
        using (var draft = await author.PostAsync(new Uri("/api/schemes", UriKind.Relative), new ReadOnlyMemoryContent(scheme.Json), Token))
            Assert.True(draft.StatusCode == HttpStatusCode.Created, await draft.Content.ReadAsStringAsync(Token));
        using (var approver = fixture.ClientOf("scores-2"))
        {
            using var known = await approver.GetAsync(new Uri($"/api/schemes/{scheme.Id}?version={scheme.Version}", UriKind.Relative), Token);
            Assert.Equal(HttpStatusCode.OK, known.StatusCode);
            using var approved = await approver.PostAsync(new Uri($"/api/schemes/{scheme.Id}/versions/{scheme.Version}/approve", UriKind.Relative), null, Token);
            Assert.True(approved.StatusCode == HttpStatusCode.NoContent, await approved.Content.ReadAsStringAsync(Token));
        }
        foreach (var silo in SiloSuite.Silos)
        {
            var listed = (await GetAsync(silo, "/api/schemes")).GetProperty("items").EnumerateArray().Single(one => one.GetProperty("version").GetInt32() == scheme.Version);
            Assert.NotEqual(JsonValueKind.Null, listed.GetProperty("approved").ValueKind);
        }

        // The version can score as soon as the ledgers measure what it needs.
        foreach (var silo in SiloSuite.Silos)
            await Eventually.Async(() => GetAsync(silo, string.Create(CultureInfo.InvariantCulture, $"/api/scores/hq?version={scheme.Version}")), TimeSpan.FromSeconds(30));
        await reading.CancelAsync();
        output.WriteLine($"{(await Task.WhenAll(readers)).Sum()} reads while the schemes changed, all answered");
        await Journal.HoldsAsync(traffic, fixture.Units, Token);
        await Journal.AgreeAsync(fixture.Units, Token);
    }

    private async Task<int> ReadUntilAsync(string silo, CancellationTokenSource until)
    {
        var reads = 0;
        using var client = fixture.ClientOf(silo);
        for (; !until.IsCancellationRequested; reads++)
        {
            using var answer = await client.GetAsync(new Uri("/api/scores/hq", UriKind.Relative), Token);
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{silo}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync(Token)}");
        }
        return reads;
    }

    /// <summary>Branch systems post through the gateway while something happens.</summary>
    private async Task TrafficWhileAsync(FactTraffic traffic, Func<Task> act)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var regions = fixture.Demo.Keys.Select(key => key.Region).ToList();
        var sending = Enumerable.Range(0, 3).Select(sender => Task.Run(async () =>
        {
            using var client = fixture.KeyOf(regions[sender % regions.Count]);
            var mine = fixture.Units.Where(unit => unit.Path.Contains($"/{regions[sender % regions.Count]}/", StringComparison.Ordinal)).ToList();
            var random = new Random(sender);
            for (var first = 0; !done.IsCancellationRequested; first += BatchSize)
            {
                var batch = traffic.Batch(sender, first, first + BatchSize, mine, random);
                while (!await traffic.TryPostAsync(client, batch, Token))
                    await Task.Delay(random.Next(50, 250), Token);
                await Task.Delay(20, Token);
            }
        }, Token)).ToList();

        await act();
        await done.CancelAsync();
        await Task.WhenAll(sending);
    }

    private async Task<JsonElement> GetAsync(string silo, string address)
    {
        using var client = fixture.ClientOf(silo, Roles.HeadOffice);
        return await client.GetFromJsonAsync<JsonElement>(address, Token);
    }

    /// <summary>Facts that came to a silo although they were in the journal, by its own account.</summary>
    private async Task<double> DuplicatesAsync(string silo)
    {
        using var client = new HttpClient { BaseAddress = new Uri(fixture.Suite.AddressOf(silo)) };
        var page = await client.GetStringAsync(new Uri("/metrics", UriKind.Relative), Token);
        return page.Split('\n').Where(line => line.StartsWith("scores_facts_duplicates", StringComparison.Ordinal)).Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    private async Task<long> ScalarAsync(string sql)
    {
        await using var db = NpgsqlDataSource.Create(fixture.ScoresDatabase);
        await using var read = db.CreateCommand(sql);
        return (long)(await read.ExecuteScalarAsync(Token))!;
    }
}
