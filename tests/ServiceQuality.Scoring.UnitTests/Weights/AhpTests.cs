using FsCheck;
using FsCheck.Fluent;
using ServiceQuality.Scoring.Weights;

namespace ServiceQuality.Scoring.UnitTests.Weights;

/// <summary>Weights from pairwise judgements (scoring.md §6, SCO-04).</summary>
public sealed class AhpTests
{
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(200);

    // Saaty 1990, "How to make a decision", European Journal of Operational Research 48, table 3: what counts when buying a house.
    private static readonly PairwiseMatrix House = Upper(8, "5 3 7 6 6 1/3 1/4  1/3 5 3 3 1/5 1/7  6 3 4 6 1/5  1/3 1/4 1/7 1/8  1/2 1/5 1/6  1/5 1/6  1/2");

    // Saaty 2008, "Decision making with the analytic hierarchy process", Int. J. Services Sciences 1, table 2: which drink is consumed more in the U.S.
    private static readonly PairwiseMatrix Drinks = Upper(7, "9 5 2 1 1 1/2  1/3 1/9 1/9 1/9 1/9  1/3 1/4 1/3 1/9  1/2 1 1/3  2 1/2  1/3");

    // Saaty 1977, "A scaling method for priorities in hierarchical structures", J. Math. Psychology 15, table 3: wealth of seven nations.
    private static readonly PairwiseMatrix Nations = Upper(7, "4 9 6 6 5 5  7 5 5 3 4  1/5 1/5 1/7 1/5  1 1/3 1/3  1/3 1/3  2");

    [Fact]
    public void Saatys_house_has_the_published_priorities_and_is_refused()
    {
        var result = Ahp.Weigh(House);

        Near([0.173, 0.054, 0.188, 0.018, 0.031, 0.036, 0.167, 0.333], result.Eigenvector, 0.0006);
        Assert.Equal(9.669, result.LambdaMax, 0.0005);
        Assert.Equal(0.238, result.ConsistencyIndex, 0.0005);
        Assert.Equal(0.169, result.ConsistencyRatio, 0.0005);
        Assert.False(result.Accepted);
    }

    [Fact]
    public void Saatys_drinks_have_the_published_scale_and_are_accepted()
    {
        var result = Ahp.Weigh(Drinks);

        Near([0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327], result.Eigenvector, 0.0006);
        Assert.Equal(0.022, result.ConsistencyRatio, 0.0005);
        Assert.True(result.Accepted);
    }

    [Fact]
    public void Saatys_nations_have_the_published_wealth()
    {
        var result = Ahp.Weigh(Nations);

        Near([0.427, 0.230, 0.021, 0.052, 0.052, 0.123, 0.094], result.Eigenvector, 0.0006);
        Assert.Equal(7.61, result.LambdaMax, 0.005);
        Assert.Equal(0.08, result.ConsistencyRatio, 0.005);
    }

    [Fact]
    public void The_limit_of_the_consistency_ratio_is_a_tenth_and_can_be_moved()
    {
        Assert.Equal(0.10, Ahp.DefaultThreshold);
        Assert.True(Ahp.Weigh(House, 0.17).Accepted);
        Assert.False(Ahp.Weigh(Drinks, 0.02).Accepted);
        Assert.True(new AhpResult([1], 1, 0, 0, 0.10, 0.10, []).Accepted);
        Assert.Throws<ArgumentOutOfRangeException>(() => Ahp.Weigh(House, double.NaN));
    }

    [Fact]
    public void The_random_index_is_saatys()
    {
        double[] expected = [0, 0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49];
        Assert.Equal(expected, Enumerable.Range(1, 10).Select(n => Ahp.Weigh(PairwiseMatrix.OfUpper(n, [.. Enumerable.Repeat(1.0, n * (n - 1) / 2)])).RandomIndex));
    }

    [Fact]
    public void The_worst_triads_are_named_with_the_judgement_that_would_mend_them()
    {
        // 2 × 3 = 6 would agree; 1/5 does not. The fourth element agrees with all.
        var result = Ahp.Weigh(Upper(4, "2 1/5 2  3 1  1/3"));

        var worst = result.WorstTriads[0];
        Assert.Equal((0, 1, 2), (worst.From, worst.Via, worst.To));
        Assert.Equal(0.2, worst.Judged, 12);
        Assert.Equal(6, worst.Consistent, 12);
        Assert.Equal(1 - (0.2 / 6), worst.Inconsistency, 12);
        Assert.Equal(2, result.WorstTriads.Count);
        Assert.False(result.Accepted);
        Assert.True(Ahp.Weigh(Upper(4, "2 6 2  3 1  1/3")) is { ConsistencyRatio: < 1e-9, WorstTriads.Count: 0 });
    }

