using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace ServiceQuality.LocalServers;

/// <summary>A node's place in a cluster of brokers on this machine.</summary>
/// <param name="Name">Its name, such as <c>servicequality2@localhost</c>.</param>
/// <param name="Nodes">The names of all nodes.</param>
/// <param name="MapperPort">Port of the port mapper (epmd) that the nodes share; somebody else runs it.</param>
/// <param name="Secret">The nodes' common cookie, and the password of their user.</param>
public sealed record RabbitNode(string Name, IReadOnlyList<string> Nodes, int MapperPort, string Secret);

/// <summary>A RabbitMQ broker of our own on loopback, with its own node name, port mapper and data; gone when we are gone.</summary>
public sealed class PrivateRabbit : IAsyncDisposable
{
    private const string Program = "/usr/lib/rabbitmq/bin/rabbitmq-server";

    // The broker runs beside its own port mapper, unless it shares one; both end with the shell that the lifeline holds.
    private const string Script = """
        trap 'kill -9 $broker $mapper 2>/dev/null' TERM
        if [ -z "$SHARED_MAPPER" ]; then epmd -port "$ERL_EPMD_PORT" -address 127.0.0.1 & mapper=$!; fi
        "$0" & broker=$!
        echo $broker > broker.pid
        wait $broker
        [ -n "$SHARED_MAPPER" ] || kill -9 $mapper 2>/dev/null
        """;

    private readonly string _folder;
    private readonly Dictionary<string, string> _environment;
    private Lifeline? _server;

    private PrivateRabbit(string folder, string uri, Dictionary<string, string> environment)
    {
        _folder = folder;
        _environment = environment;
        Uri = uri;
    }

    /// <summary>amqp URI with user and password.</summary>
    public string Uri { get; }

    /// <summary>True when the broker's programs are installed.</summary>
    public static bool IsInstalled => File.Exists(Program);

    /// <summary>Starts a broker on the data in <paramref name="folder"/>.</summary>
    public static Task<PrivateRabbit> StartAsync(string folder, CancellationToken ct = default) => StartAsync(folder, node: null, ct);

    /// <summary>Starts a node of a cluster, which it founds or joins.</summary>
    public static async Task<PrivateRabbit> StartAsync(string folder, RabbitNode? node, CancellationToken ct = default)
    {
        if (!IsInstalled)
            throw new InvalidOperationException("RabbitMQ was not found. Install it (Debian, Ubuntu: apt-get install rabbitmq-server) or name a broker in ConnectionStrings__rabbitmq.");

        folder = Path.GetFullPath(folder);
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var part in new[] { "data", "log", "home" })
            Directory.CreateDirectory(Path.Combine(folder, part));

        var ports = LocalPorts.Free(3);
        var password = node?.Secret ?? await PasswordAsync(folder, ct);
        var configuration = Path.Combine(folder, "rabbitmq.conf");
        var plugins = Path.Combine(folder, "enabled_plugins");
        await File.WriteAllTextAsync(plugins, "[].\n", ct);
        await File.WriteAllTextAsync(configuration, $"""
            listeners.tcp.1 = 127.0.0.1:{ports[0]}
            default_user = servicequality
            default_pass = {password}
            log.console = true
            log.console.level = warning
            log.file = false
            disk_free_limit.absolute = 50MB
            vm_memory_high_watermark.absolute = 2GB
            {Formation(node)}

            """, ct);
        if (node is not null)
            await WriteCookieAsync(Path.Combine(folder, "home", ".erlang.cookie"), node.Secret, ct);

