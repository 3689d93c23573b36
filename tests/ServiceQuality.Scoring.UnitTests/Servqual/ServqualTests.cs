using FsCheck;
using FsCheck.Fluent;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Scoring.Servqual;

namespace ServiceQuality.Scoring.UnitTests.Servqual;

/// <summary>SERVQUAL: index, gaps, library, integrity of answers (SCO-09, 10, 11; MON-22, 26).</summary>
public sealed class ServqualTests
{
    private static readonly string[] Codes = ["reliability", "responsiveness", "assurance", "empathy", "tangibles"];

    [Fact]
    public void The_index_of_the_worked_example_is_80_35()
    {
        // E-01: 90, 80, 85, 70, 60 with 32/22/19/16/11 (SCO-09).
        var (index, coverage) = ServqualDimension.IndexOf(Codes.Zip(new double[] { 90, 80, 85, 70, 60 }).ToDictionary(pair => pair.First, pair => pair.Second));

        Assert.Equal(80.35, index!.Value, 9);
        Assert.Equal("good", DefaultSchemes.Telecom.GradeOf(index.Value).Code);
        Assert.Equal(1, coverage);
        Assert.Equal([0.32, 0.22, 0.19, 0.16, 0.11], ServqualDimension.All.Select(dimension => dimension.Weight));
    }

    [Fact]
    public void A_dimension_without_a_score_gives_its_weight_to_the_others_and_shows()
    {
        var (index, coverage) = ServqualDimension.IndexOf(new Dictionary<string, double> { ["reliability"] = 90, ["tangibles"] = 60 });

        Assert.Equal(((0.32 * 90) + (0.11 * 60)) / 0.43, index!.Value, 9);
        Assert.Equal(0.43, coverage, 12);
        Assert.Equal((null, 0.0), ServqualDimension.IndexOf(new Dictionary<string, double>()));
        Assert.Throws<ArgumentException>(() => ServqualDimension.IndexOf(new Dictionary<string, double> { ["speed"] = 1 }));
        Assert.Throws<ArgumentException>(() => ServqualDimension.IndexOf(new Dictionary<string, double> { ["empathy"] = double.NaN }));
    }

    [Fact]
    public void The_gaps_of_the_worked_example_are_met()
    {
        // E-15.
        double[] perceptions = [4.0, 3.5, 4.2, 3.8, 4.5], expectations = [4.8, 4.5, 4.4, 4.2, 4.3];

        var gaps = ServqualGaps.Of(Codes.Select((code, i) => (code, sum: new ServqualSum(1, expectations[i], perceptions[i]))).ToDictionary(pair => pair.code, pair => pair.sum));

        Near([-0.8, -1.0, -0.2, -0.4, 0.2], gaps.Dimensions.Select(dimension => dimension.Gap!.Value));
        Near([-0.256, -0.22, -0.038, -0.064, 0.022], gaps.Dimensions.Select(dimension => dimension.Weighted!.Value));
        Assert.Equal(-0.556, gaps.Total!.Value, 9);
        Assert.Equal("responsiveness", gaps.WorstBySize[0].Key);
        Assert.Equal("reliability", gaps.WorstByWeight[0].Key);
    }

    [Fact]
    public void Items_share_the_weight_of_their_dimension_and_their_parts_sum_to_the_total()
    {
        // Reliability: 3 pairs of on-time with gap −1 and 1 pair of bill-right with gap −3: −1.5. Tangibles: +1. Weights 32 : 11.
        var gaps = ServqualGaps.Of(new Dictionary<string, ServqualSum>
        {
            ["reliability.on-time"] = new(3, 15, 12), ["reliability.bill-right"] = new(1, 6, 3), ["tangibles"] = new(2, 6, 8), ["empathy"] = default,
        });

        Assert.Equal(-1.5, gaps.Dimensions[0].Gap!.Value, 12);
        Assert.Equal(((0.32 * -1.5) + (0.11 * 1)) / 0.43, gaps.Total!.Value, 12);
        Assert.Equal(gaps.Total.Value, gaps.Items.Sum(item => item.Weighted), 12);
        Assert.Equal(["reliability.bill-right", "reliability.on-time", "tangibles"], gaps.WorstBySize.Select(item => item.Key));
        Assert.Equal(0.32 / 0.43 * 0.25 * -3, gaps.WorstByWeight.Single(item => item.Key == "reliability.bill-right").Weighted, 12);
        Assert.Equal((0L, null, null), (gaps.Dimensions[3].Count, gaps.Dimensions[3].Gap, gaps.Dimensions[3].Weighted));
        Assert.Equal(0.43, gaps.Coverage, 12);
    }

    [Fact]
    public void No_answers_give_no_total()
    {
        var gaps = ServqualGaps.Of(new Dictionary<string, ServqualSum>());

        Assert.Equal((null, 0.0, 0), (gaps.Total, gaps.Coverage, gaps.Items.Count));
        Assert.Throws<ArgumentException>(() => ServqualGaps.Of(new Dictionary<string, ServqualSum> { ["speed"] = new(1, 1, 1) }));
        Assert.Throws<ArgumentException>(() => ServqualGaps.Of(new Dictionary<string, ServqualSum> { ["reliability."] = new(1, 1, 1) }));
        Assert.Throws<ArgumentException>(() => ServqualGaps.Of(new Dictionary<string, ServqualSum> { ["empathy"] = new(1, double.NaN, 1) }));
    }

