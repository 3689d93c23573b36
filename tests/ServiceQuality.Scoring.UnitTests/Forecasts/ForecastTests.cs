using FsCheck;
using FsCheck.Fluent;
using ServiceQuality.Scoring.Forecasts;
using ServiceQuality.Scoring.UnitTests.Charts;

namespace ServiceQuality.Scoring.UnitTests.Forecasts;

/// <summary>Forecasts of 1 to 3 periods (RPT-11).</summary>
public sealed class ForecastTests
{
    private static readonly Interval Scores = new(0, 100);

    /// <summary>Oil production in Saudi Arabia 1996–2013, Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 2nd ed., §7.1.</summary>
    private static readonly double?[] Oil =
    [
        445.3641, 453.1950, 454.4096, 422.3789, 456.0371, 440.3866, 425.1944, 486.2052, 500.4291, 521.2759, 508.9476, 488.8889, 509.8706, 456.7229, 473.8166, 525.9509, 549.8338, 542.3405,
    ];

    /// <summary>International visitors to Australia 1980–2015, millions, the same book, §7.2.</summary>
    private static readonly double?[] Visitors =
    [
        0.82989428, 0.85951092, 0.87668916, 0.86670716, 0.932052, 1.04826364, 1.3111932, 1.63756228, 2.0641074, 1.91268276, 2.03544572, 2.17721128, 2.38968344, 2.75059208, 3.0906664, 3.42664028, 3.83064908,
        3.97190864, 3.83160036, 4.143101, 4.566551, 4.47541, 4.462796, 4.384829, 4.796861, 5.015049, 5.063435, 5.145489, 5.099436, 5.088166, 5.353702, 5.343327, 5.589162, 5.904884, 6.357183, 6.858953,
    ];

    [Fact]
    public void RPT_11_Oil_production_comes_out_as_the_book_has_it()
    {
        // ses(oildata, h = 5): alpha 0.8339, l 446.5868, sigma 29.8282, AICc 179.8573; 95 % upper ends 601.1429, 618.8023, 633.0752 with 1.96.
        var forecast = Forecast.Of(Oil);

        Assert.Equal(ForecastMethod.Level, forecast.Method);
        Assert.Equal(0.8339, forecast.Alpha!.Value, 0.0001);
        Assert.Equal(29.8282, forecast.Deviation!.Value, 4);
        Assert.Equal(179.8573, forecast.Criterion!.Value, 4);
        Assert.Equal(446.5868, Smoothing.Level(Oil).Start.Level, 0.02);
        Assert.All(forecast.Steps, step => Assert.Equal(542.6806, step.Value, 0.001));
        Assert.Equal([601.1429, 618.8023, 633.0752], Enumerable.Range(1, 3).Select(step => forecast.Steps[0].Value + (1.959964 * Smoothing.Level(Oil).ErrorsToCome(step))), (a, b) => Math.Abs(a - b) < 0.005);
        // Ours hold the error of α and are Student's with 16 degrees of freedom: 2.1199.
        Assert.All(forecast.Steps, step => Assert.Equal(step.Value + (2.119905 * step.Error), step.Interval.High, 3));
        Assert.InRange(forecast.Steps[0].Error, 29.8282, 32);
    }

    [Fact]
    public void RPT_11_The_damped_trend_of_visitors_is_that_of_the_book()
    {
        // holt(austa, damped = TRUE): alpha 0.9999, beta 0.3722, phi 0.9155, l 0.8185, b 0.0097, sigma 0.2084; 2016 … 2018: 7.175836, 7.465970, 7.731594.
        var given = Smoothing.With(Visitors, 0.9999, 0.3722, 0.9155, damped: true);
        Assert.Equal(0.2084, given.Deviation, 3);
        Assert.Equal([7.175836, 7.465970, 7.731594], Enumerable.Range(1, 3).Select(step => given.Ahead(step).Value), (a, b) => Math.Abs(a - b) < 0.001);

        // Ours is no worse than what the book's search found (AICc 25.59792).
        var found = Smoothing.Damped(Visitors);
        Assert.True(found.Criterion <= 25.59792, $"{found.Criterion}");
        Assert.Equal(ForecastMethod.DampedTrend, Forecast.Of(Visitors).Method);
    }

