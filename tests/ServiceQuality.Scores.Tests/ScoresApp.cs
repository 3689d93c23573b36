using System.Net.Http.Json;
using System.Text.Json;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServiceQuality.Access;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Contracts.Organisation;
using ServiceQuality.Messaging;
using ServiceQuality.Scoring;
using ServiceQuality.Testing;

namespace ServiceQuality.Scores.Tests;

/// <summary>The real service on a port of its own, with a small organisation: hq, regions north and south, branches n01 (with a hall), n02, s01.</summary>
public sealed class ScoresApp : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ScoresApp(WebApplication app, ScoresDatabase database)
    {
        (_app, Database) = (app, database);
        Address = app.Urls.First();
    }

    public static Guid Hq { get; } = Guid.CreateVersion7();

    public static Guid North { get; } = Guid.CreateVersion7();

    public static Guid South { get; } = Guid.CreateVersion7();

    public static Guid N01 { get; } = Guid.CreateVersion7();

    public static Guid N01Hall { get; } = Guid.CreateVersion7();

    public static Guid N02 { get; } = Guid.CreateVersion7();

    public static Guid S01 { get; } = Guid.CreateVersion7();

    public string Address { get; }

    public ScoresDatabase Database { get; }

    public IServiceProvider Services => _app.Services;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<ScoresApp> StartAsync(RealServers servers, bool overRabbitMq = false)
    {
        var database = await ScoresDatabase.CreateAsync(servers);
        var app = await StartAsync(database, overRabbitMq ? servers.RabbitMq : null);
        await app.PublishTreeAsync();
        return app;
    }

    /// <summary>With a scheme of its own in force, approved by two others; may run on another clock.</summary>
    public static async Task<ScoresApp> StartAsync(RealServers servers, Scheme scheme, TimeProvider? clock = null, bool overRabbitMq = false)
    {
        var database = await ScoresDatabase.CreateAsync(servers);
        await database.ApproveAsync(scheme);
        var app = await StartAsync(database, overRabbitMq ? servers.RabbitMq : null, builder =>
        {
            builder.Configuration["Scores:Scheme"] = scheme.Id;
            if (clock is not null)
                builder.Services.AddSingleton(clock);
        });
        await app.PublishTreeAsync();
        return app;
    }

    /// <summary>On a database with an approved scheme, which is the one in force.</summary>
    public static async Task<ScoresApp> StartAsync(ScoresDatabase database, string scheme, bool publishTree, Action<WebApplicationBuilder> more)
    {
        var app = await StartAsync(database, rabbitMq: null, builder =>
        {
            builder.Configuration["Scores:Scheme"] = scheme;
            more(builder);
        });
        if (publishTree)
            await app.PublishTreeAsync();
        return app;
    }

    public static async Task<ScoresApp> StartAsync(ScoresDatabase database, string? rabbitMq, Action<WebApplicationBuilder>? more = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Test" });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:scores"] = database.ConnectionString,
            ["ConnectionStrings:rabbitmq"] = rabbitMq,
            ["Tickets:VerificationKeys"] = TestTickets.VerificationKeys,
            ["Scores:OfferDeliveredDraft"] = "false",
            ["Logging:LogLevel:Default"] = "Warning",
        });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddServiceDefaults(ScoresService.Name);
        builder.AddScores().AddLocalTier();
        more?.Invoke(builder);
        _ = rabbitMq is null ? builder.AddInProcessBus() : builder.AddBus(ScoresService.Name);
        builder.Services.Configure<MassTransitHostOptions>(bus => bus.WaitUntilStarted = true);
        var app = builder.Build();
        app.UseServiceDefaults();
        app.MapScores();
        await app.StartAsync(Token);
        return new ScoresApp(app, database);
    }

    public HttpClient ClientOf(string role, string path) => TestTickets.ClientWith(Address, TestTickets.For(role, path));

    public async Task SendAsync(params AcceptedFact[] facts) =>
        await Services.GetRequiredService<IDurableSender>().SendAsync(Some.Batch(TimeProvider.System.GetUtcNow(), facts), Token);

    /// <summary>Facts of a branch over the last hours, enough for most indicators of a hall.</summary>
    public Task SendServicesAsync(Guid unit, int count, double wait = 120, int rating = 4, int from = 0)
    {
        var now = TimeProvider.System.GetUtcNow();
        return SendAsync([.. Enumerable.Range(from, count).Select(number => Some.Service(unit, number, now.AddSeconds(-number - 1), wait, rating))]);
    }

    public async Task<JsonElement> GetAsync(string address, string role = Roles.HeadOffice, string path = "hq/")
    {
        using var client = ClientOf(role, path);
        return await client.GetFromJsonAsync<JsonElement>(address, Token);
    }

    public async Task<(int Status, string? Type)> StatusAsync(string address, string role, string path, HttpMethod? method = null)
    {
        using var client = ClientOf(role, path);
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, address);
        using var response = await client.SendAsync(request, Token);
        var problem = response.Content.Headers.ContentType?.MediaType == "application/problem+json" ? await response.Content.ReadFromJsonAsync<JsonElement>(Token) : default;
        return ((int)response.StatusCode, problem.ValueKind == JsonValueKind.Object ? problem.GetProperty("type").GetString() : null);
    }

    /// <summary>A person with one role; the same person as often as the value is used.</summary>
    public static Caller Person(string name, string role = Roles.HeadOffice, string path = "hq/") => new(Guid.CreateVersion7(), name, IsMachine: false, [new Grant(role, path)]);

    /// <summary>Posts as a person; answers the status and the JSON of the answer, a problem included.</summary>
    public async Task<(int Status, JsonElement Body)> PostAsync(Caller who, string address, object? body = null)
    {
        using var client = TestTickets.ClientWith(Address, TestTickets.For(who));
        using var response = await client.PostAsJsonAsync(address, body ?? new { }, Token);
        return ((int)response.StatusCode, await JsonOf(response));
    }

    /// <summary>Reads as a person.</summary>
    public async Task<(int Status, JsonElement Body)> ReadAsync(Caller who, string address)
    {
        using var client = TestTickets.ClientWith(Address, TestTickets.For(who));
        using var response = await client.GetAsync(address, Token);
        return ((int)response.StatusCode, await JsonOf(response));
    }

    /// <summary>The last part of a problem's type.</summary>
    public static string Code(JsonElement problem) => problem.GetProperty("type").GetString()!.Split(':')[^1];

    private static async Task<JsonElement> JsonOf(HttpResponseMessage response) =>
        response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true ? await response.Content.ReadFromJsonAsync<JsonElement>(Token) : default;

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        await Database.DisposeAsync();
    }

    /// <summary>Stops the service and leaves the database.</summary>
    public async Task StopAsync()
    {
        await _app.StopAsync(Token);
        await _app.DisposeAsync();
    }

    public async Task PublishAsync(OrgUnitChanged change) => await Services.GetRequiredService<IBus>().Publish(change, Token);

    public static OrgUnitChanged Unit(Guid id, string code, string path, Guid? parent, string kind = "county-branch", string state = "active", long version = 1) =>
        new(id, version, code, $"单位{code}", $"Unit {code}", kind, null, parent, path, "Asia/Shanghai", 1_000, state, TimeProvider.System.GetUtcNow());

    /// <summary>Makes the organisation known to the service.</summary>
    public async Task PublishTreeAsync()
    {
        await PublishAsync(Unit(Hq, "hq", "hq/", null, "head-office"));
        await PublishAsync(Unit(North, "north", "hq/north/", Hq, "region"));
        await PublishAsync(Unit(South, "south", "hq/south/", Hq, "region"));
        await PublishAsync(Unit(N01, "n01", "hq/north/n01/", North));
        await PublishAsync(Unit(N01Hall, "n01-hall1", "hq/north/n01/n01-hall1/", N01, "outlet"));
        await PublishAsync(Unit(N02, "n02", "hq/north/n02/", North));
        await PublishAsync(Unit(S01, "s01", "hq/south/s01/", South));
        await Eventually.Async(() => GetAsync("/api/overview"), overview => overview.GetProperty("units").GetArrayLength() == 6);
    }
}
