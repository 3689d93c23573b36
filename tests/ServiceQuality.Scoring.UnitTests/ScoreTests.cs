using System.Buffers;
using System.Text.Json.Nodes;
using ServiceQuality.Contracts.Facts;
using static ServiceQuality.Scoring.UnitTests.Tell;

namespace ServiceQuality.Scoring.UnitTests;

/// <summary>The tree, adjustments, explanation and roll-up (scoring.md §§ 4, 5; SCO-04, 06, 18, 26, 29).</summary>
public sealed class ScoreTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 8)];

    [Fact]
    public void Weighted_indicators_make_the_score_of_the_worked_example()
    {
        // E-01: 90, 80, 85, 70, 60 with 32/22/19/16/11: 80.35, good.
        var score = Score([32, 22, 19, 16, 11], [90, 80, 85, 70, 60]);
        Assert.Equal(80.35, score.Value!.Value, 9);
        Assert.Equal("good", score.Grade!.Code);
        Assert.Equal(1, score.Coverage, 12);
    }

    [Fact]
    public void A_missing_part_gives_its_weight_to_the_others_and_shows_in_the_coverage()
    {
        // E-14: 0.5 × 80 and 0.3 × 90 present, 0.2 not assessed: 83.75.
        var score = Score([0.5, 0.3, 0.2], [80, 90, null]);
        Assert.Equal(83.75, score.Value!.Value, 9);
        Assert.Equal(0.8, score.Coverage, 12);
        Assert.Equal((LeafState.NoData, "no-facts", 0.0), (score.Leaves[2].State, score.Leaves[2].Reason, score.Leaves[2].EffectiveWeight));
    }

    [Fact]
    public void Deductions_are_those_of_the_worked_example()
    {
        // E-07: 88.40 with one late report and one supervision order missed: 86.90.
        var score = Score([1, 1, 1, 1], [88.4, 88.4, 88.4, 88.4], new Deduction("late-report", 0.5m, "r", null), new Deduction("supervision-order", 1, "r", null));
        Assert.Equal(86.9, score.Value!.Value, 9);
    }

    [Fact]
    public void A_rule_counts_up_to_its_cap_and_an_unknown_rule_not_at_all()
    {
        var score = Score([1], [80], [.. Enumerable.Repeat(new Deduction("late-report", 0.5m, "r", null), 9), new Deduction("unheard-of", 7, "r", null), new Bonus("late-report", 1, "r", null)]);
        Assert.Equal(77, score.Value!.Value, 9);
        Assert.Equal(
            [("late-report", AdjustmentKind.Deduction, 4.5m, 3m, 9, "capped"), ("unheard-of", AdjustmentKind.Deduction, 7m, 0m, 1, "unknown-rule"), ("late-report", AdjustmentKind.Bonus, 1m, 0m, 1, "unknown-rule")],
            score.Adjustments.Select(a => (a.Rule, a.Kind, a.Points, a.Counted, a.Facts, a.Reason)));
    }

    [Theory]
    [InlineData(1, 0), InlineData(99.5, 100)]
    public void A_score_never_leaves_0_to_100(double points, double expected)
    {
        var score = Score([1], [points], points > 50
            ? [new Bonus("best-practice", 2, "r", null)]
            : [new Deduction("supervision-order", 5, "r", null)]);
        Assert.Equal(expected, score.Value);
        Assert.NotEqual(expected, score.Unclamped);
        Assert.InRange(score.Interval!.Value.Low, 0, score.Interval.Value.High);
    }

    [Fact]
    public void Under_half_coverage_there_is_no_grade()
    {
        Assert.NotNull(Score([50, 50], [80, null]).Grade);
        var score = Score([49, 51], [80, null]);
        Assert.Equal((80.0, null), (score.Value, score.Grade));
    }

    [Fact]
    public void Without_any_data_there_is_no_score()
    {
        var score = Score([1, 1], [null, null], new Deduction("late-report", 1, "r", null));
        Assert.Equal((null, null, null, 0.0), (score.Value, score.Grade, score.Interval, score.Coverage));
    }

    [Fact]
    public void A_sample_under_the_minimum_is_shown_but_not_scored()
    {
        var score = Schemes.Score(DefaultSchemes.Telecom, Journal(Enumerable.Repeat(Service(rating: 5), 9)), Period.Default, Noon.AddHours(1));
        var leaf = score.Leaves.Single(l => l.Indicator.Code == "satisfaction-rate");
        Assert.Equal((1.0, 9, LeafState.NoData, "small-sample"), (leaf.Value, leaf.Sample, leaf.State, leaf.Reason));
    }

    [Fact]
    public void A_held_value_moves_to_its_resting_points_day_by_day()
    {
        var rated = Journal(Enumerable.Repeat(Service(rating: 5), 20));
        var scheme = Schemes.Changed(json =>
        {
            foreach (var family in json["root"]!["children"]!.AsArray().Take(3))
            {
                family!["missing"] = JsonNode.Parse("""{"policy":"hold","points":50,"days":10}""");
                foreach (var indicator in family["children"]!.AsArray())
                    indicator!["minimumSample"] = 1;
            }
        }).Scheme!;
        // Ratings of 20 November, and k days later only a field service: the age is k − 1 days when the day begins, and half a day more at noon.
        foreach (var later in new[] { 1, 3, 9, 12 })
        {
            var moment = Noon.AddDays(later);
            Fact[] facts = [.. rated, Fact(21, moment.AddHours(-1), Service(Channel.Field, wait: 10))];
            var leaf = Schemes.Score(scheme, facts, Period.Parse("day"), moment).Leaves.Single(l => l.Indicator.Code == "satisfaction-rate");
            Assert.Equal(LeafState.Held, leaf.State);
            Assert.Equal(later > 10 ? 50 : 100 - (50 * (later - 0.5) / 10), leaf.Points!.Value, 9);
        }
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Contributions_and_adjustments_sum_to_what_the_score_lacks(int seed)
    {
        foreach (var scheme in Variants())
        {
            var score = Schemes.Score(scheme, Journals.Random(seed, 40 * seed), Period.Parse("7d"), Journals.End.AddMinutes(1));
            if (score.Value is null)
                continue;
            var adjusted = score.Adjustments.Sum(a => a.Kind == AdjustmentKind.Bonus ? a.Counted : -a.Counted);
            Assert.Equal(score.Unclamped!.Value - 100, score.Leaves.Sum(l => l.Contribution) + (double)adjusted, 1e-9);
            Assert.Equal(score.Leaves.Sum(l => l.Contribution), score.Families.Sum(f => f.Contribution), 1e-9);
            Assert.Equal(1, score.Leaves.Sum(l => l.EffectiveWeight), 1e-9);
            Assert.All(score.Leaves, l => Assert.True(l.Contribution <= 0));
            foreach (var family in score.Families.Where(f => f.Points is not null && f.EffectiveWeight > 0))
                Assert.Equal(family.EffectiveWeight * (family.Points!.Value - 100), family.Contribution, 1e-9);
        }
    }

    [Theory, MemberData(nameof(Seeds))]
    public void The_parts_of_a_change_sum_to_the_change(int seed)
    {
        var journal = Journals.Random(seed, 150 * seed);
        var scores = Variants().SelectMany(scheme => new[] { "24h", "7d", "2026-10" }.Select(p => Schemes.Score(scheme, journal, Period.Parse(p), Journals.End.AddMinutes(1)))).ToList();
        foreach (var from in scores)
        {
            foreach (var to in scores)
            {
                var change = ScoreChange.Between(from, to);
                if (change.Total is not { } total)
                    continue;
                Assert.Equal(to.Value!.Value - from.Value!.Value, total, 1e-9);
                Assert.Equal(total, change.Leaves.Sum(l => l.Total) + change.Adjustments + change.Clamping, 1e-9);
                Assert.Equal(change.Leaves.Sum(l => l.PointsEffect), -ScoreChange.Between(to, from).Leaves.Sum(l => l.PointsEffect), 1e-9);
            }
        }
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Merging_is_associative_and_does_not_mind_the_order(int seed)
    {
        var window = Period.Parse("30d").Window(Journals.End.AddMinutes(10), Schemes.Shanghai);
        var parts = Enumerable.Range(0, 5).Select(i => Schemes.Fold(DefaultSchemes.Telecom, Journals.Random(seed + i, 20 + (60 * i))).Read(window)).ToList();
        foreach (var rollUp in new[] { RollUp.Volume, RollUp.Equal })
        {
            var all = Bytes(Readings.Merge(parts, rollUp));
            Assert.Equal(all, Bytes(Readings.Merge(parts.AsEnumerable().Reverse(), rollUp)));
            Assert.Equal(all, Bytes(Readings.Merge([Readings.Merge(parts[..2], rollUp), Readings.Merge(parts[2..], rollUp)], rollUp)));
            Assert.Equal(all, Bytes(Readings.Load(parts[0].Catalogue, all)));
        }
    }

    [Fact]
    public void Volume_counts_every_contact_once_and_equal_every_unit()
    {
        var scheme = Schemes.Of(Schemes.Straight("m", 1));
        var window = Period.Default.Window(Noon.AddHours(1), Schemes.Shanghai);
        Readings Unit(double value, int count) => Schemes.Fold(scheme, Journal([new Measurement("m", value, count)])).Read(window);
        Readings[] units = [Unit(90, 900), Unit(50, 100)];
        Assert.Equal(86, Scorer.Evaluate(scheme, Readings.Merge(units, RollUp.Volume)).Value!.Value, 9);
        Assert.Equal(70, Scorer.Evaluate(scheme, Readings.Merge(units, RollUp.Equal)).Value!.Value, 9);
        Assert.Equal(1000, Scorer.Evaluate(scheme, Readings.Merge(units, RollUp.Equal)).Leaves[0].Sample);
    }

    [Fact]
    public void Deductions_roll_up_as_the_mean_of_the_units_each_capped_by_itself()
    {
        var scheme = Schemes.Of(Schemes.Straight("m", 1));
        var window = Period.Default.Window(Noon.AddHours(1), Schemes.Shanghai);
        Readings Unit(int deductions) => Schemes.Fold(scheme, Journal([new Measurement("m", 90, null), .. Enumerable.Repeat(new Deduction("late-report", 1, "r", null), deductions)])).Read(window);
        var adjustment = Assert.Single(Scorer.Evaluate(scheme, Readings.Merge([Unit(5), Unit(1), Unit(0), Unit(0)], RollUp.Volume)).Adjustments);
        Assert.Equal((1.5m, 1m, 6), (adjustment.Points, adjustment.Counted, adjustment.Facts));
    }

    [Fact]
    public void An_equal_roll_up_is_less_certain_than_its_number_of_contacts_suggests()
    {
        var scheme = Schemes.Of(("""{"fact":"service.completed","hit":{"rating":{"min":4}},"aggregator":"ratio"}""", 1, "[[0,0],[1,100]]"));
        var window = Period.Default.Window(Noon.AddHours(1), Schemes.Shanghai);
        Readings Unit(int count) => Schemes.Fold(scheme, Journal(Enumerable.Range(0, count).Select(i => (FactData)Service(rating: i % 2 == 0 ? 5 : 1)))).Read(window);
        var leaf = Scorer.Evaluate(scheme, Readings.Merge([Unit(2000), Unit(10)], RollUp.Equal)).Leaves[0];
        // Effective sample: 2² / (1/2000 + 1/10) = 39.8.
        var wilson = Statistics.Wilson(0.5, 4 / ((1 / 2000.0) + 0.1));
        Assert.Equal(wilson.Low, leaf.Interval!.Value.Low!.Value, 6);
    }

    [Fact]
    public void The_costs_of_all_facts_sum_to_what_the_leaf_cost()
    {
        var journal = Journals.Random(4, 3000);
        var score = Schemes.Score(DefaultSchemes.Telecom, journal, Period.Default, Journals.End.AddMinutes(1));
        var checkedLeaves = 0;
        foreach (var leaf in score.Leaves.Where(l => l.State == LeafState.Scored && l.Contribution < 0))
        {
            var worst = WorstFacts.Of(leaf, score.Window, journal, int.MaxValue);
            Assert.Equal(-leaf.Contribution, worst.Sum(w => w.Cost), 1e-9);
            Assert.Equal(worst.Select(w => w.Cost).OrderDescending(), worst.Select(w => w.Cost));
            Assert.Equal(worst.Take(5), WorstFacts.Of(leaf, score.Window, journal));
            checkedLeaves++;
        }
        Assert.True(checkedLeaves > 12);
    }

    [Fact]
    public void The_longest_wait_costs_the_most()
    {
        var scheme = Schemes.Of(("""{"fact":"service.completed","value":"waitSeconds","aggregator":"mean"}""", 1, "[[60,100],[600,0]]"));
        Fact[] facts = [.. Journal([Service(wait: 30), Service(wait: 160), Service(wait: 260), Service()])];
        var score = Schemes.Score(scheme, facts, Period.Default, Noon.AddHours(1));
        var worst = WorstFacts.Of(score.Leaves[0], score.Window, facts);
        Assert.Equal([(3L, 260.0), (2L, 160.0)], worst.Select(w => (w.Fact.Seq, w.Value!.Value)));
        Assert.Equal(2, worst[0].Cost / worst[1].Cost, 9);
    }

    [Theory]
    [InlineData(89.96, 89.9), InlineData(89.94, 89.9), InlineData(90, 90), InlineData(90.04, 90), InlineData(79.999, 79.9), InlineData(84.25, 84.2), InlineData(89.99999999999, 90), InlineData(59.951, 59.9), InlineData(100, 100), InlineData(0, 0)]
    public void Rounding_never_crosses_a_band_limit(double score, double shown) => Assert.Equal(shown, Display.Round(score, DefaultSchemes.Telecom.Bands), 9);

    private static IEnumerable<Scheme> Variants() =>
    [
        DefaultSchemes.Telecom,
        Schemes.WithPolicies("""{"policy":"zero"}""", """{"policy":"neutral","points":65}"""),
        Schemes.WithPolicies("""{"policy":"neutral","points":40}""", """{"policy":"hold","points":60,"days":7}""", """{"policy":"redistribute"}"""),
        Schemes.Changed(json =>
        {
            json["root"]!["children"]![0]!["children"]!.AsArray().RemoveAt(2);
            json["root"]!["children"]![1]!["weight"] = 80;
        }).Scheme!,
    ];

    private static Score Score(double[] weights, double?[] values, params FactData[] more)
    {
        var scheme = Schemes.Of([.. weights.Select((w, i) => Schemes.Straight($"m{i}", w))]);
        var data = values.Select((v, i) => v is { } value ? (FactData)new Measurement($"m{i}", value, null) : null).OfType<FactData>().Concat(more);
        return Schemes.Score(scheme, Journal([.. data, new Measurement("nobody-asks", 1, null)]), Period.Default, Noon.AddHours(1));
    }

    private static byte[] Bytes(Readings readings)
    {
        var writer = new ArrayBufferWriter<byte>();
        readings.Save(writer);
        return writer.WrittenSpan.ToArray();
    }
}
