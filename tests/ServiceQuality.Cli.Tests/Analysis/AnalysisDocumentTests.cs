using System.Text.RegularExpressions;
using ServiceQuality.Scoring.Servqual;

namespace ServiceQuality.Cli.Tests.Analysis;

/// <summary>The examples of docs/analysis.md are run: files as they stand there, output as it stands there.</summary>
public sealed partial class AnalysisDocumentTests
{
    private static readonly string Text = File.ReadAllText(Repository.File("docs/analysis.md"));

    public static TheoryData<string> Commands => [.. Runs().Matches(Text).Select(match => match.Groups["command"].Value)];

    [Theory, MemberData(nameof(Commands))]
    public async Task An_example_prints_what_the_document_shows(string command)
    {
        using var sq = new Sq();
        foreach (Match file in Files().Matches(Text))
            sq.Write(file.Groups["name"].Value, file.Groups["content"].Value);
        var expected = Runs().Matches(Text).Single(match => match.Groups["command"].Value == command).Groups["output"].Value;

        var ran = await sq.RunAsync([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word.EndsWith(".csv", StringComparison.Ordinal) ? Path.Combine(sq.Folder, word) : word)]);

        Assert.Equal(Lines(expected), Lines(ran.Output.Replace(sq.Folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal) + ran.Error));
    }

    [Fact]
    public void The_library_stands_in_the_document()
    {
        Assert.All(SubDimension.Library, one => Assert.Contains($"| `{one.Code}` {one.Name.Zh} / {one.Name.En} | `{one.Dimension}` | {one.Importance} |", Text, StringComparison.Ordinal));
        Assert.All(SubDimension.Library.SelectMany(one => one.CheckPoints.Select(point => $"`{one.Dimension}.{point.Code}`")), key => Assert.Contains(key, Text, StringComparison.Ordinal));
    }

    private static List<string> Lines(string text) => [.. text.Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0)];

    [GeneratedRegex("```console\n\\$ sq (?<command>[^\n]+)\n(?<output>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Runs();

    [GeneratedRegex("^`(?<name>[^`\n]+)`\n```csv\n(?<content>.*?)```", RegexOptions.Singleline | RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Files();
}
