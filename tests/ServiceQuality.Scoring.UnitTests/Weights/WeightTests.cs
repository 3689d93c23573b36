using FsCheck;
using FsCheck.Fluent;
using ServiceQuality.Scoring.Weights;

namespace ServiceQuality.Scoring.UnitTests.Weights;

/// <summary>Weights given, weights from data, weights joined (scoring.md §6, SCO-04).</summary>
public sealed class WeightTests
{
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(200);
    private static Arbitrary<int> Seeds => Gen.Choose(1, int.MaxValue - 1).ToArbitrary();

    [Fact]
    public void Weights_given_directly_are_made_to_sum_to_one()
    {
        Near([0.4, 0.25, 0.25, 0.1], WeightVector.Normalised([40, 25, 25, 10]), 1e-15);
        Near([0.5, 0.5], WeightVector.Normalised([double.MaxValue, double.MaxValue]), 1e-15);
    }

    [Fact]
    public void Weights_that_are_none_are_refused()
    {
        Assert.Throws<ArgumentException>(() => WeightVector.Normalised([]));
        Assert.Throws<ArgumentException>(() => WeightVector.Normalised([0, 0]));
        Assert.StartsWith("Weight 2", Assert.Throws<ArgumentException>(() => WeightVector.Normalised([1, -1])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => WeightVector.Normalised([double.NaN]));
        Assert.Throws<ArgumentException>(() => WeightVector.Combined([1, 2], [1]));
        Assert.Throws<ArgumentException>(() => WeightVector.Combined([1, 0], [0, 1]));
    }

    [Fact]
    public void Joined_weights_are_the_normalised_products() =>
        // 0.5 · 0.2 = 0.10, 0.3 · 0.5 = 0.15, 0.2 · 0.3 = 0.06; sum 0.31.
        Near([10 / 31.0, 15 / 31.0, 6 / 31.0], WeightVector.Combined([0.5, 0.3, 0.2], [2, 5, 3]), 1e-12);

    [Fact]
    public void Equal_weights_on_one_side_leave_the_other_as_it_is() => Prop.ForAll(Seeds, seed =>
    {
        var random = new Random(seed);
        var weights = Enumerable.Range(0, random.Next(1, 20)).Select(_ => random.NextDouble() + 0.001).ToList();
        var equal = Enumerable.Repeat(7.0, weights.Count).ToList();
        Near(WeightVector.Normalised(weights), WeightVector.Combined(weights, equal), 1e-12);
        Near(WeightVector.Normalised(weights), WeightVector.Combined(equal, weights), 1e-12);
        Assert.Equal(1, WeightVector.Combined(weights, weights).Sum(), 12);
    }).Check(Many);

    [Fact]
    public void Entropy_weights_of_the_fighter_aircraft_are_those_of_hwang_and_yoon()
    {
        // Hwang and Yoon 1981, "Multiple Attribute Decision Making", ch. 3, entropy method: four aircraft, six attributes. The book works with shares of four digits, which moves its weights by up to 0.002.
        double[,] aircraft = { { 2.0, 1500, 20000, 5.5, 5, 9 }, { 2.5, 2700, 18000, 6.5, 3, 5 }, { 1.8, 2000, 21000, 4.5, 7, 7 }, { 2.2, 1800, 20000, 5.0, 5, 5 } };

        var result = Entropy.Weigh(aircraft, new bool[6], EntropyScale.Share);

        Near([0.9946, 0.9829, 0.9989, 0.9931, 0.9703, 0.9770], [.. result.Columns.Select(column => column.Entropy)], 0.0003);
        Near([0.0649, 0.2055, 0.0133, 0.0829, 0.3570, 0.2764], result.Weights!, 0.002);
    }

    [Fact]
    public void The_scaled_range_is_followed_by_hand()
    {
        // Benefit 0, 5, 10 → 0, ½, 1 → shares 0, ⅓, ⅔; cost 1, 1, 3 → 1, 1, 0 → shares ½, ½, 0.
        double[,] table = { { 0, 1 }, { 5, 1 }, { 10, 3 } };
        var first = -((Math.Log(1 / 3.0) / 3) + (2 * Math.Log(2 / 3.0) / 3)) / Math.Log(3);
        var second = Math.Log(2) / Math.Log(3);

        var result = Entropy.Weigh(table, [false, true]);

        Near([first, second], [.. result.Columns.Select(column => column.Entropy)], 1e-12);
        Near([(1 - first) / (2 - first - second), (1 - second) / (2 - first - second)], result.Weights!, 1e-12);
    }

    [Fact]
    public void A_constant_column_says_nothing_and_weighs_nothing()
    {
        var result = Entropy.Weigh(new[,] { { 1.0, 4, 0 }, { 2, 4, 0 }, { 3, 4, 1 } }, new bool[3]);

        Assert.Equal(0, result.Weights![1]);
        Assert.True(result.Columns[1].Constant);
        Assert.Equal(1, result.Weights.Sum(), 12);
    }

    [Fact]
    public void A_table_that_tells_no_rows_apart_has_no_weights_and_says_why()
    {
        var result = Entropy.Weigh(new[,] { { 1.0, 4 }, { 1, 4 } }, new bool[2]);

        Assert.Null(result.Weights);
        Assert.Equal("no-column-varies", result.Reason);
        Assert.All(result.Columns, column => Assert.Null(column.Weight));
    }

    [Fact]
    public void Zeros_and_negative_numbers_are_refused_only_where_shares_are_taken_as_they_stand()
    {
        double[,] table = { { -1, 0 }, { 2, 3 } };

        Assert.NotNull(Entropy.Weigh(table, [false, true]).Weights);
        Assert.Equal([new EntropyFault(0, 0, -1, NeedsPositive: false), new EntropyFault(0, 1, 0, NeedsPositive: true)], Entropy.Faults(table, [false, true], EntropyScale.Share));
        Assert.Throws<ArgumentException>(() => Entropy.Weigh(table, [false, true], EntropyScale.Share));
        Assert.Throws<ArgumentException>(() => Entropy.Weigh(new[,] { { double.NaN }, { 1 } }, [false]));
        Assert.Throws<ArgumentException>(() => Entropy.Weigh(new[,] { { 1.0, 2 } }, [false, false]));
        Assert.Throws<ArgumentException>(() => Entropy.Weigh(new[,] { { 1.0 }, { 2 } }, [false, false]));
    }

    [Fact]
    public void Entropy_weights_sum_to_one_and_neither_order_nor_units_change_them() => Prop.ForAll(Seeds, seed =>
    {
        var random = new Random(seed);
        var (rows, columns) = (random.Next(2, 12), random.Next(1, 6));
        var table = new double[rows, columns];
        var lower = Enumerable.Range(0, columns).Select(_ => random.Next(2) == 0).ToArray();
        foreach (var (i, j) in Cells(rows, columns))
            table[i, j] = Math.Round(random.NextDouble() * 100, random.Next(3)) - 20;
        var order = Enumerable.Range(0, rows).OrderBy(_ => random.Next()).ToArray();
        var changed = new double[rows, columns];
        foreach (var (i, j) in Cells(rows, columns))
            changed[i, j] = (table[order[i], j] * 1.8) + 32;

        var (before, after) = (Entropy.Weigh(table, lower), Entropy.Weigh(changed, lower));

        Assert.Equal(before.Reason, after.Reason);
        if (before.Weights is not { } weights)
            return;
        Assert.Equal(1, weights.Sum(), 12);
        Assert.All(weights, weight => Assert.InRange(weight, 0, 1));
        Near(weights, after.Weights!, 1e-9);
    }).Check(Many);

    private static IEnumerable<(int I, int J)> Cells(int rows, int columns) => Enumerable.Range(0, rows).SelectMany(i => Enumerable.Range(0, columns).Select(j => (i, j)));

    private static void Near(IReadOnlyList<double> expected, IReadOnlyList<double> actual, double tolerance)
    {
        Assert.Equal(expected.Count, actual.Count);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }
}
