using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using ServiceQuality.Access;
using ServiceQuality.Console.Tests;
using ServiceQuality.Testing;

[assembly: AssemblyFixture(typeof(ConsoleApp))]

namespace ServiceQuality.Console.Tests;

/// <summary>The console with the services it reads in one process at one address, as Standalone composes them, and a real Chromium in front.</summary>
public sealed class ConsoleApp : IAsyncLifetime
{
    private static readonly string[] Browsers = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    // Milliseconds; a loaded machine draws slowly.
    private const float Patience = 30_000;

    private WebApplication? _app;
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public FakeSuite Suite { get; } = new();

    public FakeEvaluations Evaluations { get; } = new();

    public FakeRecords Records { get; } = new();

    public string Address { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        var address = $"http://127.0.0.1:{FreePort()}";
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ApplicationName = "ServiceQuality.Console", EnvironmentName = "Production" });
        builder.WebHost.UseUrls(address);
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Tickets:VerificationKeys"] = TestTickets.VerificationKeys,
            ["services:scores:http:0"] = address,
            ["services:organisation:http:0"] = address,
            ["services:monitoring:http:0"] = address,
        });
        builder.AddServiceDefaults("console");
        builder.AddConsole();
        _app = builder.Build();
        _app.UseServiceDefaults();
        Suite.Map(_app);
        Evaluations.Map(_app);
        Records.Map(_app);
        FakeCharts.Map(_app);
        FakeTrends.Map(_app);
        _app.MapConsole();
        await _app.StartAsync();
        Address = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

        Assertions.SetDefaultExpectTimeout(Patience);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM") ?? Browsers.First(File.Exists),
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    /// <summary>A fresh browser profile, signed in unless <paramref name="role"/> is null.</summary>
    public async Task<IBrowserContext> ProfileAsync(string? role = Roles.HeadOffice, string path = "", int width = 1440, string language = "zh-CN", ColorScheme scheme = ColorScheme.Light, bool scripts = true)
    {
        var profile = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = Address,
            ViewportSize = new ViewportSize { Width = width, Height = 900 },
            Locale = language,
            ColorScheme = scheme,
            JavaScriptEnabled = scripts,
            TimezoneId = "Asia/Shanghai",
            ExtraHTTPHeaders = role is null ? [] : [new(Ticket.Header, TestTickets.For(new Caller(Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), "总部分析员", false, [new Grant(role, path)])))],
        });
        profile.SetDefaultTimeout(Patience);
        return profile;
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        Suite.DropStreams();
        if (_app is not null)
            await _app.DisposeAsync();
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
