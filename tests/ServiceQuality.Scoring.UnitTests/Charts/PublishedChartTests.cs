using ServiceQuality.Scoring.Charts;

namespace ServiceQuality.Scoring.UnitTests.Charts;

/// <summary>Control charts against worked examples of the literature (scoring.md §9).</summary>
public sealed class PublishedChartTests
{
    /// <summary>Montgomery, Introduction to Statistical Quality Control, table 9.1: 20 values of N(10, 1), then 10 of N(11, 1).</summary>
    private static readonly double[] Montgomery =
    [
        9.45, 7.99, 9.29, 11.66, 12.16, 10.18, 8.04, 11.46, 9.20, 10.34, 9.03, 11.47, 10.51, 9.40, 10.08, 9.37, 10.62, 10.31, 8.52, 10.84,
        10.90, 9.33, 12.29, 11.50, 10.60, 11.08, 10.38, 11.62, 11.31, 10.52,
    ];

    /// <summary>NIST/SEMATECH e-Handbook §6.3.3.1 and Montgomery, table 7.1: defective cans of orange juice in samples of 50.</summary>
    private static readonly int[] Cans = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6];

    [Fact]
    public void Flow_rates_have_the_limits_of_the_nist_handbook()
    {
        // NIST/SEMATECH e-Handbook §6.3.2.2: mean 50.81, mean moving range 1.8778, limits 45.8159 and 55.8041 with d2 = 1.128.
        var chart = Draw(new(ChartType.IMr), [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]);

        Assert.Equal(50.81, chart.Center!.Value, 10);
        Assert.Equal(1.8778, chart.Points.Skip(1).Average(point => point.MovingRange!.Value), 4);
        Assert.All(chart.Points, point => Assert.Equal(45.8159, point.Lower!.Value, 0.002));
        Assert.All(chart.Points, point => Assert.Equal(55.8041, point.Upper!.Value, 0.002));
        Assert.Equal(3.267 * 1.8778, chart.MovingRangeLimit!.Value, 0.002); // D4 of two is 3.267.
        Assert.Empty(chart.Signals);
        Assert.True(chart.Preliminary);
    }

    [Fact]
    public void Orange_juice_cans_are_out_of_control_twice()
    {
        // Montgomery §7.2.1: p = 0.2313, limits 0.0524 and 0.4102; samples 15 and 23 are beyond.
        var chart = ControlChart.Of(new(ChartType.P), [.. Cans.Select(count => new Observation(count, 50))]);

        Assert.Equal(0.2313, chart.Center!.Value, 4);
        Assert.Equal((0.0524, 0.4102), (Math.Round(chart.Points[0].Lower!.Value, 4), Math.Round(chart.Points[0].Upper!.Value, 4)));
        Assert.Equal([14, 22], chart.Signals.Select(signal => signal.Point));
        Assert.All(chart.Signals, signal => Assert.Equal((SignalSide.Upper, "three-sigma"), (signal.Side, signal.Rule)));
        Assert.False(chart.Preliminary);
    }

    [Fact]
    public void Wafer_defects_are_out_of_control_at_the_31()
    {
        // NIST/SEMATECH e-Handbook §6.3.3.1, counts: mean 16, limits 4 and 28.
        int[] defects = [16, 14, 28, 16, 12, 20, 10, 12, 10, 17, 19, 17, 14, 16, 15, 13, 14, 16, 11, 20, 11, 19, 16, 31, 13];
        var chart = ControlChart.Of(new(ChartType.U), [.. defects.Select(count => new Observation(count, 1))]);

        Assert.Equal((16, 4, 28), (chart.Center!.Value, chart.Points[0].Lower!.Value, chart.Points[0].Upper!.Value));
        Assert.Equal(23, Assert.Single(chart.Signals).Point);
    }

    [Fact]
    public void An_ewma_of_the_nist_handbook_ends_within_its_limits()
    {
        // NIST/SEMATECH e-Handbook §6.3.2.4: EWMA(0) = 50, s = 2.0539, λ = 0.3; final limits 47.4115 and 52.5884.
        double[] data = [52, 47, 53, 49.3, 50.1, 47, 51, 50.1, 51.2, 50.5, 49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1];
        double[] ewma = [50.60, 49.52, 50.56, 50.18, 50.16, 49.21, 49.75, 49.85, 50.26, 50.33, 50.11, 49.36, 49.52, 50.05, 49.38, 49.92, 50.73, 51.23, 51.94, 51.99];
        var chart = Draw(new(ChartType.Ewma) { Center = 50, Sigma = 2.0539, Lambda = 0.3, Width = 3 }, data);

        Assert.All(ewma.Zip(chart.Points), pair => Assert.Equal(pair.First, pair.Second.Value!.Value, 0.0051));
        Assert.Equal(47.4115, chart.Points[^1].Lower!.Value, 3);
        Assert.Equal(52.5884, chart.Points[^1].Upper!.Value, 3);
        Assert.Empty(chart.Signals);
    }

    [Fact]
    public void Montgomerys_ewma_is_beyond_its_limit_from_the_29th_value_on()
    {
        // Montgomery, table 9.10: λ = 0.1, L = 2.7; the first limits are 9.73 and 10.27, the last 9.38 and 10.62; z₁ = 9.945, z₂ = 9.7495, z₃ = 9.70355, the last 10.6341.
        var chart = Draw(new(ChartType.Ewma) { Center = 10, Sigma = 1, Lambda = 0.1, Width = 2.7 }, Montgomery);

        Assert.Equal([9.945, 9.7495, 9.70355], chart.Points.Take(3).Select(point => Math.Round(point.Value!.Value, 5)));
        Assert.Equal((9.73, 10.27), (chart.Points[0].Lower!.Value, chart.Points[0].Upper!.Value));
        Assert.Equal((9.38, 10.62), (Math.Round(chart.Points[^1].Lower!.Value, 2), Math.Round(chart.Points[^1].Upper!.Value, 2)));
        Assert.Equal((10.6468, 10.6341), (Math.Round(chart.Points[28].Value!.Value, 4), Math.Round(chart.Points[29].Value!.Value, 4)));
        Assert.Equal([28, 29], chart.Signals.Select(signal => signal.Point));
    }

    [Fact]
    public void Montgomerys_cusum_signals_at_the_29th_value_and_dates_the_shift()
    {
        // Montgomery, table 9.2: K = 0.5, H = 5; C⁺ is 5.28 at 29 with N⁺ = 7: the shift came after period 22.
        double[] upper = [0, 0, 0, 1.16, 2.82, 2.50, 0.04, 1.00, 0, 0, 0, 0.97, 0.98, 0, 0, 0, 0.12, 0, 0, 0.34, 0.74, 0, 1.79, 2.79, 2.89, 3.47, 3.35, 4.47, 5.28, 5.30];
        double[] lower = [0.05, 1.56, 1.77, 0, 0, 0, 1.46, 0, 0.30, 0, 0.47];
        var chart = Draw(new(ChartType.Cusum) { Center = 10, Sigma = 1, Slack = 0.5, Decision = 5 }, Montgomery);

        Assert.Equal(upper, chart.Points.Select(point => Math.Round(point.Value!.Value, 2)));
        Assert.Equal(lower, chart.Points.Take(lower.Length).Select(point => Math.Round(point.LowerSum!.Value, 2)));
        Assert.Equal([28, 29], chart.Signals.Select(signal => signal.Point));
        Assert.Equal(Enumerable.Range(22, 7), chart.Signals[0].Points);
        Assert.Empty(Draw(new(ChartType.IMr) { Center = 10, Sigma = 1 }, Montgomery).Signals); // §9.1: a Shewhart chart does not see the shift.
    }

    [Fact]
    public void A_cusum_of_the_nist_handbook_signals_from_the_14th_group_on()
    {
        // NIST/SEMATECH e-Handbook §6.3.2.3: target 325, k = 0.3175, h = 4.1959 in the unit of the data; the upper sum is 3.008 at 13, 4.941 at 14 and 19.04 at 20.
        double[] data =
        [
            324.925, 324.675, 324.725, 324.350, 325.350, 325.225, 324.125, 324.525, 325.225, 324.600, 324.625, 325.150, 328.325, 327.250, 327.825, 328.500, 326.675, 327.775, 326.875, 328.350,
        ];
        var chart = Draw(new(ChartType.Cusum) { Center = 325, Sigma = 0.635, Slack = 0.5, Decision = 4.1959 / 0.635 }, data);

        Assert.Equal([3.0075, 4.94, 19.035], new[] { 12, 13, 19 }.Select(i => Math.Round(chart.Points[i].Value!.Value, 4)));
        Assert.Equal(Enumerable.Range(13, 7), chart.Signals.Select(signal => signal.Point));
    }

    private static ControlChart Draw(ChartDesign design, double[] values) => ControlChart.Of(design, [.. values.Select(value => new Observation(value))]);
}
