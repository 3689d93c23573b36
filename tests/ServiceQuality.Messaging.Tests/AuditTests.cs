using System.Net;
using System.Text;
using Npgsql;
using ServiceQuality.Access;
using ServiceQuality.Contracts.Audit;
using ServiceQuality.Testing;

namespace ServiceQuality.Messaging.Tests;

/// <summary>PLT-07: nobody changes the trail without being noticed.</summary>
public sealed class AuditTests(RealServers servers)
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.FromHours(8));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_exported_trail_holds()
    {
        await using var app = await MessagingApp.StartAsync(await servers.CreateDatabaseAsync(), broker: null);
        await Task.WhenAll(Enumerable.Range(0, 40).Select(n => AppendAsync(app, new AuditEntry(Noon.AddSeconds(n), "admin 管理员", "unit.renamed", $"n{n:D2}", "hq/north/", new { Name = "旧" }, new { Name = "新 <&>", Weight = 0.1m }, "trace"))));

        using var auditor = app.ClientAs(Roles.Auditor, "hq/");
        await using var export = await auditor.GetStreamAsync("/api/audit/testing", Token);
        var found = await AuditChain.VerifyAsync(export, ct: Token);

        Assert.Null(found.Break);
        Assert.Equal(40, found.Records);
    }

    [Fact]
    public async Task The_database_refuses_to_change_the_trail()
    {
        await using var app = await MessagingApp.StartAsync(await servers.CreateDatabaseAsync(), broker: null);
        await AppendAsync(app, new AuditEntry(Noon, "admin", "unit.closed", "n01"));

        foreach (var sql in new[] { "update audit set who = 'nobody'", "delete from audit", "truncate audit" })
        {
            await using var command = app.Database().CreateCommand(sql);
            await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync(Token));
        }
    }

    [Theory]
    [InlineData(Roles.Auditor, "hq/north/")]
    [InlineData(Roles.HeadOffice, "hq/")]
    public async Task The_trail_is_for_those_who_may_read_all_of_it(string role, string path)
    {
        await using var app = await MessagingApp.StartAsync(await servers.CreateDatabaseAsync(), broker: null);
        using var client = app.ClientAs(role, path);

        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync("/api/audit/testing", Token)).StatusCode);
    }

    [Theory]
    [InlineData("change", 3, "changed")]
    [InlineData("remove", 3, "missing")]
    [InlineData("swap", 3, "missing")]
    [InlineData("rebuild", 4, "relinked")]
    [InlineData("garble", 3, "unreadable")]
    [InlineData("cut", 6, "truncated")]
    public async Task The_first_record_that_does_not_hold_is_named(string tampering, long seq, string reason)
    {
        var trail = Trail(out var head);
        switch (tampering)
        {
            case "change": trail[2] = trail[2].Replace("n03", "n99", StringComparison.Ordinal); break;
            case "remove": trail.RemoveAt(2); break;
            case "swap": (trail[2], trail[3]) = (trail[3], trail[2]); break;
            case "rebuild": trail[2] = Seal(3, "forged", Trail(out _, upTo: 2)[1]); break;
            case "garble": trail[2] = "{"; break;
            case "cut": trail.RemoveAt(5); break;
        }

        var found = await AuditChain.VerifyAsync(new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', trail))), head, Token);

        Assert.Equal(seq, found.Break!.Seq);
        Assert.Equal(reason, found.Break.Reason);
        Assert.Equal(seq - 1, found.Records);
    }

    [Fact]
    public async Task White_space_and_the_order_of_members_do_not_matter()
    {
        var trail = Trail(out var head);
        trail[0] = trail[0].Replace("\":", "\" : ", StringComparison.Ordinal);

        Assert.True((await AuditChain.VerifyAsync(new MemoryStream(Encoding.UTF8.GetBytes(string.Join("\r\n", trail))), head, Token)).Holds);
    }

    private static List<string> Trail(out string head, int upTo = 6)
    {
        var lines = new List<string>();
        for (var seq = 1; seq <= upTo; seq++)
            lines.Add(Seal(seq, $"n{seq:D2}", lines.LastOrDefault()));
        head = HashOf(lines[^1]);
        return lines;
    }

    private static string Seal(long seq, string subject, string? previous) =>
        AuditChain.Seal(new AuditRecord(seq, Noon, "admin", "unit.closed", subject, null, null, null, null, previous is null ? AuditChain.Origin : HashOf(previous))).Line;

    private static string HashOf(string line) => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("hash").GetString()!;

    private static async Task AppendAsync(MessagingApp app, AuditEntry entry)
    {
        await using var connection = await app.Database().OpenConnectionAsync(Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);
        await AuditTrail.AppendAsync(transaction, entry, Token);
        await transaction.CommitAsync(Token);
    }
}
