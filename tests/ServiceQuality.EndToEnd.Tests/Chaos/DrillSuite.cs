using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Npgsql;
using ServiceQuality.LocalServers;
using ServiceQuality.Standalone;
using ServiceQuality.Testing;

namespace ServiceQuality.EndToEnd.Chaos;

/// <summary>A service's way to a server, which a drill can break.</summary>
/// <param name="Name">For example <c>scores-2 → broker</c>.</param>
/// <param name="Kind">For example <c>scores → broker</c>.</param>
/// <param name="Proxy">Stands in between.</param>
internal sealed record Line(string Name, string Kind, TcpProxy Proxy);

/// <summary>
/// The suite with two processes of the score tier, on a broker of one node or a cluster, with a proxy on every line of Monitoring and of the
/// score tier to the broker, and of the score tier to its database.
/// </summary>
internal sealed class DrillSuite : IAsyncDisposable
{
    public const string MonitoringToBroker = "monitoring → broker";
    public const string ScoresToBroker = "scores → broker";
    public const string ScoresToDatabase = "scores → database";
    private static readonly string[] ScoresProcesses = ["scores", "scores-2"];

    private readonly string _folder = Directory.CreateTempSubdirectory("sq-drill-").FullName;
    private readonly RealPostgres _postgres = new();
    private readonly List<Line> _lines = [];
    private RabbitCluster? _cluster;
    private PrivateRabbit? _single;
    private DemoAccess _demo = null!;

    /// <summary>How often broker and services ask each other for a sign of life in drills: the shorter, the sooner a silent line is given up.</summary>
    public static TimeSpan Heartbeat { get; } = TimeSpan.FromSeconds(ChaosReport.IsLong ? 5 : 2);

    public SuiteProcesses Processes { get; private set; } = null!;

    public IReadOnlyList<Line> Lines => _lines;

    /// <summary>The broker's nodes.</summary>
    public IReadOnlyList<PrivateRabbit> Nodes => _cluster?.Nodes ?? [_single!];

    /// <summary>Connects to the database of the score tier, past every proxy.</summary>
    public string ScoresDatabase { get; private set; } = "";

    /// <summary>Units that get facts: some of every region.</summary>
    public IReadOnlyList<UnitRow> Units { get; private set; } = [];

    public IReadOnlyList<string> Regions => [.. _demo.Keys.Select(key => key.Region)];

    public static async Task<DrillSuite> StartAsync(int brokers)
    {
        var suite = new DrillSuite();
        try
        {
            await suite.StartServersAsync(brokers);
            await suite.StartProcessesAsync();
            return suite;
        }
        catch
        {
            await suite.DisposeAsync();
            throw;
        }
    }

    /// <summary>A client that posts with the key of a region; it waits longer than any answer may take.</summary>
    public HttpClient KeyOf(string region)
    {
        var client = new HttpClient { BaseAddress = new Uri(Processes.Address), Timeout = TimeSpan.FromSeconds(60) };
        client.DefaultRequestHeaders.Add("X-Api-Key", _demo.Keys.First(key => key.Region == region).Key);
        return client;
    }

