using FsCheck;
using FsCheck.Fluent;
using ServiceQuality.Scoring.Weights;

namespace ServiceQuality.Scoring.UnitTests.Weights;

/// <summary>Expert panels (SCO-07).</summary>
public sealed class PanelTests
{
    [Fact]
    public void Three_executives_rank_six_applicants_as_in_siegel()
    {
        // Siegel 1956, "Nonparametric Statistics", ch. 9, table 9.8: W = 0.16.
        var agreement = Panel.Agree(new[,] { { 1.0, 6, 3, 2, 5, 4 }, { 1, 5, 6, 4, 2, 3 }, { 6, 3, 2, 5, 4, 1 } });

        Assert.Equal(0.16, agreement.W!.Value, 0.005);
        Assert.Equal(3 * 5 * agreement.W.Value, agreement.ChiSquare!.Value, 12);
    }

    [Fact]
    public void Ties_are_corrected_as_in_siegel()
    {
        // Siegel 1956, ch. 9, three rankings with ties of ten objects: s = 591, ΣT = 9.5, W = 0.828.
        var agreement = Panel.Agree(new[,]
        {
            { 1, 4.5, 2, 4.5, 3, 7.5, 6, 9, 7.5, 10 },
            { 2.5, 1, 2.5, 4.5, 4.5, 8, 9, 6.5, 10, 6.5 },
            { 2, 1, 4.5, 4.5, 4.5, 4.5, 8, 8, 8, 10 },
        });

        Assert.Equal(591 / ((9 * 990 / 12.0) - (3 * 9.5)), agreement.W!.Value, 12);
        Assert.Equal(0.828, agreement.W.Value, 0.0005);
    }

    [Fact]
    public void The_probability_is_that_of_the_chi_square_tables()
    {
        // W = 1 of 3 experts and 5 elements: χ² = 12 with 4 degrees of freedom, p = 0.0174 (upper tail: (1 + 6) e^−6).
        var agreement = Panel.Agree(new[,] { { 1.0, 2, 3, 4, 5 }, { 1, 2, 3, 4, 5 }, { 10, 20, 30, 40, 50 } });

        Assert.Equal(1, agreement.W!.Value, 12);
        Assert.Equal(12, agreement.ChiSquare!.Value, 12);
        Assert.Equal(7 * Math.Exp(-6), agreement.P!.Value, 12);
    }

    [Fact]
    public void No_order_to_agree_on_is_said_and_not_counted_as_a_number()
    {
        Assert.Equal("all-tied", Panel.Agree(new[,] { { 5.0, 5 }, { 7, 7 } }).Reason);
        Assert.Equal("one-element", Panel.Agree(new[,] { { 5.0 }, { 7 } }).Reason);
    }

    [Fact]
    public void Spread_means_and_weights_are_followed_by_hand()
    {
        var result = Panel.Summarise(new[,] { { 8.0, 2 }, { 6, 4 }, { 10, 0 } }, 0, 10);

        Assert.Equal(new PanelElement(8, 8, 2, 6, 10, 0.8, 0.8), result.Elements[0]);
        Assert.Equal(new PanelElement(2, 2, 2, 0, 4, 0.2, 0.2), result.Elements[1]);
    }

    [Fact]
    public void A_rating_far_from_the_median_needs_a_comment()
    {
        // Scale 1–9: further than 2 from the medians, 6 and 7.5.
        var result = Panel.Summarise(new[,] { { 5.0, 7 }, { 5, 8 }, { 7, 9 }, { 8, 4 } }, 1, 9);

        Assert.Equal([new PanelOutlier(3, 1, 4, 7.5)], result.Outliers);
        Assert.Empty(Panel.Summarise(new[,] { { 5.0, 7 }, { 5, 8 }, { 7, 9 }, { 8, 4 } }, 1, 9, outlierShare: 0.5).Outliers);
    }

    [Fact]
    public void A_panel_has_three_experts_and_a_scale()
    {
        double[,] two = { { 1.0 }, { 2 } };
        Assert.Throws<ArgumentException>(() => Panel.Summarise(two, 0, 10));
        Assert.NotNull(Panel.Summarise(two, 0, 10, fewest: 2));
        Assert.Throws<ArgumentException>(() => Panel.Summarise(two, 0, 10, fewest: 1));
        Assert.Throws<ArgumentException>(() => Panel.Summarise(new[,] { { 1.0 }, { 2 }, { 11 } }, 0, 10));
        Assert.Throws<ArgumentException>(() => Panel.Summarise(new[,] { { 1.0 }, { 2 }, { double.NaN } }, 0, 10));
        Assert.Throws<ArgumentException>(() => Panel.Summarise(new[,] { { 1.0 }, { 2 }, { 3 } }, 10, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => Panel.Summarise(new[,] { { 1.0 }, { 2 }, { 3 } }, 0, 10, outlierShare: 0));
    }

    [Fact]
    public void The_order_of_experts_changes_nothing_and_nothing_is_ever_no_number() => Prop.ForAll(Gen.Choose(1, int.MaxValue - 1).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        var (experts, elements) = (random.Next(3, 9), random.Next(1, 8));
        var (ratings, turned) = (new double[experts, elements], new double[experts, elements]);
        for (var i = 0; i < experts; i++)
        {
            for (var j = 0; j < elements; j++)
                turned[experts - 1 - i, j] = ratings[i, j] = random.Next(0, 4);
        }
        var (before, after) = (Panel.Summarise(ratings, 0, 3), Panel.Summarise(turned, 0, 3));
        Assert.Equal(before.Elements, after.Elements);
        Assert.Equal(before.Agreement.W, after.Agreement.W);
        Assert.Equal(before.Outliers.Count, after.Outliers.Count);
        Assert.True(before.Agreement.W is null or (>= 0 and <= 1));
        Assert.True(before.Agreement.P is null or (>= 0 and <= 1));
        Assert.All(before.Elements, element => Assert.True(element.MeanWeight is null or (>= 0 and <= 1)));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
}
