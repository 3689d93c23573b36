using FsCheck;
using FsCheck.Fluent;
using ServiceQuality.Scoring.Charts;

namespace ServiceQuality.Scoring.UnitTests.Charts;

/// <summary>What the charts do with the data of real life: gaps, few points, no variance, sizes that differ (scoring.md §9).</summary>
public sealed class ControlChartTests
{
    [Fact]
    public void A_gap_is_never_joined()
    {
        // Ranges 1 and 2; the jump from 11 to 30 lies in the gap and is no range.
        var chart = Draw(ChartType.IMr, 10, 11, null, 30, 32);

        Assert.Equal([null, 1, null, null, 2], chart.Points.Select(point => point.MovingRange));
        Assert.Equal(1.5 * Math.Sqrt(Math.PI) / 2, chart.Sigma!.Value, 12);
        Assert.Equal(new ChartPoint(null, chart.Points[2].Lower, chart.Points[2].Upper, null), chart.Points[2]);
        Assert.Equal(4, chart.Estimated);
    }

    [Fact]
    public void Memory_starts_afresh_after_a_gap()
    {
        double?[] twice = [12, 13, null, 12, 13];
        foreach (var type in new[] { ChartType.Ewma, ChartType.Cusum })
        {
            var points = ControlChart.Of(new(type) { Center = 10, Sigma = 1 }, [.. twice.Select(v => new Observation(v))]).Points;
            Assert.Equal(points.Take(2), points.Skip(3));
            Assert.Null(points[2].Value);
        }
    }

    [Theory]
    [InlineData("no-data", null, null, null)]
    [InlineData("few-points", 5.0, null, null)]
    [InlineData("few-points", 5.0, null, 6.0)] // two points, but not two in a row
    [InlineData("zero-variance", 5.0, 5.0, 5.0)]
    public void Without_limits_the_chart_says_why(string reason, double? first, double? second, double? third)
    {
        foreach (var type in new[] { ChartType.IMr, ChartType.Ewma, ChartType.Cusum })
        {
            var chart = Draw(type, first, second, third);
            Assert.Equal(reason, chart.Reason);
            Assert.Empty(chart.Signals);
            Assert.Null(chart.FalseAlarmEvery);
            Assert.All(chart.Points, point => Assert.Null(point.Upper));
        }
    }

    [Fact]
    public void Shares_that_are_all_none_or_all_have_no_variance()
    {
        Assert.Equal("zero-variance", ControlChart.Of(new(ChartType.P), [new(0, 10), new(0, 20)]).Reason);
        Assert.Equal("zero-variance", ControlChart.Of(new(ChartType.PPrime), [new(10, 10), new(20, 20)]).Reason);
        Assert.Equal("zero-variance", ControlChart.Of(new(ChartType.U), [new(0, 10), new(0, 20)]).Reason);
        Assert.Equal("no-data", ControlChart.Of(new(ChartType.P), [new(0, 0), new(null, 5)]).Reason);
        Assert.Equal("few-points", ControlChart.Of(new(ChartType.P), [new(1, 10), new(0, 0)]).Reason);
    }

    [Fact]
    public void Limits_follow_the_size_of_each_point()
    {
        // p = 30/150; σ = √(0.2 · 0.8 / n).
        var chart = ControlChart.Of(new(ChartType.P), [new(20, 100), new(10, 50)]);
        Assert.Equal(0.2 + (3 * 0.04), chart.Points[0].Upper!.Value, 12);
        Assert.Equal(0.2 - (3 * Math.Sqrt(0.16 / 50)), chart.Points[1].Lower!.Value, 12);
        // u = 30/150; σ = √(0.2 / exposure); a rate is not limited to 1.
        Assert.Equal(0.2 + (3 * Math.Sqrt(0.2 / 100)), ControlChart.Of(new(ChartType.U), [new(20, 100), new(10, 50)]).Points[0].Upper!.Value, 12);
        Assert.Equal(0, ControlChart.Of(new(ChartType.U), [new(2, 1), new(3, 1)]).Points[0].Lower);
        Assert.True(ControlChart.Of(new(ChartType.U), [new(2, 1), new(3, 1)]).Points[0].Upper > 1);
    }

    [Fact]
    public void Laneys_chart_widens_the_limits_by_what_varies_from_day_to_day()
    {
        // Sizes of 10,000: binomial σ is tiny, the days differ by far more. z alternates by ± the same, so σ_z = its range / 1.128.
        Observation[] data = [.. Enumerable.Range(0, 30).Select(i => new Observation(i % 2 == 0 ? 1900 : 2100, 10_000))];
        var (p, wide) = (ControlChart.Of(new(ChartType.P), data), ControlChart.Of(new(ChartType.PPrime), data));

        Assert.NotEmpty(ControlChart.Of(new(ChartType.P) { Sigma = null }, [.. data, new(2160, 10_000)]).Signals);
        Assert.Empty(wide.Signals);
        var z = 0.01 / (0.04 / 10);
        Assert.Equal(2 * z / 1.12838, wide.Sigma!.Value, 4);
        Assert.Equal((p.Points[0].Upper!.Value - 0.2) * wide.Sigma.Value, wide.Points[0].Upper!.Value - 0.2, 1e-12);
        // With a factor of 1 it is the p chart.
        Assert.Equal(p.Points, ControlChart.Of(new(ChartType.PPrime) { Center = p.Center, Sigma = 1 }, data).Points);
    }

