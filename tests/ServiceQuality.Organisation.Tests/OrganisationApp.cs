using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ServiceQuality.Access;
using ServiceQuality.Messaging;
using ServiceQuality.Organisation.Data;
using ServiceQuality.Organisation.Founding;
using ServiceQuality.Organisation.Tests;
using ServiceQuality.Testing;

[assembly: AssemblyFixture(typeof(RealServers))]

namespace ServiceQuality.Organisation.Tests;

/// <summary>The real service on a database of its own, over real sockets.</summary>
internal sealed class OrganisationApp : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OrganisationApp(WebApplication app) => _app = app;

    public IServiceProvider Services => _app.Services;

    public NpgsqlDataSource Database => Services.GetRequiredKeyedService<NpgsqlDataSource>("organisation");

    public IEnumerable<RouteEndpoint> Routes => Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();

    /// <summary>What the demo seeding created.</summary>
    public DemoCredentials Demo { get; private set; } = new([], []);

    public static async Task<OrganisationApp> StartAsync(
        RealServers servers, bool seed = true, string? database = null, Action<WebApplicationBuilder>? more = null, params (string Key, string? Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:organisation"] = database ?? await servers.CreateDatabaseAsync("organisation"),
            ["Tickets:VerificationKeys"] = TestTickets.VerificationKeys,
            ["Migrations:AtStart"] = "true",
            ["Logging:LogLevel:Default"] = "Error",
            // Few rounds, so that tests do not wait for hashing.
            ["Organisation:SignIn:HashIterations"] = "10000",
        });
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, setting => setting.Value));
        builder.AddServiceDefaults("organisation");
        builder.AddOrganisation();
        builder.Services.Configure<MassTransitHostOptions>(bus => bus.WaitUntilStarted = true);
        more?.Invoke(builder);
        _ = builder.Configuration.GetConnectionString("rabbitmq") is null ? builder.AddInProcessBus() : builder.AddBus("organisation");
        var app = builder.Build();
        app.UseServiceDefaults();
        app.MapOrganisation();
        await app.StartAsync(TestContext.Current.CancellationToken);
        var started = new OrganisationApp(app);
        if (seed)
            started.Demo = await DemoOrganisation.SeedAsync(app.Services, TestContext.Current.CancellationToken);
        return started;
    }

    /// <summary>A client with one role over one subtree.</summary>
    public HttpClient As(string role, string path) => As(new Caller(Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), "Test caller", IsMachine: false, [new Grant(role, path)]));

    public HttpClient As(Caller caller) =>
        TestTickets.ClientWith(Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First(), TestTickets.For(caller));

    public HttpClient AsAdministrator(string path = "hq/") => As(Roles.Administrator, path);

    public HttpClient AsGateway() => As(new Caller(Guid.Empty, "gateway", IsMachine: true, [new Grant(Roles.Gateway, "")]));

    public async Task<T> QueryAsync<T>(Func<OrganisationDb, Task<T>> query)
    {
        await using var scope = Services.CreateAsyncScope();
        return await query(scope.ServiceProvider.GetRequiredService<OrganisationDb>());
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The audit trail as an auditor exports it.</summary>
    public async Task<byte[]> AuditAsync()
    {
        using var auditor = As(Roles.Auditor, "hq/");
        return await auditor.GetByteArrayAsync("/api/audit/organisation", TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}

/// <summary>A test class with an organisation of its own.</summary>
public abstract class OrganisationTests(RealServers servers) : IAsyncLifetime
{
    private protected OrganisationApp App { get; private set; } = null!;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => App = await OrganisationApp.StartAsync(servers);

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

/// <summary>Short forms for asking over HTTP.</summary>
internal static class Asking
{
    public static async Task<JsonElement> ReadAsync(this HttpResponseMessage response, HttpStatusCode expected = HttpStatusCode.OK)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == expected, $"{(int)response.StatusCode} instead of {(int)expected}: {text}");
        return text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text);
    }

    public static async Task RefusedAsync(this HttpResponseMessage response, HttpStatusCode status, string code)
    {
        var problem = await response.ReadAsync(status);
        Assert.Equal($"urn:service-quality:{code}", problem.GetProperty("type").GetString());
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    public static Task<HttpResponseMessage> PostAsync(this HttpClient client, string path, object body) =>
        client.PostAsJsonAsync(path, body, TestContext.Current.CancellationToken);

    public static async Task<JsonElement> ShowAsync(this HttpClient client, string path) =>
        await (await client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken)).ReadAsync();

    public static async Task<HttpResponseMessage> SendAsync(this HttpClient client, HttpMethod method, string path, object? body = null, string? ifMatch = null, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        if (idempotencyKey is not null)
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public static string Text(this JsonElement element, string property) => element.GetProperty(property).GetString()!;
}