    [Fact]
    public void Single_smoothing_follows_the_handbooks_table()
    {
        // NIST/SEMATECH e-Handbook §6.4.3.1: α = 0.1 from S₂ = y₁ = 71; the last smoothed value is 71.67, the sum of squared errors 208.94.
        double[] y = [71, 70, 69, 68, 64, 65, 72, 78, 75, 75, 75, 70];
        var (level, squares) = (71.0, 0.0);
        foreach (var value in y.Skip(1))
        {
            squares += (value - level) * (value - level);
            (level, _) = (level + (0.1 * (value - level)), 0);
        }
        Assert.Equal(208.94, squares, 0.2); // the handbook adds up rounded errors

        // The same α from the best beginning does no worse, and another beginning moves the end by (1 − α)ⁿ of the difference.
        var ours = Smoothing.With([.. y.Skip(1).Select(value => (double?)value)], 0.1, 0, 1, damped: false);
        Assert.True(ours.Squares <= squares);
        Assert.Equal(level + (Math.Pow(0.9, 11) * (ours.Start.Level - 71)), ours.End.Level, 9);
    }

    [Fact]
    public void The_best_parameters_are_those_of_a_slow_search()
    {
        for (var seed = 1; seed <= 4; seed++)
        {
            var random = new Normals(seed);
            var series = Enumerable.Range(0, 14).Select(i => (double?)(seed % 3 == 0 && i == 5 ? null : 80 + (0.4 * i * (seed % 2)) + random.Next())).ToArray();

            var level = Slow.Least(series, [.. Enumerable.Range(0, 401).Select(i => i / 400.0)], [0], [1], damped: false);
            Assert.True(Smoothing.Level(series).Squares <= level + 1e-9, $"seed {seed}");
            Assert.Equal(level, Smoothing.Level(series).Squares, 3);
            var damped = Slow.Least(series, [.. Enumerable.Range(0, 21).Select(i => i / 20.0)], [.. Enumerable.Range(0, 21).Select(i => i / 20.0)], [0.8, 0.83, 0.86, 0.89, 0.92, 0.95, 0.98], damped: true);
            Assert.True(Smoothing.Damped(series).Squares <= damped + 1e-9, $"seed {seed}");
        }
    }

    [Theory]
    [InlineData(0.0, 12)]
    [InlineData(0.3, 12)]
    [InlineData(0.3, 24)]
    [InlineData(0.8, 13)]
    public void Prediction_intervals_cover_what_comes_in_about_95_of_100_cases(double alpha, int months)
    {
        var (covered, rounds) = (new int[3], 400);
        for (var round = 0; round < rounds; round++)
        {
            var (random, level, series) = (new Normals(round), 80.0, new double?[months + 3]);
            for (var i = 0; i < series.Length; i++)
            {
                var error = 1.5 * random.Next();
                (series[i], level) = (level + error, level + (alpha * error));
            }
            var forecast = Forecast.Of(series[..months]);
            for (var step = 0; step < 3; step++)
                covered[step] += forecast.Steps[step].Interval is var interval && interval.Low <= series[months + step] && series[months + step] <= interval.High ? 1 : 0;
        }
        // Standard error 1.1 %.
        Assert.True(covered.All(hits => hits >= 0.91 * rounds && hits <= 0.985 * rounds), string.Join(' ', covered));
    }

    [Fact]
    public void A_trend_is_taken_only_where_the_series_is_long_enough_to_show_it()
    {
        double?[] rising = [.. Enumerable.Range(0, 24).Select(i => (double?)(60 + (1.2 * i) + (i % 2 == 0 ? 0.2 : -0.2)))];
        Assert.Equal(ForecastMethod.DampedTrend, Forecast.Of(rising).Method);
        Assert.Equal(ForecastMethod.Level, Forecast.Of(rising[..7]).Method);

        var noise = new Normals(4);
        var taken = Enumerable.Range(0, 200).Count(_ => Forecast.Of([.. Enumerable.Range(0, 12).Select(_ => (double?)(80 + noise.Next()))]).Method == ForecastMethod.DampedTrend);
        Assert.InRange(taken, 0, 10);
    }

    [Fact]
    public void Scores_are_forecast_within_0_and_100()
    {
        double?[] high = [97, 98.5, 96, 99.5, 98, 99.8, 97.2, 99.9];
        Assert.All(Forecast.Of(high, within: Scores).Steps, step => Assert.True(step.Interval.High <= 100 && step.Value <= 100 && step.Interval.Low < step.Value));
        Assert.True(Forecast.Of(high).Steps[2].Interval.High > 100);
        Assert.Throws<ArgumentException>(() => Forecast.Of([.. high, 100.5], within: Scores));
    }

