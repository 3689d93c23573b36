using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ServiceQuality.Access;
using ServiceQuality.Scoring;
using ServiceQuality.Testing;

namespace ServiceQuality.Scores.Tests;

/// <summary>Ranking, funnel and the signals of a day over HTTP (scoring.md §§ 8, 9, RPT-08).</summary>
public sealed class ComparisonTests(RealServers servers)
{
    /// <summary>The beginning of the day as the organisation counts it.</summary>
    private static DateTimeOffset Today
    {
        get
        {
            var local = TimeZoneInfo.ConvertTimeBySystemTimeZoneId(TimeProvider.System.GetUtcNow(), "Asia/Shanghai");
            return new DateTimeOffset(local.Date, local.Offset);
        }
    }

    [Fact]
    public async Task RPT_08_Units_are_ranked_with_intervals_and_who_is_not_scored_is_listed()
    {
        await using var app = await ScoresApp.StartAsync(servers, Some.StraightScheme());
        await SendDaysAsync(app, ScoresApp.N01, [.. Enumerable.Range(0, 15).Select(i => 88.0 + (i % 3))]);
        await SendDaysAsync(app, ScoresApp.N02, [.. Enumerable.Range(0, 15).Select(i => 60.0 + (i % 4))]);

        var ranking = await app.GetAsync("/api/ranking?under=north&seed=7");

        Assert.Equal((7, 2000), (ranking.GetProperty("seed").GetInt32(), ranking.GetProperty("draws").GetInt32()));
        Assert.Equal("day-buckets", ranking.GetProperty("drawn").GetString());
        var rows = ranking.GetProperty("units").EnumerateArray().ToList();
        Assert.Equal([("n01", 1, 1, 1), ("n02", 2, 2, 2)], rows.Select(row => (Code(row), Number(row, "rank"), Number(row, "bestRank"), Number(row, "worstRank"))));
        Assert.All(rows, row => Assert.Equal(15, Number(row, "days")));
        Assert.Equal(["south"], (await app.GetAsync("/api/ranking")).GetProperty("notScored").EnumerateArray().Select(unit => unit.GetProperty("code").GetString()));
        // The same question in the same hour has the same answer.
        Assert.Equal(ranking.GetRawText(), (await app.GetAsync("/api/ranking?under=north&seed=7")).GetRawText());

        Assert.Equal(["n01", "n02"], (await app.GetAsync("/api/ranking?level=county-branch")).GetProperty("units").EnumerateArray().Select(Code));
        Assert.Equal(403, (await app.StatusAsync("/api/ranking?under=hq", Roles.Region, "hq/north/")).Status);
        Assert.Equal("north", (await app.GetAsync("/api/ranking", Roles.Region, "hq/north/")).GetProperty("under").GetProperty("code").GetString());
        foreach (var (query, code) in new[] { ("period=24h", "period-not-suitable"), ("period=year", "period-not-suitable"), ("period=x", "period-invalid"), ("level=palace", "units-none") })
            Assert.EndsWith(code, (await app.StatusAsync($"/api/ranking?{query}", Roles.HeadOffice, "hq/")).Type, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_funnel_shows_shares_against_volume_and_judges_no_small_unit()
    {
        await using var app = await ScoresApp.StartAsync(servers);
        var ratio = DefaultSchemes.Telecom.Indicators.First(one => one.Code == "resolution-rate");
        var now = TimeProvider.System.GetUtcNow();
        await app.SendAsync([.. Enumerable.Range(0, 300).Select(i => Some.Service(ScoresApp.N01, i, now.AddHours(-50), outcome: i % 10 == 0 ? ServiceQuality.Contracts.Facts.ServiceOutcome.Unresolved : ServiceQuality.Contracts.Facts.ServiceOutcome.Resolved))]);
        await app.SendAsync([.. Enumerable.Range(0, 5).Select(i => Some.Service(ScoresApp.N02, i, now.AddHours(-50), outcome: ServiceQuality.Contracts.Facts.ServiceOutcome.Unresolved))]);

        var funnel = await app.GetAsync($"/api/funnel/{ratio.Code}?under=north");

        Assert.Equal("share", funnel.GetProperty("kind").GetString());
        Assert.Equal([("n01", "within", 300), ("n02", "too-small", 5)], funnel.GetProperty("units").EnumerateArray().Select(row => (Code(row), row.GetProperty("place").GetString(), Number(row, "size"))));
        Assert.Equal(270 / 305.0, funnel.GetProperty("target").GetDouble(), 1e-9);
        Assert.NotEmpty(funnel.GetProperty("walls").EnumerateArray());
        Assert.Equal("far-below", (await app.GetAsync($"/api/funnel/{ratio.Code}?under=north&minimum=2")).GetProperty("units")[1].GetProperty("place").GetString());
        Assert.Equal(404, (await app.StatusAsync("/api/funnel/nothing", Roles.HeadOffice, "hq/")).Status);
        Assert.EndsWith("indicator-not-suitable", (await app.StatusAsync("/api/funnel/rating-mean", Roles.HeadOffice, "hq/")).Type, StringComparison.Ordinal);
        Assert.EndsWith("minimum-invalid", (await app.StatusAsync($"/api/funnel/{ratio.Code}?minimum=-1", Roles.HeadOffice, "hq/")).Type, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_signals_of_a_day_are_judged_together_and_shown_to_who_may_see_the_unit()
    {
        await using var app = await ScoresApp.StartAsync(servers, Some.StraightScheme());
        double[] calm = [80, 82, 79, 81, 80, 82, 79, 81, 80, 82, 79, 81, 80, 82, 79, 81, 80, 82, 79];
        await SendDaysAsync(app, ScoresApp.N01, [.. calm, 40]);
        await SendDaysAsync(app, ScoresApp.S01, [.. calm, 81]);
        await SendDaysAsync(app, ScoresApp.N02, [.. calm.Take(5), 10]); // too few days to say anything

        var signals = await app.GetAsync("/api/signals");

        var row = Assert.Single(signals.GetProperty("signals").EnumerateArray().Select(Summary).Distinct().ToList());
        Assert.Equal("n01 western-electric-1 lower True", row);
        Assert.Equal(2, signals.GetProperty("units").GetInt32());
        Assert.Equal(signals.GetProperty("charts").GetInt32() / 91.75, signals.GetProperty("expectedFalseAlarms").GetDouble(), 1e-9);
        var south = await app.GetAsync("/api/signals", Roles.Region, "hq/south/");
        Assert.Equal((1, 0), (south.GetProperty("units").GetInt32(), south.GetProperty("found").GetInt32()));
        Assert.Equal(400, (await app.StatusAsync("/api/signals?day=2199-01-01", Roles.HeadOffice, "hq/")).Status);
        Assert.Equal(400, (await app.StatusAsync("/api/signals?rules=x", Roles.HeadOffice, "hq/")).Status);
        Assert.Equal(400, (await app.StatusAsync("/api/signals?limit=0", Roles.HeadOffice, "hq/")).Status);
    }

    [Fact]
    public async Task Days_of_a_state_are_no_independent_readings_and_give_no_signal()
    {
        var json = JsonNode.Parse(Some.StraightScheme().Json.Span)!;
        json["measures"]![0]!["aggregator"] = "last";
        await using var app = await ScoresApp.StartAsync(servers, Scheme.Parse(JsonSerializer.SerializeToUtf8Bytes(json)).Scheme!);
        await SendDaysAsync(app, ScoresApp.N01, [.. Enumerable.Repeat(3.0, 18), 4, 40]);

        var signals = await app.GetAsync("/api/signals");

        Assert.Equal((0, 0), (signals.GetProperty("charts").GetInt32(), signals.GetProperty("found").GetInt32()));
    }

    private static Task SendDaysAsync(ScoresApp app, Guid unit, params double[] points) =>
        app.SendAsync([.. points.Select((value, i) => Some.Points(unit, string.Create(CultureInfo.InvariantCulture, $"d{i}"), Today.AddDays(i - points.Length).AddHours(4), value))]);

    private static string Summary(JsonElement row) =>
        $"{Code(row)} {row.GetProperty("rules")[0].GetProperty("rule").GetString()} {row.GetProperty("rules")[0].GetProperty("side").GetString()} {row.GetProperty("kept").GetBoolean()}";

    private static string? Code(JsonElement row) => row.GetProperty("unit").GetProperty("code").GetString();

    private static int Number(JsonElement row, string name) => (int)row.GetProperty(name).GetDouble();
}
