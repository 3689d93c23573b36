using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ServiceQuality.Console.Tests;

/// <summary>Figures that move while somebody looks, and services that go away; each test has a suite of its own.</summary>
public sealed class LiveTests : IAsyncLifetime
{
    private readonly ConsoleApp _app = new();

    public ValueTask InitializeAsync() => _app.InitializeAsync();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task A_new_score_changes_its_cell_without_reload_and_rows_keep_their_place()
    {
        await using var profile = await _app.ProfileAsync();
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/");
        await Expect(page.Locator("#live.on")).ToHaveCountAsync(1);
        await page.EvaluateAsync("window.stillHere = true");
        await page.FocusAsync("#board tr[data-row=s07] th a");

        _app.Suite.Move("s07", 95.5);
        var cell = page.Locator("#board [data-live=s-s07]");
        await Expect(cell).ToContainTextAsync("95.5");
        await Expect(page.Locator("#board [data-live=g-s07]")).ToHaveTextAsync("优秀");
        await Expect(page.Locator("#board [data-live=r-s07]")).ToHaveTextAsync("1");
        Assert.Contains("flash", await cell.GetAttributeAsync("class"), StringComparison.Ordinal);
        Assert.True(await page.EvaluateAsync<bool>("window.stillHere"));
        Assert.Equal("n01", await page.GetAttributeAsync("#board tbody tr:first-child", "data-row"));
        await Expect(page.Locator("#board tr[data-row=s07] th a")).ToBeFocusedAsync();
        await Expect(page.Locator("#events li").First).ToContainTextAsync("55.0 → 95.5");
    }

    [Fact]
    public async Task A_unit_page_follows_its_own_score()
    {
        await using var profile = await _app.ProfileAsync();
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/units/c06");
        await Expect(page.Locator("#live.on")).ToHaveCountAsync(1);
        _app.Suite.Move("c06", 82.36);
        await Expect(page.Locator("[data-live=score]")).ToContainTextAsync("82.4");
        await Expect(page.Locator("[data-live=p-total]")).ToHaveTextAsync("82.36");
    }

    [Fact]
    public async Task A_lost_stream_is_said_with_the_time_at_which_the_figures_stand()
    {
        await using var profile = await _app.ProfileAsync();
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/");
        await Expect(page.Locator("#live.on")).ToHaveCountAsync(1);
        var stamp = await page.InnerTextAsync(".stamp time");
        _app.Suite.Away["scores"] = true;
        _app.Suite.DropStreams();
        await Expect(page.Locator("#lost")).ToBeVisibleAsync(new LocatorAssertionsToBeVisibleOptions { Timeout = 10_000 });
        await Expect(page.Locator("#lost")).ToContainTextAsync(stamp);
        await Expect(page.Locator("#board tbody tr")).ToHaveCountAsync(24);

        _app.Suite.Away.Clear();
        await Expect(page.Locator("#lost")).ToBeHiddenAsync(new LocatorAssertionsToBeHiddenOptions { Timeout = 10_000 });
    }

    [Fact]
    public async Task A_service_that_is_away_costs_its_panel_and_nothing_else()
    {
        await using var profile = await _app.ProfileAsync();
        var page = await profile.NewPageAsync();
        _app.Suite.Away["monitoring"] = true;
        await page.GotoAsync("/");
        await Expect(page.Locator("#board tbody tr")).ToHaveCountAsync(24);
        await Expect(page.Locator("[data-live=org-intake]")).ToContainTextAsync("拒收数暂时读不到");

        _app.Suite.Away["scores"] = true;
        await page.GotoAsync("/");
        await Expect(page.Locator(".hole.gap")).ToContainTextAsync("暂时读不到这部分");
        await page.GotoAsync("/units");
        await Expect(page.Locator(".tree tbody tr")).ToHaveCountAsync(76);
        await Expect(page.Locator(".banner.in-panel")).ToContainTextAsync("得分暂时读不到");
    }
}