    [Fact]
    public void Too_little_data_are_no_forecast_but_a_reason()
    {
        Assert.Equal("few-points", Forecast.Of([]).Reason);
        Assert.Equal(("few-points", 5, 0), (Forecast.Of([1, 2, 3, 2, 1]).Reason, Forecast.Of([1, 2, 3, 2, 1]).Points, Forecast.Of([1, 2, 3, 2, 1]).Steps.Count));
        Assert.Equal("many-gaps", Forecast.Of([1, null, 2, null, 3, null, 2, null, 1, null, 4]).Reason);
        Assert.Equal("zero-variance", Forecast.Of([80, 80, 80, 80, 80, 80, 80]).Reason);
        Assert.Equal("few-points", Forecast.Of([1, 2, 3, 2, 1, 2, 4], method: ForecastMethod.DampedTrend).Reason);
        Assert.Throws<ArgumentException>(() => Forecast.Of([1, 2, double.NaN, 4, 5, 6]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Forecast.Of(Oil, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => Forecast.Of(Oil, 0));
    }

    [Fact]
    public void A_month_without_a_score_at_the_end_is_forecast_over()
    {
        var seen = Forecast.Of(Oil);
        var late = Forecast.Of([null, .. Oil, null], 2);
        Assert.Equal(seen.Steps[1].Value, late.Steps[0].Value, 6);
        Assert.Equal(seen.Steps[1].Error, late.Steps[0].Error, 6);
        Assert.Equal(seen.Steps[2].Interval.High, late.Steps[1].Interval.High, 6);
    }

    [Fact]
    public void Forecasts_move_and_stretch_with_the_series() => Prop.ForAll(Gen.Choose(1, 1_000_000).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        var series = Enumerable.Range(0, random.Next(6, 30)).Select(_ => (double?)random.Next(40, 100)).ToArray();
        if (series.Distinct().Count() == 1)
            return;
        var (own, moved) = (Forecast.Of(series), Forecast.Of([.. series.Select(value => 7 - (3 * value))]));
        Assert.Equal(own.Method, moved.Method);
        Assert.All(own.Steps.Zip(moved.Steps), pair =>
        {
            Assert.Equal(7 - (3 * pair.First.Value), pair.Second.Value, 3);
            Assert.Equal(3 * pair.First.Error, pair.Second.Error, 3);
            Assert.True(pair.First.Interval.Low <= pair.First.Value && pair.First.Value <= pair.First.Interval.High);
        });
        Assert.True(own.Steps[0].Error <= own.Steps[2].Error);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(60));

    /// <summary>The plain recursion, the beginning by trying all lines of steepest descent: slow and obvious.</summary>
    private static class Slow
    {
        public static double Least(double?[] series, double[] alphas, double[] shares, double[] phis, bool damped) =>
            (from alpha in alphas from share in shares from phi in phis select OfBeginning(series, alpha, alpha * share, phi, damped)).Min();

        private static double OfBeginning(double?[] series, double alpha, double beta, double phi, bool damped)
        {
            // A sum of squares is a parabola of either beginning: its bottom lies where three points say, in turn until nothing moves.
            var (level, trend, least) = (series[0]!.Value, 0.0, double.MaxValue);
            for (var round = 0; round < (damped ? 60 : 1); round++)
            {
                level = Bottom(level, x => Squares(series, alpha, beta, phi, x, trend));
                if (damped)
                    trend = Bottom(trend, x => Squares(series, alpha, beta, phi, level, x));
                var now = Squares(series, alpha, beta, phi, level, trend);
                if (least - now < 1e-12)
                    break;
                least = now;
            }
            return Squares(series, alpha, beta, phi, level, trend);
        }

        private static double Bottom(double x, Func<double, double> f)
        {
            var (before, at, after) = (f(x - 1), f(x), f(x + 1));
            var bend = before - (2 * at) + after;
            return bend <= 1e-15 ? x : x + ((before - after) / (2 * bend));
        }

        private static double Squares(double?[] series, double alpha, double beta, double phi, double level, double trend)
        {
            var sum = 0.0;
            foreach (var value in series)
            {
                var expected = level + (phi * trend);
                var error = value is { } known ? known - expected : 0;
                (level, trend) = (expected + (alpha * error), (phi * trend) + (beta * error));
                sum += error * error;
            }
            return sum;
        }
    }
}
