using System.Diagnostics;
using System.Globalization;

namespace ServiceQuality.LocalServers;

/// <summary>
/// A server program that lives no longer than this process. A shell holds the reading end of a pipe to us as its standard input;
/// when we end, for whatever reason, the pipe closes and the shell ends the server. So no kill -9 leaves an orphan behind.
/// </summary>
public sealed class Lifeline : IAsyncDisposable
{
    private const string Script = """
        exec 3<&0
        "$@" </dev/null 3<&- &
        server=$!
        echo $server > "$PID_FILE"
        (cat <&3 >/dev/null; kill -s "$STOP_SIGNAL" $server 2>/dev/null) &
        wait $server
        """;

    private readonly Process _shell;
    private readonly string _pidFile;
    private readonly Task _log;

    private Lifeline(Process shell, string logFile, string pidFile)
    {
        _shell = shell;
        _pidFile = pidFile;
        _log = CopyAsync(logFile);
    }

    /// <summary>True when the server has ended.</summary>
    public bool HasExited => _shell.HasExited;

    /// <summary>Starts <paramref name="command"/> as <paramref name="user"/> (null: as we are), with its output appended to a file.</summary>
    public static Lifeline Start(IEnumerable<string> command, string folder, string logFile, string stopSignal, string? user = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", Script, "sh", .. command])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (user is not null)
            start.UserName = user;
        start.Environment["LC_ALL"] = "C.UTF-8";
        var pidFile = Path.Combine(folder, $"{Path.GetFileNameWithoutExtension(logFile)}.server-pid");
        start.Environment["STOP_SIGNAL"] = stopSignal;
        start.Environment["PID_FILE"] = pidFile;
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return new Lifeline(Process.Start(start)!, logFile, pidFile);
    }

    /// <summary>Ends the server with SIGKILL, as a power cut would, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        using var server = Process.GetProcessById(int.Parse(await File.ReadAllTextAsync(_pidFile), CultureInfo.InvariantCulture));
        server.Kill();
        await _shell.WaitForExitAsync();
    }

    private async Task CopyAsync(string file)
    {
        await using var writer = new StreamWriter(new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
        var gate = new SemaphoreSlim(1);

        async Task Copy(StreamReader from)
        {
            while (await from.ReadLineAsync() is { } line)
            {
                await gate.WaitAsync();
                await writer.WriteLineAsync(line);
                gate.Release();
            }
        }

        await Task.WhenAll(Copy(_shell.StandardOutput), Copy(_shell.StandardError));
    }

    /// <summary>Closes the pipe and waits for the server to end.</summary>
    public async ValueTask DisposeAsync()
    {
        _shell.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            await _shell.WaitForExitAsync(patience.Token);
            await _log.WaitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _shell.Kill(entireProcessTree: true);
        }
        _shell.Dispose();
    }
}
