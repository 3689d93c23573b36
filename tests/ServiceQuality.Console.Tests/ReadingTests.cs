using System.Net;
using Microsoft.Playwright;
using ServiceQuality.Access;
using ServiceQuality.Testing;
using static Microsoft.Playwright.Assertions;

namespace ServiceQuality.Console.Tests;

/// <summary>What people do on the pages, with and without scripts.</summary>
public sealed class ReadingTests(ConsoleApp app)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Ranking_is_filtered_searched_and_sorted_and_the_address_says_so(bool scripts)
    {
        await using var profile = await app.ProfileAsync(scripts: scripts);
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/?lang=zh");
        var rows = page.Locator("#board tbody tr");
        await Expect(rows).ToHaveCountAsync(24);

        await page.SelectOptionAsync("#f-region", "central");
        if (!scripts)
            await page.ClickAsync("#board-filter button");
        await Expect(rows).ToHaveCountAsync(8);
        await Expect(page.Locator(".board-n")).ToHaveTextAsync("8 个分公司");
        Assert.Contains("region=central", page.Url, StringComparison.Ordinal);

        await page.ClickAsync("#board thead a:has-text('机构')");
        await Expect(page.Locator("#board th[aria-sort=ascending]")).ToHaveTextAsync("机构");
        Assert.Contains("sort=name", page.Url, StringComparison.Ordinal);
        Assert.Contains("region=central", page.Url, StringComparison.Ordinal);

        await page.FillAsync("#f-find", "枫");
        if (!scripts)
            await page.ClickAsync("#board-filter button");
        await Expect(rows).ToHaveCountAsync(1);
        await Expect(rows.First).ToContainTextAsync("枫渚");

        await page.ReloadAsync();
        await Expect(rows).ToHaveCountAsync(1);

        await page.FillAsync("#f-find", "没有");
        if (!scripts)
            await page.ClickAsync("#board-filter button");
        await page.ClickAsync("text=清除筛选");
        await Expect(rows).ToHaveCountAsync(24);
    }

    [Theory]
    [InlineData("zh", "省级未抽测", "省级营业厅71.5 分否决项 1 个")]
    [InlineData("en", "province not sampled", "head officehallscored 71.51 critical failures")]
    public async Task SCO_33_A_mark_of_a_value_and_the_figures_of_an_inspection_are_in_words(string language, string mark, string figures)
    {
        await using var profile = await app.ProfileAsync(language: language);
        var page = await profile.NewPageAsync();
        await page.GotoAsync($"/units/c06?lang={language}");

        await Expect(page.Locator(".ind tbody th .sub", new() { HasTextString = mark })).ToHaveCountAsync(1);
        var inspection = page.Locator(".facts li", new() { HasTextString = "mystery-visit" });
        await Expect(inspection).ToContainTextAsync(figures);
    }

    [Fact]
    public async Task The_change_since_yesterday_is_taken_with_todays_knowledge()
    {
        await using var profile = await app.ProfileAsync(language: "en");
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/units/c06");

        await Expect(page.Locator(".h-change .chg tbody tr").First).ToBeVisibleAsync();
        await Expect(page.Locator(".ind tbody tr td:last-child").First).Not.ToHaveTextAsync("—");
    }

    [Fact]
    public async Task Rows_lead_to_the_unit_and_its_parts_add_up()
    {
        await using var profile = await app.ProfileAsync(language: "en");
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/");
        await page.ClickAsync("#board th a:has-text('Fengzhu')");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Fengzhu");

        var families = await Figures(page.Locator(".ind .fam td:nth-last-child(2)"));
        var leaves = await Figures(page.Locator(".ind tbody tr:not(.fam) .ct .n"));
        var total = (await Figures(page.Locator(".ind tfoot td:nth-last-child(2)")))[0];
        var score = (await Figures(page.Locator(".ind tfoot td").First))[0];
        Assert.Equal(total, leaves.Sum());
        Assert.Equal(total, families.Sum());
        Assert.Equal(score, 100 + total);
        Assert.Equal(-2.80m, (await Figures(page.Locator(".chg td.r"))).Sum());
    }

    [Fact]
    public async Task A_moment_can_be_replayed_and_the_page_then_stands_still()
    {
        await using var profile = await app.ProfileAsync(language: "en");
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/units/c06");
        await page.ClickAsync(".replay summary");
        await page.FillAsync("#as-of", "2026-11-01T08:00:05");
        await page.ClickAsync(".replay button");
        await Expect(page.Locator(".past")).ToContainTextAsync("1 Nov 08:00");
        await Expect(page.Locator("#live")).ToHaveCountAsync(0);
        await page.ClickAsync("text=Back to now");
        await Expect(page.Locator("#live")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task Keys_lead_to_the_search_and_along_the_rows()
    {
        await using var profile = await app.ProfileAsync();
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/");
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.Locator(".skip")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Control+k");
        await Expect(page.Locator("#q")).ToBeFocusedAsync();

        await page.FocusAsync("#board tr[data-row=n01] th a");
        await page.Keyboard.PressAsync("ArrowDown");
        await Expect(page.Locator("#board tr[data-row=c01] th a")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("ArrowUp");
        await Expect(page.Locator("#board tr[data-row=n01] th a")).ToBeFocusedAsync();

        await page.FillAsync("#q", "c06");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("h1")).ToHaveTextAsync("枫渚");
    }

    [Fact]
    public async Task Language_follows_the_browser_and_then_the_choice()
    {
        await using var profile = await app.ProfileAsync(language: "en-GB", scheme: ColorScheme.Dark);
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/units");
        Assert.Equal("en", await page.GetAttributeAsync("html", "lang"));
        Assert.Equal("dark", await page.GetAttributeAsync("html", "data-bs-theme"));
        await page.ClickAsync("a[hreflang=zh-CN]");
        await page.GotoAsync("/units");
        Assert.Equal("zh-CN", await page.GetAttributeAsync("html", "lang"));
        await page.ClickAsync("#theme");
        await page.GotoAsync("/units");
        Assert.Equal("light", await page.GetAttributeAsync("html", "data-bs-theme"));
    }

    [Fact]
    public async Task A_branch_sees_its_own_contact_points()
    {
        await using var profile = await app.ProfileAsync(Roles.Branch, "hq/central/c06/");
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/");
        await Expect(page.Locator("#board tbody tr")).ToHaveCountAsync(2);
        Assert.Equal(403, (await page.GotoAsync("/units/n01"))!.Status);
        await Expect(page.Locator("h1")).ToHaveTextAsync("无权查看");
    }

    [Fact]
    public async Task An_administrator_is_told_that_scores_are_not_his_and_still_sees_the_tree()
    {
        await using var profile = await app.ProfileAsync(Roles.Administrator);
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/");
        await Expect(page.Locator("h1")).ToHaveTextAsync("你的角色不看得分");
        await page.GotoAsync("/units");
        await Expect(page.Locator(".tree tbody tr")).ToHaveCountAsync(76);
    }

    [Fact]
    public async Task Who_is_not_signed_in_is_led_to_the_sign_in_page_and_back()
    {
        await using var profile = await app.ProfileAsync(role: null);
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/units/c06?period=30d");
        await Expect(page.Locator("input[name=returnUrl]")).ToHaveValueAsync("/units/c06?period=30d");
        await page.GotoAsync("/sign-in?error=too-many-attempts&returnUrl=//elsewhere.example");
        await Expect(page.Locator("input[name=returnUrl]")).ToHaveValueAsync("/");
        await Expect(page.Locator("#error")).ToContainTextAsync("尝试次数过多");
    }

    [Fact]
    public async Task Missing_pages_are_pages_for_people_and_problems_for_programs()
    {
        using var person = TestTickets.ClientWith(app.Address, TestTickets.For(Roles.HeadOffice, ""));
        person.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        var page = await person.GetAsync("/nothing/here", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        Assert.Contains("default-src 'none'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);

        using var program = TestTickets.ClientWith(app.Address, TestTickets.For(Roles.HeadOffice, ""));
        Assert.Equal("application/problem+json", (await program.GetAsync("/nothing/here", TestContext.Current.CancellationToken)).Content.Headers.ContentType!.MediaType);
    }

    private static async Task<List<decimal>> Figures(ILocator cells) =>
        [.. (await cells.AllInnerTextsAsync()).Select(text => decimal.Parse(text.Replace('−', '-').Trim(), System.Globalization.CultureInfo.InvariantCulture))];
}
