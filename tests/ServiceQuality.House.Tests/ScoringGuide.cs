using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ServiceQuality.House;

/// <summary>
/// <c>docs/scoring.md</c> shows the delivered scheme to auditors; the scheme itself decides. With WRITE_SCORING_GUIDE=1 the test writes the tables
/// between the two marks anew.
/// </summary>
public sealed class ScoringGuide
{
    private const string End = "<!-- end of tables -->";

    private static readonly string Guide = Path.Combine(Tree.Root, "docs", "scoring.md");

    [Theory]
    [InlineData("telecom-1.json", true)]
    [InlineData("telecom-2.json", false)]
    public void SCO_02_The_guide_shows_the_delivered_scheme(string name, bool whole)
    {
        var text = File.ReadAllText(Guide);
        var begin = $"<!-- tables of {name} -->\n";
        var from = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        var to = text.IndexOf(End, from, StringComparison.Ordinal);
        using var scheme = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Tree.Root, "src", "ServiceQuality.Scoring", "schemes", name)));
        var tables = whole ? Tables(scheme.RootElement) : NewFamilies(scheme.RootElement);
        if (Environment.GetEnvironmentVariable("WRITE_SCORING_GUIDE") == "1")
        {
            text = text[..from] + tables + text[to..];
            File.WriteAllText(Guide, text);
            to = from + tables.Length;
        }

        Assert.Equal(tables.Split('\n'), text[from..to].Split('\n'));
    }

    private static string Tables(JsonElement scheme)
    {
        var text = new StringBuilder("Grades: ");
        text.AppendJoin(", ", scheme.GetProperty("bands").EnumerateArray().Select(band => $"`{Text(band, "code")}` {Names(band)} from {Raw(band, "from")}"));
        text.Append(".\n\n");
        AppendFamilies(text, scheme.GetProperty("root").GetProperty("children").EnumerateArray());
        text.Append("\n| adjustment | kind | usual points | most in a period |\n| --- | --- | --- | --- |\n");
        foreach (var rule in scheme.GetProperty("adjustments").EnumerateArray())
            text.Append(CultureInfo.InvariantCulture, $"| `{Text(rule, "rule")}` {Names(rule)} | {Text(rule, "kind")} | {Raw(rule, "points")} | {Raw(rule, "cap")} |\n");
        return text.ToString();
    }

    /// <summary>The five families of version 1 by their weights alone, the further ones in full.</summary>
    private static string NewFamilies(JsonElement scheme)
    {
        var families = scheme.GetProperty("root").GetProperty("children").EnumerateArray().ToList();
        var text = new StringBuilder("The families of version 1: ");
        text.AppendJoin(", ", families.Take(5).Select(family => $"`{Text(family, "code")}` {Raw(family, "weight")}"));
        text.Append("; `reliability` with the failure rate as a fourth indicator.\n\n");
        AppendFamilies(text, families.Skip(5));
        return text.ToString();
    }

    private static void AppendFamilies(StringBuilder text, IEnumerable<JsonElement> families)
    {
        text.Append("| indicator | measure | weight | value → points | least sample | reason |\n| --- | --- | --- | --- | --- | --- |\n");
        foreach (var family in families)
        {
            text.Append(CultureInfo.InvariantCulture, $"| **`{Text(family, "code")}` {Names(family)}** | | **{Raw(family, "weight")}** | | | {English(family, "rationale")} |\n");
            foreach (var leaf in family.GetProperty("children").EnumerateArray())
                text.Append(CultureInfo.InvariantCulture, $"| `{Text(leaf, "code")}` {Names(leaf)} | `{Text(leaf, "measure")}`: {English(leaf, "formula")} | {Raw(leaf, "weight")} | {Breakpoints(leaf)} | {Raw(leaf, "minimumSample")} | {English(leaf, "rationale")} |\n");
        }
    }

    private static string Breakpoints(JsonElement leaf) =>
        string.Join(", ", leaf.GetProperty("breakpoints").EnumerateArray().Select(point => $"{point[0].GetRawText()} → {point[1].GetRawText()}"));

    private static string Names(JsonElement node) => $"{Text(node.GetProperty("name"), "zh")} / {English(node, "name")}";

    private static string English(JsonElement node, string property) => Text(node.GetProperty(property), "en");

    private static string Text(JsonElement node, string property) => node.GetProperty(property).GetString()!;

    private static string Raw(JsonElement node, string property) => node.GetProperty(property).GetRawText();
}
