using FsCheck;
using FsCheck.Fluent;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Scoring.Fuzzy;
using static ServiceQuality.Scoring.UnitTests.Tell;

namespace ServiceQuality.Scoring.UnitTests.Fuzzy;

/// <summary>Fuzzy comprehensive evaluation (scoring.md §7, SCO-08).</summary>
public sealed class FuzzyEvaluationTests
{
    private static readonly double[] Worth = [95, 85, 70, 50];
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(300);

    [Fact]
    public void The_worked_example_of_four_grades_is_met()
    {
        // E-08, with the grades of G-15 (95, 85, 70, 50).
        var result = FuzzyEvaluation.Compose(new[,] { { 0.5, 0.3, 0.2, 0 }, { 0.2, 0.5, 0.2, 0.1 }, { 0.6, 0.3, 0.1, 0 }, { 0.1, 0.3, 0.4, 0.2 } }, [0.40, 0.25, 0.25, 0.10], Worth);

        Near([0.41, 0.35, 0.195, 0.045], result.Memberships, 1e-12);
        Assert.Equal((0, false), (result.Verdict, result.Tied));
        Assert.Equal(84.60, result.Mean, 9);
        Assert.Equal(((4 * 0.41) - 1) / (2 * 0.35 * 3), result.Validity!.Value, 12);
        Assert.True(result.Doubtful);
    }

    // The textbook example of a dress (Xie Jijian and Liu Chengping, "Methods of fuzzy mathematics and their applications"; lecture 7 of "fuzzy comprehensive evaluation", Example 1):
    // colour, cut, price, wear, comfort; very welcome, welcome, so-so, not welcome; weights of a group of men.
    private static readonly double[,] Dress = { { 0.2, 0.5, 0.3, 0 }, { 0.1, 0.3, 0.5, 0.1 }, { 0, 0.1, 0.6, 0.3 }, { 0, 0.4, 0.5, 0.1 }, { 0.5, 0.3, 0.2, 0 } };
    private static readonly double[] Men = [0.1, 0.1, 0.15, 0.3, 0.35];

    [Fact]
    public void The_dress_of_the_textbook_is_judged_by_the_leading_factor()
    {
        // Published: B = (0.35, 0.3, 0.3, 0.15), normalised (0.32, 0.27, 0.27, 0.14): very welcome.
        var result = FuzzyEvaluation.Compose(Dress, Men, Worth, FuzzyOperator.MinMax);

        Near([0.35 / 1.1, 0.3 / 1.1, 0.3 / 1.1, 0.15 / 1.1], result.Memberships, 1e-12);
        Near([0.32, 0.27, 0.27, 0.14], result.Memberships, 0.005);
        Assert.Equal(0, result.Verdict);
    }

    [Fact]
    public void The_other_operators_are_followed_by_hand_on_the_same_dress()
    {
        Near([0.205, 0.32, 0.39, 0.085], FuzzyEvaluation.Compose(Dress, Men, Worth).Memberships, 1e-12);
        // max w r: 0.175, 0.12, 0.15, 0.045; sum 0.49.
        Near([0.175 / 0.49, 0.12 / 0.49, 0.15 / 0.49, 0.045 / 0.49], FuzzyEvaluation.Compose(Dress, Men, Worth, FuzzyOperator.ProductMax).Memberships, 1e-12);
        // Σ min(w, r): 0.1+0.1+0+0+0.35, 0.1+0.1+0.1+0.3+0.3, 0.1+0.1+0.15+0.3+0.2, 0+0.1+0.15+0.1+0; sum 2.65, none over 1.
        Near([0.55 / 2.65, 0.9 / 2.65, 0.85 / 2.65, 0.35 / 2.65], FuzzyEvaluation.Compose(Dress, Men, Worth, FuzzyOperator.BoundedSum).Memberships, 1e-12);
    }

    [Fact]
    public void Everything_in_one_grade_has_no_validity_to_doubt()
    {
        var result = FuzzyEvaluation.Compose(new[,] { { 0.0, 1 }, { 0, 1 } }, [1, 1], [90, 40]);

        Assert.Equal((1, null, false, 40.0), (result.Verdict, result.Validity, result.Doubtful, result.Mean));
    }

