using System.Diagnostics;

namespace ServiceQuality.Cli.Tests;

/// <summary>Runs `sq` as a user would: with arguments, an environment and a folder of its own.</summary>
internal sealed class Sq : IDisposable
{
    private readonly Dictionary<string, string> environment = [];

    public Sq()
    {
        Folder = Directory.CreateTempSubdirectory("sq-tests-").FullName;
        environment["XDG_CONFIG_HOME"] = Path.Combine(Folder, "config");
        environment["LANG"] = "C.UTF-8";
    }

    public string Folder { get; }

    public TimeProvider Clock { get; set; } = TimeProvider.System;

    public string Input { get; set; } = "";

    public string this[string variable]
    {
        set => environment[variable] = value;
    }

    /// <summary>A file in the folder.</summary>
    public string Write(string name, string content)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, content);
        return path;
    }

    public async Task<Ran> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var input = new StringReader(Input);
        var code = await SqCommand.RunAsync(arguments, new Surroundings
        {
            Output = output,
            Error = error,
            Input = input,
            Environment = name => environment.GetValueOrDefault(name),
            Clock = Clock,
        });
        return new Ran(code, output.ToString(), error.ToString());
    }

    /// <summary>The same as a process of its own, which can be killed.</summary>
    public Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileName(path).StartsWith("dotnet", StringComparison.Ordinal) ? path : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments.Prepend(Path.Combine(AppContext.BaseDirectory, "sq.dll")))
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

internal sealed record Ran(int Code, string Output, string Error);

/// <summary>A clock that stands still; delays still pass in real time.</summary>
internal sealed class StoppedClock(DateTimeOffset now) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => now;
}

internal static class Repository
{
    /// <summary>A file of the repository, wherever the tests run.</summary>
    public static string File(string path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(folder.FullName, "ServiceQuality.sln")))
                return Path.Combine(folder.FullName, path);
        }

        throw new FileNotFoundException("The tests do not run inside the repository.", path);
    }
}
