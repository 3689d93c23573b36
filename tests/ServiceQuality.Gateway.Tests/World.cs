using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServiceQuality.Access;
using ServiceQuality.Gateway;
using ServiceQuality.Messaging;
using ServiceQuality.Testing;

[assembly: AssemblyFixture(typeof(RealPostgres))]

namespace ServiceQuality.Gateway.Tests;

/// <summary>A service behind the gateway, as a real HTTP server: it tells what it received and does what the test says.</summary>
public sealed class StandIn : IAsyncDisposable
{
    private readonly WebApplication _app;

    private StandIn(WebApplication app) => _app = app;

    public string Address { get; private set; } = "";

    /// <summary>Everything that arrived except probes, as <c>METHOD path</c>.</summary>
    public ConcurrentQueue<string> Received { get; } = new();

    /// <summary>What to do instead of telling; null to tell.</summary>
    public Func<HttpContext, Task<bool>>? Instead { get; set; }

    public bool Ready { get; set; } = true;

    public static async Task<StandIn> StartAsync(Action<IEndpointRouteBuilder>? map = null, string address = "http://127.0.0.1:0")
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add(address);
        var service = new StandIn(app);
        app.Use(async (context, next) =>
        {
            if (context.Request.Path == "/readyz")
            {
                context.Response.StatusCode = service.Ready ? 200 : 503;
                return;
            }

            service.Received.Enqueue($"{context.Request.Method} {context.Request.Path}");
            if (service.Instead is { } instead && await instead(context))
                return;
            await next(context);
        });
        map?.Invoke(app);
        app.MapFallback("{*path}", async context => await context.Response.WriteAsJsonAsync(new Echo(
            context.Request.Method, context.Request.Path + context.Request.QueryString,
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            await new StreamReader(context.Request.Body).ReadToEndAsync())));
        await app.StartAsync();
        service.Address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return service;
    }

    public int Count(string received) => Received.Count(each => each == received);

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}

/// <summary>What a stand-in received.</summary>
public sealed record Echo(string Method, string Path, IReadOnlyDictionary<string, string> Headers, string Body);

/// <summary>The part of Organisation that the gateway asks.</summary>
public sealed class Register
{
    public static readonly Caller Person = new(Guid.Parse("0197a000-0000-7000-8000-000000000001"), "Qing Yan", IsMachine: false, [new Grant(Roles.Branch, "hq/north/n01/")]);
    public static readonly Caller Machine = new(Guid.Parse("0197a000-0000-7000-8000-000000000002"), "n01 system", IsMachine: true, [new Grant(Roles.BranchSystem, "hq/north/n01/")]);

    public string Stamp { get; set; } = "stamp-1";
    public bool Disabled { get; set; }
    public bool KeyRevoked { get; set; }
    public bool Away { get; set; }

    /// <summary>Takes every question and answers none.</summary>
    public bool Hangs { get; set; }
    public Caller Account { get; set; } = Person;

    public void Map(IEndpointRouteBuilder app)
    {
        var questions = app.MapGroup("/internal").AddEndpointFilter(async (context, next) =>
        {
            if (Hangs)
                await Task.Delay(Timeout.Infinite, context.HttpContext.RequestAborted);
            if (Away)
                return TypedResults.StatusCode(503);
            using var key = ECDsa.Create();
            key.ImportFromPem(TestTickets.VerificationKeys);
            var caller = Ticket.Verify(context.HttpContext.Request.Headers[Ticket.Header].ToString(), [key], TimeProvider.System.GetUtcNow());
            return caller?.May(Permissions.GatewayInternal) == true ? await next(context) : Problems.Of(403, "not-allowed", "");
        });
        questions.MapPost("/sign-in", (Credentials request) => request is { User: "n01", Password: "right" } && !Disabled
            ? TypedResults.Ok(Known(Account, Stamp))
            : (IResult)(request.User == "locked" ? Problems.Of(403, "account-locked", "") : Problems.Of(401, "sign-in-failed", "")));
        questions.MapGet("/accounts/{id:guid}/caller", (Guid id) => id == Account.Subject && !Disabled
            ? TypedResults.Ok(Known(Account, Stamp))
            : (IResult)Problems.Of(403, "account-disabled", ""));
        questions.MapPost("/keys/verify", (Presented request) => request.Key == "sq_good" && !KeyRevoked ? TypedResults.Ok(Machine) : (IResult)Problems.Of(401, "key-refused", ""));
    }

