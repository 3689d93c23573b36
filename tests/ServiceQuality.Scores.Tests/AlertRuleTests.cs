using ServiceQuality.Scores.Alerts;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Tests;

/// <summary>When a live score raises an alert (SCO-31).</summary>
public sealed class AlertRuleTests
{
    private static readonly AlertSettings Settings = new();
    private static readonly DateTimeOffset Now = Some.Noon;

    [Fact]
    public void SCO_31_The_first_grade_of_a_unit_is_no_crossing()
    {
        var decision = Decide(null, "good", null);
        Assert.Equal((null, false, "good"), (decision.Crossing, decision.Drop, decision.Next!.Grade));
        Assert.Null(Decide(null, null, -50).Next);
    }

    [Theory]
    [InlineData("good", "fair", true)]
    [InlineData("good", "excellent", false)]
    [InlineData("pass", "fail", true)]
    public void SCO_31_A_crossing_is_told_once_in_either_direction(string from, string to, bool isFall)
    {
        var crossed = Decide(Told(from), to, 0);
        Assert.Equal((from, isFall), (crossed.Crossing, crossed.IsFall));
        Assert.Null(Decide(crossed.Next, to, 0).Crossing);
    }

    [Fact]
    public void A_score_that_plays_about_a_limit_is_told_of_where_it_stands_when_the_hour_is_over()
    {
        var crossed = Decide(Told("good"), "fair", 0);
        Assert.Null(Decide(crossed.Next, "good", 0, Now.AddMinutes(59)).Crossing);
        Assert.Equal("fair", Decide(crossed.Next, "good", 0, Now.AddMinutes(60)).Crossing);
        Assert.Null(Decide(crossed.Next, "fair", 0, Now.AddMinutes(60)).Crossing);
    }

    [Fact]
    public void A_unit_without_a_grade_keeps_the_one_it_had()
    {
        Assert.Null(Decide(Told("good"), null, 0).Crossing);
        Assert.Equal("good", Decide(Told("good"), null, 0).Next!.Grade);
    }

    [Theory]
    [InlineData(-4.99, false)]
    [InlineData(-5.0, true)]
    [InlineData(-30.0, true)]
    [InlineData(5.0, false)]
    [InlineData(null, false)]
    public void SCO_31_A_fall_of_five_points_in_a_day_is_told(double? change, bool told) => Assert.Equal(told, Decide(Told("good"), "good", change).Drop);

    [Fact]
    public void XR_51_A_fall_is_told_again_only_after_the_score_has_recovered()
    {
        var fallen = Decide(Told("good"), "good", -6);
        Assert.True(fallen.Drop);
        Assert.False(Decide(fallen.Next, "good", -8).Drop);
        var wavering = Decide(fallen.Next, "good", -4.5);
        Assert.True(wavering.Next!.Falling); // within a fifth of the limit it may be noise
        var recovered = Decide(wavering.Next, "good", -3.9);
        Assert.False(recovered.Next!.Falling);
        Assert.True(Decide(recovered.Next, "good", -5).Drop);
    }

    private static AlertState Told(string grade) => new(1, grade, DateTimeOffset.UnixEpoch, false);

    private static AlertDecision Decide(AlertState? known, string? grade, double? change, DateTimeOffset? at = null) => AlertRule.Decide(known, grade, change, DefaultSchemes.Telecom.Bands, Settings, at ?? Now);
}
