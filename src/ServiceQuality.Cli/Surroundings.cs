using Spectre.Console;

namespace ServiceQuality.Cli;

/// <summary>All that a command sees of the outside world.</summary>
internal sealed record Surroundings
{
    public required TextWriter Output { get; init; }
    public required TextWriter Error { get; init; }
    public required TextReader Input { get; init; }
    public required Func<string, string?> Environment { get; init; }

    /// <summary>True when a person watches: progress bars and prompts make sense.</summary>
    public bool OutputIsTerminal { get; init; }

    public bool InputIsTerminal { get; init; }
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public static Surroundings OfProcess() => new()
    {
        Output = Console.Out,
        Error = Console.Error,
        Input = Console.In,
        Environment = System.Environment.GetEnvironmentVariable,
        OutputIsTerminal = !Console.IsOutputRedirected && !Console.IsErrorRedirected,
        InputIsTerminal = !Console.IsInputRedirected,
    };

    /// <summary>People read 中文 where LC_ALL, LC_MESSAGES or LANG says so.</summary>
    public bool Chinese => (Environment("LC_ALL") ?? Environment("LC_MESSAGES") ?? Environment("LANG") ?? "").StartsWith("zh", StringComparison.OrdinalIgnoreCase);

    public string Say(string english, string chinese) => Chinese ? chinese : english;

    /// <summary>Where `sq` keeps its sign-in.</summary>
    public string ConfigurationFolder => Path.Combine(
        Environment("XDG_CONFIG_HOME") is { Length: > 0 } given ? given : Path.Combine(Environment("HOME") ?? ".", ".config"),
        "service-quality");

    /// <summary>A console for tables; plain and wide when nobody watches, so that lines are not broken for scripts.</summary>
    public IAnsiConsole Tables()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = OutputIsTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = OutputIsTerminal && Environment("NO_COLOR") is null ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = OutputIsTerminal ? InteractionSupport.Detect : InteractionSupport.No,
            Out = new AnsiConsoleOutput(Output),
        });
        if (!OutputIsTerminal)
            console.Profile.Width = 200;
        return console;
    }
}
