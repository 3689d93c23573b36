using System.Text.RegularExpressions;
using ServiceQuality.Cli.Import;

namespace ServiceQuality.Cli.Tests;

/// <summary>What integrators read is what the contract and this program do.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string Text = File.ReadAllText(Repository.File("docs/integration.md"));

    [Fact]
    public void Every_fact_type_is_described_with_all_its_fields()
    {
        foreach (var type in FactShape.Types)
        {
            var section = Sections().Single(section => section[..section.IndexOf('\n', StringComparison.Ordinal)].Contains($"`{type}`", StringComparison.Ordinal));
            Assert.All(FactShape.Of(type)!.Fields, field => Assert.Matches($"`{field.Name}[?]?`", section));
        }
    }

    [Fact]
    public void The_example_map_can_be_used()
    {
        var map = Yaml().Matches(Text).Select(match => match.Groups["map"].Value).Single();
        using var sq = new Sq();
        sq.Write("halls.csv", "hall,code\nMain,n01-hall1\n");

        var rules = ImportMap.Read(map, "map.yaml", sq.Folder, _ => ["call_id", "kind", "agent", "date", "time", "topic", "talk", "answered"]);

        Assert.Single(rules.Facts);
    }

    private static IEnumerable<string> Sections() => Text.Split("\n### ").Skip(1);

    [GeneratedRegex("```yaml\n(?<map>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Yaml();
}
