using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using ServiceQuality.EndToEnd;
using ServiceQuality.LocalServers;
using ServiceQuality.Standalone;
using ServiceQuality.Testing;

[assembly: AssemblyFixture(typeof(SuiteFixture))]

namespace ServiceQuality.EndToEnd;

/// <summary>The suite as processes on a real PostgreSQL and a real RabbitMQ, with the demo organisation; one for all tests of this assembly.</summary>
public sealed class SuiteFixture : IAsyncLifetime
{
    private readonly RealServers _servers = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("sq-suite-").FullName;

    /// <summary>The running processes.</summary>
    public SuiteProcesses Suite { get; private set; } = null!;

    /// <summary>Address, accounts and keys of the demo organisation.</summary>
    internal DemoAccess Demo { get; private set; } = null!;

    /// <summary>The demo's <c>demo.json</c>.</summary>
    internal string AccessFile => Path.Combine(_folder, "demo.json");

    /// <summary>The broker, to crash it.</summary>
    public PrivateRabbit Broker => _servers.Broker;

    /// <summary>Connects to the server as its owner, to cut the services' connections.</summary>
    public string Postgres => _servers.Postgres;

    /// <summary>Connects to the database of the score tier, to look into the journal itself.</summary>
    public string ScoresDatabase { get; private set; } = "";

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        await _servers.InitializeAsync();
        var databases = new Dictionary<string, string>();
        foreach (var name in new[] { "organisation", "monitoring", "scores", "gateway" })
            databases[name] = await _servers.CreateDatabaseAsync(name);
        ScoresDatabase = databases["scores"];

        var settings = new SuiteSettings(databases, _servers.RabbitMq, $"http://127.0.0.1:{LocalPorts.Free(1)[0]}", _folder);
        Suite = await SuiteProcesses.StartAsync(settings);
        Demo = await DemoSession.SeedAsync(databases["organisation"], settings.Address, _folder, TestContext.Current.CancellationToken);
        await Eventually.Async(async () => Assert.Equal(3 * 8, (await UnitsAsync("county-branch")).Count), TimeSpan.FromSeconds(60));
    }

    /// <summary>A client signed in as one of the demo accounts.</summary>
    public async Task<HttpClient> SignInAsync(string role)
    {
        var account = Demo.Accounts.First(account => account.Role == role);
        var client = new HttpClient { BaseAddress = new Uri(Suite.Address), Timeout = TimeSpan.FromSeconds(100) };
        // A test before this one may have killed something: circuit breakers close a few seconds after it is back.
        await Eventually.Async(async () =>
        {
            using var answer = await client.PostAsJsonAsync("/api/sign-in", new { user = account.User, password = account.Password });
            Assert.True(answer.IsSuccessStatusCode, $"{account.User}: {await answer.Content.ReadAsStringAsync()}");
            var token = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accessToken").GetString();
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }, TimeSpan.FromSeconds(30));
        return client;
    }

    /// <summary>A client that posts with the API key of a region.</summary>
    public HttpClient KeyOf(string region)
    {
        var client = new HttpClient { BaseAddress = new Uri(Suite.Address), Timeout = TimeSpan.FromSeconds(30) };
        client.DefaultRequestHeaders.Add("X-Api-Key", Demo.Keys.First(key => key.Region == region).Key);
        return client;
    }

    /// <summary>The same, after what it is told has to do with the test alone: a test before this one may have killed something.</summary>
    public async Task<HttpClient> KeyOfAsync(string region)
    {
        var client = KeyOf(region);
        await Eventually.Async(() => client.AcceptedAsync([]), TimeSpan.FromSeconds(30));
        return client;
    }

    /// <summary>Every unit of a kind, as head office sees it; null for all kinds.</summary>
    internal async Task<IReadOnlyList<UnitRow>> UnitsAsync(string? kind = null)
    {
        using var client = await SignInAsync("head-office");
        var page = await client.GetFromJsonAsync<JsonElement>("/api/units");
        return [.. page.GetProperty("items").EnumerateArray()
            .Select(unit => new UnitRow(unit.GetProperty("id").GetGuid(), unit.GetProperty("code").GetString()!, unit.GetProperty("kind").GetString()!, unit.GetProperty("path").GetString()!))
            .Where(unit => kind is null || unit.Kind == kind)];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Suite is not null)
            await Suite.DisposeAsync();
        await _servers.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>A unit as the tests need it.</summary>
internal sealed record UnitRow(Guid Id, string Code, string Kind, string Path);
