using FsCheck;
using FsCheck.Fluent;
using ServiceQuality.Scoring.Fuzzy;

namespace ServiceQuality.Scoring.UnitTests.Fuzzy;

/// <summary>How far points belong to grades (scoring.md §7).</summary>
public sealed class MembershipTests
{
    private static readonly IReadOnlyList<GradeBand> Usual = DefaultSchemes.Telecom.Bands;
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(500);

    [Theory]
    [InlineData(90, 0.5, 0.5, 0, 0, 0)]
    [InlineData(80, 0, 0.5, 0.5, 0, 0)]
    [InlineData(60, 0, 0, 0, 0.5, 0.5)]
    [InlineData(100, 1, 0, 0, 0, 0)]
    [InlineData(95, 1, 0, 0, 0, 0)]
    [InlineData(92, 0.7, 0.3, 0, 0, 0)]
    [InlineData(85, 0, 1, 0, 0, 0)]
    [InlineData(77.5, 0, 0.25, 0.75, 0, 0)]
    [InlineData(54.999, 0, 0, 0, 0, 1)]
    [InlineData(0, 0, 0, 0, 0, 1)]
    public void Trapezoids_cross_at_one_half_on_the_limits(double points, double excellent, double good, double fair, double pass, double fail) =>
        Assert.All(new[] { excellent, good, fair, pass, fail }.Zip(new Membership(Usual).Of(points)), pair => Assert.Equal(pair.First, pair.Second, 0.0001));

    [Fact]
    public void Without_a_width_every_point_belongs_to_its_band_alone()
    {
        var crisp = new Membership(Usual, 0);
        foreach (var points in new[] { 0.0, 59.9, 60, 79.99, 80, 90, 100 })
        {
            var row = crisp.Of(points);
            Assert.Equal(1, row[Usual.ToList().IndexOf(DefaultSchemes.Telecom.GradeOf(points))]);
        }
    }

    [Fact]
    public void A_band_narrower_than_two_half_widths_keeps_a_middle_that_belongs_to_it_alone()
    {
        // 84–80 is 4 wide: its two limits pass over 2 points on either side, the others keep 5 or what their neighbours leave.
        IReadOnlyList<GradeBand> narrow = [Band("a", 84), Band("b", 80), Band("c", 60), Band("d", 0)];
        var membership = new Membership(narrow);

        Assert.Equal([0, 1, 0, 0], membership.Of(82));
        Assert.Equal([0.5, 0.5, 0, 0], membership.Of(84));
        Assert.Equal([0, 0.5, 0.5, 0], membership.Of(80));
        Assert.Equal([0.75, 0.25, 0, 0], membership.Of(85));
        Assert.Equal([0, 0, 0.8, 0.2], membership.Of(63).Select(share => Math.Round(share, 12)));
    }

    [Fact]
    public void A_grade_is_worth_the_middle_of_its_band() => Assert.Equal([95, 85, 75, 65, 30], new Membership(Usual).MidPoints);

    [Fact]
    public void Bands_points_and_widths_that_are_none_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new Membership([Band("a", 0)]));
        Assert.Throws<ArgumentException>(() => new Membership([Band("a", 60), Band("b", 60), Band("c", 0)]));
        Assert.Throws<ArgumentException>(() => new Membership([Band("a", 60), Band("b", 10)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Membership(Usual, 50.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Membership(Usual, double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Membership(Usual).Of(100.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Membership(Usual).Of(double.NaN));
    }

    [Fact]
    public void Memberships_sum_to_one_and_more_points_never_belong_lower() => Prop.ForAll(Gen.Choose(1, int.MaxValue - 1).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        var limits = Enumerable.Range(0, random.Next(1, 8)).Select(_ => Math.Round(0.1 + (random.NextDouble() * 99.8), 2)).Distinct().OrderDescending().ToList();
        var membership = new Membership([.. limits.Select((limit, i) => Band($"g{i}", limit)), Band("last", 0)], random.NextDouble() * 50);
        var low = random.NextDouble() * 100;
        var high = low + (random.NextDouble() * (100 - low));
        var (below, above) = (membership.Of(low), membership.Of(high));
        Assert.Equal(1, below.Sum(), 12);
        Assert.All(below, share => Assert.InRange(share, 0, 1));
        for (var grade = 0; grade < below.Count; grade++)
            Assert.True(below.Take(grade + 1).Sum() <= above.Take(grade + 1).Sum() + 1e-12);
        foreach (var (limit, i) in limits.Select((limit, i) => (limit, i)))
            Assert.Equal((0.5, 0.5), (Math.Round(membership.Of(limit)[i], 9), Math.Round(membership.Of(limit)[i + 1], 9)));
    }).Check(Many);

    private static GradeBand Band(string code, double from) => new(code, new(code, code), from);
}
