namespace ServiceQuality.Scoring.UnitTests;

/// <summary>Intervals against textbook values (scoring.md §3).</summary>
public sealed class StatisticsTests
{
    [Theory]
    [InlineData(81 / 263.0, 263, 0.2553, 0.3662)] // Newcombe 1998, table I: 81/263
    [InlineData(15 / 148.0, 148, 0.0624, 0.1605)] // Newcombe 1998: 15/148
    [InlineData(0, 20, 0, 0.1611)] // Newcombe 1998: 0/20
    [InlineData(1 / 29.0, 29, 0.0061, 0.1718)] // Newcombe 1998: 1/29
    [InlineData(1, 20, 0.8389, 1)]
    public void A_share_has_wilsons_interval(double share, double n, double low, double high) => Close(low, high, Statistics.Wilson(share, n));

    [Theory]
    [InlineData(0, 0, 3.6889)]
    [InlineData(1, 0.0253, 5.5716)]
    [InlineData(3, 0.6187, 8.7673)]
    [InlineData(10, 4.7954, 18.3904)]
    [InlineData(100, 81.3640, 121.6268)]
    public void A_count_has_the_exact_poisson_interval(int count, double low, double high) => Close(low, high, Statistics.Poisson(count));

    [Fact]
    public void Large_counts_join_the_exact_interval_smoothly()
    {
        var (exact, cube) = (Statistics.Poisson(100_000), Statistics.Poisson(100_001));
        Assert.Equal(exact.Low + 1, cube.Low, 0.02);
        Assert.Equal(exact.High + 1, cube.High, 0.02);
    }

    [Theory]
    [InlineData(1, 12.7062)]
    [InlineData(2, 4.3027)]
    [InlineData(10, 2.2281)]
    [InlineData(30, 2.0423)]
    [InlineData(1000, 1.9623)]
    [InlineData(100000, 1.96)]
    public void The_quantile_of_students_t_is_that_of_the_tables(double freedom, double t) => Assert.Equal(t, Statistics.StudentQuantile(freedom), 4);

    [Fact]
    public void A_mean_has_students_interval()
    {
        // 4, 6, 8: mean 6, s = 2, t(2) = 4.3027, half width 4.3027 · 2 / √3.
        var interval = Statistics.Student(6, 8 / 3.0, 3);
        Assert.Equal(6 - 4.9683, interval.Low!.Value, 4);
        Assert.Equal(6 + 4.9683, interval.High!.Value, 4);
        Assert.Equal(default, Statistics.Student(6, 0, 1));
    }

    [Theory]
    [InlineData(9, 2, 8)] // Conover: the 96 % interval of the median of nine is from the 2nd to the 8th.
    [InlineData(10, 2, 9)]
    [InlineData(20, 6, 15)]
    [InlineData(5, 0, 6)] // Five values cannot bound a median with 95 %.
    public void A_median_lies_between_the_order_statistics_of_the_tables(int n, int low, int high) => Assert.Equal((low, (double)high), Statistics.QuantileRanks(n, 0.5));

    [Fact]
    public void Ranks_cover_the_quantile_in_95_of_100_samples_at_least()
    {
        var random = new Random(1);
        foreach (var (n, q) in new[] { (40, 0.9), (300, 0.9), (2000, 0.9), (50, 0.5) })
        {
            var (low, high) = Statistics.QuantileRanks(n, q);
            var covered = 0;
            for (var i = 0; i < 2000; i++)
            {
                // The quantile of uniform numbers is q: it lies between ranks r and s when r … s − 1 numbers are below it.
                var below = Enumerable.Range(0, n).Count(_ => random.NextDouble() < q);
                covered += below >= low && below < high ? 1 : 0;
            }
            Assert.True(covered >= 0.935 * 2000, $"n {n}, q {q}: {covered / 2000.0}");
        }
    }

    private static void Close(double low, double high, Interval interval)
    {
        Assert.Equal(low, interval.Low, 4);
        Assert.Equal(high, interval.High, 4);
    }
}
