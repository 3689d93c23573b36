using Microsoft.Extensions.Configuration.Memory;
using ServiceQuality.Console;
using ServiceQuality.Gateway;
using ServiceQuality.LocalServers;
using ServiceQuality.Messaging;
using ServiceQuality.Monitoring;
using ServiceQuality.Organisation;
using ServiceQuality.Scores;

namespace ServiceQuality.Standalone;

/// <summary>
/// The whole suite in this process: one application with every service on a private port of loopback, and the gateway in front of it.
/// It is the code that runs as processes in the suite; only the bus is inside the process, and PostgreSQL is the only server.
/// </summary>
internal sealed class OneProcess : IAsyncDisposable
{
    private static readonly Dictionary<string, string?> Quiet = new()
    {
        ["Logging:LogLevel:Default"] = "Warning",
        ["Logging:LogLevel:Microsoft.AspNetCore.DataProtection"] = "Error",
    };

    private readonly WebApplication _services;
    private readonly WebApplication _gateway;

    private OneProcess(WebApplication services, WebApplication gateway, string inside, string address, string signingKey)
    {
        _services = services;
        _gateway = gateway;
        Inside = inside;
        Address = address;
        SigningKey = signingKey;
    }

    /// <summary>Public address.</summary>
    public string Address { get; }

    /// <summary>Address of the services behind the gateway, on loopback.</summary>
    public string Inside { get; }

    /// <summary>PEM private key of the tickets; for tests that speak for a caller.</summary>
    public string SigningKey { get; }

    /// <summary>Every endpoint of every service behind the gateway.</summary>
    public IReadOnlyList<Endpoint> Endpoints => _services.Services.GetRequiredService<EndpointDataSource>().Endpoints;

    public static async Task<OneProcess> StartAsync(IReadOnlyDictionary<string, string> databases, string address, CancellationToken ct)
    {
        var inside = $"http://127.0.0.1:{LocalPorts.Free(1)[0]}";
        var tickets = TicketKeyPair.Create();
        var settings = new Dictionary<string, string?>
        {
            [ServiceRun.MigrateAtStartKey] = "true",
            ["Tickets:VerificationKeys"] = tickets.PublicPem,
            ["Tickets:SigningKey"] = tickets.PrivatePem,
        };
        foreach (var (service, database) in databases)
            settings[$"ConnectionStrings:{service}"] = database;
        foreach (var service in new[] { "organisation", "monitoring", "scores", "console" })
            settings[$"services:{service}:http:0"] = inside;

        var suite = new OneProcess(Services(settings, inside), Gateway(settings, address), inside, address, tickets.PrivatePem);
        try
        {
            await suite._services.StartAsync(ct);
            await suite._gateway.StartAsync(ct);
            return suite;
        }
        catch
        {
            await suite.DisposeAsync();
            throw;
        }
    }

    private static WebApplication Services(Dictionary<string, string?> settings, string address)
    {
        var builder = Builder(settings, address);
        builder.WebHost.UseStaticWebAssets();
        builder.AddServiceDefaults("services");
        builder.AddOrganisation();
        builder.AddMonitoring();
        builder.AddScores().AddLocalTier();
        builder.AddConsole();
        builder.AddInProcessBus();

        var app = builder.Build();
        app.UseServiceDefaults();
        app.MapOrganisation();
        app.MapMonitoring();
        app.MapScores();
        app.MapConsole();
        return app;
    }

    private static WebApplication Gateway(Dictionary<string, string?> settings, string address)
    {
        var builder = Builder(settings, address);
        builder.AddServiceDefaults("gateway");
        builder.AddGateway();

        var app = builder.Build();
        app.UseServiceDefaults();
        app.MapGateway();
        return app;
    }

    private static WebApplicationBuilder Builder(Dictionary<string, string?> settings, string address)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(settings);
        // Quiet, for a person in front of a terminal; whatever the environment says about logging still wins.
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = Quiet });
        builder.Logging.ClearProviders().AddSimpleConsole(console => console.SingleLine = true);
        builder.WebHost.UseUrls(address);
        builder.Services.AddSingleton<IHostLifetime, EndsWithTheRun>();
        return builder;
    }

    /// <summary>Closes the gateway first, so that nothing new comes in while the services drain.</summary>
    public async ValueTask DisposeAsync()
    {
        await _gateway.StopAsync();
        await _gateway.DisposeAsync();
        await _services.StopAsync();
        await _services.DisposeAsync();
    }

    /// <summary>The run listens for signals, not each application.</summary>
    private sealed class EndsWithTheRun : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
