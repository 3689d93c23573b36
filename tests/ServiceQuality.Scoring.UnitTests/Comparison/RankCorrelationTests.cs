using FsCheck;
using FsCheck.Fluent;
using ServiceQuality.Scoring.Comparison;

namespace ServiceQuality.Scoring.UnitTests.Comparison;

/// <summary>Kendall's τ-b (scoring.md §10).</summary>
public sealed class RankCorrelationTests
{
    [Fact]
    public void Ten_boys_in_mathematics_and_music_agree_as_kendall_found() =>
        // Kendall, Rank Correlation Methods, chapter 1: S = −3 of 45 pairs, τ = −0.07.
        Assert.Equal(-3 / 45.0, RankCorrelation.KendallTauB([7, 4, 3, 10, 6, 2, 9, 8, 1, 5], [5, 7, 3, 10, 1, 9, 6, 2, 8, 4])!.Value, 12);

    [Fact]
    public void Tied_ranks_are_taken_out_of_either_side_as_kendall_does() =>
        // Kendall, Rank Correlation Methods, chapter 3, two rankings with ties: S = 33, τ-b = 33 / √(41 · 36) = 0.859.
        Assert.Equal(0.859, RankCorrelation.KendallTauB([1, 2.5, 2.5, 4.5, 4.5, 6.5, 6.5, 8, 9.5, 9.5], [1, 2, 4.5, 4.5, 4.5, 4.5, 8, 8, 8, 10])!.Value, 3);

    [Fact]
    public void What_has_no_order_has_no_correlation()
    {
        Assert.Null(RankCorrelation.KendallTauB([], []));
        Assert.Null(RankCorrelation.KendallTauB([1], [1]));
        Assert.Null(RankCorrelation.KendallTauB([3, 3, 3], [1, 2, 3]));
        Assert.Null(RankCorrelation.KendallTauB([1, 2, 3], [3, 3, 3]));
        Assert.Throws<ArgumentException>(() => RankCorrelation.KendallTauB([1, 2], [1]));
        Assert.Throws<ArgumentException>(() => RankCorrelation.KendallTauB([1, double.NaN], [1, 2]));
    }

    [Fact]
    public void Any_two_lists_agree_as_counting_every_pair_says() => Prop.ForAll(Gen.Choose(1, 1_000_000).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        var n = random.Next(2, 60);
        var (first, second) = (Numbers(random, n), Numbers(random, n));
        long balance = 0, untiedFirst = 0, untiedSecond = 0;
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < i; j++)
            {
                balance += Math.Sign(first[i] - first[j]) * Math.Sign(second[i] - second[j]);
                untiedFirst += first[i] == first[j] ? 0 : 1;
                untiedSecond += second[i] == second[j] ? 0 : 1;
            }
        }
        var tau = RankCorrelation.KendallTauB(first, second);
        if (untiedFirst == 0 || untiedSecond == 0)
            Assert.Null(tau);
        else
            Assert.Equal(balance / Math.Sqrt((double)untiedFirst * untiedSecond), tau!.Value, 12);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    private static double[] Numbers(Random random, int n)
    {
        var values = random.Next(1, 30);
        return [.. Enumerable.Range(0, n).Select(_ => (double)random.Next(values))];
    }
}
