using Microsoft.Playwright;
using ServiceQuality.Access;
using ServiceQuality.Console.Appraisals;

namespace ServiceQuality.Console.Tests;

/// <summary>The pages of the deduction ledger and of official results, in a real Chromium.</summary>
public sealed class RecordPageTests(ConsoleApp app)
{
    public static TheoryData<string, string, string, int> Views() => PageChecks.Views("/deductions", $"/deductions/{FakeRecords.Proposed}", "/results", $"/results/closings/{FakeRecords.Draft}", $"/results/closings/{FakeRecords.Published}", "/results/units/c06/2026-10?compare=now");

    [Theory, MemberData(nameof(Views))]
    public Task Page_renders_within_its_policy_and_without_accessibility_findings(string path, string language, string theme, int width) => app.ChecksOutAsync(path, language, theme, width);

    [Fact]
    public async Task SCO_19_A_deduction_is_proposed_and_confirmed_without_scripts()
    {
        await using var profile = await app.ProfileAsync(language: "en", scripts: false);
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/deductions?lang=en");
        await page.FillAsync("#p-unit", "c06");
        await page.SelectOptionAsync("#p-rule", "supervision-order");
        await page.FillAsync("#p-case", "SO-17");
        await page.FillAsync("#p-day", "2026-10-12");
        await page.FillAsync("#p-reason", "Not mended in time.");
        await page.FillAsync("#p-evidence", "Order SO-17.");
        await page.ClickAsync("form[action='/deductions'] button.btn-primary");

        await Assertions.Expect(page.Locator(".banner")).ToContainTextAsync("Somebody else confirms");
        var proposal = app.Records.Posted.Last(one => one.Path == "/api/deductions").Body;
        Assert.Equal(("c06", "SO-17", "2026-10-12T00:00:00+08:00"), (proposal["unit"]!.GetValue<string>(), proposal["case"]!.GetValue<string>(), proposal["happened"]!.GetValue<string>()));

        await page.ClickAsync($"button[formaction='/deductions/{FakeRecords.Proposed}/confirm']");
        await Assertions.Expect(page.Locator(".banner")).ToContainTextAsync("Confirmed");
        Assert.Contains(app.Records.Posted, one => one.Path == $"/api/deductions/{FakeRecords.Proposed}/confirm");
    }

    [Fact]
    public async Task SCO_19_The_proposer_finds_the_reason_in_the_place_of_the_button()
    {
        await using var profile = await app.ProfileAsync(language: "en");
        var page = await profile.NewPageAsync();

        await page.GotoAsync($"/deductions/{FakeRecords.Own}?lang=en");

        await Assertions.Expect(page.Locator("#barred")).ToContainTextAsync("You proposed it");
        Assert.Equal(0, await page.Locator("main button[formaction]").CountAsync());
    }

    [Fact]
    public async Task A_refused_change_is_told_in_words_and_keeps_what_was_typed()
    {
        app.Records.Refusals[$"/closings/{FakeRecords.Draft}/publish"] = "closing-comment-needed";
        await using var profile = await app.ProfileAsync(language: "zh", scripts: false);
        var page = await profile.NewPageAsync();
        await page.GotoAsync($"/results/closings/{FakeRecords.Draft}?lang=zh");
        await page.FillAsync("#a-comment", "  ");

        var answer = await page.RunAndWaitForResponseAsync(() => page.ClickAsync($"button[formaction='/results/closings/{FakeRecords.Draft}/publish']"), response => response.Request.Method == "POST");

        Assert.Equal(409, answer.Status);
        await Assertions.Expect(page.Locator("[role=alert]")).ToContainTextAsync("请写明说明");
        await page.FillAsync("#a-comment", "Looked at.");
        await page.ClickAsync($"button[formaction='/results/closings/{FakeRecords.Draft}/publish']");
        await Assertions.Expect(page.Locator(".banner[role=status]")).ToContainTextAsync("已发布");
        Assert.Equal("Looked at.", app.Records.Posted.Last(one => one.Path.EndsWith("/publish", StringComparison.Ordinal)).Body["comment"]!.GetValue<string>());
    }

