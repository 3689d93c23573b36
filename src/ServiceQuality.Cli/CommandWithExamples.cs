using System.CommandLine;

namespace ServiceQuality.Cli;

/// <summary>A command that shows how it is used at the end of its help.</summary>
internal sealed class CommandWithExamples(string name, string description, params string[] examples) : Command(name, description)
{
    public IReadOnlyList<string> Examples { get; } = examples;
}
