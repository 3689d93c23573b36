using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using ServiceQuality.Access;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Contracts.Organisation;
using ServiceQuality.Messaging;
using ServiceQuality.Monitoring.Tests;
using ServiceQuality.Monitoring.Units;
using ServiceQuality.Testing;

[assembly: AssemblyFixture(typeof(RealServers))]
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace ServiceQuality.Monitoring.Tests;

/// <summary>The real service over Kestrel, with a stand-in for the score tier that notes what reaches it.</summary>
internal sealed class MonitoringApp : IAsyncDisposable
{
    private readonly WebApplication _app;

    private MonitoringApp(WebApplication app) => _app = app;

    public static readonly OrgUnitChanged Root = new(Id(1), 1, "hq", "总部", "Head office", "head-office", null, null, "hq/", "Asia/Shanghai", 0, "active", DateTimeOffset.UnixEpoch);
    public static readonly OrgUnitChanged North = new(Id(6), 1, "north", "北区", "North", "region", null, null, "hq/north/", "Asia/Shanghai", 0, "active", DateTimeOffset.UnixEpoch);
    public static readonly OrgUnitChanged Hall = new(Id(2), 1, "n01-hall1", "厅", "Hall", "outlet", "city-own-hall", null, "hq/north/n01/n01-hall1/", "Asia/Shanghai", 1_000, "active", DateTimeOffset.UnixEpoch);
    public static readonly OrgUnitChanged Elsewhere = new(Id(3), 1, "s01-hall1", "厅", "Hall", "outlet", "city-own-hall", null, "hq/south/s01/s01-hall1/", "Asia/Shanghai", 1_000, "active", DateTimeOffset.UnixEpoch);
    public static readonly OrgUnitChanged Closed = new(Id(4), 1, "n01-hall9", "厅", "Hall", "outlet", "city-own-hall", null, "hq/north/n01/n01-hall9/", "Asia/Shanghai", 0, "closed", DateTimeOffset.UnixEpoch);
    public static readonly OrgUnitChanged Planned = new(Id(5), 1, "n01-hall8", "厅", "Hall", "outlet", "city-own-hall", null, "hq/north/n01/n01-hall8/", "Asia/Shanghai", 0, "planned", DateTimeOffset.UnixEpoch);

    public static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(3);

    public static async Task<MonitoringApp> StartAsync(string database, string? broker, bool withTree = true, params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:monitoring"] = database,
            ["ConnectionStrings:rabbitmq"] = broker,
            ["Tickets:VerificationKeys"] = TestTickets.VerificationKeys,
            ["Bus:SendTimeout"] = SendTimeout.ToString(),
            ["Migrations:AtStart"] = "true",
            ["Logging:LogLevel:Default"] = "Error",
        });
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value));
        builder.AddServiceDefaults("monitoring");
        builder.AddMonitoring();
        builder.Services.AddSingleton<Journal>();
        builder.Services.AddSingleton<Requests>();
        builder.Services.Configure<MassTransitHostOptions>(bus => bus.WaitUntilStarted = true);
        builder.AddDurableHandler<FactsAccepted, NoteFacts>("scores-facts");
        builder.AddConsumers("organisation", bus => bus.AddConsumer<NoteRequest>());
        _ = broker is null ? builder.AddInProcessBus() : builder.AddBus("monitoring");
        var app = builder.Build();
        app.UseServiceDefaults();
        app.MapMonitoring();
        await app.StartAsync();
        var running = new MonitoringApp(app);
        if (withTree)
            foreach (var unit in new[] { Root, North, Hall, Elsewhere, Closed, Planned })
                await running.Units.StoreAsync(unit, CancellationToken.None);
        return running;
    }

    public Journal Journal => _app.Services.GetRequiredService<Journal>();

    public Requests Requests => _app.Services.GetRequiredService<Requests>();

    public UnitDirectory Units => _app.Services.GetRequiredService<UnitDirectory>();

    public IServiceProvider Services => _app.Services;

    public NpgsqlDataSource Database => _app.Services.GetRequiredKeyedService<NpgsqlDataSource>("monitoring");

    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>A client with the ticket of an API key over the north.</summary>
    public HttpClient Key(string path = "hq/north/") => TestTickets.ClientWith(Address, TestTickets.For(new Caller(Id(77), "north key", IsMachine: true, [new Grant(Roles.BranchSystem, path)])));

    public HttpClient As(string role, string path) => TestTickets.ClientWith(Address, TestTickets.For(role, path));

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static Guid Id(int n) => new(n, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1]);
}

/// <summary>Facts as they reached the score tier, each pair of source and id once, as the journal would keep them.</summary>
internal sealed class Journal
{
    public ConcurrentQueue<FactsAccepted> Batches { get; } = new();

    public ConcurrentDictionary<(string Source, string Id), AcceptedFact> Facts { get; } = new();
}

internal sealed class NoteFacts(Journal journal) : IDurableHandler<FactsAccepted>
{
    public Task HandleAsync(FactsAccepted message, bool redelivered, CancellationToken ct)
    {
        // The data lives as long as the call.
        var kept = message with { Facts = [.. message.Facts.Select(fact => fact with { Data = fact.Data.Clone() })] };
        foreach (var fact in kept.Facts)
            journal.Facts.TryAdd((fact.Source, fact.Id), fact);
        journal.Batches.Enqueue(kept);
        return Task.CompletedTask;
    }
}

internal sealed class Requests
{
    public ConcurrentQueue<string> By { get; } = new();
}

internal sealed class NoteRequest(Requests requests) : IConsumer<OrgUnitsRequested>
{
    public Task Consume(ConsumeContext<OrgUnitsRequested> context)
    {
        requests.By.Enqueue(context.Message.By);
        return Task.CompletedTask;
    }
}

/// <summary>Events as a branch system would send them.</summary>
internal static class Events
{
    private static int _ids;

    public const string Service = """{"channel":"hall","service":"card","waitSeconds":120,"handleSeconds":300.5,"outcome":"resolved","errors":0,"rating":5}""";

    public static string NextId() => $"e{Interlocked.Increment(ref _ids)}";

    public static string Of(string? id = null, string type = FactTypes.ServiceCompleted, string subject = "n01-hall1", string? time = null, string data = Service, string source = "/hall/queue") =>
        $$"""{"specversion":"1.0","id":"{{id ?? NextId()}}","source":"{{source}}","type":"{{type}}","subject":"{{subject}}","time":"{{time ?? Now()}}","data":{{data}}}""";

    public static string Now(TimeSpan? shift = null) => (TimeProvider.System.GetUtcNow() + (shift ?? TimeSpan.Zero)).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", null);

    public static Task<HttpResponseMessage> PostBatchAsync(this HttpClient client, params string[] events) =>
        client.PostAsync("/api/telemetry", Body($"[{string.Join(',', events)}]", "application/cloudevents-batch+json"), TestContext.Current.CancellationToken);

    public static async Task<JsonElement> TakeAsync(this HttpClient client, params string[] events)
    {
        using var response = await client.PostBatchAsync(events);
        Assert.Equal(System.Net.HttpStatusCode.Accepted, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
    }

    public static HttpContent Body(string text, string type) => Body(Encoding.UTF8.GetBytes(text), type);

    public static HttpContent Body(byte[] bytes, string type)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return content;
    }
}