    [Fact]
    public async Task SCO_24_A_unit_appeals_and_head_office_decides_without_scripts()
    {
        await using var profile = await app.ProfileAsync(language: "en", scripts: false, role: Roles.Branch, path: "hq/central/c06/");
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/results/units/c06/2026-10?lang=en");
        await page.FillAsync("#f-reason", "SO-17 was mended.");
        await page.FillAsync("#f-evidence", "Photo.");
        await page.ClickAsync("form[action='/results/units/c06/2026-10/appeal'] button");
        await Assertions.Expect(page.Locator(".banner[role=status]")).ToContainTextAsync("The appeal is filed");
        Assert.Equal("Photo.", app.Records.Posted.Last(one => one.Path.EndsWith("/appeals", StringComparison.Ordinal)).Body["evidence"]!.GetValue<string>());

        await using var office = await app.ProfileAsync(language: "en", scripts: false);
        var desk = await office.NewPageAsync();
        await desk.GotoAsync("/results/units/c06/2026-10?lang=en");
        await desk.FillAsync("textarea[id^=j-]", "The photo shows it.");
        await desk.ClickAsync("button[formaction$='/accept']");
        await Assertions.Expect(desk.Locator(".banner[role=status]")).ToContainTextAsync("accepted");
        Assert.True(app.Records.Posted.Last(one => one.Path.EndsWith("/judge", StringComparison.Ordinal)).Body["accept"]!.GetValue<bool>());
    }

    [Fact]
    public async Task SCO_26_The_shown_sum_adds_up_to_the_official_points()
    {
        await using var profile = await app.ProfileAsync(language: "en");
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/results/units/c06/2026-10?lang=en");

        var cells = await page.Locator(".sum-t tbody tr td:last-child").AllInnerTextsAsync();
        var total = await page.Locator(".sum-t tfoot td").InnerTextAsync();

        Assert.Equal(decimal.Parse(total, System.Globalization.CultureInfo.InvariantCulture), cells.Sum(cell => decimal.Parse(cell.Replace('−', '-'), System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal("86.90", total);
    }

    [Theory]
    [InlineData("zh", "随之变动的考核结果", "中部大区", "随 c06-hall1 重述，文件 1")]
    [InlineData("en", "Official results that change with it", "Central region", "Restated with c06-hall1, document 1")]
    public async Task What_a_restatement_takes_along_and_what_caused_it_stand_on_the_page(string language, string caption, string region, string cause)
    {
        await using var profile = await app.ProfileAsync(language: language);
        var page = await profile.NewPageAsync();
        await page.GotoAsync($"/results/units/c06/2026-10?compare=now&lang={language}");

        var tables = page.Locator("table", new() { HasText = caption });
        Assert.Equal(2, await tables.CountAsync());
        Assert.StartsWith(region, await tables.Nth(0).Locator("tbody th").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal(["84.20", "86.40"], [await Shown(0), await Shown(1)]);
        Assert.Equal(cause, await page.Locator("a[href='/results/units/c06-hall1/2026-10']").InnerTextAsync());

        async Task<string> Shown(int table) => (await tables.Nth(table).Locator("tbody td").Nth(1).InnerTextAsync()).Split((char[])[' ', '\u00a0', '\n'])[0];
    }

    [Theory]
    [InlineData("zh", "失分最多的事实")]
    [InlineData("en", "The facts that cost the most")]
    public async Task Scoring_5_The_costliest_facts_lead_to_their_place_in_the_journal(string language, string title)
    {
        await using var profile = await app.ProfileAsync(language: language);
        var page = await profile.NewPageAsync();
        await page.GotoAsync($"/results/units/c06/2026-10?lang={language}");

        var panel = page.Locator("section[aria-labelledby=costly-h]");
        Assert.Equal(title, await panel.Locator("h2").InnerTextAsync());
        Assert.Equal(1, await panel.Locator("details").CountAsync());
        Assert.Equal(["−0.42", "−0.0012"], await panel.Locator("tbody td:last-child").AllInnerTextsAsync());
        Assert.Equal("/api/journal/01900000-0000-7000-8000-0000000000c1?after=8&limit=1", await panel.Locator("tbody tr").Nth(1).Locator("td a").Nth(1).GetAttributeAsync("href"));
    }

    [Fact]
    public async Task Who_may_not_close_periods_is_offered_no_form_and_foreign_results_are_refused()
    {
        await using var profile = await app.ProfileAsync(language: "en", role: Roles.Branch, path: "hq/central/c06/");
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/results?lang=en");
        Assert.Equal(0, await page.Locator("#c-period").CountAsync());
        Assert.Equal(403, (await page.GotoAsync("/results/units/n01/2026-10"))!.Status);
        Assert.Equal(403, (await page.GotoAsync($"/deductions/{FakeRecords.Draft}"))!.Status);
    }

    [Theory]
    [InlineData("2026-11-21", "2026-10 2026-09 2026-08 2026-Q3 2026-Q2 2026-H1 2025")]
    [InlineData("2026-01-05", "2025-12 2025-11 2025-10 2025-Q4 2025-Q3 2025-H2 2025")]
    public void The_periods_offered_are_over(string today, string expected) =>
        Assert.Equal(expected.Split(' '), AppraisalAssembly.Periods(DateTimeOffset.Parse(today, System.Globalization.CultureInfo.InvariantCulture)));
}
