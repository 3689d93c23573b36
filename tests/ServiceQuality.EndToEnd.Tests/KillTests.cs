using System.Diagnostics;
using System.Globalization;
using Npgsql;
using ServiceQuality.EndToEnd.Chaos;

namespace ServiceQuality.EndToEnd;

/// <summary>
/// The invariants under SIGKILL (design.md): nothing acknowledged is lost, no fact counts twice, live score = score recomputed from the journal.
/// Short in the test run; <c>./build.sh chaos</c> runs it with SQ_CHAOS_FACTS=200000 and SQ_CHAOS_KILLS=40.
/// </summary>
[Collection("suite")]
public sealed class KillTests(SuiteFixture fixture, ChaosReport report, ITestOutputHelper output)
{
    private const int BatchSize = 200;

    private static readonly int Facts = Setting("SQ_CHAOS_FACTS", 20_000);
    private static readonly int Kills = Setting("SQ_CHAOS_KILLS", 6);
    private static readonly int Seed = Setting("SQ_CHAOS_SEED", 20261120);

    private readonly FactTraffic _traffic = new("kill", Seed);
    private volatile int _kills;

    [Fact]
    public async Task PLT_03_PLT_04_Nothing_accepted_is_lost_or_counted_twice_while_everything_is_killed()
    {
        var ct = TestContext.Current.CancellationToken;
        var units = (await fixture.UnitsAsync()).Where(unit => unit.Kind is "outlet" or "hotline" or "online-desk" or "field-team").ToList();
        var regions = fixture.Demo.Keys.Select(key => key.Region).ToList();
        using var done = new CancellationTokenSource();

        var (sent, held) = (Stopwatch.StartNew(), false);
        try
        {
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
            output.WriteLine($"{_traffic.Accepted.Count} facts accepted, {_kills} kills, {sent.Elapsed.TotalSeconds:0} s; answers: {_traffic}");

            Assert.Equal(Facts / 4 * 4, _traffic.Accepted.Count);
            Assert.Equal(Kills, _kills);
            await new JournalCheck(fixture.Suite, fixture.ScoresDatabase).HoldsAsync(_traffic, units, ct);
            held = true;
        }
        finally
        {
            report.Add("kills", _traffic.Accepted.Count, new Harm { Kills = _kills }, sent.Elapsed, held);
        }
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

            var batch = _traffic.Batch(sender, first, Math.Min(first + BatchSize, count), units, random);
            while (!await _traffic.TryPostAsync(client, batch, ct))
                await Task.Delay(random.Next(50, 250), ct);
        }
    }

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

    private static int Setting(string name, int value) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var given) ? given : value;
}
