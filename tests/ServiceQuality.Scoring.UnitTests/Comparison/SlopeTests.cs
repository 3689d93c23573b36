using FsCheck;
using FsCheck.Fluent;
using ServiceQuality.Scoring.Charts;
using ServiceQuality.Scoring.Comparison;
using ServiceQuality.Scoring.UnitTests.Charts;

namespace ServiceQuality.Scoring.UnitTests.Comparison;

/// <summary>Trend and stability per quarter (SCO-30).</summary>
public sealed class SlopeTests
{
    [Fact]
    public void Sens_own_example_has_a_slope_of_four()
    {
        // Sen 1968, §6: t = 1, 2, 3, 4, 10, 12, 18.
        var slope = Slope.Of([(1, 9), (2, 15), (3, 19), (4, 20), (10, 45), (12, 55), (18, 78)])!;
        Assert.Equal(4, slope.PerStep, 12);
        Assert.True(slope.Significant);
        Assert.InRange(slope.Interval!.Value.Low, 3, 4);
        Assert.InRange(slope.Interval.Value.High, 4, 5);
    }

    [Fact]
    public void One_freak_day_does_not_turn_the_slope()
    {
        var line = Enumerable.Range(0, 30).Select(i => ((double)i, i == 29 ? -1000 : 0.5 * i)).ToList();
        Assert.Equal(0.5, Slope.Of(line)!.PerStep, 12);
    }

    [Fact]
    public void Too_few_points_have_no_interval_or_no_slope()
    {
        Assert.Null(Slope.Of([(1, 1)]));
        Assert.Null(Slope.Of([(1, 1), (1, 2)]));
        Assert.Null(Slope.Of([(1, 1), (2, 2), (3, 3)])!.Interval);
        Assert.False(Slope.Of([(1, 1), (2, 2), (3, 3)])!.Significant);
        Assert.Throws<ArgumentException>(() => Slope.Of([(1, double.NaN), (2, 2)]));
    }

    [Fact]
    public void The_slope_turns_with_the_scale_and_lies_in_its_interval() => Prop.ForAll(Gen.Choose(1, 1_000_000).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        var points = Enumerable.Range(0, random.Next(3, 40)).Select(i => ((double)i, (double)random.Next(20))).ToList();
        var (slope, scaled) = (Slope.Of(points)!, Slope.Of([.. points.Select(point => (2 * point.Item1, 7 - (3 * point.Item2)))])!);
        Assert.Equal(-1.5 * slope.PerStep, scaled.PerStep, 9);
        if (slope.Interval is { } interval)
            Assert.True(interval.Low <= slope.PerStep && slope.PerStep <= interval.High);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Fact]
    public void Intervals_cover_the_true_slope_in_95_of_100_quarters()
    {
        var (covered, rounds) = (0, 1000);
        for (var round = 0; round < rounds; round++)
        {
            var random = new Normals(round);
            var interval = Slope.Of([.. Enumerable.Range(0, 30).Select(i => ((double)i, 80 + (0.1 * i) + (3 * random.Next())))])!.Interval!.Value;
            covered += interval.Low <= 0.1 && 0.1 <= interval.High ? 1 : 0;
        }
        // Standard error 0.7 %.
        Assert.InRange(covered / (double)rounds, 0.93, 0.975);
    }

    [Fact]
    public void A_quarter_has_spread_slope_and_signals()
    {
        var random = new Normals(3);
        double?[] days = [.. Enumerable.Range(0, 90).Select(i => i == 40 ? null : i == 70 ? 40 : (double?)(80 + (0.05 * i) + random.Next()))];
        var quarter = Stability.Of([81, 83, 85.5], days);

        Assert.Equal(4.5, quarter.Range);
        Assert.Equal(Math.Sqrt(((2.1667 * 2.1667) + (0.1667 * 0.1667) + (2.3333 * 2.3333)) / 2), quarter.Deviation!.Value, 3);
        Assert.Equal(0.05, quarter.Slope!.PerStep, 0.02);
        Assert.Equal((true, TrendVerdict.Improving), (quarter.Slope.Significant, quarter.Verdict));
        Assert.Contains(quarter.Chart.Signals, signal => signal.Point == 70 && signal.Side == SignalSide.Lower);
    }

    [Fact]
    public void SCO_30_The_verdict_is_no_more_than_the_interval_of_the_slope_allows()
    {
        var random = new Normals(5);
        double?[] noise = [.. Enumerable.Range(0, 60).Select(_ => (double?)(80 + random.Next()))];
        Assert.Equal(TrendVerdict.Steady, Stability.Of([80, 80.1], noise).Verdict);
        Assert.Equal(TrendVerdict.Worsening, Stability.Of([80, 79], [.. noise.Select((day, i) => day - (0.1 * i))]).Verdict);
        Assert.Equal(TrendVerdict.FewDays, Stability.Of([80, 81], [1, 2, 3]).Verdict);
    }

    [Fact]
    public void A_quarter_without_scores_says_nothing()
    {
        var quarter = Stability.Of([null, 80, null], [null, 80]);
        Assert.Equal((null, null, null, "few-points"), (quarter.Range, quarter.Deviation, quarter.Slope, quarter.Chart.Reason));
        Assert.Throws<ArgumentException>(() => Stability.Of([double.NaN], []));
    }
}