    [Fact]
    public void No_more_than_three_triads_are_named_worst_first()
    {
        var triads = Ahp.Weigh(House).WorstTriads;

        Assert.Equal(3, triads.Count);
        Assert.True(triads[0].Inconsistency >= triads[1].Inconsistency && triads[1].Inconsistency >= triads[2].Inconsistency);
        Assert.All(triads, triad =>
        {
            Assert.Equal(House[triad.From, triad.To], triad.Judged);
            Assert.Equal(House[triad.From, triad.Via] * House[triad.Via, triad.To], triad.Consistent, 12);
        });
    }

    [Fact]
    public void Mending_the_worst_triad_of_the_house_makes_it_more_consistent()
    {
        var triad = Ahp.Weigh(House).WorstTriads[0];
        var mended = Cells(House);
        (mended[triad.From, triad.To], mended[triad.To, triad.From]) = (triad.Consistent, 1 / triad.Consistent);

        Assert.True(Ahp.Weigh(PairwiseMatrix.Of(mended)).ConsistencyRatio < Ahp.Weigh(House).ConsistencyRatio);
    }

    [Fact]
    public void Offending_cells_are_named()
    {
        double[,] cells = { { 1, 3, 2 }, { 0.5, 2, -1 }, { 0.5, 4, 1 } };

        Assert.Equal(
            [
                new CellFault(1, 0, CellFaultKind.NotReciprocal, 0.5, 1 / 3.0),
                new CellFault(1, 1, CellFaultKind.DiagonalNotOne, 2, 1),
                new CellFault(1, 2, CellFaultKind.OutOfRange, -1, null),
            ],
            PairwiseMatrix.Faults(cells));
        Assert.StartsWith("Row 2, column 1", Assert.Throws<ArgumentException>(() => PairwiseMatrix.Of(cells)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1001.0)]
    public void A_judgement_that_is_none_is_refused(double judgement) => Assert.Throws<ArgumentException>(() => PairwiseMatrix.OfUpper(2, [judgement]));

    [Fact]
    public void A_matrix_has_a_shape()
    {
        Assert.Throws<ArgumentException>(() => PairwiseMatrix.Of(new double[2, 3]));
        Assert.Throws<ArgumentException>(() => PairwiseMatrix.Of(new double[0, 0]));
        Assert.Throws<ArgumentException>(() => PairwiseMatrix.OfUpper(11, [.. Enumerable.Repeat(1.0, 55)]));
        Assert.Throws<ArgumentException>(() => PairwiseMatrix.OfUpper(3, [1, 2]));
        Assert.Throws<ArgumentException>(() => PairwiseMatrix.Group([]));
        Assert.Throws<ArgumentException>(() => PairwiseMatrix.Group([House, Drinks]));
    }

    [Fact]
    public void Reciprocals_with_three_decimals_are_taken_and_two_decimals_refused()
    {
        Assert.Empty(PairwiseMatrix.Faults(new[,] { { 1, 6, 3 }, { 0.167, 1, 0.5 }, { 0.333, 2, 1 } }));
        Assert.Single(PairwiseMatrix.Faults(new[,] { { 1, 3.0 }, { 0.33, 1 } }));
    }

    [Fact]
    public void A_group_judges_by_the_geometric_mean_and_keeps_each_experts_own_consistency()
    {
        var result = Ahp.Weigh([Upper(3, "2 4 2"), Upper(3, "8 1 2")]);

        // √(2 · 8) = 4, √(4 · 1) = 2, √(2 · 2) = 2.
        Near(Ahp.Weigh(Upper(3, "4 2 2")).Eigenvector, result.Group.Eigenvector, 1e-12);
        Assert.Equal([true, false], result.Experts.Select(expert => expert.Accepted));
        Assert.Equal(Ahp.Weigh(Upper(3, "8 1 2")).ConsistencyRatio, result.Experts[1].ConsistencyRatio);
    }

    [Fact]
    public void Weights_sum_to_one_and_agree_with_plain_steps_of_power_iteration() => Prop.ForAll(Seeds, seed =>
    {
        var matrix = Random(new Random(seed));
        var result = Ahp.Weigh(matrix);
        Assert.Equal(1, result.Eigenvector.Sum(), 12);
        Assert.All(result.Eigenvector, weight => Assert.True(weight > 0));
        Near(Oracle(matrix), result.Eigenvector, 1e-9);
        Assert.True(result.LambdaMax >= matrix.Size && result.ConsistencyRatio >= 0);
    }).Check(Many);

    [Fact]
    public void Consistent_judgements_give_back_exactly_their_weights() => Prop.ForAll(Seeds, seed =>
    {
        var random = new Random(seed);
        var raw = Enumerable.Range(0, random.Next(1, 11)).Select(_ => 1 + random.Next(9) + random.NextDouble()).ToList();
        var cells = new double[raw.Count, raw.Count];
        foreach (var (i, j) in Pairs(raw.Count))
            cells[i, j] = raw[i] / raw[j];
        var result = Ahp.Weigh(PairwiseMatrix.Of(cells));
        Near(WeightVector.Normalised(raw), result.Eigenvector, 1e-12);
        Assert.Equal(0, result.ConsistencyRatio);
        Assert.Empty(result.WorstTriads);
    }).Check(Many);

    [Fact]
    public void The_order_of_elements_and_of_experts_changes_nothing() => Prop.ForAll(Seeds, seed =>
    {
        var random = new Random(seed);
        var experts = Enumerable.Range(0, 3).Select(_ => Random(random, 6)).ToList();
        var order = Enumerable.Range(0, 6).OrderBy(_ => random.Next()).ToArray();
        var shuffled = new double[6, 6];
        foreach (var (i, j) in Pairs(6))
            shuffled[i, j] = experts[0][order[i], order[j]];
        var (before, after) = (Ahp.Weigh(experts[0]), Ahp.Weigh(PairwiseMatrix.Of(shuffled)));
        Near([.. order.Select(i => before.Eigenvector[i])], after.Eigenvector, 1e-11);
        Assert.Equal(before.ConsistencyRatio, after.ConsistencyRatio, 1e-10);
        Assert.Equal(Ahp.Weigh(experts).Group.Eigenvector, Ahp.Weigh([experts[2], experts[0], experts[1]]).Group.Eigenvector);
    }).Check(Many);

    [Fact]
    public void A_circle_that_plain_steps_would_crawl_around_still_ends() =>
        Near([1 / 3.0, 1 / 3.0, 1 / 3.0], Ahp.Weigh(PairwiseMatrix.OfUpper(3, [1000, 0.001, 1000])).Eigenvector, 1e-9);

    private static Arbitrary<int> Seeds => Gen.Choose(1, int.MaxValue - 1).ToArbitrary();

    private static PairwiseMatrix Random(Random random, int? size = null)
    {
        var n = size ?? random.Next(1, 11);
        double[] scale = [1 / 9.0, 1 / 7.0, 1 / 5.0, 1 / 3.0, 1 / 2.0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
        return PairwiseMatrix.OfUpper(n, [.. Enumerable.Range(0, n * (n - 1) / 2).Select(_ => scale[random.Next(scale.Length)])]);
    }

    private static double[] Oracle(PairwiseMatrix matrix)
    {
        var weights = Enumerable.Repeat(1.0 / matrix.Size, matrix.Size).ToArray();
        for (var step = 0; step < 3000; step++)
        {
            var next = Enumerable.Range(0, matrix.Size).Select(i => Enumerable.Range(0, matrix.Size).Sum(j => matrix[i, j] * weights[j])).ToArray();
            var sum = next.Sum();
            next = [.. next.Select(value => value / sum)];
            if (next.SequenceEqual(weights))
                break;
            weights = next;
        }
        return weights;
    }

    private static IEnumerable<(int I, int J)> Pairs(int n) => Enumerable.Range(0, n).SelectMany(i => Enumerable.Range(0, n).Select(j => (i, j)));

    private static double[,] Cells(PairwiseMatrix matrix)
    {
        var cells = new double[matrix.Size, matrix.Size];
        foreach (var (i, j) in Pairs(matrix.Size))
            cells[i, j] = matrix[i, j];
        return cells;
    }

    private static PairwiseMatrix Upper(int size, string judgements) => PairwiseMatrix.OfUpper(size, [.. judgements.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text =>
        text.Split('/') is [var over, var under] ? double.Parse(over, System.Globalization.CultureInfo.InvariantCulture) / double.Parse(under, System.Globalization.CultureInfo.InvariantCulture) : double.Parse(text, System.Globalization.CultureInfo.InvariantCulture))]);

    private static void Near(IReadOnlyList<double> expected, IReadOnlyList<double> actual, double tolerance)
    {
        Assert.Equal(expected.Count, actual.Count);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }
}
