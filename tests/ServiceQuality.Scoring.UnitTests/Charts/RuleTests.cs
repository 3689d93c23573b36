using FsCheck;
using FsCheck.Fluent;
using ServiceQuality.Scoring.Charts;

namespace ServiceQuality.Scoring.UnitTests.Charts;

/// <summary>The rules of Western Electric and Nelson, same-side definitions (scoring.md §9).</summary>
public sealed class RuleTests
{
    [Theory]
    [InlineData("nelson:1", "0 3.1 0 -3.1 3", "nelson-1@1:upper[1] nelson-1@3:lower[3]")]
    [InlineData("nelson:2", "1 1 1 1 1 1 1 1 1 -1", "nelson-2@8:upper[0 1 2 3 4 5 6 7 8]")]
    [InlineData("western-electric:4", "-1 -1 -1 -1 -1 -1 -1 -1", "western-electric-4@7:lower[0 1 2 3 4 5 6 7]")]
    [InlineData("western-electric:4", "1 1 1 1 0 1 1 1 1", "")]
    [InlineData("nelson:3", "0 .1 .2 .3 .4 .5", "nelson-3@5:upper[0 1 2 3 4 5]")]
    [InlineData("nelson:3", "0 -.1 -.2 -.2 -.3 -.4 -.5", "")]
    [InlineData("nelson:3", "1 .5 0 -.5 -1 -1.5 -1", "nelson-3@5:lower[0 1 2 3 4 5]")]
    [InlineData("nelson:4", "0 1 0 1 0 1 0 1 0 1 0 1 0 1", "nelson-4@13:both[0 1 2 3 4 5 6 7 8 9 10 11 12 13]")]
    [InlineData("nelson:4", "0 1 0 1 0 1 0 1 1 0 1 0 1 0 1", "")]
    [InlineData("nelson:5", "2.1 0 2.2", "nelson-5@2:upper[0 2]")]
    [InlineData("nelson:5", "2.1 -2.1 0", "")] // same side
    [InlineData("nelson:5", "-2.1 -2.2 0 0", "nelson-5@1:lower[0 1]")] // completed by the second, not told again at the third
    [InlineData("nelson:6", "1.1 1.2 0 1.3 1.4", "nelson-6@4:upper[0 1 3 4]")]
    [InlineData("nelson:6", "1.1 1.2 -1.5 -1.3 1.4", "")]
    [InlineData("nelson:7", ".5 -.5 .5 -.5 .5 -.5 .5 -.5 .5 -.5 .5 -.5 .5 -.5 .9", "nelson-7@14:both[0 1 2 3 4 5 6 7 8 9 10 11 12 13 14]")]
    [InlineData("nelson:8", "1.5 -1.5 1.5 1.5 -1.5 -1.5 1.5 1.1", "nelson-8@7:both[0 1 2 3 4 5 6 7]")]
    [InlineData("nelson:1,5", "2.1 3.2", "nelson-1@1:upper[1] nelson-5@1:upper[0 1]")]
    [InlineData("nelson:5", "2.1 . 2.2 0", "")] // a gap is not passed over
    [InlineData("nelson:3", "0 .1 .2 . .3 .4 .5", "")]
    public void A_signal_names_its_rule_its_points_and_its_side(string rules, string points, string expected) => Assert.Equal(expected, Told(RuleSet.Parse(rules), points));

    [Fact]
    public void Rules_are_read_by_name_and_by_number()
    {
        Assert.Equal("nelson:1,2,5", RuleSet.Parse("1, 2,5").Name);
        Assert.Equal("nelson", RuleSet.Parse("nelson:1,2,3,4,5,6,7,8").Name);
        Assert.Equal(["western-electric-1", "western-electric-4"], RuleSet.Parse("Western-Electric:4,1").Rules.Select(rule => rule.Code));
        Assert.Contains("1 to 8", Assert.Throws<ChartRefusal>(() => RuleSet.Parse("1,9")).Message, StringComparison.Ordinal);
        Assert.Contains("1 to 4", Assert.Throws<ChartRefusal>(() => RuleSet.Parse("western-electric:5")).Message, StringComparison.Ordinal);
        Assert.Contains("three-sigma", Assert.Throws<ChartRefusal>(() => RuleSet.Parse("shewhart")).Message, StringComparison.Ordinal);
        Assert.Throws<ChartRefusal>(() => RuleSet.Parse("nelson:"));
        Assert.Throws<ArgumentOutOfRangeException>(() => RuleSet.Nelson(0, 1).Name.Length);
    }

