using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using ServiceQuality.Console.Figures;
using ServiceQuality.Console.Shell;

namespace ServiceQuality.Console.Tests;

public sealed partial class TextTests
{
    /// <summary>Prefixes of keys that are put together from a code.</summary>
    private static readonly string[] Composed =
    [
        "kind.", "state.", "period.", "channel.", "outcome.", "reason.", "leaf.", "problem.", "failed.", "sign-in.error.", "sign-in.part.", "fact.", "fresh.", "adjustment.", "mark.", "level.", "severity.", "part.", "library.state.", "library.refused.",
        "refused.", "appraisals.state.", "appraisals.next.", "appraisals.finding.", "appraisals.action.", "appraisals.done.", "appraisals.appeal.",
        "deductions.state.", "deductions.step.", "deductions.action.", "deductions.done.",
        "schemes.state.", "schemes.policy.", "schemes.refused.", "schemes.error.", "schemes.role.", "schemes.done.", "schemes.period.", "schemes.rollup.", "schemes.kind.", "schemes.unit.",
        "schemes.knowledge.", "judgements.by.", "judgements.reason.", "judgements.fault.", "schemes.direction.", "schemes.frequency.", "schemes.tag.", "schemes.check.", "schemes.check-state.", "schemes.check-passed.", "schemes.family.", "measures.",
        "charts.type.", "charts.rules.", "charts.reason.", "charts.rule.", "charts.side.", "charts.place.", "stability.forecast.", "ranking.reason.",
    ];

    [Fact]
    public void Both_languages_have_the_same_keys() =>
        Assert.Equal(Texts.In(Language.Chinese).Keys.Order(StringComparer.Ordinal), Texts.In(Language.English).Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void Both_languages_fill_the_same_places() =>
        Assert.All(Texts.In(Language.Chinese), text => Assert.Equal(Places(text.Value), Places(Texts.In(Language.English)[text.Key])));

    [Fact]
    public void Every_key_that_a_page_names_exists_and_every_text_is_used()
    {
        var sources = Directory.GetFiles(Console(), "*.*", SearchOption.AllDirectories).Where(file => file.EndsWith(".razor", StringComparison.Ordinal) || file.EndsWith(".cs", StringComparison.Ordinal)).Where(file => !file.Contains("node_modules", StringComparison.Ordinal)).Select(File.ReadAllText).ToList();
        var named = sources.SelectMany(source => Named().Matches(source)).Select(match => match.Groups["key"].Value).ToHashSet();
        var known = Texts.In(Language.Chinese).Keys;
        Assert.Empty(named.Except(known));

        var all = string.Join('\n', sources);
        Assert.Empty(known.Where(key => !Composed.Any(prefix => key.StartsWith(prefix, StringComparison.Ordinal)) && !all.Contains($"\"{key}\"", StringComparison.Ordinal)));
    }

    private static string Places(string text) => string.Join(' ', Place().Matches(text).Select(match => match.Value).Distinct().Order(StringComparer.Ordinal));

    private static string Console([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../src/ServiceQuality.Console"));

    [GeneratedRegex("""\bSay\("(?<key>[a-z0-9.-]+)"[,)]""", RegexOptions.NonBacktracking)]
    private static partial Regex Named();

    [GeneratedRegex(@"\{\d\}", RegexOptions.NonBacktracking)]
    private static partial Regex Place();
}
