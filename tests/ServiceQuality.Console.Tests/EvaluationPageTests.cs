using Microsoft.Playwright;
using ServiceQuality.Access;

namespace ServiceQuality.Console.Tests;

/// <summary>Service gaps, fuzzy evaluation, judgements and panels in the browser (SCO-04, SCO-07, SCO-08, SCO-11, SCO-12).</summary>
public sealed class EvaluationPageTests(ConsoleApp app)
{
    private static readonly string Open = $"/panels/{FakeEvaluations.OpenPanel}", Closed = $"/panels/{FakeEvaluations.ClosedPanel}";

    public static TheoryData<string, string, string, int> Views() => PageChecks.Views("/units/c06/service-gaps", "/units/c01/service-gaps", "/panels?elements=A,B,C&c-0-1=2&c-0-2=1/5&c-1-2=3&judge=1", Open, Closed);

    [Theory, MemberData(nameof(Views))]
    public Task Page_renders_within_its_policy_and_without_accessibility_findings(string path, string language, string theme, int width) => app.ChecksOutAsync(path, language, theme, width);

    [Fact]
    public async Task The_unit_page_leads_to_its_gaps_and_the_operator_can_be_chosen_without_scripts()
    {
        await using var profile = await app.ProfileAsync(scripts: false);
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/units/c06?lang=zh");

        await page.GetByRole(AriaRole.Link, new() { Name = "服务差距与模糊评价" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("服务差距");
        await page.GetByLabel("合成算子").SelectOptionAsync("min-max");
        await page.GetByRole(AriaRole.Button, new() { Name = "计算" }).ClickAsync();

        Assert.EndsWith("operator=min-max", page.Url, StringComparison.Ordinal);
        Assert.Equal("min-max", await page.GetByLabel("合成算子").InputValueAsync());
    }

    [Fact]
    public async Task The_board_names_what_is_missing_and_the_widest_gap_and_the_verdict_that_differs()
    {
        await using var profile = await app.ProfileAsync();
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/units/c06/service-gaps?lang=en");

        await Assertions.Expect(page.Locator("table.gaps tbody tr").Nth(0)).ToContainTextAsync("Missing: the data (published by Customers)");
        await Assertions.Expect(page.Locator("table.gaps tr[aria-current]")).ToContainTextAsync("5. Perception gapwidest");
        await Assertions.Expect(page.Locator("table.gaps tbody tr").Nth(2)).ToContainTextAsync("−4.2 points");
        await Assertions.Expect(page.Locator("[aria-labelledby=fz-h]")).ToContainTextAsync("Largest membership: Good, validity 0.38 (low: under 0.50); weighted mean 76.7.");
        await Assertions.Expect(page.Locator("[aria-labelledby=fz-h]")).ToContainTextAsync("Another grade than the score's; the score's, Fair, decides:");
        await Assertions.Expect(page.Locator("[aria-labelledby=sv-h]")).ToContainTextAsync("Weighted gap −0.56, perceived index 3.98, 128 valid answer sheets");
        await Assertions.Expect(page.Locator(".sv-worst li").First).ToContainTextAsync("Served quickly−1.40");
    }

    [Fact]
    public async Task A_unit_without_data_says_what_to_do()
    {
        await using var profile = await app.ProfileAsync();
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/units/c01/service-gaps?lang=zh");

        await Assertions.Expect(page.Locator("[aria-labelledby=sv-h]")).ToContainTextAsync("本期没有 SERVQUAL 答卷");
        await Assertions.Expect(page.Locator("[aria-labelledby=fz-h]")).ToContainTextAsync("没有可评价的数据");
        Assert.Equal(404, (await page.GotoAsync("/units/nowhere/service-gaps"))!.Status);
        Assert.Equal(403, (await page.GotoAsync("/units/n01/service-gaps"))!.Status);
    }

    [Fact]
    public async Task Judgements_that_contradict_each_other_are_refused_with_what_would_mend_them_and_then_weighed()
    {
        await using var profile = await app.ProfileAsync(scripts: false);
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/panels?lang=zh");

        await page.GetByLabel("要素，以逗号分隔").FillAsync("质量，效率、态度");
        await page.GetByRole(AriaRole.Button, new() { Name = "开始比较" }).ClickAsync();
        await page.GetByLabel("质量比效率").SelectOptionAsync("2");
        await page.GetByLabel("质量比态度").SelectOptionAsync("1/5");
        await page.GetByRole(AriaRole.Button, new() { Name = "计算权重" }).ClickAsync();
        await Assertions.Expect(page.GetByText("还有判断没有作出")).ToBeVisibleAsync();
        await page.GetByLabel("效率比态度").SelectOptionAsync("3");
        await page.GetByRole(AriaRole.Button, new() { Name = "计算权重" }).ClickAsync();

        await Assertions.Expect(page.GetByText("判断互相矛盾，不予采用")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("质量比态度判断为 1/5；由效率推算应为 6")).ToBeVisibleAsync();
        await page.GetByLabel("效率比态度").SelectOptionAsync("2");
        await page.GetByRole(AriaRole.Button, new() { Name = "计算权重" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Table, new() { Name = "权重", Exact = true })).ToContainTextAsync("33.3%");
        Assert.Equal(["质量", "效率", "态度"], app.Evaluations.Posted["/api/weights/ahp"].GetProperty("elements").EnumerateArray().Select(element => element.GetString()));
        Assert.Equal(5, app.Evaluations.Posted["/api/weights/ahp"].GetProperty("matrices")[0][2][0].GetDouble(), 9);
    }

    [Fact]
    public async Task An_expert_rates_without_seeing_others_and_a_refusal_is_said_in_words()
    {
        await using var profile = await app.ProfileAsync(scripts: false);
        var page = await profile.NewPageAsync();
        await page.GotoAsync(Open + "?lang=zh");

        await Assertions.Expect(page.GetByText("评审结果")).ToHaveCountAsync(0);
        await page.GetByLabel("质量").FillAsync("8.5");
        await page.GetByLabel("效率").FillAsync("1.5");
        await page.GetByRole(AriaRole.Button, new() { Name = "提交评分" }).ClickAsync();
        Assert.Equal([8.5, 1.5], app.Evaluations.Posted["/ratings"].GetProperty("ratings").EnumerateArray().Select(rating => rating.GetDouble()));

        await page.GotoAsync(Closed);
        await Assertions.Expect(page.GetByText("肯德尔 W = 0.67，p = 0.157")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("王澜，质量：2，中位数 8")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "签署结果" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("发起人不能签署");
    }

    [Fact]
    public async Task The_head_office_opens_a_panel_and_others_have_no_form()
    {
        await using var office = await app.ProfileAsync(scripts: false);
        var page = await office.NewPageAsync();
        await page.GotoAsync("/panels?lang=en");
        await page.GetByLabel("Question").FillAsync("How much should each family weigh?");
        await page.GetByLabel("Elements, one a line").FillAsync("quality\nefficiency\n\n");
        await page.GetByRole(AriaRole.Button, new() { Name = "Open", Exact = true }).ClickAsync();
        Assert.EndsWith(Open, page.Url, StringComparison.Ordinal);
        Assert.Equal(["quality", "efficiency"], app.Evaluations.Posted["/api/panels"].GetProperty("elements").EnumerateArray().Select(element => element.GetString()));

        await using var region = await app.ProfileAsync(Roles.Region, "hq/central/");
        var other = await region.NewPageAsync();
        await other.GotoAsync("/panels?lang=en");
        await Assertions.Expect(other.GetByRole(AriaRole.Button, new() { Name = "Open", Exact = true })).ToHaveCountAsync(0);
        await using var administrator = await app.ProfileAsync(Roles.Administrator);
        var none = await administrator.NewPageAsync();
        Assert.Equal(403, (await none.GotoAsync("/panels"))!.Status);
    }
}
