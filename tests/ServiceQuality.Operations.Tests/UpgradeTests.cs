using System.Diagnostics;
using Npgsql;
using ServiceQuality.EndToEnd;
using ServiceQuality.LocalServers;
using ServiceQuality.Messaging;
using ServiceQuality.Testing;

namespace ServiceQuality.Operations;

/// <summary>What docs/operations.md promises of an upgrade: migrate first, then replace one process after the other, while everybody goes on.</summary>
public sealed class UpgradeTests(Deployed deployed, ITestOutputHelper output)
{
    private const string Source = "urn:test:upgrade";
    private static readonly TimeSpan HeldFor = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Migrations_of_several_processes_at_once_are_each_applied_once()
    {
        var installation = await deployed.StartedAsync();
        var database = await PrivatePostgres.CreateDatabaseAsync(installation.Server, "migrated", TestContext.Current.CancellationToken);
        var programs = new[] { "Organisation", "Monitoring", "Scores.Host", "Gateway" }.SelectMany(name => Enumerable.Repeat(ProgramOf(name), 2));

        var runs = await Task.WhenAll(programs.Select(program => Repository.RunAsync(program, ["--migrate"], installation.Folder, new Dictionary<string, string>
        {
            ["ConnectionStrings__postgres"] = database,
            ["Tickets__VerificationKeys"] = Deployed.TicketKeys().Public,
            ["Tickets__SigningKey"] = Deployed.TicketKeys().Private,
        })));

        Assert.All(runs, run => Assert.True(run.ExitCode == 0, $"{run}"));
        await using var db = NpgsqlDataSource.Create(database);
        foreach (var schema in Installation.DatabaseNames)
        {
            await using var command = db.CreateCommand($"select count(*) from {schema}.schema_version");
            Assert.True((long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))! >= 2, schema);
        }
    }

    [Fact]
    public async Task PLT_03_PLT_04_The_next_release_is_put_in_under_traffic_and_a_running_backup_without_a_lost_fact_or_a_failed_request()
    {
        var installation = await deployed.StartedAsync();
        await using var traffic = await Traffic.StartAsync(installation, Source, deployed.Gateways);
        await Eventually.Async(() => Task.FromResult(traffic.Accepted.Count), count => count > 500, TimeSpan.FromSeconds(60));

        await MigrateWhileABackupRunsAsync(installation, traffic);

        var clock = Stopwatch.StartNew();
        foreach (var service in Deployed.Services)
        {
            await deployed.RollAsync(service);
            output.WriteLine($"{clock.Elapsed.TotalSeconds,5:0.0} s  {service} replaced; {traffic}");
        }
        await deployed.RollGatewaysAsync();
        output.WriteLine($"{clock.Elapsed.TotalSeconds,5:0.0} s  gateways replaced");
        await traffic.StopAsync();
        output.WriteLine(traffic.ToString());

        Assert.DoesNotContain(traffic.Answers.Keys, answer => answer is not ("POST 202" or "GET 200" or "POST 503 with Retry-After" or "GET 503 with Retry-After"));
        await Eventually.Async(async () => Assert.Empty(traffic.Accepted.Except(await JournalAsync(installation))), TimeSpan.FromSeconds(60));
        Assert.Equal(["0"], await installation.AskAsync("scores", $"select count(*) - count(distinct (source, id)) from scores.journal where source = '{Source}'"));
    }

    /// <summary>
    /// The old processes go on, with the schema of the next release. A backup holds every table for as long as it runs: the change waits for its end,
    /// and facts do not wait for the change.
    /// </summary>
    private async Task MigrateWhileABackupRunsAsync(Installation installation, Traffic traffic)
    {
        await using var db = NpgsqlDataSource.Create(installation.DatabaseOf("scores"));
        await using var holding = await db.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var backup = await holding.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using (var hold = new NpgsqlCommand("lock table scores.journal in access share mode", holding))
            await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var migrations = Enumerable.Range(0, 3).Select(_ => Migrator.ApplyAsync(db, "scores", typeof(UpgradeTests).Assembly, TestContext.Current.CancellationToken)).ToList();
        var before = (await JournalAsync(installation)).Count;
        await Task.Delay(HeldFor, TestContext.Current.CancellationToken);
        var meanwhile = (await JournalAsync(installation)).Count - before;
        Assert.All(migrations, migration => Assert.False(migration.IsCompleted));
        await backup.RollbackAsync(TestContext.Current.CancellationToken);
        var applied = await Task.WhenAll(migrations);

        Assert.Equal(1, applied.Sum());
        output.WriteLine($"{meanwhile} facts were journalled while the migration waited {HeldFor.TotalSeconds:0} s for a backup; longest delivery {traffic.LongestDelivery.TotalMilliseconds:0} ms");
        Assert.True(meanwhile > 100, $"{meanwhile} facts");
        Assert.True(traffic.LongestDelivery < HeldFor / 2, $"a delivery took {traffic.LongestDelivery}");
        Assert.Contains("remark", await installation.AskAsync("scores", "select column_name from information_schema.columns where table_schema = 'scores' and table_name = 'journal'"));
    }

    private static Task<List<string>> JournalAsync(Installation installation) => installation.AskAsync("scores", $"select id from scores.journal where source = '{Source}'");

    private static string ProgramOf(string project) => Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", $"ServiceQuality.{project}", new DirectoryInfo(AppContext.BaseDirectory).Name, $"ServiceQuality.{project}"));
}
