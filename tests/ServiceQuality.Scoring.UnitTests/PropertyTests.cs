using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Scoring.UnitTests;

/// <summary>What holds for any scheme and any facts (scoring.md §4: nothing is ever NaN).</summary>
public sealed class PropertyTests
{
    private static readonly Config Quick = Config.QuickThrowOnFailure.WithMaxTest(60);

    [Fact]
    public void No_scheme_and_no_journal_give_a_number_that_is_none() => Prop.ForAll(Gen.Choose(1, 1_000_000).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        var scheme = Random(random);
        var journal = Journals.Random(seed, random.Next(1, 120)).Select(f => f.Data is Measurement m && random.Next(3) == 0 ? f with { Data = m with { Value = Wild(random) } } : f).ToList();
        var ledgers = new[] { Schemes.Fold(scheme, journal), Schemes.Fold(scheme, journal.Take(3)) };
        var window = Period.Parse(random.Next(2) == 0 ? "7d" : "30d").Window(Journals.End.AddHours(random.Next(0, 50)), Schemes.Shanghai);
        var parts = ledgers.Select(l => l.Read(window)).ToList();
        foreach (var readings in parts.Append(Readings.Merge(parts, RollUp.Volume)).Append(Readings.Merge(parts, RollUp.Equal)))
        {
            var score = Scorer.Evaluate(scheme, readings);
            Finite(score.Value, score.Unclamped, score.Interval?.Low, score.Interval?.High, score.Coverage);
            foreach (var leaf in score.Leaves)
            {
                Finite(leaf.Value, leaf.Interval?.Low, leaf.Interval?.High, leaf.Points, leaf.PointsInterval?.Low, leaf.PointsInterval?.High, leaf.EffectiveWeight, leaf.Contribution);
                if (leaf.PointsInterval is { } interval)
                    Assert.True(interval.Low - 1e-9 <= leaf.Points && leaf.Points <= interval.High + 1e-9, $"{leaf.Indicator.Measure.Aggregator}: {leaf.Points} in {interval}");
            }
            foreach (var family in score.Families)
                Finite(family.Points, family.Weight, family.EffectiveWeight, family.Contribution, family.Coverage);
            if (score.Value is { } value)
                Assert.True(value is >= 0 and <= 100 && score.Interval!.Value.Low <= value && value <= score.Interval.Value.High);
        }
    }).Check(Quick);

    [Fact]
    public void More_points_of_an_indicator_never_lower_the_score() => Prop.ForAll(Gen.Choose(0, 99).Three().ToArbitrary(), values =>
    {
        var scheme = Schemes.Of(Schemes.Straight("a", 3), Schemes.Straight("b", 2), Schemes.Straight("c", 1));
        Assert.True(Of(values.Item1 + 1) > Of(values.Item1));

        double Of(double a) => Schemes.Score(scheme, Tell.Journal([new Measurement("a", a, null), new Measurement("b", values.Item2, null), new Measurement("c", values.Item3, null)]), Period.Default, Tell.Noon.AddHours(1)).Value!.Value;
    }).Check(Quick);

    [Fact]
    public void Display_stays_in_the_grade_and_within_a_tenth() => Prop.ForAll(Gen.Choose(0, 10_000_000).ToArbitrary(), raw =>
    {
        var score = raw / 100_000.0;
        var shown = Display.Round(score, DefaultSchemes.Telecom.Bands);
        Assert.Equal(DefaultSchemes.Telecom.GradeOf(score), DefaultSchemes.Telecom.GradeOf(shown));
        Assert.True(Math.Abs(shown - score) < 0.1);
    }).Check(Quick.WithMaxTest(1000));

    private static void Finite(params double?[] numbers) => Assert.All(numbers, n => Assert.True(n is null || double.IsFinite(n.Value)));

    private static double Wild(Random random) => random.Next(6) switch
    {
        0 => 0,
        1 => -1e300,
        2 => double.MaxValue,
        3 => 1e-300,
        4 => -random.NextDouble(),
        _ => random.NextDouble() * 1e12,
    };

    private static Scheme Random(Random random)
    {
        string[] measures =
        [
            """{"fact":"measurement","where":{"measure":["self-service-share"]},"value":"value","aggregator":"mean"}""",
            """{"fact":"measurement","where":{"measure":["self-service-share","new-practices"]},"value":"value","aggregator":"percentile","quantile":0.1}""",
            """{"fact":"measurement","where":{"measure":["new-practices"]},"value":"value","aggregator":"last"}""",
            """{"fact":"measurement","where":{"measure":["new-practices"]},"value":"value","aggregator":"sum"}""",
            """{"fact":"measurement","where":{"measure":["self-service-share"]},"value":"value","aggregator":"ratio"}""",
            """{"fact":"service.completed","where":{"channel":["hall"],"service":["bill"]},"hit":{"waitSeconds":{"max":60},"rating":{"min":3}},"aggregator":"ratio"}""",
            """{"fact":"service.completed","where":{"rating":{"max":2}},"value":"handleSeconds","aggregator":"percentile","quantile":0.99}""",
            """{"fact":"survey.response","value":"answer","aggregator":"mean"}""",
            """{"fact":"survey.response","expectation":"answers.a","perception":"answers.b","aggregator":"gap"}""",
            """{"fact":"fault","aggregator":"mttr"}""",
            """{"fact":"fault","where":{"asset":["asset-1"]},"aggregator":"mtbf"}""",
            """{"fact":"fault","aggregator":"availability"}""",
            """{"fact":"service.completed","aggregator":"count"}""",
        ];
        return Schemes.Of([.. measures.OrderBy(_ => random.Next()).Take(random.Next(4, measures.Length)).Select((m, i) => (m, i == 0 ? 1 : random.Next(3) * random.NextDouble(), Points(random)))]);
    }

    private static string Points(Random random)
    {
        var values = Enumerable.Range(0, random.Next(2, 6)).Select(_ => Math.Round((random.NextDouble() - 0.3) * Math.Pow(10, random.Next(-2, 6)), 4)).Distinct().Order().ToList();
        if (values.Count < 2)
            values = [0, 1];
        var points = values.Select((_, i) => 100.0 * i / (values.Count - 1));
        if (random.Next(2) == 0)
            points = points.Reverse();
        return "[" + string.Join(',', values.Zip(points, (v, p) => string.Create(CultureInfo.InvariantCulture, $"[{v},{p}]"))) + "]";
    }
}