    private static object Known(Caller caller, string stamp) => new { caller, stamp };

    private sealed record Credentials(string User, string Password);

    private sealed record Presented(string Key);
}

/// <summary>A gateway on a real port with real PostgreSQL behind it and a stand-in for every service.</summary>
public sealed class World : IAsyncDisposable
{
    private readonly List<WebApplication> _gateways = [];
    private readonly string _database;

    private World(string database, Register register, StandIn organisation, StandIn monitoring, StandIn scores, StandIn console) =>
        (_database, Register, Organisation, Monitoring, Scores, Console) = (database, register, organisation, monitoring, scores, console);

    public Register Register { get; }
    public StandIn Organisation { get; }
    public StandIn Monitoring { get; }
    public StandIn Scores { get; }
    public StandIn Console { get; }

    public Uri Address { get; private set; } = null!;

    public static async Task<World> StartAsync(RealPostgres servers, params (string Key, string? Value)[] settings)
    {
        var register = new Register();
        var world = new World(await servers.CreateDatabaseAsync("gateway"), register,
            await StandIn.StartAsync(register.Map), await StandIn.StartAsync(), await StandIn.StartAsync(), await StandIn.StartAsync());
        world.Address = await world.AddGatewayAsync(settings);
        return world;
    }

    /// <summary>One more replica; answers its address.</summary>
    public async Task<Uri> AddGatewayAsync(params (string Key, string? Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:postgres"] = _database,
            ["Tickets:SigningKey"] = TestTickets.SigningKey,
            ["services:organisation:http:0"] = Organisation.Address,
            ["services:monitoring:http:0"] = Monitoring.Address,
            ["services:scores:http:0"] = Scores.Address,
            ["services:console:http:0"] = Console.Address,
            ["Migrations:AtStart"] = "true",
            ["SignIn:CheckedEvery"] = "00:00:00",
            ["Gateway:ProbeInterval"] = "00:00:00.2",
            ["Logging:LogLevel:Default"] = "Error",
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)));
        builder.AddServiceDefaults("gateway");
        builder.AddGateway();
        builder.AddInProcessBus();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.UseServiceDefaults();
        app.MapGateway();
        await app.StartAsync();
        _gateways.Add(app);
        return new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    /// <summary>Services of the first gateway.</summary>
    public IServiceProvider Services => _gateways[0].Services;

    public HttpClient Client(Uri? address = null) => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false }) { BaseAddress = address ?? Address };

    public HttpClient Machine()
    {
        var client = Client();
        client.DefaultRequestHeaders.Add("X-Api-Key", "sq_good");
        return client;
    }

    public HttpClient Browser(CookieContainer cookies)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = cookies, UseProxy = false }) { BaseAddress = Address };
        client.DefaultRequestHeaders.Add("Accept", "text/html,*/*;q=0.8");
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var gateway in _gateways)
        {
            await gateway.StopAsync();
            await gateway.DisposeAsync();
        }

        foreach (var service in new[] { Organisation, Monitoring, Scores, Console })
            await service.DisposeAsync();
    }
}

/// <summary>A world per test class.</summary>
public abstract class InWorld(RealPostgres servers, params (string Key, string? Value)[] settings) : IAsyncLifetime
{
    private World? _world;

    protected World World => _world!;

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _world = await World.StartAsync(servers, settings);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await World.DisposeAsync();
    }
}