    /// <summary>A client signed in as head office.</summary>
    public async Task<HttpClient> SignInAsync(CancellationToken ct)
    {
        var account = _demo.Accounts.First(account => account.Role == "head-office");
        var client = new HttpClient { BaseAddress = new Uri(Processes.Address), Timeout = TimeSpan.FromSeconds(60) };
        await Eventually.Async(async () =>
        {
            using var answer = await client.PostAsJsonAsync("/api/sign-in", new { user = account.User, password = account.Password }, ct);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(ct));
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await answer.Content.ReadFromJsonAsync<JsonElement>(ct)).GetProperty("accessToken").GetString());
        }, TimeSpan.FromSeconds(60));
        return client;
    }

    private async Task StartServersAsync(int brokers)
    {
        var broker = brokers == 1 ? StartSingleAsync() : StartClusterAsync(brokers);
        await _postgres.InitializeAsync();
        await broker;
    }

    private async Task StartSingleAsync() => _single = await PrivateRabbit.StartAsync(Path.Combine(_folder, "rabbit"));

    private async Task StartClusterAsync(int nodes) => _cluster = await RabbitCluster.StartAsync(Path.Combine(_folder, "rabbits"), nodes);

    private async Task StartProcessesAsync()
    {
        var databases = new Dictionary<string, string>();
        foreach (var name in new[] { "organisation", "monitoring", "scores", "gateway" })
            databases[name] = await _postgres.CreateDatabaseAsync($"drill_{name}");
        ScoresDatabase = databases["scores"];

        var environments = new Dictionary<string, IReadOnlyDictionary<string, string>>
        {
            ["monitoring"] = new Dictionary<string, string> { ["ConnectionStrings__rabbitmq"] = BrokerThrough("monitoring", MonitoringToBroker) },
        };
        foreach (var process in ScoresProcesses)
        {
            environments[process] = new Dictionary<string, string>
            {
                ["ConnectionStrings__rabbitmq"] = BrokerThrough(process, ScoresToBroker),
                ["ConnectionStrings__scores"] = DatabaseThrough(process),
            };
        }

        var settings = new SuiteSettings(databases, Address(Nodes.Select(PortOf)), $"http://127.0.0.1:{LocalPorts.Free(1)[0]}", _folder)
        {
            Replicas = new Dictionary<string, int> { ["scores"] = ScoresProcesses.Length },
            Environment = new Dictionary<string, string> { ["Bus__Heartbeat"] = Heartbeat.ToString() },
            EnvironmentOf = environments,
        };
        Processes = await SuiteProcesses.StartAsync(settings, TestContext.Current.CancellationToken);
        _demo = await DemoSession.SeedAsync(databases["organisation"], settings.Address, _folder, TestContext.Current.CancellationToken);
        await Eventually.Async(async () => Units = await UnitsAsync(), TimeSpan.FromSeconds(60));
    }

    /// <summary>The halls of four branches in each region, once both processes of the score tier know them.</summary>
    private async Task<IReadOnlyList<UnitRow>> UnitsAsync()
    {
        using var client = await SignInAsync(TestContext.Current.CancellationToken);
        var page = await client.GetFromJsonAsync<JsonElement>("/api/units");
        List<UnitRow> units = [.. page.GetProperty("items").EnumerateArray()
            .Select(unit => new UnitRow(unit.GetProperty("id").GetGuid(), unit.GetProperty("code").GetString()!, unit.GetProperty("kind").GetString()!, unit.GetProperty("path").GetString()!))
            .Where(unit => unit.Code.EndsWith("-hall1", StringComparison.Ordinal))];
        Assert.Equal(24, units.Count);
        return [.. Regions.SelectMany(region => units.Where(unit => unit.Path.Contains($"/{region}/", StringComparison.Ordinal)).Take(4))];
    }

    private string BrokerThrough(string process, string kind) => Address(Nodes.Select(node =>
    {
        var line = new Line($"{process} → broker", kind, TcpProxy.Start(new IPEndPoint(IPAddress.Loopback, PortOf(node))));
        _lines.Add(line);
        return line.Proxy.Port;
    }));

    private string DatabaseThrough(string process)
    {
        var connection = new NpgsqlConnectionStringBuilder(ScoresDatabase);
        var line = new Line($"{process} → database", ScoresToDatabase, TcpProxy.Start(new UnixDomainSocketEndPoint(Path.Combine(connection.Host!, ".s.PGSQL.5432"))));
        _lines.Add(line);
        (connection.Host, connection.Port) = ("127.0.0.1", line.Proxy.Port);
        return connection.ConnectionString;
    }

    private string Address(IEnumerable<int> ports) => $"amqp://{new Uri(Nodes[0].Uri).UserInfo}@{string.Join(',', ports.Select(port => $"127.0.0.1:{port}"))}";

    private static int PortOf(PrivateRabbit node) => new Uri(node.Uri).Port;

    public async ValueTask DisposeAsync()
    {
        if (Processes is not null)
            await Processes.DisposeAsync();
        foreach (var line in _lines)
            await line.Proxy.DisposeAsync();
        if (_cluster is not null)
            await _cluster.DisposeAsync();
        if (_single is not null)
            await _single.DisposeAsync();
        await _postgres.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
