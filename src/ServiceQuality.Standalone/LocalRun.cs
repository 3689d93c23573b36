using System.Runtime.InteropServices;
using Npgsql;
using ServiceQuality.LocalServers;

namespace ServiceQuality.Standalone;

/// <summary>What the command line asks for.</summary>
internal sealed record RunOptions(bool Demo, bool Suite, string Address, string Folder);

/// <summary>One run on this machine: servers, suite, demo, and an orderly end on SIGTERM or Ctrl-C.</summary>
internal static class LocalRun
{
    public static async Task<int> RunAsync(RunOptions options)
    {
        using var stopping = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        try
        {
            await RunAsync(options, stopping.Token);
            return 0;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception failure) when (failure is InvalidOperationException or NpgsqlException or IOException or UnauthorizedAccessException)
        {
            await System.Console.Error.WriteLineAsync($"ServiceQuality could not start: {failure.Message}");
            return 1;
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stopping.Cancel();
        }
    }

    private static async Task RunAsync(RunOptions options, CancellationToken ct)
    {
        Directory.CreateDirectory(options.Folder);
        await using var servers = await Servers.StartAsync(options, ct);
        await using var suite = options.Suite
            ? await SuiteProcesses.StartAsync(new SuiteSettings(servers.Databases, servers.RabbitMq!, options.Address, options.Folder), ct)
            : (IAsyncDisposable)await OneProcess.StartAsync(servers.Databases, options.Address, ct);

        var traffic = Task.CompletedTask;
        if (options.Demo)
        {
            var access = await DemoSession.SeedAsync(servers.Databases["organisation"], options.Address, options.Folder, ct);
            DemoSession.Print(access, options.Folder);
            traffic = DemoTraffic.RunAsync(access, options.Folder, ct);
        }
        System.Console.WriteLine($"ServiceQuality is ready at {options.Address}  (Ctrl-C ends it; data in {options.Folder})");

        // The demo's traffic ends only with the run, unless it fails: then everybody should know.
        await Task.WhenAny(traffic, Task.Delay(Timeout.Infinite, ct));
        if (traffic.IsFaulted)
            await traffic;
        await Task.Delay(Timeout.Infinite, ct);
    }
}

/// <summary>PostgreSQL, and RabbitMQ where the suite needs it: the named ones, else private ones of our own.</summary>
internal sealed class Servers : IAsyncDisposable
{
    private static readonly string[] DatabaseNames = ["organisation", "monitoring", "scores", "gateway"];

    private PrivatePostgres? _postgres;
    private PrivateRabbit? _rabbit;

    /// <summary>Connection string by service.</summary>
    public IReadOnlyDictionary<string, string> Databases { get; private set; } = new Dictionary<string, string>();

    /// <summary>amqp URI; null when the bus is inside the process.</summary>
    public string? RabbitMq { get; private set; }

    public static async Task<Servers> StartAsync(RunOptions options, CancellationToken ct)
    {
        var servers = new Servers();
        try
        {
            await servers.StartPostgresAsync(options, ct);
            if (options.Suite)
                await servers.StartRabbitAsync(options, ct);
            return servers;
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
    }

    private async Task StartPostgresAsync(RunOptions options, CancellationToken ct)
    {
        if (Environment.GetEnvironmentVariable("ConnectionStrings__postgres") is { Length: > 0 } given)
        {
            Databases = DatabaseNames.ToDictionary(name => name, _ => given);
            return;
        }

        _postgres = await PrivatePostgres.StartAsync(Path.Combine(options.Folder, "postgres"), durable: true, ct);
        var databases = new Dictionary<string, string>();
        foreach (var name in DatabaseNames)
            databases[name] = options.Suite ? await PrivatePostgres.CreateDatabaseAsync(_postgres.ConnectionString, name, ct) : _postgres.ConnectionString;
        Databases = databases;
    }

    private async Task StartRabbitAsync(RunOptions options, CancellationToken ct)
    {
        RabbitMq = Environment.GetEnvironmentVariable("ConnectionStrings__rabbitmq");
        if (RabbitMq is { Length: > 0 })
            return;

        _rabbit = await PrivateRabbit.StartAsync(Path.Combine(options.Folder, "rabbit"), ct);
        RabbitMq = _rabbit.Uri;
    }

    public async ValueTask DisposeAsync()
    {
        if (_rabbit is not null)
            await _rabbit.DisposeAsync();
        if (_postgres is not null)
            await _postgres.DisposeAsync();
    }
}
