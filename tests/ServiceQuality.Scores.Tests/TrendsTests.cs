using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using ServiceQuality.Access;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Messaging;
using ServiceQuality.Testing;

namespace ServiceQuality.Scores.Tests;

/// <summary>Months, verdict, the year before, siblings and forecast of a unit, and the ranking of a published period, over HTTP (SCO-30, RPT-08, RPT-11).</summary>
public sealed class TrendsTests(RealServers servers) : IAsyncLifetime
{
    private static readonly Caller Closer = ScoresApp.Person("Closer");
    private static readonly Caller Publisher = ScoresApp.Person("Publisher");
    // November; the fourth quarter is half over.
    private static readonly DateTimeOffset Start = new(2024, 11, 21, 4, 0, 0, TimeSpan.Zero);

    private readonly MovedClock _clock = new(Start);
    private ScoresApp _app = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _app = await ScoresApp.StartAsync(servers, Some.StraightScheme(), _clock);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task SCO_30_A_quarter_has_months_with_intervals_a_verdict_and_its_signals()
    {
        // 40 days up to yesterday, half a point more every day.
        await SendAsync([.. Enumerable.Range(0, 40).SelectMany(i => Day(ScoresApp.N01, Start.AddDays(i - 40), 60 + (0.5 * i) + (i % 2)))]);

        var stability = await _app.GetAsync("/api/scores/n01/stability");

        Assert.Equal(("2024-Q4", "improving"), (Text(stability, "period"), Text(stability, "verdict")));
        var months = stability.GetProperty("months").EnumerateArray().ToList();
        Assert.Equal([("2024-10", false, "live"), ("2024-11", true, "live")], months.Select(month => (Text(month, "month"), month.GetProperty("toDate").GetBoolean(), Text(month, "source"))));
        Assert.True(months[0].GetProperty("interval").GetProperty("low").GetDouble() < Number(months[0], "score"));
        var slope = stability.GetProperty("slope");
        Assert.Equal((40, 0.5), (slope.GetProperty("days").GetInt32(), Math.Round(Number(slope, "perDay"), 1)));
        Assert.Equal(Number(slope, "perDay") * 365.25 / 12, Number(slope, "perMonth"), 9);
        Assert.Equal(370.4, Number(stability, "falseAlarmEvery"), 0.1);
        Assert.Equal(73.4, Number(await _app.GetAsync("/api/scores/n01/stability?rules=nelson"), "falseAlarmEvery"), 0.1);
    }

    [Fact]
    public async Task SCO_30_A_year_has_the_same_months_of_the_year_before_and_the_siblings_that_the_caller_may_see()
    {
        await SendAsync(
            [.. Month(ScoresApp.N01, 2024, 10, 80), .. Month(ScoresApp.N01, 2024, 9, 78), .. Month(ScoresApp.N01, 2023, 12, 70), .. Month(ScoresApp.N02, 2024, 10, 90)]);

        var year = await _app.GetAsync("/api/scores/n01/stability?period=2024");

        Assert.Equal(11, year.GetProperty("months").GetArrayLength());
        Assert.Equal((78, 80, "few-days"), (Number(year.GetProperty("months")[8], "score"), Number(year.GetProperty("months")[9], "score"), Text(year, "verdict")));
        Assert.Equal((2, 1.4142), (Number(year, "range"), Math.Round(Number(year, "deviation"), 4)));
        var before = year.GetProperty("before").EnumerateArray().ToList();
        Assert.Equal((12, "2023-12", 70), (before.Count, Text(before[11], "month"), Number(before[11], "score")));
        Assert.Equal([("n02", 90.0), ("n01", 79.0)], year.GetProperty("siblings").EnumerateArray().Select(row => (Text(row.GetProperty("unit"), "code"), Number(row, "mean"))));
        var own = await _app.GetAsync("/api/scores/n01/stability?period=2024", Roles.Branch, "hq/north/n01/");
        Assert.Equal(["n01"], own.GetProperty("siblings").EnumerateArray().Select(row => Text(row.GetProperty("unit"), "code")));
    }

