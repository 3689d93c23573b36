using System.Globalization;
using Microsoft.Playwright;
using ServiceQuality.Console.Charts;
using static Microsoft.Playwright.Assertions;

namespace ServiceQuality.Console.Tests;

/// <summary>Control charts, comparison, signals and alerts in a real Chromium (scoring.md §§ 8, 9, RPT-08, RPT-10, SCO-31).</summary>
public sealed class ChartPageTests(ConsoleApp app)
{
    public static TheoryData<string, string, string, int> Views() => PageChecks.Views("/comparison", "/signals", "/units/c06?type=cusum");

    [Theory, MemberData(nameof(Views))]
    public Task Page_renders_within_its_policy_and_without_accessibility_findings(string path, string language, string theme, int width) => app.ChecksOutAsync(path, language, theme, width);

    [Theory]
    [InlineData("zh", "一点超出 3σ")]
    [InlineData("en", "a point beyond 3σ")]
    public async Task The_chart_of_a_unit_names_limits_and_rules_and_leaves_gaps_open(string language, string rule)
    {
        await using var profile = await app.ProfileAsync(scripts: false);
        var page = await profile.NewPageAsync();
        await page.GotoAsync($"/units/c06?lang={language}&chart=hall-wait-p90");

        var panel = page.Locator("#cc");
        await Expect(panel.Locator(".keys")).ToContainTextAsync(rule);
        await Expect(panel.Locator(".cc-s")).ToHaveCountAsync(1);
        await Expect(panel.Locator(".cc-n")).ToHaveTextAsync("1");
        await Expect(panel.Locator(".cap").First).ToContainTextAsync("370.4");
        // Two days are missing: the line is in two pieces.
        Assert.Equal(2, (await panel.Locator(".cc-v").First.GetAttributeAsync("d"))!.Count(c => c == 'M'));

        await page.SelectOptionAsync("#cc-r", "nelson");
        await page.SelectOptionAsync("#cc-t", "cusum");
        await panel.Locator("button").ClickAsync();
        Assert.Contains("type=cusum", page.Url, StringComparison.Ordinal);
        await Expect(panel.Locator(".cc-v")).ToHaveCountAsync(2);

        await page.SelectOptionAsync("#cc-t", "p");
        await panel.Locator("button").ClickAsync();
        await Expect(panel.Locator(".hole b")).ToHaveTextAsync(language == "zh" ? "这样的图画不出来。" : "This chart cannot be drawn.");
    }

    [Fact]
    public async Task RPT_08_The_ranking_says_in_words_who_is_tied_and_lists_who_is_not_scored()
    {
        await using var profile = await app.ProfileAsync(scripts: false);
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/comparison?lang=en");

        var rows = page.Locator("#ranking tbody tr");
        await Expect(rows).ToHaveCountAsync(4);
        await Expect(rows.Nth(0)).ToContainTextAsync("with none");
        await Expect(rows.Nth(1)).ToContainTextAsync("with Fengzhu");
        await Expect(rows.Nth(1)).ToContainTextAsync("2–3");
        await Expect(page.Locator("main")).ToContainTextAsync("Not scored, 1: Qiyuan");
        await Expect(page.Locator(".stamp")).ToContainTextAsync("seed 739575");
        await Expect(page.Locator(".cc-n")).ToHaveTextAsync("Fengzhu"); // beyond 3σ in the funnel
        await Expect(page.Locator(".cc-o")).ToHaveCountAsync(1); // too small to judge

        await page.SelectOptionAsync("#rk-l", "crew");
        await page.Locator("form:has(#rk-l) button").ClickAsync();
        await Expect(page.Locator(".hole b").First).ToHaveTextAsync("This cannot be compared.");
    }

    [Fact]
    public async Task The_signals_of_a_day_say_what_to_expect_and_lead_to_the_chart()
    {
        await using var profile = await app.ProfileAsync();
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/signals?lang=en");

        await Expect(page.Locator("main")).ToContainTextAsync("2 signals; if nothing had changed, 2.4 false alarms would be expected. The control of false discoveries (10%) keeps 1.");
        await Expect(page.Locator("#signals tbody tr").Nth(1)).ToContainTextAsync("may be a false alarm");
        await Expect(page.Locator("#alerts tbody tr").Nth(0)).ToContainTextAsync("fell 6.1 points in 24 hours");
        await Expect(page.Locator("#alerts tbody tr").Nth(1)).ToContainTextAsync("down from Good to Fair");
        await Expect(page.Locator("#alerts tbody tr").Nth(0)).ToContainTextAsync("Hall wait P90 −2.31");

        await page.ClickAsync("#signals tbody tr:first-child td:nth-child(2) a");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Fengzhu");
        await Expect(page.Locator("#cc-i")).ToHaveValueAsync("hall-wait-p90");
        await Expect(page.Locator("#cc-r")).ToHaveValueAsync("western-electric");

        await page.GotoAsync("/signals?lang=en&day=2026-01-02");
        await Expect(page.Locator(".hole b")).ToHaveTextAsync("No signals.");
    }

    [Fact]
    public async Task Who_may_not_read_scores_sees_none_of_it()
    {
        await using var profile = await app.ProfileAsync(role: Access.Roles.Administrator);
        var page = await profile.NewPageAsync();
        Assert.Equal(403, (await page.GotoAsync("/comparison"))!.Status);
        Assert.Equal(403, (await page.GotoAsync("/signals"))!.Status);
    }

    [Theory]
    [InlineData(91.8, 95.7, 1, 1, "92 93 94 95")]
    [InlineData(89.5, 98.9, 1, 1, "90 92 94 96 98")]
    [InlineData(0.02, 0.31, 100, 1, "0.1 0.2 0.3")]
    [InlineData(130, 530, 1 / 60d, 1, "120 240 360 480")]
    [InlineData(3, 3.1, 1, 0, "3")]
    [InlineData(0, 0, 1, 1, "-0.1 0 0.1")]
    [InlineData(-1_200_000, 4_300_000, 1, 0, "0 2000000 4000000")]
    public void The_lines_of_a_grid_are_round_as_they_are_written(double low, double high, double scale, int digits, string lines) =>
        Assert.Equal(lines, string.Join(' ', new Plot(800, 240, 60, 30, [low, high]).Grid(scale, digits).Select(value => Math.Round(value, 6).ToString(CultureInfo.InvariantCulture))));

    [Fact]
    public void A_line_has_a_gap_where_a_point_is_missing()
    {
        Assert.Equal("M0 1L1 2M3 4", Plot.Line([(0, 1), (1, 2), null, (3, 4)]));
        Assert.Equal("M-1 5H1L1 6H3M5 5H7", Plot.Steps([(0, 5), (2, 6), null, (6, 5)], 1));
    }
}
