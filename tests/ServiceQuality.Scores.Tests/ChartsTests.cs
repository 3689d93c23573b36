using System.Globalization;
using System.Text.Json;
using ServiceQuality.Access;
using ServiceQuality.Testing;

namespace ServiceQuality.Scores.Tests;

/// <summary>Control charts over HTTP (scoring.md §9).</summary>
public sealed class ChartsTests(RealServers servers) : IAsyncLifetime
{
    private ScoresApp _app = null!;

    public async ValueTask InitializeAsync() => _app = await ScoresApp.StartAsync(servers, Some.StraightScheme());

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    /// <summary>A measurement in the middle of each day before today, oldest first.</summary>
    private Task SendDaysAsync(Guid unit, params double[] points)
    {
        var local = TimeZoneInfo.ConvertTimeBySystemTimeZoneId(TimeProvider.System.GetUtcNow(), "Asia/Shanghai");
        var today = new DateTimeOffset(local.Date, local.Offset);
        return _app.SendAsync([.. points.Select((value, i) => Some.Points(unit, $"d{i}", today.AddDays(i - points.Length).AddHours(4), value))]);
    }

    [Fact]
    public async Task A_mean_is_charted_by_the_day_and_the_day_that_fell_out_is_named_with_its_rule()
    {
        await SendDaysAsync(ScoresApp.N01, 80, 82, 79, 81, 80, 82, 79, 81, 80, 82, 79, 81, 80, 82, 79, 81, 80, 82, 79, 50);
        var indicator = await IndicatorAsync();

        var chart = await _app.GetAsync($"/api/scores/n01/charts/{indicator}?rules=nelson");

        Assert.Equal(("i-mr", "nelson", "day"), (Text(chart, "type"), Text(chart, "rules"), Text(chart, "step")));
        Assert.Equal(35, chart.GetProperty("points").GetArrayLength());
        Assert.Equal(73.4, chart.GetProperty("falseAlarmEvery").GetDouble());
        Assert.Equal(20, chart.GetProperty("estimated").GetInt32());
        var signal = chart.GetProperty("signals").EnumerateArray().First(one => Text(one, "rule") == "nelson-1");
        Assert.Equal("lower", Text(signal, "side"));
        Assert.Equal(50, chart.GetProperty("points")[signal.GetProperty("point").GetInt32()].GetProperty("value").GetDouble());
        // Days without facts are gaps.
        Assert.Equal(15, chart.GetProperty("points").EnumerateArray().Count(point => point.GetProperty("value").ValueKind == JsonValueKind.Null));
    }

    [Fact]
    public async Task Hours_are_what_was_added_since_the_hour_before()
    {
        var hour = TimeProvider.System.GetUtcNow().AddDays(-1).Date;
        var start = new DateTimeOffset(hour, TimeSpan.Zero);
        // Hours 2, 3 and 4 of yesterday: means 70, 90 and none; 5: 60.
        await _app.SendAsync(Some.Points(ScoresApp.N01, "a", start.AddHours(2.2), 60), Some.Points(ScoresApp.N01, "b", start.AddHours(2.5), 80), Some.Points(ScoresApp.N01, "c", start.AddHours(3.5), 90), Some.Points(ScoresApp.N01, "d", start.AddHours(5.5), 60));

        var day = hour.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var chart = await _app.GetAsync($"/api/scores/n01/charts/{await IndicatorAsync()}?step=hour&from={day}");

        var values = chart.GetProperty("points").EnumerateArray().Where(point => point.GetProperty("value").ValueKind == JsonValueKind.Number)
            .ToDictionary(point => point.GetProperty("at").GetDateTimeOffset(), point => point.GetProperty("value").GetDouble());
        Assert.Equal([(2, 70), (3, 90), (5, 60)], values.Select(pair => ((int)(pair.Key - start).TotalHours, pair.Value)));
    }

    [Fact]
    public async Task A_region_merges_the_days_of_its_branches()
    {
        await SendDaysAsync(ScoresApp.N01, 60, 62, 61);
        await SendDaysAsync(ScoresApp.N02, 80, 82, 81);

        var chart = await _app.GetAsync($"/api/scores/north/charts/{await IndicatorAsync()}");

        Assert.Equal([70, 72, 71], chart.GetProperty("points").EnumerateArray().Select(point => point.GetProperty("value")).Where(value => value.ValueKind == JsonValueKind.Number).Select(value => value.GetDouble()));
    }

    [Theory]
    [InlineData("type=x", "type-invalid")]
    [InlineData("type=p", "type-not-suitable")]
    [InlineData("rules=nelson:9", "rules-invalid")]
    [InlineData("type=ewma&rules=nelson", "design-invalid")]
    [InlineData("type=ewma&lambda=2", "design-invalid")]
    [InlineData("baseline=1", "design-invalid")]
    [InlineData("step=week", "step-invalid")]
    [InlineData("from=yesterday", "day-invalid")]
    [InlineData("to=2199-01-01", "range-invalid")]
    [InlineData("from=2001-01-01", "range-too-long")]
    public async Task What_makes_no_chart_is_refused_with_a_code(string query, string code)
    {
        var (status, type) = await _app.StatusAsync($"/api/scores/n01/charts/{await IndicatorAsync()}?{query}", Roles.HeadOffice, "hq/");
        Assert.Equal(400, status);
        Assert.EndsWith(code, type, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_not_see_the_unit_sees_no_chart_and_an_unknown_indicator_is_not_found()
    {
        var indicator = await IndicatorAsync();
        Assert.Equal(403, (await _app.StatusAsync($"/api/scores/s01/charts/{indicator}", Roles.Region, "hq/north/")).Status);
        Assert.Equal(403, (await _app.StatusAsync("/api/scores/s01/stability", Roles.Region, "hq/north/")).Status);
        Assert.Equal(404, (await _app.StatusAsync("/api/scores/n01/charts/nothing", Roles.HeadOffice, "hq/")).Status);
    }

    private async Task<string> IndicatorAsync() => (await _app.GetAsync("/api/scores/n01")).GetProperty("leaves").EnumerateArray().First(leaf => leaf.GetProperty("weight").GetDouble() > 0 && Text(leaf, "measure") == "m").GetProperty("code").GetString()!;

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