    [Fact]
    public void The_validity_of_the_mock_up_is_low() =>
        // Mock-up of the unit page: 0.01, 0.47, 0.44, 0.02, 0.06: 0.38.
        Assert.Equal(0.38, FuzzyEvaluation.Compose(new[,] { { 0.01, 0.47, 0.44, 0.02, 0.06 } }, [1], [95, 85, 75, 65, 30]).Validity!.Value, 0.005);

    [Fact]
    public void A_tie_goes_to_the_grade_next_to_the_mean_and_then_to_the_lower_one()
    {
        var towardsMean = FuzzyEvaluation.Compose(new[,] { { 0.4, 0.4, 0.2 } }, [1], [95, 85, 30]);
        Assert.Equal((1, true), (towardsMean.Verdict, towardsMean.Tied));
        var even = FuzzyEvaluation.Compose(new[,] { { 0.5, 0.5 } }, [1], [95, 85]);
        Assert.Equal((1, true), (even.Verdict, even.Tied));
        Assert.Equal(0, even.Validity);
    }

    [Fact]
    public void Votes_over_voters_are_memberships()
    {
        Near([0.5, 0.3, 0.2, 0], Row(FuzzyEvaluation.OfVotes(new[,] { { 5.0, 3, 2, 0 }, { 0, 0, 0, 1 } }), 0), 1e-15);
        Assert.Throws<ArgumentException>(() => FuzzyEvaluation.OfVotes(new[,] { { 0.0, 0 } }));
        Assert.Throws<ArgumentException>(() => FuzzyEvaluation.OfVotes(new[,] { { -1.0, 2 } }));
        Assert.Throws<ArgumentException>(() => FuzzyEvaluation.OfVotes(new[,] { { double.PositiveInfinity, 2 } }));
    }

    [Fact]
    public void Rows_that_are_no_memberships_are_named()
    {
        double[,] rows = { { 0.5, 0.5 }, { 0.7, 0.2 }, { 1.2, -0.2 } };

        Assert.Equal([new MembershipFault(1, null, 0.7 + 0.2), new MembershipFault(2, 0, 1.2), new MembershipFault(2, 1, -0.2)], FuzzyEvaluation.Faults(rows));
        Assert.Throws<ArgumentException>(() => FuzzyEvaluation.Compose(rows, [1, 1, 1], [90, 40]));
        Assert.Empty(FuzzyEvaluation.Faults(new[,] { { 0.333, 0.333, 0.333 } }));
        Assert.Throws<ArgumentException>(() => FuzzyEvaluation.Compose(new[,] { { 1.0, 0 } }, [0], [90, 40]));
        Assert.Throws<ArgumentException>(() => FuzzyEvaluation.Compose(new[,] { { 1.0, 0 } }, [1, 1], [90, 40]));
        Assert.Throws<ArgumentException>(() => FuzzyEvaluation.Compose(new[,] { { 1.0, 0 } }, [1], [90, double.NaN]));
    }

