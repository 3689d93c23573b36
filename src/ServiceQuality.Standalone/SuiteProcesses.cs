using System.Collections.Concurrent;
using System.Diagnostics;
using ServiceQuality.LocalServers;

namespace ServiceQuality.Standalone;

/// <summary>Where the servers of the suite are, and where its processes keep logs.</summary>
/// <param name="Databases">Connection string by service: organisation, monitoring, scores, gateway.</param>
/// <param name="RabbitMq">amqp URI of the broker.</param>
/// <param name="Address">Public address of the gateway, for example <c>http://127.0.0.1:5080</c>.</param>
/// <param name="Folder">Logs go to its folder <c>logs</c>.</param>
public sealed record SuiteSettings(IReadOnlyDictionary<string, string> Databases, string RabbitMq, string Address, string Folder)
{
    /// <summary>Further environment variables of every process, such as limits.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}

/// <summary>
/// The suite as one process per service on this machine: what Kubernetes does in production, small. A process that dies is started again.
/// </summary>
public sealed class SuiteProcesses : IAsyncDisposable
{
    /// <summary>The services behind the gateway by name, with their projects.</summary>
    private static readonly (string Name, string Project)[] Services =
        [("organisation", "Organisation"), ("monitoring", "Monitoring"), ("scores", "Scores.Host"), ("console", "Console")];

    private readonly SuiteSettings _settings;
    private readonly Dictionary<string, string> _addresses;
    private readonly TicketKeyPair _tickets = TicketKeyPair.Create();
    private readonly ConcurrentDictionary<string, Lifeline> _running = new();
    private readonly ConcurrentDictionary<string, bool> _down = new();
    private readonly CancellationTokenSource _stopping = new();
    private Task _supervision = Task.CompletedTask;

    private SuiteProcesses(SuiteSettings settings)
    {
        _settings = settings;
        _addresses = Services.Zip(LocalPorts.Free(Services.Length), (service, port) => (service.Name, Address: $"http://127.0.0.1:{port}")).ToDictionary(pair => pair.Name, pair => pair.Address);
        Directory.CreateDirectory(Logs);
    }

    /// <summary>Every process: the services and the gateway.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Services.Select(service => service.Name), "gateway"];

    /// <summary>Public address of the gateway.</summary>
    public string Address => _settings.Address;

    /// <summary>The address of one service behind the gateway; tests and operators only.</summary>
    public string AddressOf(string service) => service == "gateway" ? _settings.Address : _addresses[service];

    private string Logs => Path.Combine(_settings.Folder, "logs");

    /// <summary>Migrates the databases, starts every process and waits until the gateway and all services are ready.</summary>
    public static async Task<SuiteProcesses> StartAsync(SuiteSettings settings, CancellationToken ct = default)
    {
        var suite = new SuiteProcesses(settings);
        await Task.WhenAll(settings.Databases.Keys.Select(name => suite.MigrateAsync(name, ct)));
        foreach (var name in Names)
            suite.Launch(name);
        suite._supervision = suite.SuperviseAsync();
        foreach (var name in Names)
            await suite.ReadyAsync(name, ct);
        return suite;
    }

    /// <summary>Waits until a process answers on <c>/readyz</c>.</summary>
    public Task ReadyAsync(string name, CancellationToken ct = default) => ReadyAsync(name, AddressOf(name), ct);