        var rabbit = new PrivateRabbit(folder, $"amqp://servicequality:{password}@127.0.0.1:{ports[0]}", new()
        {
            ["HOME"] = Path.Combine(folder, "home"),
            ["ERL_EPMD_PORT"] = $"{node?.MapperPort ?? ports[1]}",
            ["SHARED_MAPPER"] = node is null ? "" : "yes",
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
            ["RABBITMQ_NODENAME"] = node?.Name ?? "servicequality@localhost",
            ["RABBITMQ_DIST_PORT"] = $"{ports[2]}",
            ["RABBITMQ_CONFIG_FILE"] = configuration,
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = plugins,
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(folder, "data"),
            ["RABBITMQ_LOG_BASE"] = Path.Combine(folder, "log"),
            ["RABBITMQ_LOGS"] = "-",
            ["RABBITMQ_PID_FILE"] = Path.Combine(folder, "pid"),
            ["RABBITMQ_FEATURE_FLAGS_FILE"] = Path.Combine(folder, "data", "feature_flags"),
            ["RUNNING_UNDER_SYSTEMD"] = "1",
            ["LANG"] = "C.UTF-8",
            // Busy-waiting schedulers would take the cores from the services beside them, and three nodes are three times as many.
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = $"-kernel inet_dist_use_interface {{127,0,0,1}} +sbwt none +sbwtdcpu none +sbwtdio none{(node is null ? "" : " +S 1:1 +SDcpu 1:1 +SDio 2")}",
        });
        await rabbit.LaunchAsync(ct);
        return rabbit;
    }

    /// <summary>A minority of the nodes stops by itself, as the manual advises for three.</summary>
    private static string Formation(RabbitNode? node) => node is null ? "" : string.Join('\n', node.Nodes
        .Select((name, index) => string.Create(CultureInfo.InvariantCulture, $"cluster_formation.classic_config.nodes.{index + 1} = {name}"))
        .Prepend("cluster_formation.peer_discovery_backend = classic_config").Append("cluster_partition_handling = pause_minority"));

    private static async Task WriteCookieAsync(string file, string secret, CancellationToken ct)
    {
        if (!File.Exists(file))
            await File.WriteAllTextAsync(file, secret, ct);
        File.SetUnixFileMode(file, UnixFileMode.UserRead);
    }

    /// <summary>The broker makes its user at the first start on its data; later starts must know the same password.</summary>
    private static async Task<string> PasswordAsync(string folder, CancellationToken ct)
    {
        var file = Path.Combine(folder, "password");
        if (File.Exists(file))
            return await File.ReadAllTextAsync(file, ct);

        var password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        await File.WriteAllTextAsync(file, password, ct);
        return password;
    }

    /// <summary>Starts the broker again on the same port and data, after <see cref="CrashAsync"/>.</summary>
    public async Task LaunchAsync(CancellationToken ct = default)
    {
        if (_server is not null)
            await _server.DisposeAsync();

        _server = Lifeline.Start(["/bin/sh", "-c", Script, Program], _folder, Path.Combine(_folder, "broker.log"), "TERM", environment: _environment);
        var factory = new ConnectionFactory { Uri = new Uri(Uri) };
        var started = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await using var probe = await factory.CreateConnectionAsync(ct);
                return;
            }
            catch (BrokerUnreachableException) when (!_server.HasExited && started.Elapsed < TimeSpan.FromSeconds(90))
            {
                await Task.Delay(100, ct);
            }
            catch (BrokerUnreachableException broken)
            {
                throw new InvalidOperationException($"RabbitMQ did not start; see {_folder}/broker.log.", broken);
            }
        }
    }

    /// <summary>Ends the broker with SIGKILL, as a power cut would.</summary>
    public async Task CrashAsync()
    {
        // Which quorum queues there are reaches the disk up to half a second after their declaration. A broker killed before that comes
        // back with queues that elect no leader, which no client can mend; only tests are that quick.
        await Task.Delay(TimeSpan.FromSeconds(1));
        using var broker = Process.GetProcessById(await PidAsync());
        broker.Kill(entireProcessTree: true);
        await broker.WaitForExitAsync();
    }

    /// <summary>The broker keeps its connections and does nothing any more (SIGSTOP), until <see cref="ContinueAsync"/>.</summary>
    public Task PauseAsync() => SignalAsync("STOP");

    /// <summary>The broker goes on (SIGCONT) as if no time had passed.</summary>
    public Task ContinueAsync() => SignalAsync("CONT");

    /// <summary>The messages of every queue, those that somebody holds and has not acknowledged included.</summary>
    public async Task<IReadOnlyDictionary<string, long>> QueuesAsync(CancellationToken ct = default) =>
        (await AskAsync(["list_queues", "name", "messages"], ct)).ToDictionary(row => row[0], row => long.Parse(row[1], CultureInfo.InvariantCulture));

    /// <summary>The nodes that hold a copy of a queue.</summary>
    public async Task<IReadOnlyList<string>> MembersAsync(string queue, CancellationToken ct = default) =>
        [.. (await AskAsync(["list_queues", "name", "members"], ct)).Single(row => row[0] == queue)[1].Trim('[', ']').Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];

    private async Task<List<string[]>> AskAsync(string[] question, CancellationToken ct)
    {
        var start = new ProcessStartInfo("/usr/lib/rabbitmq/bin/rabbitmqctl", ["--quiet", .. question, "--no-table-headers"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in _environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(ct);
        var output = await process.StandardOutput.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        return process.ExitCode == 0
            ? [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')).Where(cells => cells.Length == 2)]
            : throw new InvalidOperationException($"rabbitmqctl ended with {process.ExitCode}: {output}{await error}");
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"kill -{signal} {await PidAsync()}"]))!;
        await kill.WaitForExitAsync();
        if (kill.ExitCode != 0)
            throw new InvalidOperationException($"The broker could not be sent SIG{signal}.");
    }

    private async Task<int> PidAsync() => int.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, "broker.pid")), CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