    [Fact]
    public void Signals_are_those_of_looking_at_every_window() => Prop.ForAll(Gen.Choose(1, 1_000_000).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        var calm = random.NextDouble();
        double?[] z = [.. Enumerable.Range(0, 60).Select(_ => random.Next(20) == 0 ? default(double?) : Math.Round(((random.NextDouble() * 8) - 4) * (random.NextDouble() < calm ? 0.3 : 1), 1))];
        foreach (var rules in new[] { RuleSet.Nelson(), RuleSet.WesternElectric() })
        {
            var chart = Chart(rules, z);
            foreach (var rule in rules.Rules)
                Assert.Equal(Enumerable.Range(0, z.Length).Where(i => Met(rule, z, i)), chart.Signals.Where(signal => signal.Rule == rule.Code).Select(signal => signal.Point));
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void A_mirrored_chart_has_mirrored_signals() => Prop.ForAll(Gen.Choose(1, 1_000_000).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        double?[] z = [.. Enumerable.Range(0, 80).Select(_ => (double?)((random.NextDouble() * 7) - 3.5))];
        var (up, down) = (Chart(RuleSet.Nelson(), z), Chart(RuleSet.Nelson(), [.. z.Select(value => -value)]));
        Assert.Equal(up.Signals.Select(s => (s.Point, s.Rule, Mirrored(s.Side), s.Evidence)), down.Signals.Select(s => (s.Point, s.Rule, s.Side, s.Evidence)));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    [Theory]
    [InlineData("nelson:1", "3.2", 0.001374)] // 2 Φ(−3.2)
    [InlineData("nelson:2", "1 1 1 1 1 1 1 1 1 1", 0.001953)] // ten on a side: 2 / 2¹⁰
    [InlineData("nelson:3", "0 .1 .2 .3 .4 .5", 0.002778)] // 2 / 6!
    [InlineData("nelson:4", "0 1 0 1 0 1 0 1 0 1 0 1 0 1", 0.004574)] // 2 · 199,360,981 / 14!, the 14th zigzag number
    [InlineData("nelson:5", "2.1 0 2.2", 0.003059)] // 2 (3 p² (1 − p) + p³), p = 0.02275
    [InlineData("nelson:6", "1.1 1.2 0 1.3 1.4", 0.005532)] // 2 (5 p⁴ (1 − p) + p⁵), p = 0.158655: 2 · 0.002766
    [InlineData("nelson:8", "1.5 -1.5 1.5 1.5 -1.5 -1.5 1.5 1.1", 0.0001027)] // 0.317311⁸
    public void Evidence_is_how_likely_the_pattern_is_by_chance(string rules, string points, double p)
    {
        var chart = Chart(RuleSet.Parse(rules), Points(points));
        Assert.Equal(p, chart.Signals[^1].Evidence, 0.001 * p);
        Assert.Equal(chart.Signals[^1].Evidence, SignalEvidence.AtPoint(chart, chart.Points.Count - 1));
    }

    [Fact]
    public void A_unit_without_a_signal_has_no_evidence_and_several_rules_make_it_weaker()
    {
        var chart = Chart(RuleSet.Nelson(), Points("0.5 3.2 . 0.1"));
        Assert.Equal(1, SignalEvidence.AtPoint(chart, 0));
        Assert.Equal(8 * 0.0013743, SignalEvidence.AtPoint(chart, 1)!.Value, 5);
        Assert.Null(SignalEvidence.AtPoint(chart, 2));
    }

    /// <summary>The rule as its author words it, for the newest point of every window.</summary>
    private static bool Met(Rule rule, double?[] z, int at)
    {
        var first = at - rule.Of + 1;
        if (rule.Kind == RuleKind.Several)
        {
            // Before there are m points, k of those that are there will do.
            first = Math.Max(0, first);
            for (var i = first; i <= at; i++)
                first = z[i] is null ? i + 1 : first;
            return first <= at && (z[at] > rule.Limit && z[first..(at + 1)].Count(v => v > rule.Limit) >= rule.Points || z[at] < -rule.Limit && z[first..(at + 1)].Count(v => v < -rule.Limit) >= rule.Points);
        }
        if (first < 0 || z[first..(at + 1)].Any(v => v is null))
            return false;
        var window = z[first..(at + 1)].Select(v => v!.Value).ToArray();
        var steps = window.Zip(window.Skip(1), (a, b) => Math.Sign(b - a)).ToArray();
        return rule.Kind switch
        {
            RuleKind.Beyond => Math.Abs(window[^1]) > 3,
            RuleKind.SameSide => window.All(v => v > 0) || window.All(v => v < 0),
            RuleKind.Monotone => steps.All(s => s > 0) || steps.All(s => s < 0),
            RuleKind.Alternating => steps.All(s => s != 0) && steps.Zip(steps.Skip(1)).All(pair => pair.First == -pair.Second),
            RuleKind.Within => window.All(v => Math.Abs(v) < 1),
            _ => window.All(v => Math.Abs(v) > 1),
        };
    }

    private static SignalSide Mirrored(SignalSide side) => side switch { SignalSide.Upper => SignalSide.Lower, SignalSide.Lower => SignalSide.Upper, _ => side };

    private static double?[] Points(string text) => [.. text.Split(' ').Select(part => part == "." ? default(double?) : double.Parse(part, System.Globalization.CultureInfo.InvariantCulture))];

    private static ControlChart Chart(RuleSet rules, double?[] z) =>
        ControlChart.Of(new(ChartType.IMr, rules) { Center = 0, Sigma = 1 }, [.. z.Select(value => new Observation(value))]);

    private static string Told(RuleSet rules, string points) =>
        string.Join(' ', Chart(rules, Points(points)).Signals.Select(signal => $"{signal.Rule}@{signal.Point}:{(signal.Side == SignalSide.Both ? "both" : signal.Side == SignalSide.Upper ? "upper" : "lower")}[{string.Join(' ', signal.Points)}]"));
}
