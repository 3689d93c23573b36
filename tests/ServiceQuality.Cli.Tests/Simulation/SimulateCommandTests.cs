using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ServiceQuality.Cli.Tests.Simulation;

public sealed class SimulateCommandTests : IDisposable
{
    private readonly Sq sq = new();

    public void Dispose() => sq.Dispose();

    [Fact]
    public async Task Past_days_are_sent_and_a_repeat_is_known_already()
    {
        await using var suite = await FakeSuite.StartAsync();
        sq.Clock = new StoppedClock(new DateTimeOffset(2026, 11, 20, 4, 0, 0, TimeSpan.Zero));
        sq["SQ_KEY"] = FakeSuite.Key;
        string[] arguments = ["simulate", "--url", suite.Url, "--units", "n01-hall1=outlet,n01-hotline1=hotline", "--days", "2", "--json"];

        var first = JsonDocument.Parse((await sq.RunAsync(arguments)).Output).RootElement;
        var second = JsonDocument.Parse((await sq.RunAsync(arguments)).Output).RootElement;

        Assert.InRange(suite.Journal.Count, 500, 2_000);
        Assert.Equal(suite.Journal.Count, first.GetProperty("accepted").GetInt32());
        Assert.Equal((0, suite.Journal.Count), (second.GetProperty("accepted").GetInt32(), second.GetProperty("duplicate").GetInt32()));
    }

    [Fact]
    public async Task A_live_simulation_follows_the_clock_and_ends_when_it_is_told()
    {
        await using var suite = await FakeSuite.StartAsync();
        sq["SQ_KEY"] = FakeSuite.Key;
        var before = TimeProvider.System.GetUtcNow();

        var ran = await sq.RunAsync("simulate", "--url", suite.Url, "--units", "n01-hotline1=hotline", "--rate", "200", "--duration", "3s");

        Assert.Equal(ExitCodes.Done, ran.Code);
        Assert.NotEmpty(suite.Journal);
        Assert.All(suite.Journal.Values, fact => Assert.InRange(fact.GetProperty("time").GetDateTimeOffset(), before, TimeProvider.System.GetUtcNow()));
    }

    [Fact]
    public async Task Units_and_their_opening_hours_come_from_the_tree()
    {
        await using var suite = await FakeSuite.StartAsync(app => app.MapGet("/api/units", (HttpContext context) =>
            context.Request.Headers.Authorization == "Bearer token"
                ? Results.Text("""
                    {"items":[
                      {"id":"019a9f00-0000-7000-8000-000000000001","code":"n01","name":{"zh":"青砚","en":"Qingyan"},"kind":"county-branch","contactPoint":null,"functions":[],"parent":null,"path":"hq/north/n01/","timeZone":"Asia/Shanghai","customersServed":1,"state":"active","version":1,"calendar":null},
                      {"id":"019a9f00-0000-7000-8000-000000000002","code":"n01-hall1","name":{"zh":"一厅","en":"Hall 1"},"kind":"outlet","contactPoint":"county-main-hall","functions":[],"parent":null,"path":"hq/north/n01/n01-hall1/","timeZone":"Asia/Shanghai","customersServed":1,"state":"active","version":1,
                       "calendar":{"weekly":{"thu":["13:00-15:00"]},"exceptions":[{"date":"2026-11-12","open":[]}],"observesHolidays":true}},
                      {"id":"019a9f00-0000-7000-8000-000000000003","code":"n01-hall2","name":{"zh":"二厅","en":"Hall 2"},"kind":"outlet","contactPoint":"county-main-hall","functions":[],"parent":null,"path":"hq/north/n01/n01-hall2/","timeZone":"Asia/Shanghai","customersServed":1,"state":"closed","version":1,"calendar":null}
                    ],"next":null}
                    """, "application/json")
                : Results.Unauthorized()));
        sq.Clock = new StoppedClock(new DateTimeOffset(2026, 11, 20, 4, 0, 0, TimeSpan.Zero));
        sq["SQ_KEY"] = FakeSuite.Key;
        sq["SQ_TOKEN"] = "token";
        sq["SQ_URL"] = suite.Url;

        var ran = await sq.RunAsync("simulate", "--days", "14");

        Assert.Equal(ExitCodes.Done, ran.Code);
        var services = suite.Journal.Values.Where(fact => fact.GetProperty("type").GetString() == "servicequality.service.completed.v1").ToList();
        Assert.NotEmpty(services);
        Assert.All(services, fact =>
        {
            Assert.Equal("n01-hall1", fact.GetProperty("subject").GetString());
            var local = fact.GetProperty("time").GetDateTimeOffset().ToOffset(TimeSpan.FromHours(8));
            Assert.Equal((DayOfWeek.Thursday, 19), (local.DayOfWeek, local.Day));
            Assert.InRange(local.Hour, 13, 14);
        });
    }
}
