using ServiceQuality.Scoring.Comparison;
using ServiceQuality.Scoring.UnitTests.Charts;

namespace ServiceQuality.Scoring.UnitTests.Comparison;

/// <summary>Shrinkage of small units towards their parent (scoring.md §8).</summary>
public sealed class ShrinkageTests
{
    /// <summary>Efron and Morris, Scientific American 236 (1977): hits in the first 45 times at bat of 18 players of 1970, Clemente to Alvis.</summary>
    private static readonly int[] Hits = [18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7];

    [Fact]
    public void Units_are_drawn_to_their_own_siblings_and_not_to_all()
    {
        (string, double, double)? Unit(string parent, double value) => (parent, value, 2.0);
        var shrunk = Shrinkage.OfMeansByParent([Unit("north", 90), Unit("south", 60), Unit("north", 91), Unit("north", 89), null, Unit("north", 92), Unit("south", 61), Unit("south", 59)]);

        var north = Shrinkage.OfMeans([(90.0, 2.0), (91, 2), (89, 2), (92, 2)])!;
        Assert.Equal([north[0], north[1], north[2], north[3]], new[] { shrunk[0], shrunk[2], shrunk[3], shrunk[5] }.Select(one => one!.Value));
        Assert.Null(shrunk[4]);
        Assert.All(new[] { shrunk[1], shrunk[6], shrunk[7] }, one => Assert.Null(one)); // three siblings say too little
    }

    [Fact]
    public void Eighteen_players_shrink_as_efron_and_morris_found()
    {
        // Their c = 0.212 with σ² = 0.265 · 0.735 / 45; Clemente's 0.400 becomes 0.294, Alvis' 0.156 becomes 0.242.
        var error = Math.Sqrt(0.265 * 0.735 / 45);
        var shrunk = Shrinkage.OfMeans([.. Hits.Select(hits => (hits / 45.0, error))])!;
        Assert.All(shrunk, player => Assert.Equal(0.212, player.Weight, 0.005));
        Assert.Equal(0.294, shrunk[0].Value, 0.001);
        Assert.Equal(0.242, shrunk[^1].Value, 0.001);
    }

    [Fact]
    public void The_smaller_the_unit_the_more_it_takes_from_its_siblings()
    {
        var shrunk = Shrinkage.OfShares([(10, 20), (500, 1000), (900, 1000), (300, 1000), (700, 1000)])!;
        Assert.True(shrunk[0].Weight < shrunk[1].Weight);
        Assert.All(shrunk, unit => Assert.InRange(unit.Weight, 0, 1));
        Assert.Equal(shrunk[2].Weight * 0.9 + ((1 - shrunk[2].Weight) * 2410 / 4020), shrunk[2].Value, 12);
    }

    [Fact]
    public void Units_that_differ_by_chance_alone_are_all_drawn_to_their_mean()
    {
        Assert.All(Shrinkage.OfShares([(50, 100), (51, 100), (49, 100), (50, 100)])!, unit => Assert.Equal(0.5, unit.Value, 12));
        Assert.All(Shrinkage.OfShares([(0, 100), (0, 10), (0, 5), (0, 1)])!, unit => Assert.Equal(new Shrunk(0, 0), unit));
        // k = 4: a quarter … (k − 3)/(k − 1) = 1/3 is taken at most.
        Assert.All(Shrinkage.OfMeans([(1, 5), (1.1, 5), (0.9, 5), (1, 5)])!, unit => Assert.Equal(2 / 3.0, unit.Weight, 12));
    }

    [Fact]
    public void Too_few_siblings_give_no_second_value_and_bad_numbers_are_refused()
    {
        Assert.Null(Shrinkage.OfMeans([(1, 1), (2, 1), (3, 1)]));
        Assert.Null(Shrinkage.OfShares([(1, 2), (1, 2), (1, 2)]));
        Assert.Throws<ArgumentException>(() => Shrinkage.OfMeans([(1, 0)]));
        Assert.Throws<ArgumentException>(() => Shrinkage.OfMeans([(double.NaN, 1)]));
        Assert.Throws<ArgumentException>(() => Shrinkage.OfShares([(3, 2)]));
        Assert.Throws<ArgumentException>(() => Shrinkage.OfShares([(0, 0)]));
    }

    [Fact]
    public void Shrunk_values_are_nearer_to_the_truth()
    {
        var random = new Random(8);
        var normal = new Normals(8);
        var (raw, shares, rawMeans, means) = (0.0, 0.0, 0.0, 0.0);
        for (var round = 0; round < 200; round++)
        {
            double[] truth = [.. Enumerable.Range(0, 12).Select(_ => 0.7 + (0.05 * normal.Next()))];
            (double, double)[] counts = [.. truth.Select(p => random.Next(10, 60) is var n ? (Enumerable.Range(0, n).Count(_ => random.NextDouble() < p), (double)n) : default)];
            var shrunk = Shrinkage.OfShares(counts)!;
            raw += truth.Select((p, i) => Math.Pow((counts[i].Item1 / counts[i].Item2) - p, 2)).Sum();
            shares += truth.Select((p, i) => Math.Pow(shrunk[i].Value - p, 2)).Sum();

            (double Value, double Error)[] scores = [.. truth.Select((p, i) => (p + ((0.02 + (0.01 * i)) * normal.Next()), 0.02 + (0.01 * i)))];
            var second = Shrinkage.OfMeans(scores)!;
            rawMeans += truth.Select((p, i) => Math.Pow(scores[i].Value - p, 2)).Sum();
            means += truth.Select((p, i) => Math.Pow(second[i].Value - p, 2)).Sum();
        }
        Assert.True(shares < 0.5 * raw, $"{shares} of {raw}");
        Assert.True(means < 0.5 * rawMeans, $"{means} of {rawMeans}");
    }

    [Fact]
    public void The_moments_find_the_spread_that_the_units_were_drawn_with()
    {
        // Beta(14, 6): mean 0.7, strength 20; a unit of 20 keeps one half of its own.
        var random = new Random(2);
        var weights = Enumerable.Range(0, 40).Select(_ =>
        {
            (double, double)[] units = [.. Enumerable.Range(0, 200).Select(_ =>
            {
                // The 14th smallest of 19 uniform numbers is Beta(14, 6).
                var p = Enumerable.Range(0, 19).Select(_ => random.NextDouble()).Order().ElementAt(13);
                return (Enumerable.Range(0, 20).Count(_ => random.NextDouble() < p), 20.0);
            })];
            return Shrinkage.OfShares(units)![0].Weight;
        }).Average();
        Assert.Equal(0.5, weights, 0.03);
    }
}
