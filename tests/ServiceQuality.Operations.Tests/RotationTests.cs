using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using ServiceQuality.EndToEnd;
using ServiceQuality.Testing;

namespace ServiceQuality.Operations;

/// <summary>Every secret is changed as docs/operations.md tells under "Key rotation", while branch systems deliver and people read.</summary>
public sealed class RotationTests(Deployed deployed, ITestOutputHelper output)
{
    private const string Source = "urn:test:rotation";

    [Fact]
    public async Task Tickets_database_and_broker_get_new_secrets_without_a_failed_request()
    {
        var installation = await deployed.StartedAsync();
        await GiveToOwnerAsync(installation);
        var (former, next) = (Deployed.TicketKeys(), Deployed.TicketKeys());
        // The suite's own key becomes one that is known here, before anyone is at work.
        await BelieveAsync(former.Public);
        await deployed.RollGatewaysAsync(("Tickets__SigningKey", former.Private));
        await using var traffic = await Traffic.StartAsync(installation, Source, deployed.Gateways);

        // The documented order: everybody believes both, the gateways sign with the new one, nobody believes the former any more.
        await NewDatabaseRoleAsync(installation, "scores_a", "one");
        await AddBrokerUserAsync(installation, "next", "two");
        deployed.Set("ConnectionStrings__scores", Login(installation, "scores_a", "one"), "scores");
        deployed.Set("ConnectionStrings__rabbitmq", BrokerOf(installation, "next", "two"), Deployed.Services);
        await BelieveAsync(former.Public + next.Public);
        await deployed.RollGatewaysAsync(("Tickets__SigningKey", next.Private), ("ConnectionStrings__rabbitmq", BrokerOf(installation, "next", "two")));
        await NewDatabaseRoleAsync(installation, "scores_b", "three");
        deployed.Set("ConnectionStrings__scores", Login(installation, "scores_b", "three"), "scores");
        await BelieveAsync(next.Public);

        await installation.ExecuteAsync("scores", "alter role scores_a nologin", "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'scores_a'");
        await Assert.ThrowsAsync<PostgresException>(() => OpenAsync(Login(installation, "scores_a", "one")));
        await Assert.ThrowsAsync<PostgresException>(() => OpenAsync(Login(installation, "scores_b", "one")));
        await RabbitAsync(installation, "delete_user", "servicequality");
        var accepted = traffic.Accepted.Count;
        await Eventually.Async(() => Task.FromResult(traffic.Accepted.Count), count => count > accepted + 500, TimeSpan.FromSeconds(60));
        await traffic.StopAsync();
        output.WriteLine(traffic.ToString());

        Assert.DoesNotContain(traffic.Answers.Keys, answer => answer is not ("POST 202" or "GET 200" or "POST 503 with Retry-After" or "GET 503 with Retry-After"));
        await Eventually.Async(async () => Assert.Empty(traffic.Accepted.Except(await installation.AskAsync("scores", $"select id from scores.journal where source = '{Source}'"))), TimeSpan.FromSeconds(60));
        Assert.Equal(["scores_b"], (await installation.AskAsync("scores", "select distinct usename from pg_stat_activity where application_name = 'scores'")));
    }

