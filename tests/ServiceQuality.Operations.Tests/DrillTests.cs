using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ServiceQuality.EndToEnd;
using ServiceQuality.Testing;

namespace ServiceQuality.Operations;

/// <summary>The disaster drill of docs/operations.md, with its times: the database server is lost with its disk, and everything comes back from a backup.</summary>
public sealed class DrillTests(ITestOutputHelper output)
{
    private const string Source = "urn:test:drill";

    private readonly Stopwatch _clock = new();

    [Fact]
    public async Task PLT_03_PLT_07_Everything_of_a_backup_taken_under_traffic_comes_back_after_the_server_is_lost()
    {
        await using var installation = await Installation.StartAsync(replicas: 1);
        var token = await installation.TokenAsync("head-office");
        string[] sent;
        List<string> journalled;
        string backup;
        await using (var traffic = await Traffic.StartAsync(installation, Source))
        {
            await Eventually.Async(async () => Assert.True((await JournalAsync(installation)).Count > 2_000), TimeSpan.FromSeconds(60));
            journalled = await JournalAsync(installation);
            _clock.Restart();
            backup = await BackUpAsync(installation);
            Tell($"backed up under traffic, {journalled.Count} facts before it began");
            await Eventually.Async(async () => Assert.True((await JournalAsync(installation)).Count > journalled.Count + 500), TimeSpan.FromSeconds(60));
            await traffic.StopAsync();
            output.WriteLine(traffic.ToString());
            sent = [.. traffic.Accepted];
        }
        var manifest = await File.ReadAllLinesAsync(Path.Combine(backup, "manifest"), TestContext.Current.CancellationToken);
        var audit = manifest.Single(line => line.StartsWith("content organisation audit ", StringComparison.Ordinal)).Split(' ')[^1];

        _clock.Restart();
        await LoseAsync(installation);
        await RestoreAsync(installation, backup);
        await installation.StartSuiteAsync();
        Tell("every service is ready");

        var restored = await JournalAsync(installation);
        Assert.Empty(journalled.Except(restored));
        await AssertProofAsync(installation, backup, audit);
        await AssertRightsAsync(installation, token);
        await SendAgainAsync(installation, [.. sent.Except(restored)]);
        Assert.Equal(sent.Order(StringComparer.Ordinal), (await JournalAsync(installation)).Order(StringComparer.Ordinal));
    }

    /// <summary>The server and its disk are gone while everything runs: nobody is told anything wrong, and the services are then stopped.</summary>
    private async Task LoseAsync(Installation installation)
    {
        await installation.LoseServerAsync();
        using var system = installation.KeyOf("north");
        await Eventually.Async(async () =>
        {
            using var answer = await system.PostAsync([BranchSystem.Marker("n01-hall1", Source, "nowhere")]);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.NotNull(answer.Headers.RetryAfter);
        }, TimeSpan.FromSeconds(30));
        Tell("branch systems are told to come back later");
        await installation.Suite.DisposeAsync();
        await installation.StartServerAsync();
        Tell("services are stopped, a new server is there");
    }

    private async Task RestoreAsync(Installation installation, string backup)
    {
        var damaged = Path.Combine(installation.Folder, "damaged");
        Directory.CreateDirectory(damaged);
        foreach (var file in Directory.GetFiles(backup))
            File.Copy(file, Path.Combine(damaged, Path.GetFileName(file)));
        await using (var dump = File.Open(Path.Combine(damaged, "scores.dump"), FileMode.Open))
        {
            dump.Position = dump.Length / 2;
            var one = dump.ReadByte();
            dump.Position--;
            dump.WriteByte((byte)(one ^ 1));
        }
        var refused = await RunAsync(installation, "restore.sh", [damaged]);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("scores.dump is damaged: its checksum is not that of the manifest; nothing was restored", refused.Error, StringComparison.Ordinal);
        Assert.Empty(await installation.AskAsync("gateway", "select 1 from pg_namespace where nspname = 'gateway'"));

        var done = await RunAsync(installation, "restore.sh", [backup]);
        Assert.True(done.ExitCode == 0, $"{done}");
        output.WriteLine(done.Error);
        Tell("restored and compared with the manifest");

        var again = await RunAsync(installation, "restore.sh", [backup]);
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("already holds a schema gateway; say --overwrite to drop it", again.Error, StringComparison.Ordinal);
    }

