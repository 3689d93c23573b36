using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ServiceQuality.EndToEnd;

/// <summary>What head office sees: a real browser in front of the suite (RPT-01).</summary>
[Collection("suite")]
public sealed partial class LiveBrowserTests(SuiteFixture fixture, Browser browser, ITestOutputHelper output) : IClassFixture<Browser>
{
    private const string Source = "urn:test:browser";

    [Fact]
    public async Task RPT_01_Facts_move_the_figures_on_open_pages_within_seconds_without_reload()
    {
        var run = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        using var system = await fixture.KeyOfAsync("south");
        await system.AcceptedAsync([.. Enumerable.Range(0, 60).Select(number => BranchSystem.Visit("s03-hall1", Source, $"{run}-good-{number}", 120, "resolved", 5))]);
        await using var profile = await browser.ProfileAsync(fixture.Suite.Address);
        var unit = await profile.NewPageAsync();
        await SignInAsync(unit, "/units/s03");
        await Expect(unit).ToHaveURLAsync($"{fixture.Suite.Address}/units/s03");
        await Expect(unit.Locator("[data-live=score] b")).ToHaveTextAsync(Figure(), new() { Timeout = 30_000 });
        var overview = await profile.NewPageAsync();
        await overview.GotoAsync("/");
        await Expect(overview.Locator("#board tr[data-row=s03]")).ToHaveCountAsync(1);
        foreach (var page in new[] { unit, overview })
        {
            await Expect(page.Locator("#live.on")).ToHaveCountAsync(1);
            await page.EvaluateAsync("window.stillHere = true");
        }
        await StillAsync(unit.Locator("[data-live=score] b"));
        var (before, row) = (await unit.InnerTextAsync("[data-live=score] b"), overview.Locator("#board [data-live=s-s03]"));
        var rowBefore = await row.InnerTextAsync();
        var navigations = 0;
        unit.FrameNavigated += (_, _) => navigations++;
        overview.FrameNavigated += (_, _) => navigations++;

        var posted = Stopwatch.StartNew();
        await system.AcceptedAsync([.. Enumerable.Range(0, 120).Select(number => BranchSystem.Visit("s03-hall1", Source, $"{run}-bad-{number}", 1700, "unresolved", 1))]);

        // A page in the background waits until it is looked at, as browsers' tabs do.
        await unit.BringToFrontAsync();
        await Expect(unit.Locator("[data-live=score] b")).Not.ToHaveTextAsync(before, new() { Timeout = 15_000 });
        var unitSeconds = posted.Elapsed.TotalSeconds;
        await overview.BringToFrontAsync();
        await Expect(row).Not.ToHaveTextAsync(rowBefore, new() { Timeout = 15_000 });
        output.WriteLine($"{before} → {await unit.InnerTextAsync("[data-live=score] b")} after {unitSeconds:0.0} s, row {rowBefore.Split('\n')[0]} → {(await row.InnerTextAsync()).Split('\n')[0]} after {posted.Elapsed.TotalSeconds:0.0} s");
        Assert.Equal(0, navigations);
        Assert.True(await unit.EvaluateAsync<bool>("window.stillHere"));
        Assert.True(await overview.EvaluateAsync<bool>("window.stillHere"));
    }

    [Fact]
    public async Task A_wrong_password_is_said_and_opens_nothing()
    {
        await using var profile = await browser.ProfileAsync(fixture.Suite.Address);
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/");
        await Expect(page).ToHaveURLAsync(SignInPage());
        await page.FillAsync("#user", "director");
        await page.FillAsync("#password", "not the password");
        await page.ClickAsync("main button[type=submit]");

        await Expect(page.Locator("#error")).ToContainTextAsync("wrong");
        await page.GotoAsync("/units/n01");
        await Expect(page).ToHaveURLAsync(SignInPage());
    }

    [Fact]
    public async Task Signing_out_ends_the_session_for_good()
    {
        await using var profile = await browser.ProfileAsync(fixture.Suite.Address);
        var page = await profile.NewPageAsync();
        await SignInAsync(page, "/");
        await Expect(page.Locator("#board")).ToHaveCountAsync(1);
        var cookies = await profile.CookiesAsync();

        await page.ClickAsync("form[action='/sign-out'] button");

        await Expect(page).ToHaveURLAsync(SignInPage());
        await page.GotoAsync("/");
        await Expect(page).ToHaveURLAsync(SignInPage());
        // Whoever kept a copy of the cookie has nothing: the session is over, not only forgotten by this browser.
        using var thief = new HttpClient(new HttpClientHandler { UseCookies = false }) { BaseAddress = new Uri(fixture.Suite.Address) };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/me");
        request.Headers.Add("Cookie", string.Join("; ", cookies.Select(cookie => $"{cookie.Name}={cookie.Value}")));
        using var answer = await thief.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    private async Task SignInAsync(IPage page, string address)
    {
        var director = fixture.Demo.Accounts.First(account => account.User == "director");
        await page.GotoAsync(address);
        await page.FillAsync("#user", director.User);
        await page.FillAsync("#password", director.Password);
        await page.ClickAsync("main button[type=submit]");
    }

    [GeneratedRegex("/sign-in", RegexOptions.None, 1000)]
    private static partial Regex SignInPage();

    [GeneratedRegex("[0-9]", RegexOptions.None, 1000)]
    private static partial Regex Figure();

    /// <summary>Waits until a figure has not changed for longer than the page's own pace, so that what was sent earlier has arrived.</summary>
    private static async Task StillAsync(ILocator figure)
    {
        var (last, since, waited) = (await figure.InnerTextAsync(), Stopwatch.StartNew(), Stopwatch.StartNew());
        while (since.Elapsed < TimeSpan.FromSeconds(5))
        {
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(40), "The score does not come to rest.");
            await Task.Delay(100, TestContext.Current.CancellationToken);
            if (await figure.InnerTextAsync() is var now && now != last)
            {
                last = now;
                since.Restart();
            }
        }
    }
}

/// <summary>A real Chromium.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM") ?? Places.First(File.Exists),
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    /// <summary>A fresh profile that speaks English and lives in Shanghai.</summary>
    public async Task<IBrowserContext> ProfileAsync(string address)
    {
        var profile = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = address,
            ViewportSize = new ViewportSize { Width = 1440, Height = 900 },
            Locale = "en",
            TimezoneId = "Asia/Shanghai",
        });
        profile.SetDefaultTimeout(15_000);
        return profile;
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }
}
