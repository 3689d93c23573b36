using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using ServiceQuality.Access;
using ServiceQuality.Testing;

namespace ServiceQuality.Messaging.Tests;

/// <summary>PLT-04: a message leaves if and only if its change was committed.</summary>
public sealed class OutboxTests(RealServers servers)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_committed_while_nothing_dispatches_leaves_after_the_restart_once()
    {
        var database = await servers.CreateDatabaseAsync();
        await using (await MessagingApp.StartAsync(database, servers.RabbitMq))
        {
        }
        await using (var source = NpgsqlDataSource.Create($"{database};Search Path=testing"))
        await using (var connection = await source.OpenConnectionAsync(Token))
        {
            // What a process leaves behind that was killed between its commit and its publish.
            await using var transaction = await connection.BeginTransactionAsync(Token);
            await Outbox.AddAsync(transaction, new Told("left behind"), Token);
            await transaction.CommitAsync(Token);
        }

        await using var restarted = await MessagingApp.StartAsync(database, servers.RabbitMq);

        await Soon.Holds(() => Assert.Equal(["left behind"], restarted.Notes.Taken));
        await Eventually.Async(async () => Assert.Equal(0L, await CountAsync(restarted)));
    }

    [Fact]
    public async Task A_message_published_again_because_the_dispatcher_died_before_it_could_forget_it_has_one_effect()
    {
        await using var app = await MessagingApp.StartAsync(await servers.CreateDatabaseAsync(), servers.RabbitMq);
        const string again = "insert into outbox (message_id, type, body) values ('00000000-0000-0000-0000-000000000001', 'ServiceQuality.Messaging.Tests.Told', '{\"text\":\"again\"}')";
        await ExecuteAsync(app, again);
        await Soon.Holds(() => Assert.Contains("again", app.Notes.Taken));

        await ExecuteAsync(app, again);
        await app.CommitAsync(new Told("marker"), Token);

        await Soon.Holds(() => Assert.Contains("marker", app.Notes.Taken));
        Assert.Single(app.Notes.Taken, "again");
    }

    [Fact]
    public async Task A_rolled_back_change_tells_nobody()
    {
        await using var app = await MessagingApp.StartAsync(await servers.CreateDatabaseAsync(), servers.RabbitMq);
        await using (var connection = await app.Database().OpenConnectionAsync(Token))
        {
            await using var transaction = await connection.BeginTransactionAsync(Token);
            await Outbox.AddAsync(transaction, new Told("never"), Token);
            await transaction.RollbackAsync(Token);
        }
        await app.CommitAsync(new Told("marker"), Token);

        await Soon.Holds(() => Assert.Contains("marker", app.Notes.Taken));
        Assert.DoesNotContain("never", app.Notes.Taken);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_message_leaves_once_and_within_one_process_in_the_order_of_its_commit(bool overBroker)
    {
        await using var app = await MessagingApp.StartAsync(await servers.CreateDatabaseAsync(), overBroker ? servers.RabbitMq : null);
        var texts = Enumerable.Range(1, 250).Select(n => $"ordered {n:D3}").ToList();
        foreach (var text in texts)
            await app.CommitAsync(new Told(text), Token);

        await Soon.Holds(() => Assert.Equal(texts, app.Notes.Taken.Where(text => text.StartsWith("ordered", StringComparison.Ordinal)).Order(StringComparer.Ordinal)));
        if (!overBroker)
            Assert.Equal(texts, app.Notes.Taken);
    }

    [Fact]
    public async Task A_context_saves_its_messages_with_its_changes()
    {
        await using var app = await MessagingApp.StartAsync(await servers.CreateDatabaseAsync(), broker: null);
        await using var db = new TellingContext(new DbContextOptionsBuilder<TellingContext>().UseNpgsql(app.Database()).Options);
        Outbox.Add(db, new Told("saved"));

        await db.SaveWithAuditAsync(new AuditEntry(TimeProvider.System.GetUtcNow(), "tester", "told", "saved"), Token);

        await Soon.Holds(() => Assert.Equal(["saved"], app.Notes.Taken));
    }

    [Fact]
    public async Task Within_one_process_a_message_that_no_consumer_can_handle_is_set_aside_shown_and_replayed()
    {
        await using var app = await MessagingApp.StartAsync(await servers.CreateDatabaseAsync(), broker: null);
        app.Notes.Refuse = text => text == "bitter" ? new InvalidOperationException("It is bitter.") : null;
        await app.CommitAsync(new Told("bitter"), Token);
        await app.CommitAsync(new Told("bread"), Token);
        await Soon.Holds(() => Assert.Contains("bread", app.Notes.Taken));
        using var admin = app.ClientAs(Roles.Administrator, "hq/");

        var queues = await admin.GetFromJsonAsync<FailedQueues>("/api/messages/failed", Token);
        var shown = await admin.GetFromJsonAsync<FailedPage>("/api/messages/failed/testing_outbox", Token);
        app.Notes.Refuse = _ => null;
        var replayed = await admin.PostAsync("/api/messages/failed/testing_outbox/replay", null, Token);

        Assert.Equal(1, Assert.Single(queues!.Queues).Messages);
        Assert.Equal("It is bitter.", Assert.Single(shown!.Items).Failure);
        Assert.Equal(new ReplayResult(1, 0), await replayed.Content.ReadFromJsonAsync<ReplayResult>(Token));
        await Soon.Holds(() => Assert.Contains("bitter", app.Notes.Taken));
    }

    [Fact]
    public async Task PLT_07_What_is_done_to_a_failed_message_of_the_outbox_is_in_the_audit_trail()
    {
        await using var app = await MessagingApp.StartAsync(await servers.CreateDatabaseAsync(), servers.RabbitMq);
        await ExecuteAsync(app, "insert into outbox (message_id, type, body) values ('0197a000-0000-7000-8000-000000000001', 'Of.No.Version', '{}'), ('0197a000-0000-7000-8000-000000000002', 'Of.No.Version', '{}')");
        using var admin = app.ClientAs(Roles.Administrator, "hq/");
        await Eventually.Async(async () => Assert.Equal(2, Assert.Single((await admin.GetFromJsonAsync<FailedQueues>("/api/messages/failed/of/testing", Token))!.Queues).Messages));
        var one = (await admin.GetFromJsonAsync<FailedPage>("/api/messages/failed/testing_outbox", Token))!.Items[0].Id;

        var deleted = await admin.PostAsJsonAsync("/api/messages/failed/testing_outbox/delete", new Deletion([one]), Token);
        var again = await admin.PostAsJsonAsync("/api/messages/failed/testing_outbox/delete", new Deletion([one]), Token);
        var replayed = await admin.PostAsJsonAsync("/api/messages/failed/testing_outbox/replay", new { }, Token);

        Assert.Equal(new DeletionResult(1, 1), await deleted.Content.ReadFromJsonAsync<DeletionResult>(Token));
        Assert.Equal(new DeletionResult(0, 1), await again.Content.ReadFromJsonAsync<DeletionResult>(Token));
        Assert.Equal(1, (await replayed.Content.ReadFromJsonAsync<ReplayResult>(Token))!.Replayed);
        using var auditor = app.ClientAs(Roles.Auditor, "hq/");
        var trail = (await auditor.GetStringAsync("/api/audit/testing", Token)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, trail.Length);
        Assert.Contains("failed-messages.deleted", trail[0], StringComparison.Ordinal);
        Assert.Contains(one, trail[0], StringComparison.Ordinal);
        Assert.Contains("failed-messages.replayed", trail[1], StringComparison.Ordinal);
        Assert.Contains("testing_outbox", trail[1], StringComparison.Ordinal);
    }

    private static async Task ExecuteAsync(MessagingApp app, string sql)
    {
        await using var command = app.Database().CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Token);
    }

    private static async Task<long> CountAsync(MessagingApp app)
    {
        await using var command = app.Database().CreateCommand("select count(*) from outbox");
        return (long)(await command.ExecuteScalarAsync(Token))!;
    }

    private sealed class TellingContext(DbContextOptions<TellingContext> options) : DbContext(options)
    {
        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.AddMessaging();
    }
}
