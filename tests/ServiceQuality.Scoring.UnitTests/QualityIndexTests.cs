using System.Text;
using System.Text.Json.Nodes;
using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Scoring.UnitTests;

/// <summary>The service-quality index by part (SCO-21) and the target line (SCO-32).</summary>
public sealed class QualityIndexTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 18, 12, 0, 0, TimeSpan.FromHours(8));

    [Fact]
    public void SCO_21_The_parts_less_deductions_are_the_score()
    {
        // Four families of weight 40, 30, 20, 10 with 80, 90, 70 and 60 points, one deduction of 1.5: 32 + 27 + 14 + 6 − 1.5 = 77.5.
        var scheme = Parted(("satisfaction", 40), ("process", 30), ("result", 20), ("reliability", 10));
        var index = QualityIndex.Of(Score(scheme, 1.5m, 80, 90, 70, 60));

        Assert.Equal([IndexPart.Satisfaction, IndexPart.Process, IndexPart.Result, IndexPart.Reliability], index.Parts.Select(part => part.Part!.Value));
        Assert.Equal([(0.4, 80.0), (0.3, 90), (0.2, 70), (0.1, 60)], index.Parts.Select(part => (Math.Round(part.Weight, 9), Math.Round(part.Points!.Value, 9))));
        Assert.Equal(79, index.Sum!.Value, 9);
        Assert.Equal((0m, 1.5m), (index.Bonuses, index.Deductions));
        Assert.Equal(77.5, index.Value!.Value, 9);
    }

    [Fact]
    public void SCO_21_The_index_of_every_score_is_the_score()
    {
        foreach (var scheme in new[] { DefaultSchemes.Telecom, Schemes.WithSmallWaves, Schemes.WithPolicies("""{"policy":"neutral","points":60}""", """{"policy":"zero"}""", """{"policy":"hold","points":50,"days":7}""") })
        {
            for (var seed = 1; seed <= 20; seed++)
            {
                var score = Schemes.Score(scheme, Journals.WithDomain(seed, 300, 9), Period.Default, Journals.End);
                var index = QualityIndex.Of(score);

                Assert.Equal(score.Value is null, index.Value is null);
                Assert.Equal(score.Value ?? 0, index.Value ?? 0, 9);
                Assert.Equal(score.Leaves.Count, index.Parts.Sum(part => part.Indicators));
                // Every family of the delivered schemes has its part.
                Assert.All(index.Parts, part => Assert.NotNull(part.Part));
            }
        }
    }

    [Fact]
    public void SCO_21_Deductions_take_the_index_to_0_and_no_lower()
    {
        var index = QualityIndex.Of(Score(Parted(("result", 1), ("result", 1), ("result", 1), ("result", 1)), 1.5m, 0.5, 0.5, 0.5, 0.5));
        Assert.Equal((0.5, 0.0), (Math.Round(index.Sum!.Value, 9), index.Value!.Value));
    }

    [Fact]
    public void SCO_21_A_unit_without_data_has_no_index()
    {
        var index = QualityIndex.Of(Schemes.Score(DefaultSchemes.Telecom, [], Period.Default, Noon));
        Assert.Equal((null, null), (index.Sum, index.Value));
        Assert.All(index.Parts, part => Assert.Null(part.Points));
    }

    [Fact]
    public void The_nearest_word_of_the_scheme_says_the_part_and_codes_say_it_where_the_scheme_does_not()
    {
        var scheme = Schemes.Changed(json =>
        {
            json["root"]!["children"]![0]!["part"] = "reliability";
            json["root"]!["children"]![0]!["children"]![0]!["part"] = "process";
        }).Scheme!;
        var parts = scheme.Indicators.ToDictionary(indicator => indicator.Code, indicator => QualityIndex.PartOf(scheme, indicator));

        Assert.Equal(IndexPart.Process, parts["resolution-rate"]);
        Assert.Equal(IndexPart.Reliability, parts["satisfaction-rate"]);
        Assert.Equal(IndexPart.Satisfaction, parts["nps"]);
        Assert.Equal(IndexPart.Process, QualityIndex.PartOf(DefaultSchemes.Telecom, DefaultSchemes.Telecom.Indicators.Single(one => one.Code == "transfer-rate")));
        Assert.Equal("/root/children/0/part", Assert.Single(Schemes.Changed(json => json["root"]!["children"]![0]!["part"] = "luck").Errors).Location);
    }

    [Theory]
    [InlineData(799, false)]
    [InlineData(800, true)]
    public void SCO_32_A_satisfaction_of_79_9_percent_misses_the_line_and_80_0_is_on_it(int satisfied, bool met)
    {
        var facts = Enumerable.Range(0, 1000).Select(i => Tell.Fact(i + 1, Noon.AddHours(-1), new ServiceCompleted(Channel.Hall, "bill", null, 60, 300, ServiceOutcome.Resolved, 0, i < satisfied ? 5 : 2, null)));
        var leaf = Schemes.Score(DefaultSchemes.Telecom, [.. facts], Period.Default, Noon).Leaves.Single(one => one.Indicator.Code == "satisfaction-rate");

        Assert.Equal(satisfied / 1000.0, leaf.Value!.Value, 9);
        Assert.Equal((0.8, met), (leaf.Indicator.Target, leaf.MeetsTarget));
    }

    private static Scheme Parted(params (string Part, double Weight)[] families)
    {
        var json = JsonNode.Parse(Schemes.Of([.. families.Select((family, i) => Schemes.Straight($"m{i}", family.Weight))]).Json.Span)!;
        for (var i = 0; i < families.Length; i++)
            json["root"]!["children"]![i]!["part"] = families[i].Part;
        return Scheme.Parse(Encoding.UTF8.GetBytes(json.ToJsonString())).Scheme!;
    }

    private static Score Score(Scheme scheme, decimal deduction, params double[] points) => Schemes.Score(
        scheme, [.. points.Select((value, i) => Tell.Fact(i + 1, Noon.AddHours(-1), new Measurement($"m{i}", value, null))), Tell.Fact(points.Length + 1, Noon.AddHours(-1), new Deduction("supervision-order", deduction, "order", null))], Period.Default, Noon);
}