    [Theory]
    [InlineData("stability?period=2024-10", "period-not-suitable")]
    [InlineData("stability?period=2025", "period-not-suitable")]
    [InlineData("stability?period=x", "period-not-suitable")]
    [InlineData("stability?rules=nelson:9", "rules-invalid")]
    [InlineData("forecast?periods=0", "periods-invalid")]
    [InlineData("forecast?periods=4", "periods-invalid")]
    public async Task What_cannot_be_shown_is_refused_with_a_code(string query, string code)
    {
        var (status, type) = await _app.StatusAsync($"/api/scores/n01/{query}", Roles.HeadOffice, "hq/");
        Assert.Equal(400, status);
        Assert.EndsWith(code, type, StringComparison.Ordinal);
        Assert.Equal(403, (await _app.StatusAsync($"/api/scores/s01/{query}", Roles.Region, "hq/north/")).Status);
    }

    [Fact]
    public async Task RPT_11_The_running_month_is_the_first_that_is_forecast_and_too_few_months_are_said_so()
    {
        double[] scores = [78, 80, 79, 81, 79.5, 80.5, 80];
        await SendAsync([.. scores.SelectMany((score, i) => Month(ScoresApp.N01, 2024, 4 + i, score)), .. Month(ScoresApp.N01, 2024, 11, 20), .. Month(ScoresApp.N02, 2024, 10, 90)]);

        var forecast = await _app.GetAsync("/api/scores/n01/forecast?periods=2");

        Assert.Equal(("level", 7), (Text(forecast, "method"), forecast.GetProperty("points").GetInt32()));
        Assert.Equal(["2024-11", "2024-12"], forecast.GetProperty("steps").EnumerateArray().Select(step => Text(step, "month")));
        var first = forecast.GetProperty("steps")[0];
        Assert.InRange(Number(first, "value"), 78, 81);
        Assert.True(Number(first.GetProperty("interval"), "low") < Number(first, "value") && Number(first.GetProperty("interval"), "high") <= 100);
        Assert.Equal(["2024-04", "2024-10"], new[] { 0, 6 }.Select(i => Text(forecast.GetProperty("months")[i], "month")));
        var little = await _app.GetAsync("/api/scores/n02/forecast");
        Assert.Equal(("few-points", 1, 0), (Text(little, "reason"), little.GetProperty("points").GetInt32(), little.GetProperty("steps").GetArrayLength()));
    }

    [Fact]
    public async Task SCO_30_Months_whose_days_are_gone_are_those_that_were_published()
    {
        await SendAsync([.. Month(ScoresApp.N01, 2024, 10, 84), .. Month(ScoresApp.N01, 2024, 9, 82)]);
        await PublishedAsync("2024-10");
        _clock.GoTo(new DateTimeOffset(2025, 12, 10, 4, 0, 0, TimeSpan.Zero));
        await SendAsync([.. Month(ScoresApp.N01, 2025, 10, 88)]);

        var quarter = await _app.GetAsync("/api/scores/n01/stability?period=2025-Q4");

        var before = quarter.GetProperty("before").EnumerateArray().ToList();
        Assert.Equal(("2024-10", 84.0, "official"), (Text(before[0], "month"), Number(before[0], "score"), Text(before[0], "source")));
        Assert.Equal(JsonValueKind.Null, before[0].GetProperty("interval").ValueKind);
        // September was never published.
        Assert.Equal(JsonValueKind.Null, (await _app.GetAsync("/api/scores/n01/stability?period=2025-Q3")).GetProperty("before")[2].GetProperty("score").ValueKind);
    }

