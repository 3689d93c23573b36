using FsCheck;
using FsCheck.Fluent;
using ServiceQuality.Scoring.Comparison;

namespace ServiceQuality.Scoring.UnitTests.Comparison;

/// <summary>Funnel plots with exact limits (scoring.md §8; Spiegelhalter 2005).</summary>
public sealed class FunnelTests
{
    [Fact]
    public void Bristol_lies_outside_the_funnel_of_the_twelve_centres_and_no_other_does()
    {
        // Open operations on children under one year, hospital statistics 1991–95 (Aylin et al., Lancet 358, 2001; Spiegelhalter's example): Bristol 41 of 143, all 12 %.
        (double, double)[] centres = [(41, 143), (25, 187), (24, 323), (23, 122), (25, 164), (42, 405), (24, 239), (53, 482), (26, 195), (25, 177), (58, 581), (31, 301)];
        var funnel = Funnel.Of(FunnelKind.Share, centres);

        Assert.Equal(0.12, funnel.Target!.Value, 3);
        Assert.Equal(FunnelPlace.FarAbove, funnel.Points[0].Place);
        Assert.DoesNotContain(funnel.Points.Skip(1), point => point.Place is FunnelPlace.FarAbove or FunnelPlace.FarBelow);
        Assert.Equal(FunnelPlace.Below, funnel.Points[2].Place);
        Assert.Equal(1.7928, funnel.Dispersion!.Value, 4); // with one centre drawn in on either side; 4.84 without
    }

    [Theory]
    [InlineData(FunnelKind.Share, 0.1, 20, 0.231991)] // binomial table n = 20, p = 0.1: P(≤4) = 0.956826, P(≤5) = 0.988747; (5 − 0.360176)/20
    [InlineData(FunnelKind.Rate, 10, 1, 16.336217)] // Poisson table, mean 10: P(≤16) = 0.972958, P(≤17) = 0.985722; 17 − 0.663783
    public void Limits_are_the_exact_ones_interpolated_between_counts(FunnelKind kind, double target, double size, double high) =>
        Assert.Equal(high, Funnel.Limits(kind, target, size).High2, 4);

    [Fact]
    public void Large_units_have_the_limits_of_the_normal_distribution()
    {
        var limits = Funnel.Limits(FunnelKind.Share, 0.3, 1_000_000);
        var sigma = Math.Sqrt(0.21 / 1e6);
        double[] normal = [0.3 - (3 * sigma), 0.3 - (2 * sigma), 0.3 + (2 * sigma), 0.3 + (3 * sigma)];
        Assert.All(normal.Zip([limits.Low3, limits.Low2, limits.High2, limits.High3]), pair => Assert.Equal(pair.First, pair.Second, 3e-6));
        Assert.Equal(0.3 + (3 * Math.Sqrt(0.3 / 1e6)), Funnel.Limits(FunnelKind.Rate, 0.3, 1_000_000).High3, 5);
    }

    [Fact]
    public void Small_units_are_shown_and_not_judged()
    {
        var funnel = Funnel.Of(FunnelKind.Share, [(5, 5), (40, 100), (0, 0)], minimum: 20);
        Assert.Equal([FunnelPlace.TooSmall, FunnelPlace.Within, FunnelPlace.TooSmall], funnel.Points.Select(point => point.Place));
        Assert.Equal((1.0, null), (funnel.Points[0].Value, funnel.Points[2].Value));
        Assert.Equal(45 / 105.0, funnel.Target);
        Assert.Null(funnel.Dispersion);
    }

    [Fact]
    public void Without_cases_there_is_no_target_and_at_none_or_all_no_variance()
    {
        Assert.Null(Funnel.Of(FunnelKind.Share, []).Target);
        Assert.Null(Funnel.Of(FunnelKind.Rate, [(0, 0)]).Target);
        Assert.Equal(FunnelPlace.Within, Funnel.Of(FunnelKind.Share, [(0, 50), (0, 60)]).Points[0].Place);
        Assert.Equal(FunnelPlace.FarAbove, Funnel.Of(FunnelKind.Share, [(1, 50)], target: 0).Points[0].Place);
        Assert.Equal(FunnelPlace.FarBelow, Funnel.Of(FunnelKind.Share, [(49, 50)], target: 1).Points[0].Place);
    }

    [Fact]
    public void Numbers_that_are_no_counts_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Funnel.Of(FunnelKind.Share, [(3, 2)]));
        Assert.Throws<ArgumentException>(() => Funnel.Of(FunnelKind.Share, [(1, 2.5)]));
        Assert.Throws<ArgumentException>(() => Funnel.Of(FunnelKind.Rate, [(-1, 2)]));
        Assert.Throws<ArgumentException>(() => Funnel.Of(FunnelKind.Rate, [(1, 0)]));
        Assert.Throws<ArgumentException>(() => Funnel.Of(FunnelKind.Share, [(1, 2)], target: 1.5));
    }

    [Fact]
    public void Chance_alone_leaves_the_limits_as_often_as_they_say()
    {
        // 20,000 units of 200 at 30 %: 4.55 % beyond 2σ (standard error 0.15 %) and 0.27 % beyond 3σ (0.04 %); φ is a little under 1, for it is winsorised.
        var random = new Random(6);
        var funnel = Funnel.Of(FunnelKind.Share, [.. Enumerable.Range(0, 20_000).Select(_ => ((double)Enumerable.Range(0, 200).Count(_ => random.NextDouble() < 0.3), 200.0))]);
        Assert.InRange(funnel.Points.Count(point => point.Place != FunnelPlace.Within) / 20_000.0, 0.035, 0.06);
        Assert.InRange(funnel.Points.Count(point => point.Place is FunnelPlace.FarAbove or FunnelPlace.FarBelow) / 20_000.0, 0.0015, 0.004);
        Assert.False(funnel.Overdispersed);
        Assert.InRange(funnel.Dispersion!.Value, 0.6, 1);
        // The same units, but each with a level of its own between 20 and 40 %.
        var differing = Funnel.Of(FunnelKind.Share, [.. Enumerable.Range(0, 200).Select(i => ((double)Enumerable.Range(0, 200).Count(_ => random.NextDouble() < 0.2 + (i / 1000.0)), 200.0))]);
        Assert.True(differing.Overdispersed && differing.Dispersion > 2, $"{differing.Dispersion}");
    }

    [Fact]
    public void The_funnel_narrows_and_holds_its_target() => Prop.ForAll(Gen.Choose(1, 1_000_000).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        var target = random.NextDouble();
        var size = random.Next(1, 3000);
        foreach (var kind in Enum.GetValues<FunnelKind>())
        {
            var (limits, wider) = (Funnel.Limits(kind, target, size * 4), Funnel.Limits(kind, target, size));
            Assert.True(limits.Low3 <= limits.Low2 && limits.Low2 <= target && target <= limits.High2 + (1.0 / size) && limits.High2 <= limits.High3, $"{kind} {target} {size} {limits}");
            // Where a count or two is expected the steps between counts are wider than the funnel.
            if (size * target * (1 - target) > 5)
                Assert.True(limits.High3 - limits.Low3 <= wider.High3 - wider.Low3, $"{kind} {target} {size}");
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
}
