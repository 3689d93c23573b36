using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ServiceQuality.Testing;

namespace ServiceQuality.Monitoring.Tests;

/// <summary>MON-05, PLT-04: accepted means durable; what is away is said, and nothing is done by halves.</summary>
public sealed class DurabilityTests(RealServers servers, ITestOutputHelper output)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Repetitions_are_recognised_across_restarts()
    {
        var database = await servers.CreateDatabaseAsync("monitoring");
        var item = Events.Of("restart");
        await using (var app = await MonitoringApp.StartAsync(database, servers.RabbitMq))
        using (var key = app.Key())
            await key.TakeAsync(item);

        await using var restarted = await MonitoringApp.StartAsync(database, servers.RabbitMq, withTree: false);
        using var again = restarted.Key();
        await Eventually.Async(async () => Assert.Equal(1, (await again.TakeAsync(item)).GetProperty("duplicate").GetInt32()));
    }

    [Fact]
    public async Task While_the_broker_is_away_the_answer_is_503_and_afterwards_nothing_is_lost_or_doubled()
    {
        await using var app = await MonitoringApp.StartAsync(await servers.CreateDatabaseAsync("monitoring"), servers.RabbitMq);
        using var key = app.Key();
        var before = Events.Of("before");
        await key.TakeAsync(before);

        await servers.Broker.CrashAsync();
        var during = Events.Of("during");
        var clock = Stopwatch.StartNew();
        await UnavailableAsync(await key.PostBatchAsync(before, during));
        output.WriteLine($"first 503 after {clock.ElapsedMilliseconds} ms");
        clock.Restart();
        await UnavailableAsync(await key.PostBatchAsync(before, during));
        output.WriteLine($"next 503 after {clock.ElapsedMilliseconds} ms");
        Assert.True(clock.Elapsed < MonitoringApp.SendTimeout, $"The second post waited {clock.Elapsed} although the broker was known to be away.");
        await servers.Broker.LaunchAsync(Token);
        clock.Restart();

        JsonElement answer = default;
        await Eventually.Async(async () =>
        {
            using var response = await key.PostBatchAsync(before, during, Events.Of("marker"));
            Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
            answer = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
        }, TimeSpan.FromSeconds(30));
        output.WriteLine($"accepted again {clock.ElapsedMilliseconds} ms after the broker");

        Assert.Equal(2, answer.GetProperty("accepted").GetInt32());
        Assert.Equal(1, answer.GetProperty("duplicate").GetInt32());
        await Eventually.Async(() => Task.Run(() => Assert.Superset(new HashSet<string> { "before", "during", "marker" }, app.Journal.Facts.Keys.Select(fact => fact.Id).ToHashSet())), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task The_most_items_of_a_post_are_a_setting()
    {
        await using var app = await MonitoringApp.StartAsync(await servers.CreateDatabaseAsync("monitoring"), broker: null, withTree: true, ("Telemetry:MaxItems", "10"));
        using var key = app.Key();

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await key.PostBatchAsync([.. Enumerable.Range(0, 11).Select(_ => Events.Of())])).StatusCode);
    }

    [Fact]
    public async Task While_the_database_is_away_the_answer_is_503_and_nothing_leaves()
    {
        var database = await servers.CreateDatabaseAsync("monitoring");
        await using var app = await MonitoringApp.StartAsync(database, servers.RabbitMq);
        using var key = app.Key();
        await using var admin = NpgsqlDataSource.Create(servers.Postgres);
        var name = new NpgsqlConnectionStringBuilder(database).Database;
        await ExecuteAsync(admin, $"alter database {name} allow_connections false");
        await ExecuteAsync(admin, $"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'");

        var item = Events.Of("database");
        await UnavailableAsync(await key.PostBatchAsync(item));
        Assert.DoesNotContain(app.Journal.Facts.Keys, fact => fact.Id == "database");

        await ExecuteAsync(admin, $"alter database {name} allow_connections true");
        await Eventually.Async(async () => Assert.Equal(1, (await key.TakeAsync(item)).GetProperty("accepted").GetInt32()));
        await Eventually.Async(() => Task.Run(() => Assert.Single(app.Journal.Facts.Keys, fact => fact.Id == "database")));
    }

    [Fact]
    public async Task A_fact_that_was_sent_but_not_noted_is_sent_again_with_the_same_identity()
    {
        await using var app = await MonitoringApp.StartAsync(await servers.CreateDatabaseAsync("monitoring"), servers.RabbitMq);
        using var key = app.Key();
        var item = Events.Of("unnoted");
        await key.TakeAsync(item);
        await ExecuteAsync(app.Database, "delete from seen");

        Assert.Equal(1, (await key.TakeAsync(item)).GetProperty("accepted").GetInt32());
        await Eventually.Async(() => Task.Run(() => Assert.Equal(2, app.Journal.Batches.Count(batch => batch.Facts[0].Id == "unnoted"))));
        Assert.Single(app.Journal.Facts, fact => fact.Key.Id == "unnoted");
    }

    [Fact]
    public async Task The_tree_is_followed_and_an_older_message_changes_nothing()
    {
        await using var app = await MonitoringApp.StartAsync(await servers.CreateDatabaseAsync("monitoring"), servers.RabbitMq, withTree: false);
        await Eventually.Async(() => Task.Run(() => Assert.Contains("monitoring", app.Requests.By)));
        var bus = app.Services.GetRequiredService<IBus>();

        await bus.Publish(MonitoringApp.Hall with { Version = 3, State = "closed" }, Token);
        await bus.Publish(MonitoringApp.Hall with { Version = 2 }, Token);
        await bus.Publish(MonitoringApp.Elsewhere with { Version = 1, Code = "old" }, Token);
        await bus.Publish(MonitoringApp.Elsewhere with { Version = 2, Code = "new" }, Token);

        await Eventually.Async(() => Task.Run(() => Assert.NotNull(app.Units.Find("new"))));
        await Eventually.Async(() => Task.Run(() => Assert.Equal("closed", app.Units.Find("n01-hall1")?.State)));
        Assert.Null(app.Units.Find("old"));
    }

    [Fact]
    public async Task What_one_instance_stored_the_other_sees_within_two_seconds()
    {
        var database = await servers.CreateDatabaseAsync("monitoring");
        await using var one = await MonitoringApp.StartAsync(database, broker: null, withTree: false);
        await using var other = await MonitoringApp.StartAsync(database, broker: null, withTree: false);

        await one.Units.StoreAsync(MonitoringApp.Hall, Token);

        await Eventually.Async(() => Task.Run(() => Assert.NotNull(other.Units.Find("n01-hall1"))), TimeSpan.FromSeconds(2));
    }

    private static async Task UnavailableAsync(HttpResponseMessage response)
    {
        using (response)
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            Assert.NotNull(response.Headers.RetryAfter);
            Assert.True((await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("retryable").GetBoolean());
        }
    }

    private static async Task ExecuteAsync(NpgsqlDataSource db, string sql)
    {
        await using var command = db.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Token);
    }
}
