using System.Text.Json;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Scoring.Results;

namespace ServiceQuality.Scoring.UnitTests.Results;

/// <summary>Official results (scoring.md §11): exact sums, documents whose hash vouches for them.</summary>
public sealed class ResultTests
{
    private static readonly DateTimeOffset Noon = new(2026, 10, 15, 4, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Closed = new(2026, 11, 3, 1, 0, 0, TimeSpan.Zero);
    private static readonly ResultUnit Unit = new(new Guid("01900000-0000-7000-8000-000000000001"), "n01", new("青砚", "Qingyan"), "hq/north/n01/", "Asia/Shanghai");

    [Fact]
    public void E_07_The_sum_is_exact_to_the_last_digit()
    {
        var sum = OfficialPoints.SumOf(Score(88.40, Deduction("late-report", 0.5m), Deduction("supervision-order", 1)));

        Assert.Equal((88.40m, 1.50m, 86.90m), (sum.Base, sum.Deductions, sum.Official));
        Assert.Equal("86.90", sum.Official.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void E_07_A_branchs_own_deduction_counts_in_full_although_it_has_halls_and_theirs_as_the_mean()
    {
        var scheme = Schemes.Of(Schemes.Straight("m", 1));
        var own = Readings(scheme, Deduction("late-report", 0.5m), Deduction("supervision-order", 1));
        var hall = Readings(scheme, new Measurement("m", 88.40, 1), Deduction("late-report", 0.5m));
        var other = Readings(scheme, new Measurement("m", 88.40, 1));
        var merged = Scoring.Readings.Merge([own, hall, other, other], scheme.RollUp);

        var branch = Scorer.Evaluate(scheme, merged.WithOwn(own));
        var region = Scorer.Evaluate(scheme, Scoring.Readings.Merge([merged.WithOwn(own), other], scheme.RollUp));

        Assert.Equal([0.625m, 1m], branch.Adjustments.Select(rule => rule.Counted));
        Assert.Equal([0.2m, 0.2m], region.Adjustments.Select(rule => rule.Counted));
        Assert.Equal((0.25m, 0.25m), (Scorer.Evaluate(scheme, merged.WithOwn(own).WithOwn(null)).Adjustments[0].Counted, Scorer.Evaluate(scheme, merged).Adjustments[1].Counted));
    }

    [Fact]
    public void SCO_33_Equal_marks_are_no_reason_to_restate_a_result_and_other_marks_are()
    {
        ResultDocument Marked(params string[] marks) => Document(Score(80)) is var document ? document with { Leaves = [.. document.Leaves.Select(leaf => leaf with { Marks = marks })] } : null!;

        Assert.True(Marked("province-not-sampled").SaysTheSameAs(Marked("province-not-sampled")));
        Assert.False(Marked("province-not-sampled").SaysTheSameAs(Marked()));
        Assert.False(Document(Score(80)).SaysTheSameAs(Document(Score(81))));
        Assert.True(Document(Score(80)).SaysTheSameAs(Document(Score(80)) with { AsOf = Closed.AddDays(1) }));
    }

    [Fact]
    public void E_13_The_annual_result_is_the_mean_of_the_quarters_less_a_point_per_order_not_held()
    {
        var annual = AnnualResult.Of([Quarter(1, 86.9m), Quarter(2, 90.1m), Quarter(3, 84.0m), Quarter(4, 91.0m)], 1, 1);

        Assert.Equal((88.00m, 87.00m, 1.0), (annual.Mean, annual.Official, annual.Coverage));
        Assert.Equal(new OfficialSum(88.00m, 0, 1, 0, 87.00m), annual.Sum);
    }

    [Fact]
    public void SCO_20_A_quarter_without_a_result_lowers_the_coverage_and_a_year_without_any_has_no_result()
    {
        var half = AnnualResult.Of([Quarter(1, 80m), Quarter(2, null), Quarter(3, 90m), Quarter(4, null)], 0, 0);
        var none = AnnualResult.Of([Quarter(1, null), Quarter(2, null), Quarter(3, null), Quarter(4, null)], 2, 2);
        var lost = AnnualResult.Of([Quarter(1, 1m), Quarter(2, null), Quarter(3, null), Quarter(4, null)], 3, 3);

        Assert.Equal((85.00m, 0.5), (half.Official, half.Coverage));
        Assert.Equal((null, null), (none.Official, none.Sum));
        Assert.Equal(new OfficialSum(1m, 0, 3m, 2m, 0m), lost.Sum);
        Assert.Throws<ArgumentException>(() => AnnualResult.Of([Quarter(1, 80m)], 0, 0));
    }

    [Theory]
    [InlineData(89.996, "89.99")]
    [InlineData(90.004, "90.00")]
    [InlineData(89.994, "89.99")]
    [InlineData(59.999999, "59.99")]
    [InlineData(100, "100.00")]
    [InlineData(0, "0.00")]
    public void Official_points_are_never_rounded_into_a_better_grade(double score, string expected) =>
        Assert.Equal(decimal.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), OfficialPoints.Of(score, DefaultSchemes.Telecom.Bands));

    [Fact]
    public void What_the_limits_take_is_a_part_of_the_sum()
    {
        var sum = OfficialPoints.SumOf(Score(99.5, Bonus("best-practice", 2)));

        Assert.Equal(new OfficialSum(99.5m, 2m, 0m, -1.5m, 100m), sum);
    }

    [Fact]
    public void A_document_holds_and_its_parts_add_up_until_somebody_changes_it()
    {
        var document = Document(Score(88.40, Deduction("late-report", 0.5m)));
        var (content, hash) = ResultSeal.Seal(document);

        var verified = ResultSeal.Verify(content);
        var forged = ResultSeal.Verify(content.Replace("\"official\":87.90", "\"official\":97.90", StringComparison.Ordinal));

        Assert.True(verified.Holds && verified.AddsUp);
        Assert.Equal(hash, verified.Computed);
        Assert.Equal((hash, content), (ResultSeal.Seal(document).Hash, ResultSeal.Seal(ResultSeal.Read(content)).Content));
        Assert.False(forged.Holds);
        Assert.False(forged.AddsUp);
        Assert.True(ResultSeal.Verify(JsonSerializer.Serialize(JsonDocument.Parse(content), Indented)).Holds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"format":"servicequality.result.v9"}""")]
    public void What_is_no_document_is_refused(string content) => Assert.ThrowsAny<JsonException>(() => ResultSeal.Verify(content));

    [Fact]
    public void The_parts_of_a_difference_sum_to_it()
    {
        var before = Document(Score(80, Deduction("late-report", 0.5m)));
        var after = Document(Score(86.25));

        var difference = ResultDifference.Between(before, after);

        Assert.Equal(6.75m, difference.Official);
        Assert.Equal(0.5m, difference.Adjustments);
        Assert.Equal(difference.Exact!.Value, difference.Leaves.Sum(leaf => leaf.PointsEffect + leaf.WeightEffect) + (double)difference.Adjustments + difference.Limit, 1e-9);
        Assert.Equal(["leaf0"], difference.Leaves.Select(leaf => leaf.Code));
        Assert.Empty(ResultDifference.Between(before, before).Leaves);
    }

    [Fact]
    public void Equal_points_share_a_place_and_who_has_none_is_not_ranked() =>
        Assert.Equal([new(2, 4), new(1, 4), null, new(2, 4), new(4, 4)], SiblingRank.Among([90m, 91m, null, 90m, 80m]));

    [Fact]
    public void SCO_24_Five_working_days_from_a_Friday_end_with_the_Friday_after_and_holidays_do_not_count()
    {
        var friday = new DateOnly(2026, 9, 25);
        // 国庆 2026: 1–7 October off, Saturday 10 October worked.
        var holidays = new WorkingDays(Enumerable.Range(1, 7).Select(day => new DateOnly(2026, 10, day)).ToHashSet(), new HashSet<DateOnly> { new(2026, 10, 10) });

        Assert.Equal(new DateOnly(2026, 10, 2), WorkingDays.MondayToFriday.After(friday, 5));
        Assert.Equal(new DateOnly(2026, 10, 9), holidays.After(friday, 5));
        Assert.Equal(new DateOnly(2026, 10, 10), holidays.After(friday, 6));
        Assert.Throws<ArgumentOutOfRangeException>(() => holidays.After(friday, 0));
    }

    [Fact]
    public void The_modified_z_score_finds_what_stands_out()
    {
        // Iglewicz and Hoaglin (1993): 0.6745 (x − median) / MAD; here median 82, MAD 1.
        var scores = Outliers.ModifiedZ([81, 82, 83, 82, 50, 84, 80]);

        Assert.Equal(0.6745 * (50 - 82), scores[4]!.Value, 1e-12);
        Assert.Equal([4], Enumerable.Range(0, 7).Where(index => Math.Abs(scores[index]!.Value) > 3.5));
        Assert.All(Outliers.ModifiedZ([1, 2, 3, 4]), Assert.Null);
        Assert.All(Outliers.ModifiedZ([5, 5, 5, 5, 9]), Assert.Null);
        Assert.Throws<ArgumentException>(() => Outliers.ModifiedZ([double.NaN]));
    }

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private static QuarterResult Quarter(int number, decimal? official) => new($"2026-Q{number}", official is null ? null : 0, official, official is null ? null : new string('a', 64));

    private static Deduction Deduction(string rule, decimal points) => new Deduction(rule, points, "late", null);

    private static Bonus Bonus(string rule, decimal points) => new Bonus(rule, points, "good", null);

    private static ResultDocument Document(Score score) => ResultDocument.Of(Unit, score, [new(Unit.Id, 3, "Asia/Shanghai")], []);

    private static Score Score(double points, params FactData[] adjustments)
    {
        var scheme = Schemes.Of(Schemes.Straight("m", 1));
        return Scorer.Evaluate(scheme, Readings(scheme, [new Measurement("m", points, 1), .. adjustments]));
    }

    private static Readings Readings(Scheme scheme, params FactData[] data) =>
        Schemes.Fold(scheme, data.Select((one, index) => new Fact(index + 1, "test", $"{index}", Noon, Noon, one))).Read(Period.Parse("2026-10").Window(Closed, Schemes.Shanghai));
}
