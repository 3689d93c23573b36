using Npgsql;
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
        await using (var command = db.CreateCommand("update testing.schema_version set sha256 = 'other'"))
            await command.ExecuteNonQueryAsync(Token);

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => Migrator.ApplyAsync(db, "testing", typeof(Migrator).Assembly, Token));

        Assert.Contains("0001_outbox_inbox_audit.sql", failure.Message, StringComparison.Ordinal);
    }
}