    [Fact]
    public async Task A_branch_system_changes_its_api_key_while_both_are_good_and_the_former_ends_when_told()
    {
        var installation = await deployed.StartedAsync();
        using var admin = installation.ClientWith(await installation.TokenAsync("administrator"));
        using var made = await admin.PostAsJsonAsync("/api/keys", new { name = "rotated", unit = "n01" }, TestContext.Current.CancellationToken);
        Assert.True(made.IsSuccessStatusCode, await made.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var former = await made.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        var id = former.GetProperty("details").GetProperty("id").GetString();

        using var rotated = await admin.PostAsJsonAsync($"/api/keys/{id}/rotate", new { }, TestContext.Current.CancellationToken);
        Assert.True(rotated.IsSuccessStatusCode, await rotated.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var next = (await rotated.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("key").GetString()!;
        await AcceptedWithAsync(installation, former.GetProperty("key").GetString()!, "former");
        await AcceptedWithAsync(installation, next, "next");
    }

    [Fact]
    public async Task A_new_key_ring_ends_every_sign_in_and_nothing_else()
    {
        var installation = await deployed.StartedAsync();
        var token = await installation.TokenAsync("head-office");
        using var person = installation.ClientWith(token);
        Assert.Equal(HttpStatusCode.OK, (await person.GetAsync("/api/overview", TestContext.Current.CancellationToken)).StatusCode);

        await installation.ExecuteAsync("gateway", "truncate gateway.key_ring", "update gateway.session set ended = now() where ended is null");
        await deployed.RollGatewaysAsync();

        Assert.Equal(HttpStatusCode.Unauthorized, (await person.GetAsync("/api/overview", TestContext.Current.CancellationToken)).StatusCode);
        using var again = installation.ClientWith(await installation.TokenAsync("head-office"));
        foreach (var gateway in deployed.Gateways)
            Assert.Equal(HttpStatusCode.OK, (await again.GetAsync(new Uri(new Uri(gateway), "/api/overview"), TestContext.Current.CancellationToken)).StatusCode);
        using var system = installation.KeyOf("north");
        await system.AcceptedAsync([BranchSystem.Marker("n01-hall1", Source, "after-the-ring")]);
    }

    private async Task BelieveAsync(string keys)
    {
        deployed.Set("Tickets__VerificationKeys", keys, Deployed.Services);
        var clock = Stopwatch.StartNew();
        // One of each kind at a time, the kinds side by side: the others serve meanwhile.
        await Task.WhenAll(Deployed.Services.Select(deployed.RollAsync));
        output.WriteLine($"services replaced in {clock.Elapsed.TotalSeconds:0} s");
    }

    /// <summary>
    /// Once, before anyone is at work: everything belongs to a role that nobody signs in as. One table after the other, because a statement that takes
    /// them all would meet the services' own statements crosswise.
    /// </summary>
    private static async Task GiveToOwnerAsync(Installation installation)
    {
        await installation.ExecuteAsync("scores", "create role scores_owner nologin", "grant create on database scores to scores_owner", "alter schema scores owner to scores_owner");
        foreach (var table in await installation.AskAsync("scores", "select tablename from pg_tables where schemaname = 'scores'"))
            await installation.ExecuteAsync("scores", $"alter table scores.\"{table}\" owner to scores_owner");
    }

    /// <summary>Two roles take turns at signing in; each works as the owner.</summary>
    private static async Task NewDatabaseRoleAsync(Installation installation, string role, string password)
    {
        await installation.ExecuteAsync("scores", $"create role {role} login password '{password}' in role scores_owner", $"alter role {role} set role = scores_owner");
        // The private server trusts its socket; these roles have to show their passwords.
        var rules = (await installation.AskAsync("scores", "show hba_file"))[0];
        await File.WriteAllTextAsync(rules, $"local all {role} scram-sha-256\n" + await File.ReadAllTextAsync(rules));
        await installation.ExecuteAsync("scores", "select pg_reload_conf()");
    }

    private static string Login(Installation installation, string role, string password) =>
        new NpgsqlConnectionStringBuilder(installation.DatabaseOf("scores")) { Username = role, Password = password }.ConnectionString;

    private static async Task OpenAsync(string login)
    {
        await using var connection = new NpgsqlConnection(login + ";Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
    }

    private static string BrokerOf(Installation installation, string user, string password) =>
        new UriBuilder(installation.Broker) { UserName = user, Password = password }.Uri.ToString().TrimEnd('/');

    private static async Task AddBrokerUserAsync(Installation installation, string user, string password)
    {
        await RabbitAsync(installation, "add_user", user, password);
        await RabbitAsync(installation, "set_permissions", "-p", "/", user, ".*", ".*", ".*");
    }

    /// <summary>`rabbitmqctl`, in the environment of the private broker.</summary>
    private static async Task RabbitAsync(Installation installation, params string[] command)
    {
        var folder = Path.Combine(installation.Folder, "rabbit");
        var broker = (await File.ReadAllTextAsync(Path.Combine(folder, "broker.pid"))).Trim();
        var environment = (await File.ReadAllTextAsync($"/proc/{broker}/environ")).Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .Select(entry => entry.Split('=', 2)).ToDictionary(entry => entry[0], entry => entry[1]);
        var run = await Repository.RunAsync("/usr/lib/rabbitmq/bin/rabbitmqctl", command, folder, environment);
        Assert.True(run.ExitCode == 0, $"{run}");
    }

    private static async Task AcceptedWithAsync(Installation installation, string key, string id)
    {
        using var system = new HttpClient { BaseAddress = new Uri(installation.Suite.Address) };
        system.DefaultRequestHeaders.Add("X-Api-Key", key);
        await system.AcceptedAsync([BranchSystem.Marker("n01-hall1", Source, id)]);
    }
}
