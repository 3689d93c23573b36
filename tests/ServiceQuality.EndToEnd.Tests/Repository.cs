using System.Diagnostics;

namespace ServiceQuality.EndToEnd;

/// <summary>Files of the repository, and programs that the build put beside this one.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The command line, of the same configuration as this test.</summary>
    public static string Sq { get; } = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "ServiceQuality.Cli", new DirectoryInfo(AppContext.BaseDirectory).Name, "sq"));

    public static string PathOf(string file) => Path.Combine(Root, file);

    /// <summary>Runs a program to its end.</summary>
    public static async Task<ProgramRun> RunAsync(string program, IReadOnlyList<string> arguments, string folder, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(90));
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var error = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return new ProgramRun(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ServiceQuality.sln")))
                return folder.FullName;
        }
        throw new InvalidOperationException($"No repository is above {AppContext.BaseDirectory}.");
    }
}

/// <summary>How a program ended.</summary>
internal sealed record ProgramRun(int ExitCode, string Output, string Error)
{
    public override string ToString() => $"exit code {ExitCode}\n{Output}{Error}";
}
