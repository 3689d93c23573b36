using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using ServiceQuality.Access;
using ServiceQuality.Testing;

namespace ServiceQuality.Messaging.Tests;

public sealed class MigratorTests(RealServers servers)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Migrations_are_applied_once_however_many_instances_start()
    {
        await using var db = NpgsqlDataSource.Create(await servers.CreateDatabaseAsync());

        var applied = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Migrator.ApplyAsync(db, "testing", typeof(Migrator).Assembly, Token)));

        Assert.Equal(1, applied.Sum());
    }

    [Fact]
    public async Task A_script_that_was_changed_after_it_was_applied_stops_the_migration()
    {
        await using var db = NpgsqlDataSource.Create(await servers.CreateDatabaseAsync());
        await Migrator.ApplyAsync(db, "testing", typeof(Migrator).Assembly, Token);
        await ExecuteAsync(db, "update testing.schema_version set sha256 = 'other'");

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => Migrator.ApplyAsync(db, "testing", typeof(Migrator).Assembly, Token));

        Assert.Contains("0001_outbox_inbox_audit.sql", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_as_new_as_the_code_or_newer_lacks_nothing()
    {
        await using var db = NpgsqlDataSource.Create(await servers.CreateDatabaseAsync());
        var before = await Migrator.MissingAsync(db, "testing", typeof(Migrator).Assembly, Token);

        await Migrator.ApplyAsync(db, "testing", typeof(Migrator).Assembly, Token);
        await ExecuteAsync(db, "insert into testing.schema_version (name, sha256) values ('testing/9999_later.sql', '')");

        Assert.Contains("messaging/0001_outbox_inbox_audit.sql", before);
        Assert.Empty(await Migrator.MissingAsync(db, "testing", typeof(Migrator).Assembly, Token));
    }

    [Fact]
    public async Task A_service_is_unready_until_its_database_is_migrated()
    {
        await using var app = await MessagingApp.StartAsync(await servers.CreateDatabaseAsync(), broker: null);
        using var client = app.ClientAs(Roles.Auditor, "hq/");
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/readyz", Token)).StatusCode);

        await ExecuteAsync(app.Database(), "update testing.schema_version set name = 'messaging/0000_earlier.sql' where name = 'messaging/0001_outbox_inbox_audit.sql'");
        await AssertUnreadyAsync(client, "messaging/0001_outbox_inbox_audit.sql");

        await ExecuteAsync(app.Database(), "drop schema testing cascade");
        await AssertUnreadyAsync(client, "The database is not migrated");
    }

    private static async Task AssertUnreadyAsync(HttpClient client, string reason)
    {
        using var answer = await client.GetAsync("/readyz", Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        var check = (await answer.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("checks").GetProperty("database:testing");
        Assert.Contains(reason, check.GetProperty("description").GetString(), StringComparison.Ordinal);
    }

    private static async Task ExecuteAsync(NpgsqlDataSource db, string sql)
    {
        await using var command = db.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Token);
    }
}
