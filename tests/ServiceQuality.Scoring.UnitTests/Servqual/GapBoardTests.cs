using ServiceQuality.Contracts.Facts;
using ServiceQuality.Scoring.Servqual;
using static ServiceQuality.Scoring.UnitTests.Tell;

namespace ServiceQuality.Scoring.UnitTests.Servqual;

/// <summary>The five-gap board (SCO-12, XR-30…34).</summary>
public sealed class GapBoardTests
{
    [Fact]
    public void A_gap_without_data_says_what_it_lacks_and_from_whom()
    {
        var board = GapBoard.Of(new GapInputs());

        Assert.Null(board.Widest);
        Assert.Equal([1, 2, 3, 4, 5], board.Gaps.Select(gap => gap.Number));
        Assert.All(board.Gaps, gap => Assert.Equal((null, null, 0L), (gap.Value, gap.Width, gap.Sample)));
        Assert.Equal(["customers", "standards", "monitoring", "standards", "monitoring"], board.Gaps.Select(gap => gap.Missing!.Service));
    }

    [Fact]
    public void Every_gap_is_computed_from_its_own_data()
    {
        var board = GapBoard.Of(new GapInputs(
            Estimates: [new("reliability", 5, 6), new("empathy", 6, 5)],
            Standards: new(20, 5, [new("reliability", 5.5, 6)]),
            Deliveries: [new("a", new("甲", "A"), 3, 80, 70), new("b", new("乙", "B"), 1, 60, 90)],
            Promises: new(50, 45),
            Perceptions: ServqualGaps.Of(new Dictionary<string, ServqualSum> { ["reliability"] = new(2, 12, 9) })));

        Assert.All(board.Gaps, gap => Assert.Null(gap.Missing));
        // XR-30: weights 32 : 16 of the two that are known.
        Assert.Equal((-1 * 32 / 48.0) + (1 * 16 / 48.0), board.Gaps[0].Value!.Value, 12);
        Assert.Equal((-0.25, 0.25, 20L), (board.Gaps[1].Value, board.Gaps[1].Width, board.Gaps[1].Sample));
        // XR-32: ¾ · −10 + ¼ · 30 = 0: no shortfall.
        Assert.Equal((0.0, 0.0), (board.Gaps[2].Value, board.Gaps[2].Width));
        Assert.Equal(["a", "b"], board.Gaps[2].Parts.Select(part => part.Code));
        Assert.Equal((-0.1, 0.1), (Math.Round(board.Gaps[3].Value!.Value, 12), Math.Round(board.Gaps[3].Width!.Value, 12)));
        Assert.Equal((-1.5, 0.25), (board.Gaps[4].Value, board.Gaps[4].Width));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Any_of_the_five_can_be_the_widest(int number)
    {
        // D-24.
        double Held(int gap) => gap == number ? 1 : 5.5;
        var board = GapBoard.Of(new GapInputs(
            Estimates: [new("reliability", Held(1), 6)],
            Standards: new(20, number == 2 ? 19 : 1, []),
            Deliveries: [new("a", new("甲", "A"), 1, 100, number == 3 ? 5 : 95)],
            Promises: new(50, number == 4 ? 1 : 48),
            Perceptions: ServqualGaps.Of(new Dictionary<string, ServqualSum> { ["empathy"] = new(1, 6, Held(5)) })));

        Assert.Equal(number, board.Widest!.Number);
    }

    [Fact]
    public void Doing_better_than_asked_opens_no_gap()
    {
        var board = GapBoard.Of(new GapInputs(Promises: new(9, 9), Perceptions: ServqualGaps.Of(new Dictionary<string, ServqualSum> { ["empathy"] = new(1, 5, 6) })));

        Assert.Equal((1.0, 0.0), (board.Gaps[4].Value, board.Gaps[4].Width));
        Assert.Null(board.Widest);
    }

    [Fact]
    public void Delivery_is_read_from_a_score_against_the_targets_of_its_scheme()
    {
        var scheme = Schemes.Changed(json =>
        {
            foreach (var indicator in json["root"]!["children"]!.AsArray().SelectMany(family => family!["children"]!.AsArray()))
                indicator!["target"] = null;
            json["root"]!["children"]![0]!["children"]!.AsArray().Single(one => Schemes.Code(one!) == "satisfaction-rate")!["target"] = 0.9;
        }).Scheme!;
        var score = Schemes.Score(scheme, Journal([.. Enumerable.Repeat(Service(rating: 5), 8), .. Enumerable.Repeat(Service(rating: 1), 2)]), Period.Default, Noon.AddHours(1));

        var delivery = Assert.Single(Delivery.Of(score));

        // 8 of 10 satisfied is 80 points, the target of 90 % would be 95.
        Assert.Equal(("satisfaction-rate", 95.0, 80.0), (delivery.Code, delivery.Target, delivery.Delivered));
        Assert.Equal(-15, GapBoard.Of(new GapInputs(Deliveries: [delivery])).Gaps[2].Value!.Value, 9);
    }

    [Fact]
    public void Data_that_contradict_themselves_are_refused()
    {
        Assert.Throws<ArgumentException>(() => GapBoard.Of(new GapInputs(Promises: new(1, 2))));
        Assert.Throws<ArgumentException>(() => GapBoard.Of(new GapInputs(Standards: new(1, 2, []))));
        Assert.Throws<ArgumentException>(() => GapBoard.Of(new GapInputs(Estimates: [new("speed", 1, 2)])));
        Assert.Throws<ArgumentException>(() => GapBoard.Of(new GapInputs(Estimates: [new("empathy", double.NaN, 2)])));
        Assert.Throws<ArgumentException>(() => GapBoard.Of(new GapInputs(Deliveries: [new("a", new("甲", "A"), 1, 101, 5)])));
        Assert.Throws<ArgumentException>(() => GapBoard.Of(new GapInputs(ScaleLow: 7, ScaleHigh: 1)));
    }
}
