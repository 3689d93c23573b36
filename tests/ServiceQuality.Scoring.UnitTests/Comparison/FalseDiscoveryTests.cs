using FsCheck;
using FsCheck.Fluent;
using ServiceQuality.Scoring.Charts;
using ServiceQuality.Scoring.Comparison;
using ServiceQuality.Scoring.UnitTests.Charts;

namespace ServiceQuality.Scoring.UnitTests.Comparison;

/// <summary>The control of false discoveries across units (scoring.md §9).</summary>
public sealed class FalseDiscoveryTests
{
    /// <summary>Benjamini and Hochberg 1995, §4.1: fifteen hypotheses about thrombolysis.</summary>
    private static readonly double[] Fifteen = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.000];

    [Fact]
    public void Benjamini_and_hochberg_keep_four_of_fifteen() =>
        Assert.Equal(Fifteen.Select((_, i) => i < 4), FalseDiscovery.BenjaminiHochberg(Fifteen, 0.05).Select(discovery => discovery.Kept));

    [Fact]
    public void What_fails_itself_is_kept_when_a_larger_one_passes()
    {
        // 0.04 > 0.1 · 1/4 fails alone, 0.074 ≤ 0.1 · 3/4 passes and takes it along.
        var kept = FalseDiscovery.BenjaminiHochberg([0.074, 0.9, 0.04, 0.06]);
        Assert.Equal([true, false, true, true], kept.Select(discovery => discovery.Kept));
        Assert.Equal(0.074 * 4 / 3, kept[2].Adjusted, 12);
    }

    [Fact]
    public void Nothing_comes_of_nothing()
    {
        Assert.Empty(FalseDiscovery.BenjaminiHochberg([]));
        Assert.Throws<ArgumentException>(() => FalseDiscovery.BenjaminiHochberg([1.1]));
        Assert.Throws<ArgumentException>(() => FalseDiscovery.BenjaminiHochberg([double.NaN]));
        Assert.Throws<ArgumentException>(() => FalseDiscovery.BenjaminiHochberg([0.1], 0));
    }

    [Fact]
    public void The_procedure_is_its_definition_in_any_order() => Prop.ForAll(Gen.Choose(1, 1_000_000).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        double[] values = [.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => Math.Round(Math.Pow(random.NextDouble(), random.Next(1, 6)), 3))];
        var rate = random.NextDouble() + 0.001;
        rate = Math.Min(1, rate);
        var result = FalseDiscovery.BenjaminiHochberg(values, rate);
        var sorted = values.Order().ToArray();
        var k = Enumerable.Range(1, values.Length).LastOrDefault(i => sorted[i - 1] <= i * rate / values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            Assert.Equal(k > 0 && values[i] <= sorted[k - 1], result[i].Kept);
            Assert.True(result[i].Adjusted >= values[i] && result[i].Adjusted <= 1);
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void One_in_ten_of_what_is_kept_is_false_at_most()
    {
        // 100 units of which 20 have truly changed by 3σ: the mean share of false ones is q · 80/100 = 0.08 (Benjamini and Hochberg 1995, theorem 1).
        var random = new Normals(4);
        var (shares, rounds) = (0.0, 2000);
        for (var round = 0; round < rounds; round++)
        {
            var kept = FalseDiscovery.BenjaminiHochberg([.. Enumerable.Range(0, 100).Select(i => SignalEvidence.TwoSided(random.Next() + (i < 20 ? 3 : 0)))]);
            var all = kept.Count(discovery => discovery.Kept);
            shares += all == 0 ? 0 : kept.Skip(20).Count(discovery => discovery.Kept) / (double)all;
        }
        // The share has a standard deviation of about 0.07 a round.
        Assert.Equal(0.08, shares / rounds, 4 * 0.07 / Math.Sqrt(rounds));
    }
}
