using Microsoft.Playwright;
using ServiceQuality.Access;

namespace ServiceQuality.Console.Tests;

/// <summary>The sub-dimension library in the browser (SCO-10).</summary>
public sealed class LibraryPageTests(ConsoleApp app)
{
    public static TheoryData<string, string, string, int> Views() => PageChecks.Views("/sub-dimensions");

    [Theory, MemberData(nameof(Views))]
    public Task Page_renders_within_its_policy_and_without_accessibility_findings(string path, string language, string theme, int width) => app.ChecksOutAsync(path, language, theme, width);

    [Fact]
    public async Task A_check_point_is_added_a_sub_dimension_moved_and_one_dropped_without_scripts()
    {
        await using var profile = await app.ProfileAsync(scripts: false);
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/units/c06/service-gaps?lang=en");
        await page.GetByRole(AriaRole.Link, new() { Name = "Sub-dimension library" }).ClickAsync();

        await page.Locator("[name=dimension-0]").SelectOptionAsync("reliability");
        await page.Locator("[name=points-0]").FillAsync("polite | 礼貌友善 | Polite and friendly\n\nnew-one ｜ 新 ｜ New | one");
        await page.Locator("[name=drop-1]").CheckAsync();
        await page.GetByLabel("Reason").FillAsync("asked for by the regions");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save as a new version" }).ClickAsync();

        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("The new version is saved");
        var sent = app.Evaluations.Posted["/api/sub-dimensions"];
        Assert.Equal((2, "2026-12-01", 1), (sent.GetProperty("basedOn").GetInt32(), sent.GetProperty("effectiveFrom").GetString(), sent.GetProperty("subDimensions").GetArrayLength()));
        var sub = sent.GetProperty("subDimensions")[0];
        Assert.Equal(("courtesy", "reliability", 3), (sub.GetProperty("code").GetString(), sub.GetProperty("dimension").GetString(), sub.GetProperty("importance").GetInt32()));
        Assert.Equal([("polite", "礼貌友善", "Polite and friendly"), ("new-one", "新", "New | one")], sub.GetProperty("checkPoints").EnumerateArray()
            .Select(point => (point.GetProperty("code").GetString(), point.GetProperty("name").GetProperty("zh").GetString(), point.GetProperty("name").GetProperty("en").GetString())));
    }

    [Theory]
    [InlineData("zh", "代码用小写字母", "礼貌 #2")]
    [InlineData("en", "codes are lower-case letters", "礼貌 #2")]
    public async Task A_refusal_names_the_check_point_and_keeps_what_was_typed(string language, string text, string place)
    {
        await using var profile = await app.ProfileAsync(scripts: false);
        var page = await profile.NewPageAsync();
        await page.GotoAsync($"/sub-dimensions?lang={language}");
        await page.Locator("[name=points-0]").FillAsync("polite | a | b\n<script> | c | d");
        await page.Locator("[name=reason]").FillAsync("wrong");
        await page.Locator(".lib-f button").ClickAsync();

        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync(text);
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync(place);
        Assert.Equal("polite | a | b\n<script> | c | d", (await page.Locator("[name=points-0]").InputValueAsync()).ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task An_old_version_is_read_only_and_who_may_not_read_schemes_is_told_so()
    {
        await using var profile = await app.ProfileAsync(scripts: false);
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/sub-dimensions?lang=en&version=1");
        await Assertions.Expect(page.GetByRole(AriaRole.Row, new() { Name = "Courtesy" })).ToContainTextAsync("Assurance");
        await Assertions.Expect(page.Locator(".lib-f")).ToHaveCountAsync(0);
        Assert.Equal(404, (await page.GotoAsync("/sub-dimensions?version=9"))!.Status);

        await using var machine = await app.ProfileAsync(Roles.BranchSystem);
        Assert.Equal(403, (await (await machine.NewPageAsync()).GotoAsync("/sub-dimensions"))!.Status);
    }
}
