using System.Globalization;
using System.Text.Json;
using ServiceQuality.Contracts.Audit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ServiceQuality.Cli.Tests.Audit;

public sealed class VerifyCommandTests : IDisposable
{
    private readonly Sq sq = new();

    public void Dispose() => sq.Dispose();

    private static List<SealedAuditRecord> Trail(int records)
    {
        var trail = new List<SealedAuditRecord>();
        for (var seq = 1; seq <= records; seq++)
        {
            var record = new AuditRecord(seq, DateTimeOffset.UnixEpoch.AddHours(seq), "admin", "unit.closed", string.Create(CultureInfo.InvariantCulture, $"unit {seq}"), "hq/", null,
                JsonSerializer.SerializeToElement(new { state = "closed" }), null, trail.Count == 0 ? AuditChain.Origin : trail[^1].Hash);
            trail.Add(AuditChain.Seal(record));
        }

        return trail;
    }

    private static string Text(IEnumerable<SealedAuditRecord> trail) => string.Concat(trail.Select(record => record.Line + "\n"));

    [Fact]
    public async Task A_whole_trail_holds()
    {
        var trail = Trail(5);

        var ran = await sq.RunAsync("verify", sq.Write("trail.ndjson", Text(trail)), "--head", trail[^1].Hash);

        Assert.Equal(ExitCodes.Done, ran.Code);
        Assert.Contains("5 records hold; head " + trail[^1].Hash, ran.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("changed", 3)]
    [InlineData("missing", 3)]
    [InlineData("truncated", 5)]
    public async Task The_first_record_that_does_not_hold_is_named(string fault, int seq)
    {
        var trail = Trail(5);
        var text = fault switch
        {
            "changed" => Text(trail).Replace("unit 3", "unit 9", StringComparison.Ordinal),
            "missing" => Text(trail.Where((_, place) => place != 2)),
            _ => Text(trail.Take(4)),
        };

        var ran = await sq.RunAsync("verify", sq.Write("trail.ndjson", text), "--head", trail[^1].Hash, "--json");

        Assert.Equal(ExitCodes.Findings, ran.Code);
        var broken = JsonDocument.Parse(ran.Output).RootElement.GetProperty("break");
        Assert.Equal((fault, seq), (broken.GetProperty("reason").GetString(), broken.GetProperty("seq").GetInt32()));
    }

    [Fact]
    public async Task The_trail_can_come_from_the_suite()
    {
        await using var suite = await FakeSuite.StartAsync(app => app.MapGet("/api/audit/{service}", (string service) => Results.Text(service == "scores" ? Text(Trail(3)) : "", "application/x-ndjson")));
        sq["SQ_TOKEN"] = "token";

        var ran = await sq.RunAsync("verify", "--service", "scores", "--url", suite.Url);

        Assert.Contains("3 records hold", ran.Output, StringComparison.Ordinal);
    }
}
