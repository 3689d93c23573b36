using System.Net.Sockets;
using System.Text;
using ServiceQuality.LocalServers;

namespace ServiceQuality.Scores.Silo.Tests;

/// <summary>A Redis of our own on loopback, with its data in a folder; gone when we are gone.</summary>
public sealed class PrivateRedis : IAsyncDisposable
{
    private static readonly string[] Places = ["/usr/bin/redis-server", "/usr/local/bin/redis-server", "/opt/homebrew/bin/redis-server"];
    private readonly string _folder;
    private readonly int _port = LocalPorts.Free(1)[0];
    private Lifeline? _server;

    private PrivateRedis(string folder) => _folder = folder;

    /// <summary>As in <c>ConnectionStrings:redis</c>.</summary>
    public string Address => $"127.0.0.1:{_port}";

    /// <summary>Starts a server on the data in <paramref name="folder"/>.</summary>
    public static async Task<PrivateRedis> StartAsync(string folder, CancellationToken ct)
    {
        Directory.CreateDirectory(folder);
        var redis = new PrivateRedis(folder);
        await redis.LaunchAsync(ct);
        return redis;
    }

    /// <summary>Starts the server again on the same port and data, after <see cref="CrashAsync"/>.</summary>
    public async Task LaunchAsync(CancellationToken ct)
    {
        var program = Array.Find(Places, File.Exists)
            ?? throw new InvalidOperationException("Redis was not found. Install it (Debian, Ubuntu: apt-get install redis-server).");
        await DisposeAsync();
        _server = Lifeline.Start(
            [program, "--port", $"{_port}", "--bind", "127.0.0.1", "--dir", _folder, "--save", "", "--appendonly", "yes", "--appendfsync", "always"],
            _folder, Path.Combine(_folder, "redis.log"), "TERM");
        while (!await AnswersAsync(_port, ct))
        {
            if (_server.HasExited)
                throw new InvalidOperationException($"Redis did not start; see {_folder}/redis.log.");
            await Task.Delay(25, ct);
        }
    }

    /// <summary>Ends the server with SIGKILL.</summary>
    public Task CrashAsync() => _server!.KillAsync();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static async Task<bool> AnswersAsync(int port, CancellationToken ct)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", port, ct);
            await client.GetStream().WriteAsync("PING\r\n"u8.ToArray(), ct);
            var answer = new byte[7];
            await client.GetStream().ReadExactlyAsync(answer, ct);
            return Encoding.ASCII.GetString(answer) == "+PONG\r\n";
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