    [Fact]
    public void Every_operator_gives_memberships_and_the_order_of_factors_changes_nothing() => Prop.ForAll(Gen.Choose(1, int.MaxValue - 1).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        var (factors, grades) = (random.Next(1, 7), random.Next(2, 7));
        var votes = new double[factors, grades];
        foreach (var (i, j) in Enumerable.Range(0, factors).SelectMany(i => Enumerable.Range(0, grades).Select(j => (i, j))))
            votes[i, j] = random.Next(4) + (j == 0 ? 0.5 : 0);
        var weights = Enumerable.Range(0, factors).Select(i => random.Next(5) + (i == 0 ? 0.1 : 0)).ToList();
        var values = Enumerable.Range(0, grades).Select(grade => 100.0 - (10 * grade)).ToList();
        var turned = new double[factors, grades];
        for (var i = 0; i < factors; i++)
        {
            for (var j = 0; j < grades; j++)
                turned[factors - 1 - i, j] = votes[i, j];
        }
        foreach (var composition in Enum.GetValues<FuzzyOperator>())
        {
            var result = FuzzyEvaluation.Compose(FuzzyEvaluation.OfVotes(votes), weights, values, composition);
            Assert.Equal(1, result.Memberships.Sum(), 12);
            Assert.All(result.Memberships, share => Assert.InRange(share, 0, 1));
            Assert.InRange(result.Mean, values[^1] - 1e-9, 100 + 1e-9);
            Assert.True(result.Validity is null or (>= 0 and < double.PositiveInfinity));
            Near(result.Memberships, FuzzyEvaluation.Compose(FuzzyEvaluation.OfVotes(turned), [.. weights.AsEnumerable().Reverse()], values, composition).Memberships, 1e-12);
        }
    }).Check(Many);

    [Fact]
    public void A_score_is_evaluated_family_by_family_with_the_weights_of_its_own()
    {
        // 92 belongs to excellent by 0.7, 77.5 to fair by 0.75; the two others have no data, and their weight is gone as it is from the score.
        var score = Score([3, 1, 2, 2], [92, 77.5, null, null]);

        var fuzzy = FuzzyScore.Of(score);

        Near([0.75 * 0.7, (0.75 * 0.3) + (0.25 * 0.25), 0.25 * 0.75, 0, 0], fuzzy.Total!.Memberships, 1e-9);
        Assert.Equal(["quality", "efficiency"], fuzzy.Families.Select(family => family.Family.Code));
        Near([0.75, 0.25], [.. fuzzy.Families.Select(family => family.Weight)], 1e-9);
        Near([0, 0.25, 0.75, 0, 0], fuzzy.Families[1].Result.Memberships, 1e-9);
        Assert.Equal((0.525 * 95) + (0.2875 * 85) + (0.1875 * 75), fuzzy.Total.Mean, 9);
    }

    [Fact]
    public void A_verdict_that_differs_from_the_grade_is_explained()
    {
        // 0.6 × 96 + 0.4 × 58: 80.8 is good; 0.6 of the weight is excellent.
        var score = Score([6, 4, 0, 0], [96, 58, null, null]);

        var fuzzy = FuzzyScore.Of(score);

        Assert.Equal("good", score.Grade!.Code);
        Assert.Equal("excellent", fuzzy.Verdict!.Code);
        Assert.True(fuzzy.Differs);
        Assert.Equal(0.6, fuzzy.Reasons.Single(reason => reason.Code == "uneven").Number, 9);
        Assert.DoesNotContain("adjustments", fuzzy.Reasons.Select(reason => reason.Code));
    }

    [Fact]
    public void Deductions_and_a_near_limit_explain_a_difference()
    {
        var score = Score([1, 1, 1, 1], [82, 82, 82, 82], new Deduction("no-measure", 3, "r", null));

        var fuzzy = FuzzyScore.Of(score);

        Assert.Equal(("fair", "good"), (score.Grade!.Code, fuzzy.Verdict!.Code));
        Assert.Equal([("near-limit", -1.0), ("adjustments", -3.0), ("uneven", 1.0)], fuzzy.Reasons.Select(reason => (reason.Code, Math.Round(reason.Number, 9))));
    }

    [Fact]
    public void An_equal_verdict_needs_no_reason_and_no_data_no_verdict()
    {
        Assert.Equal((false, 0), FuzzyScore.Of(Score([1, 1, 1, 1], [85, 85, 85, 85])) is { } same ? (same.Differs, same.Reasons.Count) : default);
        var none = FuzzyScore.Of(Score([1, 1, 1, 1], [null, null, null, null]));
        Assert.Equal((null, null, 0, false), (none.Total, none.Verdict, none.Families.Count, none.Differs));
    }

    private static Score Score(double[] weights, double?[] values, params FactData[] more)
    {
        var scheme = Schemes.Of([.. weights.Select((w, i) => Schemes.Straight($"m{i}", w))]);
        var data = values.Select((v, i) => v is { } value ? (FactData)new Measurement($"m{i}", value, null) : null).OfType<FactData>().Concat(more);
        return Schemes.Score(scheme, Journal([.. data, new Measurement("nobody-asks", 1, null)]), Period.Default, Noon.AddHours(1));
    }

    private static List<double> Row(double[,] table, int row) => [.. Enumerable.Range(0, table.GetLength(1)).Select(column => table[row, column])];

    private static void Near(IReadOnlyList<double> expected, IReadOnlyList<double> actual, double tolerance)
    {
        Assert.Equal(expected.Count, actual.Count);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }
}
