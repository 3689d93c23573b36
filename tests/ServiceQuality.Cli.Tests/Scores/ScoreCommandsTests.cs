using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using ServiceQuality.Cli.Simulation;
using ServiceQuality.Cli.Telemetry;
using ServiceQuality.Cli.Tests.Simulation;
using ServiceQuality.Scoring;

namespace ServiceQuality.Cli.Tests.Scores;

public sealed class ScoreCommandsTests : IDisposable
{
    private const string Unit = "n01-hall1";
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 4, 0, 0, TimeSpan.Zero);

    private readonly Sq sq = new();
    private readonly List<JsonElement> journal = [];
    private string liveHash = "";

    public ScoreCommandsTests()
    {
        sq["SQ_TOKEN"] = "token";
        var units = BranchSimulatorTests.Branch("n01").Where(unit => unit.Code == Unit).ToList();
        var ledger = new Ledger(MeasureCatalogue.Of(DefaultSchemes.Telecom), units[0].TimeZone);
        foreach (var fact in new BranchSimulator(1, units, 3).Between(Now.AddDays(-9), Now))
        {
            var seq = ledger.Seq + 1;
            ledger.Fold(new Fact(seq, fact.Source, fact.Id, fact.Time, fact.Time, fact.Data));
            journal.Add(JsonSerializer.SerializeToElement(new
            {
                seq, source = fact.Source, id = fact.Id, type = fact.Type, time = fact.Time, received = fact.Time,
                data = JsonSerializer.SerializeToElement(fact.Data, fact.Data.GetType(), CloudEvent.DataForm), batch = Guid.Empty, key = (Guid?)null, traceParent = (string?)null,
            }));
        }

        liveHash = ledger.Hash();
    }

    public void Dispose() => sq.Dispose();

    // The journal has grown by rows that came after the suite answered for its position.
    private Task<FakeSuite> SuiteAsync() => FakeSuite.StartAsync(app =>
    {
        app.MapGet("/api/units", () => Results.Text($$$"""
            {"items":[
              {"id":"019a9f00-0000-7000-8000-000000000001","code":"n01","name":{"zh":"青砚","en":"Qingyan"},"kind":"county-branch","contactPoint":null,"path":"hq/n01/","timeZone":"Asia/Shanghai","customersServed":0,"state":"active","calendar":null},
              {"id":"019a9f00-0000-7000-8000-000000000002","code":"{{{Unit}}}","name":{"zh":"青砚一厅","en":"Qingyan hall 1"},"kind":"outlet","contactPoint":"county-main-hall","path":"hq/n01/{{{Unit}}}/","timeZone":"Asia/Shanghai","customersServed":1200,"state":"active","calendar":null}],"next":null}
            """, "application/json"));
        app.MapGet("/api/schemes", () => Results.Json(new { items = new object[] { new { id = "telecom", version = 1, approved = (DateTimeOffset?)Now, inForce = true }, new { id = "telecom", version = 2, approved = (DateTimeOffset?)null, inForce = false } } }));
        app.MapGet("/api/schemes/telecom", (int version) => version == 1 ? Results.Text(DefaultSchemes.Telecom.Json.Span, "application/json") : Results.NotFound());
        app.MapPost("/api/journal/{unit}/verify", (string unit) => unit == Unit
            ? Results.Json(new { unit = Guid.Empty, seq = journal.Count - 10, live = liveHash, recomputed = liveHash, agrees = true })
            : Results.Json(new { type = "urn:service-quality:no-journal" }, statusCode: 404));
        app.MapGet("/api/journal/{unit}", (long after, int limit) =>
        {
            var items = journal.Where(row => row.GetProperty("seq").GetInt64() > after).Take(limit).ToList();
            return Results.Json(new { unit = Guid.Empty, head = journal.Count, items, next = items.Count == limit ? (long?)(after + limit) : null });
        });
        app.MapGet("/api/scores/n01", (string? period, string? asOf) => Results.Text($$$"""
            {"unit":{"id":"019a9f00-0000-7000-8000-000000000001","code":"n01","name":{"zh":"青砚","en":"Qingyan"},"kind":"county-branch","path":"hq/n01/"},"period":"{{{period ?? "7d"}}}","asOf":"{{{asOf ?? "2026-11-20T04:00:00Z"}}}",
             "score":84.214,"interval":{"low":83.1,"high":85.2},"grade":{"code":"good","name":{"zh":"良好","en":"Good"}},"coverage":0.985,"scheme":{"id":"telecom","version":1},
             "notScored":[{"id":"019a9f00-0000-7000-8000-000000000009","code":"n01-vip1","name":{"zh":"","en":""}}],"adjustments":[{"rule":"late-report","kind":"deduction","points":0.5,"counted":0.5,"facts":1}],
             "leaves":[{"code":"mttr","family":"reliability","unit":"s","value":null,"sample":0,"points":null,"effectiveWeight":0,"contribution":0,"state":"no-data","reason":"no fault"},
                       {"code":"hall-wait-p90","family":"efficiency","unit":"s","value":1014,"sample":4212,"points":56.5,"effectiveWeight":0.075,"contribution":-3.27,"state":"scored","reason":null}],"hash":"abc"}
            """, "application/json"));
    });

    private void Settle()
    {
        var ledger = new Ledger(MeasureCatalogue.Of(DefaultSchemes.Telecom), TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai"));
        foreach (var row in journal.Take(journal.Count - 10).Select(row => row.Deserialize<ServiceQuality.Cli.Scores.JournalRow>(JsonSerializerOptions.Web)!))
            ledger.Fold(row.Fact);
        liveHash = ledger.Hash();
    }

    [Fact]
    public async Task A_replay_gives_the_hash_of_the_live_state_at_the_same_position()
    {
        Settle();
        await using var suite = await SuiteAsync();

        var ran = await sq.RunAsync("replay", Unit, "--url", suite.Url, "--json", "--save", Path.Combine(sq.Folder, "journals"));

        Assert.Equal(ExitCodes.Done, ran.Code);
        var result = JsonDocument.Parse(ran.Output).RootElement[0];
        Assert.Equal((journal.Count - 10, liveHash), (result.GetProperty("seq").GetInt64(), result.GetProperty("recomputed").GetString()));
        Assert.InRange(result.GetProperty("score").GetDouble(), 40, 100);

        var offline = await sq.RunAsync("replay", "--file", Path.Combine(sq.Folder, "journals", Unit + ".ndjson"), "--json");
        Assert.Equal(liveHash, JsonDocument.Parse(offline.Output).RootElement[0].GetProperty("recomputed").GetString());
    }

    [Fact]
    public async Task What_was_noted_earlier_is_found_again_or_is_a_finding()
    {
        Settle();
        await using var suite = await SuiteAsync();
        var noted = (await sq.RunAsync("replay", Unit, "--url", suite.Url, "--json")).Output;

        var same = await sq.RunAsync("replay", "--url", suite.Url, "--expect", sq.Write("same.json", noted));
        var other = await sq.RunAsync("replay", "--url", suite.Url, "--expect", sq.Write("other.json", noted.Replace(liveHash, new string('0', 64), StringComparison.Ordinal)));
        var shorter = await sq.RunAsync("replay", "--url", suite.Url, "--expect", sq.Write("shorter.json", noted.Replace($"\"seq\":{journal.Count - 10}", $"\"seq\":{journal.Count + 10}", StringComparison.Ordinal)));

        Assert.Equal((ExitCodes.Done, ExitCodes.Findings), (same.Code, other.Code));
        Assert.StartsWith("agrees", same.Output, StringComparison.Ordinal);
        Assert.StartsWith("DIFFERS", other.Output, StringComparison.Ordinal);
        Assert.NotEqual(ExitCodes.Done, shorter.Code);
    }

    [Fact]
    public async Task All_means_every_unit_with_a_journal()
    {
        Settle();
        await using var suite = await SuiteAsync();

        var ran = await sq.RunAsync("replay", "--all", "--url", suite.Url);

        Assert.Equal(ExitCodes.Done, ran.Code);
        Assert.StartsWith($"agrees  {Unit}", Assert.Single(ran.Output.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_live_state_that_the_journal_does_not_give_is_a_finding()
    {
        await using var suite = await SuiteAsync();

        var ran = await sq.RunAsync("replay", Unit, "--url", suite.Url);

        Assert.Equal(ExitCodes.Findings, ran.Code);
        Assert.StartsWith("DIFFERS", ran.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_journal_with_a_gap_is_refused()
    {
        var text = new StringBuilder();
        foreach (var row in journal.Where((_, place) => place != 4))
            text.Append(row.GetRawText()).Append('\n');

        var ran = await sq.RunAsync("replay", "--file", sq.Write("gap.ndjson", text.ToString()));

        Assert.Equal(ExitCodes.Usage, ran.Code);
        Assert.Contains("5 was due, but 6 came", ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_score_is_shown_with_what_it_is_made_of_the_costliest_first()
    {
        await using var suite = await SuiteAsync();

        var ran = await sq.RunAsync("score", "n01", "--url", suite.Url, "--period", "30d");
        sq["LANG"] = "zh_CN.UTF-8";
        var chinese = await sq.RunAsync("score", "n01", "--url", suite.Url);

        Assert.Contains("84.21 (83.1 … 85.2)  Good  coverage 98.5", ran.Output, StringComparison.Ordinal);
        Assert.Contains("30d", ran.Output, StringComparison.Ordinal);
        Assert.True(ran.Output.IndexOf("hall-wait-p90", StringComparison.Ordinal) < ran.Output.IndexOf("mttr", StringComparison.Ordinal));
        Assert.Contains("no-data no fault", ran.Output, StringComparison.Ordinal);
        Assert.Contains("Not scored: n01-vip1", ran.Output, StringComparison.Ordinal);
        Assert.Contains("良好  覆盖率", chinese.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Units_are_shown_as_a_tree()
    {
        await using var suite = await SuiteAsync();

        var ran = await sq.RunAsync("units", "--url", suite.Url);
        var json = await sq.RunAsync("units", "--url", suite.Url, "--kind", "outlet", "--json");

        Assert.Contains("    n01-hall1", ran.Output, StringComparison.Ordinal);
        Assert.Contains("1,200", ran.Output, StringComparison.Ordinal);
        Assert.Equal(Unit, Assert.Single(JsonDocument.Parse(json.Output).RootElement.EnumerateArray()).GetProperty("code").GetString());
    }
}
