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

    /// <summary>Further environment variables of one process, by its name; they win over all others.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> EnvironmentOf { get; init; } = new Dictionary<string, IReadOnlyDictionary<string, string>>();

    /// <summary>How many processes a service has, one unless it is named here. The first is called like the service, then <c>scores-2</c> and so on.</summary>
    public IReadOnlyDictionary<string, int> Replicas { get; init; } = new Dictionary<string, int>();

    /// <summary>Executable that runs a service, where it is not the service's own: the silo for scores, for example.</summary>
    public IReadOnlyDictionary<string, string> Executables { get; init; } = new Dictionary<string, string>();
}

/// <summary>
/// The suite as one process per service on this machine: what Kubernetes does in production, small. A process that dies is started again.
/// </summary>
public sealed class SuiteProcesses : IAsyncDisposable
{
    /// <summary>The services behind the gateway by name, with their projects.</summary>
    private static readonly (string Name, string Project)[] Services =
        [("organisation", "Organisation"), ("monitoring", "Monitoring"), ("scores", "Scores.Host"), ("console", "Console")];

    /// <summary>
    /// Environment of every service for throughput on few cores (docs/operations.md, "Throughput"). A batch of 500 facts is some hundred kilobytes wherever it
    /// passes: kept out of the large-object heap, and collected while young, it costs a third less. Threads that spin while they wait for work take the
    /// processor from PostgreSQL and the broker.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Runtime { get; } = new Dictionary<string, string>
    {
        ["DOTNET_gcServer"] = "0",
        ["DOTNET_GCgen0size"] = "0x8000000",
        ["DOTNET_GCLOHThreshold"] = "0x400000",
        ["DOTNET_ThreadPool_UnfairSemaphoreSpinLimit"] = "0",
    };

    private readonly SuiteSettings _settings;
    private readonly List<Member> _members;
    private readonly TicketKeyPair _tickets = TicketKeyPair.Create();
    private readonly ConcurrentDictionary<string, Lifeline> _running = new();
    private readonly ConcurrentDictionary<string, bool> _down = new();
    private readonly CancellationTokenSource _stopping = new();
    private Task _supervision = Task.CompletedTask;

    private SuiteProcesses(SuiteSettings settings)
    {
        _settings = settings;
        var names = Services.SelectMany(service => Enumerable.Range(1, settings.Replicas.GetValueOrDefault(service.Name, 1))
            .Select(number => (Name: number == 1 ? service.Name : $"{service.Name}-{number}", Service: service.Name))).ToList();
        _members = [.. names.Zip(LocalPorts.Free(names.Count), (member, port) => new Member(member.Name, member.Service, $"http://127.0.0.1:{port}")), new("gateway", "gateway", settings.Address)];
        Directory.CreateDirectory(Logs);
    }

    /// <summary>Every process: those of the services, and the gateway last.</summary>
    public IReadOnlyList<string> Names => [.. _members.Select(member => member.Name)];

    /// <summary>Public address of the gateway.</summary>
    public string Address => _settings.Address;

    /// <summary>PEM private key of the gateway's tickets; tests ask the services with it directly.</summary>
    public string SigningKey => _tickets.PrivatePem;

    /// <summary>The address of one process; tests and operators only.</summary>
    public string AddressOf(string name) => Find(name).Address;

    private string Logs => Path.Combine(_settings.Folder, "logs");

    /// <summary>Migrates the databases, starts every process and waits until the gateway and all services are ready.</summary>
    public static async Task<SuiteProcesses> StartAsync(SuiteSettings settings, CancellationToken ct = default)
    {
        var suite = new SuiteProcesses(settings);
        await Task.WhenAll(settings.Databases.Keys.Select(name => suite.MigrateAsync(name, ct)));
        foreach (var name in suite.Names)
            suite.Launch(name);
        suite._supervision = suite.SuperviseAsync();
        foreach (var name in suite.Names)
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

    /// <summary>Ends a process with SIGTERM, starts it again with the environment that the settings name now, and waits until it is ready: one step of a rolling update.</summary>
    public async Task RestartAsync(string name, CancellationToken ct = default)
    {
        _down[name] = true;
        await _running[name].DisposeAsync();
        Launch(name);
        _down.TryRemove(name, out _);
        await ReadyAsync(name, ct);
    }

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
                    if (_down.ContainsKey(name) || !process.HasExited)
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
        var environment = new Dictionary<string, string>(Runtime)
        {
            ["ASPNETCORE_URLS"] = AddressOf(name),
            ["ConnectionStrings__rabbitmq"] = _settings.RabbitMq,
            ["Tickets__VerificationKeys"] = _tickets.PublicPem,
        };
        var service = Find(name).Service;
        if (_settings.Databases.TryGetValue(service, out var database))
            environment[$"ConnectionStrings__{service}"] = database;
        if (service is "gateway")
            environment["Tickets__SigningKey"] = _tickets.PrivatePem;
        foreach (var replicas in _members.Where(member => member.Service is not "gateway").GroupBy(member => member.Service))
        {
            foreach (var (number, member) in replicas.Index())
                environment[$"services__{replicas.Key}__http__{number}"] = member.Address;
        }
        foreach (var (key, value) in _settings.Environment.Concat(_settings.EnvironmentOf.GetValueOrDefault(name) ?? new Dictionary<string, string>()))
            environment[key] = value;
        return environment;
    }

    private Member Find(string name) => _members.Single(member => member.Name == name);

    /// <summary>Every executable lies in a folder of its own beside ours, as the build puts them, unless the settings name another.</summary>
    private string Executable(string name)
    {
        var service = Find(name).Service;
        if (_settings.Executables.TryGetValue(service, out var given))
            return given;
        var project = service == "gateway" ? "ServiceQuality.Gateway" : $"ServiceQuality.{Services.Single(one => one.Name == service).Project}";
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

    private sealed record Member(string Name, string Service, string Address);

    private sealed class Outage(SuiteProcesses suite, string name) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            suite._down.TryRemove(name, out _);
            await suite.ReadyAsync(name);
        }
    }
}
