using ServiceQuality.Console.Figures;

namespace ServiceQuality.Console.Tests;

public sealed class FigureTests
{
    private static readonly double[] Limits = [60, 70, 80, 90];

    [Theory]
    [InlineData(89.96, "89.9")]
    [InlineData(90.0, "90.0")]
    [InlineData(90.04, "90.0")]
    [InlineData(79.951, "79.9")]
    [InlineData(77.84, "77.8")]
    [InlineData(77.85, "77.9")]
    [InlineData(89.999999999999, "90.0")]
    [InlineData(0, "0.0")]
    [InlineData(100, "100.0")]
    public void Rounding_never_crosses_a_band_limit(double score, string shown) => Assert.Equal(shown, Figure.Score(score, Limits));

    [Fact]
    public void A_missing_score_is_a_dash() => Assert.Equal("—", Figure.Score(null, Limits));

    [Theory]
    [InlineData(-3.274, "−3.27")]
    [InlineData(0.004, "0.00")]
    [InlineData(-0.004, "0.00")]
    [InlineData(1.4, "+1.40")]
    public void Effects_carry_a_true_minus_and_zero_has_no_sign(double value, string shown) => Assert.Equal(shown, Figure.Delta(value, 2));

    [Theory]
    [InlineData(0.9999, "99%")]
    [InlineData(1.0, "100%")]
    [InlineData(0.4999, "49%")]
    [InlineData(0.5, "50%")]
    public void A_share_short_of_all_or_of_the_half_is_not_rounded_up_to_it(double share, string shown) => Assert.Equal(shown, Figure.Percent(share));

    [Fact]
    public void Shown_parts_add_up_to_the_shown_total()
    {
        double[] parts = [-1.114, -2.117, -3.333, 0.5, -16.0963];
        var shown = Figure.Parts(parts, parts.Sum(), 2);
        Assert.Equal(Math.Round(parts.Sum(), 2), Math.Round(shown.Sum(), 2));
        Assert.All(parts.Zip(shown), pair => Assert.True(Math.Abs(pair.First - pair.Second) < 0.01 + 1e-9));
    }

    [Fact]
    public void Parts_add_up_also_when_the_total_was_held_below_a_limit()
    {
        // 89.9962 is shown as 89.99; its parts then sum to −10.01 although they sum to −10.0038.
        var shown = Figure.Parts([-4.0019, -6.0019], -10.01, 2);
        Assert.Equal(-10.01, Math.Round(shown.Sum(), 2));
    }

    [Theory]
    [InlineData(7440, "2 小时 4 分", "2 h 4 min")]
    [InlineData(5, "5 秒", "5 s")]
    [InlineData(1080, "18 分钟", "18 min")]
    [InlineData(180_000, "2 天 2 小时", "2 d 2 h")]
    [InlineData(7200, "2 小时", "2 h")]
    [InlineData(-3, "0 秒", "0 s")]
    public void Durations_show_two_units(double seconds, string chinese, string english)
    {
        Assert.Equal(chinese, Figure.Duration(TimeSpan.FromSeconds(seconds), Language.Chinese));
        Assert.Equal(english, Figure.Duration(TimeSpan.FromSeconds(seconds), Language.English));
    }

    [Fact]
    public void Ranges_use_words_where_a_minus_stands()
    {
        Assert.Equal("74.1–79.7", Figure.Range("74.1", "79.7", Language.Chinese));
        Assert.Equal("−0.55 至 −0.29", Figure.Range("−0.55", "−0.29", Language.Chinese));
        Assert.Equal("−0.55 to −0.29", Figure.Range("−0.55", "−0.29", Language.English));
    }

    [Fact]
    public void Dates_follow_the_language()
    {
        var at = new DateTimeOffset(2026, 11, 20, 14, 32, 7, TimeSpan.FromHours(8));
        Assert.Equal("11月20日 14:32", Figure.DateClock(at, Language.Chinese));
        Assert.Equal("20 Nov 14:32", Figure.DateClock(at, Language.English));
        Assert.Equal("14:32:07", Figure.ExactClock(at));
    }

    [Theory]
    [InlineData(18_432, "18,432", "18,432")]
    [InlineData(120_000_000, "1.2 亿", "120 M")]
    public void Big_counts_take_the_unit_of_the_language(long value, string chinese, string english)
    {
        Assert.Equal(chinese, Figure.Big(value, Language.Chinese));
        Assert.Equal(english, Figure.Big(value, Language.English));
    }

    [Theory]
    [InlineData("s", 1014, "16.9 分钟")]
    [InlineData("s", 42, "42 秒")]
    [InlineData("share", 0.864, "86.4%")]
    [InlineData("share", 0.9971, "99.71%")]
    [InlineData("per-thousand", 2.5, "2.5 ‰")]
    [InlineData("h", 3.4, "3.4 小时")]
    [InlineData("points", 4.36, "4.36")]
    public void Values_are_written_in_the_unit_that_fits(string unit, double value, string shown) => Assert.Equal(shown, Measured.Of(unit, value, Language.Chinese).Write(value));

    [Fact]
    public void A_change_is_the_difference_of_the_two_shown_figures() => Assert.Equal(-2.9, Figure.Between(80.66, 77.84, [60, 70, 80, 90]), 6);

    [Fact]
    public void A_sparkline_breaks_where_there_is_no_value() => Assert.Equal(2, Spark.Draw([80, 81, null, 82, 83]).Line.Count(c => c == 'M'));
}