    /// <summary>Waits until whatever is at <paramref name="address"/> answers on <c>/readyz</c>.</summary>
    public async Task ReadyAsync(string name, string address, CancellationToken ct = default)
    {
        using var client = new HttpClient { BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(5) };
        var started = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var answer = await client.GetAsync(new Uri("/readyz", UriKind.Relative), ct);
                if (answer.IsSuccessStatusCode)
                    return;
                if (started.Elapsed > TimeSpan.FromSeconds(120))
                    throw new InvalidOperationException($"{name} is not ready: {await answer.Content.ReadAsStringAsync(ct)}; see {Logs}/{name}.log.");
            }
            catch (Exception away) when (away is HttpRequestException or TaskCanceledException && !ct.IsCancellationRequested)
            {
                if (started.Elapsed > TimeSpan.FromSeconds(120))
                    throw new InvalidOperationException($"{name} did not start; see {Logs}/{name}.log.", away);
            }
            await Task.Delay(100, ct);
        }
    }

    /// <summary>Ends a process with SIGKILL; the supervision starts it again.</summary>
    public Task KillAsync(string name) => _running[name].KillAsync();

    /// <summary>Ends a process with SIGKILL and keeps it down until the answer is disposed of; then waits until it is ready again.</summary>
    public async Task<IAsyncDisposable> TakeDownAsync(string name)
    {
        _down[name] = true;
        await _running[name].KillAsync();
        return new Outage(this, name);
    }

    /// <summary>One more gateway at another address, with some of its environment replaced; the caller disposes of it.</summary>
    public Lifeline AddGateway(string address, IReadOnlyDictionary<string, string> overrides)
    {
        var environment = EnvironmentOf("gateway");
        environment["ASPNETCORE_URLS"] = address;
        foreach (var (key, value) in overrides)
            environment[key] = value;
        return Lifeline.Start([Executable("gateway")], Logs, Path.Combine(Logs, $"gateway-{new Uri(address).Port}.log"), "TERM", environment: environment);
    }

    private void Launch(string name) =>
        _running[name] = Lifeline.Start([Executable(name)], Logs, Path.Combine(Logs, $"{name}.log"), "TERM", environment: EnvironmentOf(name));

    private async Task SuperviseAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                foreach (var (name, process) in _running)
                {
                    if (!process.HasExited || _down.ContainsKey(name))
                        continue;
                    await process.DisposeAsync();
                    Launch(name);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The suite is going down.
        }
    }

    private async Task MigrateAsync(string name, CancellationToken ct)
    {
        var start = new ProcessStartInfo(Executable(name), ["--migrate"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (key, value) in EnvironmentOf(name))
            start.Environment[key] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(ct);
        var error = process.StandardError.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"The migration of {name} ended with {process.ExitCode}: {await output}{await error}");
    }

    private Dictionary<string, string> EnvironmentOf(string name)
    {
        var environment = new Dictionary<string, string>
        {
            ["ASPNETCORE_URLS"] = AddressOf(name),
            ["ConnectionStrings__rabbitmq"] = _settings.RabbitMq,
            ["Tickets__VerificationKeys"] = _tickets.PublicPem,
            ["DOTNET_gcServer"] = "0",
            // A batch of 500 facts is some hundred kilobytes wherever it passes: kept out of the large-object heap, and collected while
            // young, it costs a third less (docs/operations.md, "Throughput").
            ["DOTNET_GCgen0size"] = "0x8000000",
            ["DOTNET_GCLOHThreshold"] = "0x400000",
        };
        if (_settings.Databases.TryGetValue(name, out var database))
            environment[$"ConnectionStrings__{name}"] = database;
        if (name is "gateway")
            environment["Tickets__SigningKey"] = _tickets.PrivatePem;
        foreach (var (key, value) in _settings.Environment)
            environment[key] = value;
        foreach (var (service, address) in _addresses)
            environment[$"services__{service}__http__0"] = address;
        return environment;
    }

    /// <summary>Every executable lies in a folder of its own beside ours, as the build puts them.</summary>
    private static string Executable(string name)
    {
        var project = name == "gateway" ? "ServiceQuality.Gateway" : $"ServiceQuality.{Services.Single(service => service.Name == name).Project}";
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;
        var file = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", project, configuration, project));
        return File.Exists(file) ? file : throw new InvalidOperationException($"{file} was not found: build the solution first (./build.sh build).");
    }

    /// <summary>Ends every process, the gateway first, so that nothing new comes in while the rest drains.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _supervision;
        foreach (var name in Names.Reverse())
        {
            if (_running.TryRemove(name, out var process))
                await process.DisposeAsync();
        }
        _stopping.Dispose();
    }

    private sealed class Outage(SuiteProcesses suite, string name) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            suite._down.TryRemove(name, out _);
            await suite.ReadyAsync(name);
        }
    }
}