    [Fact]
    public void A_region_is_the_sum_of_its_units_and_the_order_of_answers_changes_nothing() => Prop.ForAll(Gen.Choose(1, int.MaxValue - 1).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        string[] keys = ["reliability.a", "reliability.b", "responsiveness", "empathy.a", "tangibles.z"];
        var units = Enumerable.Range(0, 3).Select(_ => keys.Where(_ => random.Next(3) > 0).ToDictionary(key => key, _ => new ServqualSum(1 + random.Next(9), random.Next(1, 60), random.Next(1, 60)))).ToList();
        var region = keys.ToDictionary(key => key, key => units.Aggregate(default(ServqualSum), (sum, unit) => sum + unit.GetValueOrDefault(key)));
        var (gaps, turned) = (ServqualGaps.Of(region), ServqualGaps.Of(region.Reverse().ToDictionary(pair => pair.Key, pair => pair.Value)));
        Assert.Equal(gaps.Items, turned.Items);
        Assert.Equal(gaps.Dimensions, turned.Dimensions);
        Assert.Equal(gaps.Total ?? 0, gaps.Items.Sum(item => item.Weighted), 9);
        Assert.Equal(gaps.Total ?? 0, gaps.Dimensions.Sum(dimension => dimension.Weighted ?? 0), 9);
        Assert.Equal(gaps.Total is null ? 0 : 1, gaps.Dimensions.Sum(dimension => dimension.Weight), 9);
        Assert.Equal(region.Values.Sum(sum => sum.Count), gaps.Dimensions.Sum(dimension => dimension.Count));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Fact]
    public void The_library_maps_ten_sub_dimensions_to_the_five()
    {
        // SCO-10.
        Assert.Equal(10, SubDimension.Library.Count);
        Assert.All(SubDimension.Library, one => Assert.Contains(one.Dimension, Codes));
        Assert.Equal(["communication", "understanding"], SubDimension.Library.Skip(5).Where(one => one.Dimension == "empathy").Select(one => one.Code));
        Assert.Equal(["courtesy", "credibility", "security"], SubDimension.Library.Skip(5).Where(one => one.Dimension == "assurance").Select(one => one.Code).Order());
        Assert.Equal(["consistency", "first-time-right", "bill-right", "record-right", "on-time"], SubDimension.Library[0].CheckPoints.Select(point => point.Code));
        Assert.Equal([5, 4, 4, 3, 3], SubDimension.Library.Take(5).Select(one => one.CheckPoints.Count));
        Assert.All(SubDimension.Library, one => Assert.InRange(one.Importance, 1, 5));
        Assert.All(SubDimension.Library.SelectMany(one => one.CheckPoints.Select(point => $"{one.Dimension}.{point.Code}")).GroupBy(key => key), group => Assert.Single(group));
        Assert.All(SubDimension.Library.SelectMany(one => one.CheckPoints.Select(point => point.Name).Append(one.Name)), name => Assert.False(string.IsNullOrWhiteSpace(name.Zh) || string.IsNullOrWhiteSpace(name.En)));
    }

    [Fact]
    public void A_survey_counts_one_answer_per_invitation_and_notes_straight_lines()
    {
        // MON-26. The second sheet of c1 does not count; c2 gave one number to everything, which is noted and counted.
        var all = Codes.ToDictionary(code => code, _ => new ServqualPair(6, 5));
        var line = Codes.ToDictionary(code => code, _ => new ServqualPair(4, 4));
        var survey = ServqualSurvey.Of([new("c1", all), new("c1", line), new("c2", line), new(null, new Dictionary<string, ServqualPair> { ["empathy"] = new(5, 5) })]);

        Assert.Equal(3, survey.Responses);
        Assert.Equal(
            [new AnswerNote(1, AnswerNoteKind.Repeated), new AnswerNote(1, AnswerNoteKind.StraightLine), new AnswerNote(2, AnswerNoteKind.StraightLine), new AnswerNote(3, AnswerNoteKind.Incomplete)],
            survey.Notes);
        Assert.Equal(2, survey.Gaps.Dimensions[0].Count);
        Assert.Equal(-0.5, survey.Gaps.Dimensions[0].Gap!.Value, 12);
        Assert.Equal((0.84 * -1) + (0.16 * -0.5), survey.WithoutNoted!.Value, 12);
        Assert.Equal((0.84 * 4.5) + (0.16 * 14 / 3), survey.Index!.Value, 12);
    }

    [Fact]
    public void An_answer_off_the_scale_is_refused() =>
        Assert.Throws<ArgumentException>(() => ServqualSurvey.Of([new("c1", new Dictionary<string, ServqualPair> { ["empathy"] = new(8, 5) })]));

    [Fact]
    public void A_survey_tells_the_reliability_of_each_dimension()
    {
        ServqualResponse Sheet(double a, double b) => new(null, new Dictionary<string, ServqualPair> { ["reliability.a"] = new(7, a), ["reliability.b"] = new(7, b), ["empathy"] = new(6, 5) });

        var survey = ServqualSurvey.Of([Sheet(1, 2), Sheet(3, 4), Sheet(6, 7)]);

        // Two items that always differ by one: α = 1. Expectations never vary.
        Assert.Equal((1.0, 2, 3), survey.Reliabilities[0].Perception is { } alpha ? (Math.Round(alpha.Alpha!.Value, 12), alpha.Items, alpha.Respondents) : default);
        Assert.Equal("no-variance", survey.Reliabilities[0].Expectation.Reason);
        Assert.Equal(1, survey.Reliabilities[0].Gap.Alpha!.Value, 12);
        Assert.Equal("one-item", survey.Reliabilities[3].Perception.Reason);
        Assert.Equal("few-respondents", survey.Reliabilities[1].Perception.Reason);
    }

    private static void Near(IEnumerable<double> expected, IEnumerable<double> actual) => Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
}