    [Fact]
    public async Task RPT_08_A_published_period_is_ranked_with_ties_and_with_reasons_and_a_draft_is_not()
    {
        await SendAsync([.. Month(ScoresApp.N01, 2024, 10, 80), .. Month(ScoresApp.N02, 2024, 10, 80)]);
        var id = await DraftAsync("2024-10");
        Assert.Equal((409, "closing-not-published"), (await _app.ReadAsync(Closer, $"/api/results/closings/{id}/ranking")) is var draft ? (draft.Status, ScoresApp.Code(draft.Body)) : default);
        await PublishAsync(id);

        var ranking = (await _app.ReadAsync(Closer, $"/api/results/closings/{id}/ranking?level=county-branch")).Body;

        Assert.Equal([("n01", 1, 1), ("n02", 1, 1)], ranking.GetProperty("units").EnumerateArray().Select(one => (Text(one.GetProperty("unit"), "code"), one.GetProperty("place").GetInt32(), one.GetProperty("tied").GetInt32())));
        Assert.Equal("80.00", ranking.GetProperty("units")[0].GetProperty("official").GetRawText());
        Assert.Equal([("s01", "no-data")], ranking.GetProperty("notAssessed").EnumerateArray().Select(one => (Text(one.GetProperty("unit"), "code"), Text(one, "reason"))));
        Assert.Equal((2, 0, "2024-10"), (ranking.GetProperty("ranked").GetInt32(), ranking.GetProperty("hidden").GetInt32(), Text(ranking.GetProperty("closing"), "period")));

        // Right below head office: the regions. A branch sees itself, and that there are others.
        Assert.Equal(["north"], (await _app.ReadAsync(Closer, $"/api/results/closings/{id}/ranking")).Body.GetProperty("units").EnumerateArray().Select(one => Text(one.GetProperty("unit"), "code")));
        var branch = await _app.GetAsync($"/api/results/closings/{id}/ranking?level=county-branch", Roles.Branch, "hq/north/n01/");
        Assert.Equal((1, 2), (branch.GetProperty("units").GetArrayLength(), branch.GetProperty("hidden").GetInt32()));
        foreach (var (query, status, code) in new[] { ("level=palace", 400, "units-none"), ("format=pdf", 400, "format-invalid"), ("under=nowhere", 404, "unknown-unit") })
            Assert.Equal((status, code), (await _app.ReadAsync(Closer, $"/api/results/closings/{id}/ranking?{query}")) is var refused ? (refused.Status, ScoresApp.Code(refused.Body)) : default);
    }

    [Fact]
    public async Task RPT_08_The_ranking_as_a_table_opens_in_a_spreadsheet()
    {
        await SendAsync([.. Month(ScoresApp.N01, 2024, 10, 91.5), .. Month(ScoresApp.N02, 2024, 10, 80)]);
        var id = await PublishedAsync("2024-10");

        using var client = _app.ClientOf(Roles.HeadOffice, "hq/");
        var bytes = await client.GetByteArrayAsync($"/api/results/closings/{id}/ranking?level=county-branch&format=csv", Token);

        Assert.Equal([0xEF, 0xBB, 0xBF], bytes[..3]);
        var lines = System.Text.Encoding.UTF8.GetString(bytes[3..]).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("place,tied,unit,name_zh,name_en,official,grade,coverage,number,reason,hash", lines[0]);
        Assert.StartsWith("1,0,n01,", lines[1], StringComparison.Ordinal);
        Assert.Contains(",91.50,excellent,1,0,,", lines[1], StringComparison.Ordinal);
        Assert.StartsWith(",,s01,", lines[3], StringComparison.Ordinal);
        Assert.EndsWith(",no-data,", lines[3], StringComparison.Ordinal);
    }

    private async Task SendAsync(params AcceptedFact[] facts) => await _app.Services.GetRequiredService<IDurableSender>().SendAsync(Some.Batch(_clock.GetUtcNow(), facts), Token);

    private async Task<Guid> DraftAsync(string period)
    {
        var id = (await _app.PostAsync(Closer, "/api/results/closings", new { unit = "hq", period })).Body.GetProperty("id").GetGuid();
        await Eventually.Async(async () => (await _app.ReadAsync(Closer, $"/api/results/closings/{id}")).Body, closing => Text(closing, "state") == "draft");
        return id;
    }

    private async Task PublishAsync(Guid id)
    {
        await _app.PostAsync(Closer, $"/api/results/closings/{id}/check");
        Assert.Equal("published", Text((await _app.PostAsync(Publisher, $"/api/results/closings/{id}/publish", new { comment = "Looked at." })).Body, "state"));
    }

    private async Task<Guid> PublishedAsync(string period)
    {
        var id = await DraftAsync(period);
        await PublishAsync(id);
        return id;
    }

    /// <summary>Two facts of a day about a value: a mean of one fact has no interval.</summary>
    private static IEnumerable<AcceptedFact> Day(Guid unit, DateTimeOffset at, double score) => [Some.Points(unit, $"{at:O}-a", at, score - 1), Some.Points(unit, $"{at:O}-b", at, score + 1)];

    private static IEnumerable<AcceptedFact> Month(Guid unit, int year, int month, double score) => Day(unit, new DateTimeOffset(year, month, 15, 4, 0, 0, TimeSpan.Zero), score);

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private static double Number(JsonElement element, string name) => element.GetProperty(name).GetDouble();
}
