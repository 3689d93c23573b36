using Microsoft.Playwright;

namespace ServiceQuality.Console.Tests;

/// <summary>The fuzzy verdict beside the score on a unit's own page (scoring.md §7), the index by part (SCO-21) and the target line (SCO-32).</summary>
public sealed class VerdictTests(ConsoleApp app)
{
    [Theory]
    [InlineData("zh", "良好", "有效度 0.38，低", "与得分的等级不同，以得分的等级“中等”为准：有效度只有 0.38。")]
    [InlineData("en", "Good", "validity 0.38, low", "Another grade than the score's, which decides (Fair): The validity is only 0.38.")]
    public async Task A_verdict_of_another_grade_stands_beside_the_score_with_its_validity_and_the_reason(string language, string verdict, string validity, string sentence)
    {
        await using var profile = await app.ProfileAsync(scripts: false);
        var page = await profile.NewPageAsync();
        await page.GotoAsync($"/units/c06?lang={language}");

        var box = page.Locator(".h-score .fv");
        await Assertions.Expect(box).ToContainTextAsync(verdict);
        await Assertions.Expect(box).ToContainTextAsync(validity);
        await Assertions.Expect(box).ToContainTextAsync(sentence);
        var bar = await box.GetByRole(AriaRole.Img).GetAttributeAsync("aria-label") ?? "";
        Assert.All(["0.01", "0.47", "0.44", "0.02", "0.06"], share => Assert.Contains(share, bar, StringComparison.Ordinal));
        // The score stays where it is: 77.8 decides.
        await Assertions.Expect(page.Locator(".h-score .v b")).ToHaveTextAsync("77.8");
        await box.GetByRole(AriaRole.Link).ClickAsync();
        Assert.EndsWith("/units/c06/service-gaps", page.Url.Split('?')[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("zh", "全部隶属于这一等级", "与得分的等级相同")]
    [InlineData("en", "everything belongs to this grade", "The same grade as the score's")]
    public async Task A_verdict_of_the_same_grade_says_so_in_one_line(string language, string validity, string sentence)
    {
        await using var profile = await app.ProfileAsync(scripts: false);
        var page = await profile.NewPageAsync();
        await page.GotoAsync($"/units/c01?lang={language}");

        await Assertions.Expect(page.Locator(".fv")).ToContainTextAsync(validity);
        await Assertions.Expect(page.Locator(".fv")).ToContainTextAsync(sentence);
    }

    [Theory]
    [InlineData("zh", "满意", "未达标")]
    [InlineData("en", "Satisfaction", "missed")]
    public async Task SCO_21_SCO_32_The_parts_add_up_to_the_shown_score_cases_are_text_and_missed_targets_are_said(string language, string part, string missed)
    {
        await using var profile = await app.ProfileAsync(scripts: false);
        var page = await profile.NewPageAsync();
        await page.GotoAsync($"/units/c06?lang={language}");

        var index = page.Locator("#sqi");
        await Assertions.Expect(index.GetByRole(AriaRole.Rowheader, new() { Name = part, Exact = true })).ToBeVisibleAsync();
        var cells = await index.Locator("tbody tr td:nth-child(4)").AllInnerTextsAsync();
        var total = Number(await index.Locator("tfoot td.r").InnerTextAsync());
        Assert.Equal(total, cells.Sum(Number), 9);
        await Assertions.Expect(index.GetByText("<script>alert(1)</script>")).ToBeVisibleAsync();

        await Assertions.Expect(page.Locator("[data-row=satisfaction] .tgt")).ToContainTextAsync(missed);
        await Assertions.Expect(page.Locator("[data-row=answered-20s] .tgt")).ToHaveCountAsync(0);
        await Assertions.Expect(page.Locator("[data-row=answered-20s] .cv-t")).ToHaveCountAsync(1);
        await Assertions.Expect(page.Locator("[data-row=handle-mean] .cv-t")).ToHaveCountAsync(0);
    }

    [Theory]
    [InlineData("0001-01-01T00:00")]
    [InlineData("0001-01-02T00:00:00Z")]
    [InlineData("9999-12-31T23:59:59")]
    public async Task A_moment_at_the_end_of_the_calendar_is_none(string moment)
    {
        await using var profile = await app.ProfileAsync(scripts: false);
        var page = await profile.NewPageAsync();
        Assert.Equal(200, (await page.GotoAsync($"/units/c06?asOf={moment}"))!.Status);
    }

    private static double Number(string text) => double.Parse(text.Trim().Replace('−', '-').Replace("+", "", StringComparison.Ordinal), System.Globalization.CultureInfo.InvariantCulture);
}
