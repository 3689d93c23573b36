using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace ServiceQuality.LocalServers;

/// <summary>
/// A PostgreSQL server of our own, started from the programs installed on the machine: reachable through a socket in a folder that only
/// its user may enter, gone when we are gone, its data kept in that folder.
/// </summary>
public sealed partial class PrivatePostgres : IAsyncDisposable
{
    private static readonly string[] Places = ["/usr/lib/postgresql", "/usr/pgsql", "/opt/homebrew/opt", "/usr/local/opt"];

    private readonly Lifeline _server;

    private PrivatePostgres(Lifeline server, string connectionString)
    {
        _server = server;
        ConnectionString = connectionString;
    }

    /// <summary>Connects as the owner of the server, to the database <c>servicequality</c>.</summary>
    public string ConnectionString { get; }

    /// <summary>The folder of <c>initdb</c> and <c>postgres</c>, newest version first; null when they are not installed.</summary>
    public static string? FindPrograms() =>
        Places.Where(Directory.Exists)
            .SelectMany(place => Directory.GetDirectories(place))
            .OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), out var version) ? version : 0)
            .Select(folder => Path.Combine(folder, "bin"))
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'))
            .FirstOrDefault(bin => File.Exists(Path.Combine(bin, "initdb")) && File.Exists(Path.Combine(bin, "postgres")));

    /// <summary>Starts the server on the data in <paramref name="folder"/>, making them first if there are none.</summary>
    /// <param name="folder">Where the data live; created when missing.</param>
    /// <param name="durable">False only in tests: no fsync.</param>
    /// <param name="ct">Gives up waiting for the start.</param>
    public static async Task<PrivatePostgres> StartAsync(string folder, bool durable, CancellationToken ct = default)
    {
        var bin = FindPrograms() ?? throw new InvalidOperationException(
            "The PostgreSQL server programs (initdb, postgres) were not found. Install them (Debian, Ubuntu: apt-get install postgresql) " +
            "or name a server in ConnectionStrings__postgres.");

        folder = Reachable(Path.GetFullPath(folder));
        Directory.CreateDirectory(folder);
        var user = await UnprivilegedUserAsync(folder, ct);

        var data = Path.Combine(folder, "data");
        if (!File.Exists(Path.Combine(data, "PG_VERSION")))
            await RunAsync(user, folder, [Path.Combine(bin, "initdb"), "-D", data, "-U", "servicequality", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", .. durable ? Array.Empty<string>() : ["--no-sync"]], ct);

        var sockets = SocketFolder(folder);
        Directory.CreateDirectory(sockets);
        await UnprivilegedUserAsync(sockets, ct);
        var safety = durable ? "on" : "off";
        var server = Lifeline.Start(
            [Path.Combine(bin, "postgres"), "-D", data, "-k", sockets, "-c", "listen_addresses=", "-c", "max_connections=200", "-c", "shared_buffers=256MB",
             "-c", "max_wal_size=2GB", "-c", $"fsync={safety}", "-c", $"synchronous_commit={safety}", "-c", $"full_page_writes={safety}"],
            folder, Path.Combine(folder, "postgres.log"), "INT", user);

        var connection = new NpgsqlConnectionStringBuilder { Host = sockets, Username = "servicequality", Database = "postgres", Timeout = 5, MaxPoolSize = 40 };
        await WaitAsync(server, connection.ConnectionString, folder, ct);
        await CreateDatabaseAsync(connection.ConnectionString, "servicequality", ct);
        connection.Database = "servicequality";
        return new PrivatePostgres(server, connection.ConnectionString);
    }

    /// <summary>Creates a database unless it exists, and answers how to connect to it.</summary>
    public static async Task<string> CreateDatabaseAsync(string connectionString, string name, CancellationToken ct = default)
    {
        await using var db = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await using var exists = db.CreateCommand("select 1 from pg_database where datname = $1");
        exists.Parameters.Add(new() { Value = name });
        if (await exists.ExecuteScalarAsync(ct) is null)
        {
            await using var create = db.CreateCommand($"create database \"{name}\"");
            await create.ExecuteNonQueryAsync(ct);
        }
        return new NpgsqlConnectionStringBuilder(connectionString) { Database = name }.ConnectionString;
    }

    private static async Task WaitAsync(Lifeline server, string connectionString, string folder, CancellationToken ct)
    {
        var started = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await using var probe = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
                await probe.OpenAsync(ct);
                return;
            }
            catch (NpgsqlException) when (!server.HasExited && started.Elapsed < TimeSpan.FromSeconds(60))
            {
                await Task.Delay(25, ct);
            }
            catch (NpgsqlException broken)
            {
                throw new InvalidOperationException($"PostgreSQL did not start; see {folder}/postgres.log.", broken);
            }
        }
    }

    /// <summary>PostgreSQL refuses root: as root the server runs under its own account, which must be able to reach the folder.</summary>
    private static string Reachable(string folder)
    {
        if (!Environment.IsPrivilegedProcess)
            return folder;

        for (var parent = new DirectoryInfo(folder).Parent; parent is not null; parent = parent.Parent)
        {
            if (parent.Exists && !parent.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
                return Path.Combine("/var/tmp", $"servicequality-{ShortHash(folder)}");
        }
        return folder;
    }

    /// <summary>A socket's path must stay under 108 bytes.</summary>
    private static string SocketFolder(string folder) =>
        Encoding.UTF8.GetByteCount(folder) < 85 ? folder : Path.Combine(Path.GetTempPath(), $"servicequality-{ShortHash(folder)}");

    private static string ShortHash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..12];

    private static async Task<string?> UnprivilegedUserAsync(string folder, CancellationToken ct)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return null;
        }

        var accounts = (await File.ReadAllLinesAsync("/etc/passwd", ct)).Select(line => line.Split(':')).ToLookup(fields => fields[0]);
        var account = accounts["postgres"].Concat(accounts["nobody"]).FirstOrDefault()
            ?? throw new InvalidOperationException("PostgreSQL refuses to run as root, and there is no account 'postgres' or 'nobody' to run it under.");
        if (ChangeOwner(folder, int.Parse(account[2], null), int.Parse(account[3], null)) != 0)
            throw new InvalidOperationException($"{folder} could not be given to the account '{account[0]}'.");
        File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return account[0];
    }

    private static async Task RunAsync(string? user, string folder, string[] command, CancellationToken ct)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        if (user is not null)
            start.UserName = user;
        start.Environment["LC_ALL"] = "C.UTF-8";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(ct);
        var error = process.StandardError.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{command[0]} ended with {process.ExitCode}: {await output}{await error}");
    }

    [LibraryImport("libc", EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, int user, int group);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