    /// <summary>
    /// The audit chain holds and goes on from the head in the manifest, every live score is what its journal says, and every ledger has the hash that was
    /// noted just before the backup.
    /// </summary>
    private async Task AssertProofAsync(Installation installation, string backup, string audit)
    {
        var environment = new Dictionary<string, string> { ["SQ_URL"] = installation.Suite.Address, ["SQ_TOKEN"] = await installation.TokenAsync("auditor") };
        var verify = await Repository.RunAsync(Repository.Sq, ["verify", "--service", "organisation"], installation.Folder, environment);
        Assert.True(verify.ExitCode == 0, $"{verify}");
        // People have signed in since, so the head of the backup is a link of the chain, not its end.
        Assert.Contains(audit, await installation.AskAsync("organisation", "select hash from organisation.audit"));
        foreach (var command in new[] { new[] { "replay", "--all", "--json" }, ["replay", "--expect", Path.Combine(backup, "replay.json"), "--json"] })
        {
            var replay = await Repository.RunAsync(Repository.Sq, command, installation.Folder, environment);
            Assert.True(replay.ExitCode == 0, $"{replay}");
            Assert.NotEmpty(JsonDocument.Parse(replay.Output).RootElement.EnumerateArray());
            Tell($"{string.Join(' ', command.Take(2))}: {JsonDocument.Parse(replay.Output).RootElement.GetArrayLength()} journals agree");
        }
    }

    /// <summary>Nobody signs in again, no key is made again.</summary>
    private static async Task AssertRightsAsync(Installation installation, string token)
    {
        using var person = installation.ClientWith(token);
        using var overview = await person.GetAsync("/api/overview", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, overview.StatusCode);
        Assert.NotEmpty(await installation.TokenAsync("administrator"));
    }

    /// <summary>What branch systems sent since the backup they send again: it is taken, none of it as known, and counts once.</summary>
    private async Task SendAgainAsync(Installation installation, string[] lost)
    {
        Assert.NotEmpty(lost);
        using var system = installation.KeyOf("north");
        foreach (var batch in lost.Where(id => id[0] == 'n').Chunk(500))
            await system.AcceptedAsync([.. batch.Select(id => BranchSystem.Visit("n01-hall1", Source, id, 60, "resolved", 5))]);
        foreach (var (region, unit) in new[] { ("central", "c01-hall1"), ("south", "s01-hall1") })
        {
            using var other = installation.KeyOf(region);
            foreach (var batch in lost.Where(id => id[0] == region[0]).Chunk(500))
                await other.AcceptedAsync([.. batch.Select(id => BranchSystem.Visit(unit, Source, id, 60, "resolved", 5))]);
        }
        await Eventually.Async(async () => Assert.Empty(lost.Except(await JournalAsync(installation))), TimeSpan.FromSeconds(60));
        Tell($"{lost.Length} facts that were newer than the backup were sent again");
    }

    private static async Task<string> BackUpAsync(Installation installation)
    {
        var done = await RunAsync(installation, "backup.sh", [], new() { ["SQ"] = Repository.Sq, ["SQ_URL"] = installation.Suite.Address, ["SQ_TOKEN"] = await installation.TokenAsync("auditor") });
        Assert.True(done.ExitCode == 0, $"{done}");
        return Assert.Single(Directory.GetDirectories(Path.Combine(installation.Folder, "backups")));
    }

    private static Task<ProgramRun> RunAsync(Installation installation, string script, string[] arguments, Dictionary<string, string>? more = null) =>
        Repository.RunAsync("/bin/sh", [Repository.PathOf($"deploy/backup/{script}"), .. arguments], installation.Folder, new Dictionary<string, string>(more ?? [])
        {
            ["PGHOST"] = installation.Socket,
            ["PGUSER"] = "servicequality",
            ["BACKUP_DIR"] = Path.Combine(installation.Folder, "backups"),
        });

    private static Task<List<string>> JournalAsync(Installation installation) => installation.AskAsync("scores", $"select id from scores.journal where source = '{Source}'");

    private void Tell(string what) => output.WriteLine($"{_clock.Elapsed.TotalSeconds,6:0.0} s  {what}");
}
