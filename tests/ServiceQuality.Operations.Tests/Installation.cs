using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using ServiceQuality.LocalServers;
using ServiceQuality.Standalone;
using ServiceQuality.Testing;

namespace ServiceQuality.Operations;

/// <summary>An installation of its own: PostgreSQL, RabbitMQ, every service as processes, the demo organisation.</summary>
internal sealed class Installation : IAsyncDisposable
{
    public static readonly string[] DatabaseNames = ["gateway", "organisation", "monitoring", "scores"];

    private readonly int _replicas;
    private readonly Dictionary<string, IReadOnlyDictionary<string, string>> _environmentOf = [];
    private PrivatePostgres? _postgres;
    private PrivateRabbit? _rabbit;
    private int _servers;

    private Installation(int replicas) => _replicas = replicas;

    public string Folder { get; } = Directory.CreateTempSubdirectory("sq-ops-").FullName;

    public SuiteProcesses Suite { get; private set; } = null!;

    public DemoAccess Demo { get; private set; } = null!;

    /// <summary>Connects to the server as its owner.</summary>
    public string Server => _postgres!.ConnectionString;

    /// <summary>Folder of the server's socket.</summary>
    public string Socket => new NpgsqlConnectionStringBuilder(Server).Host!;

    public string Broker => _rabbit!.Uri;

    /// <summary>Environment of single processes, effective at their next start.</summary>
    public void Set(string process, string name, string value)
    {
        var environment = new Dictionary<string, string>(_environmentOf.GetValueOrDefault(process) ?? new Dictionary<string, string>()) { [name] = value };
        _environmentOf[process] = environment;
    }

    /// <summary>Everything, with as many processes of each service behind the gateway as said.</summary>
    public static async Task<Installation> StartAsync(int replicas)
    {
        var installation = new Installation(replicas);
        try
        {
            File.SetUnixFileMode(installation.Folder, File.GetUnixFileMode(installation.Folder) | UnixFileMode.OtherExecute | UnixFileMode.OtherRead);
            var broker = PrivateRabbit.StartAsync(Path.Combine(installation.Folder, "rabbit"));
            await installation.StartServerAsync();
            installation._rabbit = await broker;
            await installation.StartSuiteAsync();
            installation.Demo = await DemoSession.SeedAsync(installation.DatabaseOf("organisation"), installation.Suite.Address, installation.Folder, TestContext.Current.CancellationToken);
            await Eventually.Async(async () => Assert.True((await installation.UnitsAsync()).Count > 24), TimeSpan.FromSeconds(60));
            return installation;
        }
        catch
        {
            await installation.DisposeAsync();
            throw;
        }
    }

    /// <summary>A database server without data, and empty databases.</summary>
    public async Task StartServerAsync()
    {
        _postgres = await PrivatePostgres.StartAsync(Path.Combine(Folder, $"postgres{++_servers}"), durable: false);
        foreach (var name in DatabaseNames)
            await PrivatePostgres.CreateDatabaseAsync(Server, name);
    }

    /// <summary>The server is gone, with its disk.</summary>
    public async Task LoseServerAsync()
    {
        await _postgres!.DisposeAsync();
        Directory.Delete(Path.Combine(Folder, $"postgres{_servers}"), recursive: true);
        NpgsqlConnection.ClearAllPools();
    }

    public async Task StartSuiteAsync()
    {
        var settings = new SuiteSettings(DatabaseNames.ToDictionary(name => name, DatabaseOf), Broker, $"http://127.0.0.1:{LocalPorts.Free(1)[0]}", Folder)
        {
            Replicas = new[] { "organisation", "monitoring", "scores", "console" }.ToDictionary(name => name, _ => _replicas),
            Environment = new Dictionary<string, string> { ["Drain__Delay"] = _replicas > 1 ? "00:00:03" : "00:00:00", ["Drain__Timeout"] = "00:00:10" },
            EnvironmentOf = _environmentOf,
        };
        Suite = await SuiteProcesses.StartAsync(settings, TestContext.Current.CancellationToken);
        if (Demo is not null)
            Demo = Demo with { Address = Suite.Address };
    }

    public string DatabaseOf(string service) => new NpgsqlConnectionStringBuilder(Server) { Database = service }.ConnectionString;

    public async Task<List<string>> AskAsync(string service, string sql)
    {
        await using var db = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(DatabaseOf(service)) { Pooling = false }.ConnectionString);
        await using var command = db.CreateCommand(sql);
        await using var rows = await command.ExecuteReaderAsync();
        var values = new List<string>();
        while (await rows.ReadAsync())
            values.Add(rows.GetValue(0).ToString()!);
        return values;
    }

    public async Task ExecuteAsync(string service, params string[] statements)
    {
        await using var db = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(DatabaseOf(service)) { Pooling = false }.ConnectionString);
        foreach (var statement in statements)
        {
            await using var command = db.CreateCommand(statement);
            await command.ExecuteNonQueryAsync();
        }
    }

    public HttpClient KeyOf(string region, string? address = null)
    {
        var client = new HttpClient { BaseAddress = new Uri(address ?? Suite.Address), Timeout = TimeSpan.FromSeconds(30) };
        client.DefaultRequestHeaders.Add("X-Api-Key", Demo.Keys.First(key => key.Region == region).Key);
        return client;
    }

    public HttpClient ClientWith(string token, string? address = null) =>
        new() { BaseAddress = new Uri(address ?? Suite.Address), Timeout = TimeSpan.FromSeconds(30), DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };

    /// <summary>An access token of a demo account.</summary>
    public async Task<string> TokenAsync(string role)
    {
        var account = Demo.Accounts.First(account => account.Role == role);
        using var client = new HttpClient { BaseAddress = new Uri(Suite.Address) };
        var token = "";
        await Eventually.Async(async () =>
        {
            using var answer = await client.PostAsJsonAsync("/api/sign-in", new { user = account.User, password = account.Password });
            Assert.True(answer.IsSuccessStatusCode, $"{account.User}: {await answer.Content.ReadAsStringAsync()}");
            token = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accessToken").GetString()!;
        }, TimeSpan.FromSeconds(30));
        return token;
    }

    /// <summary>Codes of the units that facts are about.</summary>
    public async Task<List<string>> UnitsAsync()
    {
        using var client = ClientWith(await TokenAsync("head-office"));
        var page = await client.GetFromJsonAsync<JsonElement>("/api/units");
        return [.. page.GetProperty("items").EnumerateArray().Where(unit => unit.GetProperty("kind").GetString() is "outlet" or "hotline").Select(unit => unit.GetProperty("code").GetString()!)];
    }

    public async ValueTask DisposeAsync()
    {
        if (Suite is not null)
            await Suite.DisposeAsync();
        if (_rabbit is not null)
            await _rabbit.DisposeAsync();
        if (_postgres is not null)
            await _postgres.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
