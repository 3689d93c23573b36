using System.Globalization;
using ServiceQuality.LocalServers;
using Xunit;

namespace ServiceQuality.Testing;

/// <summary>A real PostgreSQL for a test assembly, in a temporary folder. Use as <c>[assembly: AssemblyFixture(typeof(RealPostgres))]</c>.</summary>
public class RealPostgres : IAsyncLifetime
{
    private static int _databases;
    private PrivatePostgres? _postgres;

    /// <summary>The servers' folder, removed at the end.</summary>
    protected string Folder { get; } = Directory.CreateTempSubdirectory("sq-").FullName;

    /// <summary>Connects to the server's own database; tests make theirs with <see cref="CreateDatabaseAsync"/>.</summary>
    public string Postgres => _postgres!.ConnectionString;

    /// <summary>A fresh database; answers its connection string.</summary>
    public Task<string> CreateDatabaseAsync(string prefix = "test") =>
        PrivatePostgres.CreateDatabaseAsync(Postgres, string.Create(CultureInfo.InvariantCulture, $"{prefix}_{Interlocked.Increment(ref _databases)}"));

    /// <inheritdoc/>
    public virtual async ValueTask InitializeAsync()
    {
        // The server's account must be able to pass through.
        File.SetUnixFileMode(Folder, File.GetUnixFileMode(Folder) | UnixFileMode.OtherExecute | UnixFileMode.OtherRead);
        _postgres = await PrivatePostgres.StartAsync(Path.Combine(Folder, "postgres"), durable: false);
    }

    /// <inheritdoc/>
    public virtual async ValueTask DisposeAsync()
    {
        if (_postgres is not null)
            await _postgres.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }
}

/// <summary>A real PostgreSQL and a real RabbitMQ for a test assembly.</summary>
public sealed class RealServers : RealPostgres
{
    private PrivateRabbit? _rabbit;

    /// <summary>amqp URI of the broker.</summary>
    public string RabbitMq => _rabbit!.Uri;

    /// <summary>The broker itself, to crash and restart it.</summary>
    public PrivateRabbit Broker => _rabbit!;

    /// <inheritdoc/>
    public override async ValueTask InitializeAsync()
    {
        var broker = PrivateRabbit.StartAsync(Path.Combine(Folder, "rabbit"));
        await base.InitializeAsync();
        _rabbit = await broker;
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (_rabbit is not null)
            await _rabbit.DisposeAsync();
        await base.DisposeAsync();
    }
}
