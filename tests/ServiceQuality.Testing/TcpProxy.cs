using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace ServiceQuality.Testing;

/// <summary>
/// A line on which everything that happens to networks can be made to happen: it stands between a client and a server and passes bytes on,
/// late, in one direction only, or not at all.
/// </summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private const int Piece = 16 << 10;

    private readonly EndPoint _server;
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<Connection, Task> _connections = new();
    private readonly Task _accepting;
    private volatile Line _line = new(IsCut: false, ToServer: true, ToClient: true, TimeSpan.Zero);
    private int _accepted;

    private TcpProxy(EndPoint server)
    {
        _server = server;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(512);
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>Port of loopback that clients connect to.</summary>
    public int Port { get; }

    /// <summary>Connections that were opened since the start.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>Connections that are open now.</summary>
    public int Open => _connections.Count;

    /// <summary>Starts a line to a server: an <see cref="IPEndPoint"/>, or a <see cref="UnixDomainSocketEndPoint"/>.</summary>
    public static TcpProxy Start(EndPoint server) => new(server);

    /// <summary>Resets every connection, and every new one at once, until <see cref="Heal"/>.</summary>
    public void Cut()
    {
        Become(new(IsCut: true, ToServer: true, ToClient: true, TimeSpan.Zero));
        foreach (var (connection, _) in _connections)
            connection.Dispose();
    }

    /// <summary>
    /// Nothing passes any more, and nobody is told: connections stay open, new ones are accepted, and no byte arrives. What was sent arrives after <see cref="Heal"/>.
    /// </summary>
    /// <param name="toServer">What clients say is lost on the way.</param>
    /// <param name="toClient">What the server says is lost on the way.</param>
    public void Swallow(bool toServer = true, bool toClient = true) => Become(new(IsCut: false, !toServer, !toClient, TimeSpan.Zero));

    /// <summary>Every 16 KiB take so long.</summary>
    public void Slow(TimeSpan delay) => Become(new(IsCut: false, ToServer: true, ToClient: true, delay));

    /// <summary>Everything passes again.</summary>
    public void Heal() => Become(new(IsCut: false, ToServer: true, ToClient: true, TimeSpan.Zero));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting;
        foreach (var (connection, _) in _connections)
            connection.Dispose();
        await Task.WhenAll(_connections.Values);
        _stopping.Dispose();
    }

    private void Become(Line next)
    {
        var before = _line;
        _line = next;
        before.Over.TrySetResult();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var connection = new Connection(await _listener.AcceptAsync(_stopping.Token));
                Interlocked.Increment(ref _accepted);
                var serving = new Task<Task>(() => ServeAsync(connection));
                _connections[connection] = serving.Unwrap();
                serving.Start(TaskScheduler.Default);
            }
        }
        catch (Exception closed) when (closed is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The line is being taken down.
        }
    }

    private async Task ServeAsync(Connection connection)
    {
        var ct = connection.Gone;
        try
        {
            if (_line.IsCut)
                return;
            // In a black hole the server does not even hear of the connection.
            await PassableAsync(line => line.ToServer, ct);
            using var server = new Socket(_server.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
            await server.ConnectAsync(_server, ct);
            connection.Server = server;
            await Task.WhenAll(
                PumpAsync(connection.Client, server, line => line.ToServer, connection),
                PumpAsync(server, connection.Client, line => line.ToClient, connection));
        }
        catch (Exception broken) when (broken is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One end is gone or the line was cut: the other end learns it from the reset below.
        }
        finally
        {
            connection.Dispose();
            _connections.TryRemove(connection, out _);
        }
    }

    private async Task PumpAsync(Socket from, Socket to, Func<Line, bool> isPassable, Connection connection)
    {
        try
        {
            var buffer = new byte[Piece];
            while (true)
            {
                var read = await from.ReceiveAsync(buffer.AsMemory(), connection.Gone);
                await PassableAsync(isPassable, connection.Gone);
                if (_line.Delay is var delay && delay > TimeSpan.Zero)
                    await Task.Delay(delay, connection.Gone);
                if (read == 0)
                {
                    to.Shutdown(SocketShutdown.Send);
                    return;
                }
                for (var sent = 0; sent < read;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), connection.Gone);
            }
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private async Task PassableAsync(Func<Line, bool> isPassable, CancellationToken ct)
    {
        while (_line is var line && !isPassable(line))
            await line.Over.Task.WaitAsync(ct);
    }

    /// <summary>What passes until <see cref="Over"/>.</summary>
    private sealed record Line(bool IsCut, bool ToServer, bool ToClient, TimeSpan Delay)
    {
        public TaskCompletionSource Over { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Connection(Socket client) : IDisposable
    {
        private readonly CancellationTokenSource _gone = new();

        public Socket Client => client;

        public Socket? Server { get; set; }

        public CancellationToken Gone => _gone.Token;

        /// <summary>Closes both ends without a farewell.</summary>
        public void Dispose()
        {
            _gone.Cancel();
            Close(client);
            if (Server is { } server)
                Close(server);
        }

        private static void Close(Socket socket)
        {
            try
            {
                if (socket.SocketType == SocketType.Stream && socket.AddressFamily != AddressFamily.Unix)
                    socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }
            catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
            {
                // It is closed already.
            }
            socket.Dispose();
        }
    }
}