    [Fact]
    public void A_baseline_sets_the_limits_for_what_follows()
    {
        double[] before = [10, 11, 10, 9, 10, 11];
        var chart = ControlChart.Of(new(ChartType.IMr) { Baseline = 6 }, [.. before.Append(30).Select(v => new Observation(v))]);
        Assert.Equal(before.Average(), chart.Center!.Value, 12);
        Assert.Equal(6, Assert.Single(chart.Signals).Point);
        Assert.Equal(Draw(ChartType.IMr, [.. before.Select(v => (double?)v)]).Sigma, chart.Sigma);
    }

    [Fact]
    public void Given_parameters_need_no_points_to_estimate()
    {
        var chart = ControlChart.Of(new(ChartType.IMr) { Center = 10, Sigma = 2 }, [new(17)]);
        Assert.Equal((0, null, false), (chart.Estimated, chart.Reason, chart.Preliminary));
        Assert.Single(chart.Signals);
        Assert.Equal(3.267 * 2 * 1.128, chart.MovingRangeLimit!.Value, 0.005);
    }

    [Fact]
    public void False_alarms_add_up_over_units()
    {
        // 3,000 units, one point a day each, 3σ: 8.1 false alarms a day.
        var every = Draw(ChartType.IMr, 1, 2, 1, 2).FalseAlarmEvery!.Value;
        Assert.Equal(3000 / 370.398, ControlChart.FalseAlarmsPerDay(3000, 1, every), 3);
        Assert.Equal(1000 / 500.0, ControlChart.FalseAlarmsPerDay(1000, 1, ControlChart.Of(new(ChartType.Ewma), [new(1), new(2)]).FalseAlarmEvery!.Value), 0.02);
    }

    [Fact]
    public void What_makes_no_chart_is_refused()
    {
        Assert.ThrowsAny<ArgumentException>(() => ControlChart.Of(new(ChartType.P), [new(11, 10)]));
        Assert.ThrowsAny<ArgumentException>(() => ControlChart.Of(new(ChartType.U), [new(-1, 10)]));
        Assert.ThrowsAny<ArgumentException>(() => ControlChart.Of(new(ChartType.IMr), [new(double.NaN)]));
        Assert.ThrowsAny<ArgumentException>(() => ControlChart.Of(new(ChartType.Ewma, RuleSet.Nelson()), [new(1)]));
        Assert.ThrowsAny<ArgumentException>(() => ControlChart.Of(new(ChartType.Ewma) { Lambda = 0 }, [new(1)]));
        Assert.ThrowsAny<ArgumentException>(() => ControlChart.Of(new(ChartType.Cusum) { Decision = 0 }, [new(1)]));
        Assert.ThrowsAny<ArgumentException>(() => ControlChart.Of(new(ChartType.IMr) { Sigma = 0 }, [new(1)]));
        Assert.ThrowsAny<ArgumentException>(() => ControlChart.Of(new(ChartType.P) { Center = 1.2 }, [new(1, 2)]));
        Assert.ThrowsAny<ArgumentException>(() => ControlChart.Of(new(ChartType.P) { Sigma = 1 }, [new(1, 2)]));
        Assert.ThrowsAny<ArgumentException>(() => ControlChart.Of(new(ChartType.IMr) { Baseline = 1 }, [new(1)]));
    }

    [Fact]
    public void No_data_give_a_number_that_is_none() => Prop.ForAll(Gen.Choose(1, 1_000_000).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        foreach (var type in Enum.GetValues<ChartType>())
        {
            var scale = Math.Pow(10, random.Next(-6, 7));
            Observation[] data = [.. Enumerable.Range(0, random.Next(0, 40)).Select(_ => Any(random, type, scale))];
            var chart = ControlChart.Of(new(type) { Baseline = random.Next(3) == 0 ? random.Next(2, 50) : null }, data);
            Assert.Equal(data.Length, chart.Points.Count);
            double?[] numbers = [chart.Center, chart.Sigma, chart.MovingRangeLimit, chart.FalseAlarmEvery, .. chart.Points.SelectMany(p => new[] { p.Value, p.Lower, p.Upper, p.Z, p.MovingRange, p.LowerSum }), .. chart.Signals.Select(s => (double?)s.Evidence)];
            Assert.All(numbers, number => Assert.True(number is null || double.IsFinite(number.Value), $"{type} {seed}"));
            Assert.All(chart.Signals, signal => Assert.True(signal.Points.Contains(signal.Point) && signal.Evidence is >= 0 and <= 1));
            Assert.Equal(chart.Reason is null, chart.FalseAlarmEvery is not null);
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void Another_unit_of_measurement_changes_no_signal() => Prop.ForAll(Gen.Choose(1, 1_000_000).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        double[] values = [.. Enumerable.Range(0, 50).Select(_ => random.NextDouble() + (random.Next(15) == 0 ? 2 : 0))];
        foreach (var design in new ChartDesign[] { new(ChartType.IMr, RuleSet.Nelson(1, 2, 5, 6)), new(ChartType.Ewma), new(ChartType.Cusum) })
        {
            var seconds = ControlChart.Of(design, [.. values.Select(v => new Observation(v))]).Signals;
            var minutes = ControlChart.Of(design, [.. values.Select(v => new Observation((v / 4) + 8))]).Signals;
            Assert.Equal(seconds.Select(s => (s.Point, s.Rule, s.Side)), minutes.Select(s => (s.Point, s.Rule, s.Side)));
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    private static Observation Any(Random random, ChartType type, double scale)
    {
        if (random.Next(8) == 0)
            return default;
        if (!ChartGuard.HasSizes(type))
            return new(random.Next(3) == 0 ? 0 : (random.NextDouble() - 0.5) * scale);
        var size = random.Next(0, 30);
        return new(random.Next(0, size + 1), size);
    }

    private static ControlChart Draw(ChartType type, params double?[] values) => ControlChart.Of(new(type), [.. values.Select(value => new Observation(value))]);
}
