using System.Text.Json;
using System.Text.RegularExpressions;

namespace ServiceQuality.EndToEnd;

/// <summary>What the pages tell people to type is typed, as it stands there.</summary>
[Collection("suite")]
public sealed partial class DocumentationTests(SuiteFixture fixture) : IAsyncLifetime
{
    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => (await fixture.KeyOfAsync("north")).Dispose();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Every block of docs/integration.md that is marked as running as it is, by its place on the page.</summary>
    public static TheoryData<int> Blocks() => [.. Enumerable.Range(0, Shell("docs/integration.md").Count)];

    [Fact]
    public void Integration_page_has_examples_to_run() => Assert.True(Blocks().Count >= 7, $"only {Blocks().Count} blocks are marked sh");

    [Theory, MemberData(nameof(Blocks))]
    public async Task MON_05_Example_of_the_integration_page_does_what_the_page_says(int number)
    {
        var block = Shell("docs/integration.md")[number];
        var run = await RunAsync(block.Text, new Dictionary<string, string>
        {
            ["URL"] = fixture.Suite.Address,
            ["KEY"] = fixture.Demo.Keys.First(key => key.Region == "north").Key,
        }, Path.GetTempPath());

        Assert.True(run.ExitCode == 0, $"line {block.Line}: {run}");
        var answer = JsonDocument.Parse(run.Output).RootElement;
        if (block.Text.Contains("/v1/metrics", StringComparison.Ordinal))
        {
            Assert.False(answer.TryGetProperty("partialSuccess", out var partial) && partial.TryGetProperty("rejectedDataPoints", out var rejected) && rejected.ToString() != "0", $"line {block.Line}: {run}");
            return;
        }

        var posted = EventId().Count(block.Text) is var written && block.Text.Contains("for n in", StringComparison.Ordinal) ? 5 : written;
        var refused = answer.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("code").GetString()).ToList();
        string[] expected = block.Text.Contains("no-such-unit", StringComparison.Ordinal) ? ["unknown-unit", "malformed"] : [];
        Assert.True(expected.SequenceEqual(refused), $"line {block.Line}: {run}");
        Assert.True(answer.GetProperty("accepted").GetInt32() == posted - expected.Length, $"line {block.Line}: {posted} events; {run}");
    }

    [Fact]
    public async Task Example_of_the_readme_posts_a_fact()
    {
        var block = Shell("README.md").Single(block => block.Text.Contains("/api/telemetry", StringComparison.Ordinal));
        var folder = Directory.CreateTempSubdirectory("sq-readme-");
        try
        {
            // The page's address is that of a fresh start; everything else runs as it is, beside the demo's own access file.
            Directory.CreateDirectory(Path.Combine(folder.FullName, ".data"));
            File.Copy(fixture.AccessFile, Path.Combine(folder.FullName, ".data", "demo.json"));
            Assert.Contains("URL=http://127.0.0.1:5080\n", block.Text, StringComparison.Ordinal);
            var run = await RunAsync(block.Text.Replace("URL=http://127.0.0.1:5080\n", $"URL={fixture.Suite.Address}\n", StringComparison.Ordinal), new Dictionary<string, string>(), folder.FullName);

            Assert.True(run.ExitCode == 0, $"{run}");
            Assert.True(JsonDocument.Parse(run.Output).RootElement.GetProperty("accepted").GetInt32() == 1, $"{run}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Task<ProgramRun> RunAsync(string script, Dictionary<string, string> environment, string folder) =>
        Repository.RunAsync("/bin/bash", ["-eu", "-o", "pipefail", "-c", script], folder, environment);

    private static List<(int Line, string Text)> Shell(string page)
    {
        var text = File.ReadAllText(Repository.PathOf(page)).ReplaceLineEndings("\n");
        return [.. ShellBlock().Matches(text).Select(match => (text.AsSpan(0, match.Index).Count('\n') + 2, match.Groups["text"].Value))];
    }

    [GeneratedRegex("^```(?:sh|bash)\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ShellBlock();

    [GeneratedRegex("\"id\": \"[^\"]*\", \"source\"|\"id\": \"[^\n]*\n\\s*\"source\"|ce-id:", RegexOptions.None, 1000)]
    private static partial Regex EventId();
}
