using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ServiceQuality.Console.Tests;

/// <summary>Stability, trend and forecast, Pareto and radar, and the ranking notice in a real Chromium (SCO-30, RPT-08, RPT-10, RPT-11).</summary>
public sealed class TrendPageTests(ConsoleApp app)
{
    private static readonly string Notice = $"/results/closings/{FakeRecords.Published}/ranking";

    public static TheoryData<string, string, string, int> Views() => PageChecks.Views("/units/c06/trend", "/units/c01/trend", Notice);

    [Theory, MemberData(nameof(Views))]
    public Task Page_renders_within_its_policy_and_without_accessibility_findings(string path, string language, string theme, int width) => app.ChecksOutAsync(path, language, theme, width);

    [Theory]
    [InlineData("zh", "每月提高 0.4 分", "（至今）", "（正式）")]
    [InlineData("en", "Improving by 0.4 points a month", "(to date)", "(official)")]
    public async Task SCO_30_The_page_says_in_words_where_a_unit_goes_and_shows_the_year_before_and_its_siblings(string language, string verdict, string toDate, string official)
    {
        await using var profile = await app.ProfileAsync(scripts: false);
        var page = await profile.NewPageAsync();
        await page.GotoAsync($"/units/c06?lang={language}");
        await page.GetByRole(AriaRole.Link, new() { Name = language == "zh" ? "稳定性、趋势与预测" : "Stability, trend and forecast" }).ClickAsync();

        await Expect(page.Locator("#verdict")).ToHaveTextAsync(verdict);
        var months = page.Locator("#months tbody tr");
        await Expect(months.Nth(1)).ToContainTextAsync(toDate);
        await Expect(months.Nth(0).Locator("td").Nth(2)).ToHaveTextAsync($"78.1{(language == "en" ? " " : "")}{official}");
        await Expect(months.Nth(0)).ToContainTextAsync("+2.3");
        await Expect(months.Nth(0)).ToContainTextAsync("79.2–81.5");
        await Expect(page.Locator("#siblings tr[aria-current] th")).ToHaveTextAsync(language == "zh" ? "枫渚" : "Fengzhu");
        await Expect(page.Locator("#siblings tbody tr").Nth(2)).ToContainTextAsync("—");
        // Two days are missing: the line is in two pieces. One day signals.
        Assert.Equal(2, (await page.Locator("#days .cc-v").First.GetAttributeAsync("d"))!.Count(c => c == 'M'));
        await Expect(page.Locator("#days .cc-s")).ToHaveCountAsync(1);

        await page.SelectOptionAsync("#dy-r", "nelson");
        await page.Locator("#days form button").ClickAsync();
        await Expect(page.Locator("#days")).ToContainTextAsync("73.4");
        Assert.Contains("period=2026-Q4", page.Url, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("zh", "按月看得分从 80.4 到 80.1")]
    [InlineData("en", "By month the score went from 80.4 to 80.1")]
    public async Task SCO_30_Days_and_months_that_go_different_ways_are_said_to_do_so(string language, string otherWay)
    {
        await using var profile = await app.ProfileAsync(scripts: false);
        var page = await profile.NewPageAsync();

        await page.GotoAsync($"/units/c06/trend?lang={language}&period=2026");
        await Expect(page.Locator("#other-way")).ToContainTextAsync(otherWay);

        await page.GotoAsync($"/units/c06/trend?lang={language}&period=2026-Q4");
        await Expect(page.Locator("#other-way")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task RPT_11_The_forecast_is_a_fan_with_its_table_and_too_few_months_are_said_so()
    {
        await using var profile = await app.ProfileAsync(scripts: false);
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/units/c06/trend?lang=en");

        await Expect(page.Locator("#forecast tbody tr")).ToHaveCountAsync(3);
        await Expect(page.Locator("#forecast tbody tr").Nth(2)).ToContainTextAsync("2027-01");
        await Expect(page.Locator("#forecast tbody tr").Nth(0)).ToContainTextAsync("77.6–82.6");
        await Expect(page.Locator(".mf-fan")).ToHaveCountAsync(1);
        await Expect(page.Locator("[aria-labelledby=fc-h]")).ToContainTextAsync("Simple exponential smoothing of 12 months: α 0.31, σ 1.12.");

        await page.GotoAsync("/units/c01/trend?lang=en");
        await Expect(page.Locator("#verdict")).ToHaveTextAsync("Not enough days to tell");
        await Expect(page.Locator("[aria-labelledby=fc-h] .hole")).ToContainTextAsync("There are 2 whole months with enough data; 6 are needed.");
        await Expect(page.Locator("[aria-labelledby=sb-h] .hole")).ToContainTextAsync("nothing to compare with");

        await page.GotoAsync("/units/c06/trend?lang=en&period=2031");
        await Expect(page.Locator(".hole b")).ToHaveTextAsync("This period cannot be shown.");
        Assert.Equal(404, (await page.GotoAsync("/units/nowhere/trend"))!.Status);
        Assert.Equal(403, (await page.GotoAsync("/units/n01/trend"))!.Status);
    }

    [Fact]
    public async Task RPT_08_The_notice_shows_ties_and_reasons_openly_and_is_never_taken_for_live()
    {
        await using var profile = await app.ProfileAsync();
        var page = await profile.NewPageAsync();
        await page.GotoAsync($"/results/closings/{FakeRecords.Published}?lang=en");
        await page.GetByRole(AriaRole.Link, new() { Name = "Ranking notice" }).ClickAsync();

        await Expect(page.Locator(".rk-o")).ToHaveTextAsync("Official");
        var rows = page.Locator("#official-ranking tbody tr");
        Assert.Equal(["1", "2=", "2=", "4"], await rows.Locator("td:first-child").AllTextContentsAsync());
        await Expect(rows.Nth(1)).ToContainTextAsync("shares the place with 1 more");
        await Expect(rows.Nth(3)).ToContainTextAsync("too little data for a grade");
        await Expect(page.Locator("#not-assessed")).ToContainTextAsync("nothing happened that the scheme looks at");
        await Expect(page.Locator("#not-assessed")).Not.ToContainTextAsync("0.00");
        await Expect(page.Locator("main")).ToContainTextAsync("1 further units of this level are beyond what you may see");
        Assert.Contains("format=csv", await page.GetByRole(AriaRole.Link, new() { Name = "CSV" }).GetAttributeAsync("href"), StringComparison.Ordinal);

        // On paper: no rail, no buttons, no forms.
        await Expect(page.Locator("[data-print]")).ToBeVisibleAsync();
        await page.EmulateMediaAsync(new() { Media = Media.Print });
        await Expect(page.Locator(".rail")).ToBeHiddenAsync();
        await Expect(page.Locator("[data-print]")).ToBeHiddenAsync();
        await Expect(page.Locator("form.bar-t")).ToBeHiddenAsync();
        await Expect(rows.Nth(3)).ToBeVisibleAsync();
        await page.EmulateMediaAsync(new() { Media = Media.Screen });

        await page.GotoAsync("/comparison?lang=en");
        await Expect(page.Locator("main")).ToContainTextAsync("Live and provisional");
        Assert.Equal(404, (await page.GotoAsync($"{Notice}?under=nowhere"))!.Status);
    }

    [Fact]
    public async Task RPT_10_Pareto_says_how_few_indicators_make_up_four_fifths()
    {
        await using var profile = await app.ProfileAsync(scripts: false);
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/units/c06?lang=en");

        await page.Locator("[aria-labelledby=pa-h] summary").ClickAsync();
        var rows = page.Locator("#pareto tbody tr");
        var cumulated = (await rows.Locator("td:last-child").AllTextContentsAsync()).Select(text => int.Parse(text.TrimEnd('%'), System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(cumulated.Order(), cumulated);
        Assert.Equal(100, cumulated[^1]);
        var few = cumulated.FindIndex(share => share >= 80) + 1;
        await Expect(page.Locator("[aria-labelledby=pa-h] .cap")).ToContainTextAsync($"{few} indicators make up {cumulated[few - 1]}%");
        await Expect(page.Locator(".pa-f")).ToHaveCountAsync(few);
    }

    [Fact]
    public async Task RPT_10_The_radar_shows_expectation_and_perception_of_five_dimensions()
    {
        await using var profile = await app.ProfileAsync(scripts: false);
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/units/c06/service-gaps?lang=en");

        Assert.Equal(5, (await page.Locator(".sv-rp").GetAttributeAsync("d"))!.Count(c => c is 'M' or 'L'));
        Assert.Contains("Reliability", await page.Locator(".sv-r").GetAttributeAsync("aria-label"), StringComparison.Ordinal);
        await page.GotoAsync("/units/c01/service-gaps?lang=en");
        await Expect(page.Locator(".sv-r")).ToHaveCountAsync(0);
    }
}
