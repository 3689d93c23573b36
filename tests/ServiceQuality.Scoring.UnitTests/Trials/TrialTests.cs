using System.Text;
using System.Text.Json.Nodes;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Scoring.Trials;

namespace ServiceQuality.Scoring.UnitTests.Trials;

/// <summary>What a scheme would do to every unit (scoring.md §10, SCO-34).</summary>
public sealed class TrialTests
{
    private static readonly Scheme Even = Schemes.Of(Schemes.Straight("a", 50), Schemes.Straight("b", 50));
    private static readonly MeasureCatalogue Catalogue = MeasureCatalogue.Of(Even);

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 6)];

    public static TheoryData<int, string> SeedsAndPeriods => new(Enumerable.Range(1, 6).SelectMany(seed => new[] { (seed, "24h"), (seed, "30d") }));

    [Fact]
    public void Weights_of_eighty_and_twenty_move_scores_ranks_and_grades_as_on_paper()
    {
        // Present 50/50: (95+65)/2 = 80, (70+82)/2 = 76, (50+90)/2 = 70. Edited 80/20: 89, 72.4, 58.
        var result = Try(Even, Weighted(80, 20), (95, 65), (70, 82), (50, 90));

        Assert.Equal([80, 76, 70], result.Units.Select(unit => unit.Before!.Value), Close);
        Assert.Equal([89, 72.4, 58], result.Units.Select(unit => unit.After!.Value), Close);
        Assert.Equal([9, -3.6, -12], result.Units.Select(unit => unit.Change!.Value), Close);
        Assert.Equal(["good", "fair", "fair"], result.Units.Select(unit => unit.GradeBefore!.Code));
        Assert.Equal(["good", "fair", "fail"], result.Units.Select(unit => unit.GradeAfter!.Code));
        Assert.Equal((3, 3, 1, 2, 1), (result.Totals.Units, result.Totals.Compared, result.Totals.Winners, result.Totals.Losers, result.Totals.GradeChanges));
        Assert.Equal(-2.2, result.Totals.MeanChange!.Value, 1e-9);
        Assert.Equal(-3.6, result.Totals.MedianChange!.Value, 1e-9);
        Assert.Equal(1, result.Totals.Tau);
        Assert.Equal([("good", "good", 1), ("fair", "fair", 1), ("fair", "fail", 1)], result.GradeMoves.Select(move => (move.From!.Code, move.To!.Code, move.Units)));
    }

    [Fact]
    public void Ranks_turned_round_have_a_tau_of_minus_one_and_every_unit_says_what_moved_it()
    {
        // Present 90/10 orders by a, edited 10/90 by b.
        var result = Try(Weighted(90, 10), Weighted(10, 90), (90, 60), (80, 70), (70, 80), (60, 90));

        Assert.Equal(-1, result.Totals.Tau);
        Assert.Equal([-3, -1, 1, 3], result.Units.Select(unit => unit.RankMove!.Value));
        Assert.Equal((2, 3), (result.Totals.MovedTwo, result.Totals.LargestMove));
        // 0.9 × (60 − 100) − 0.1 × (60 − 100) = −32 by b, +8 by a.
        Assert.Equal("leaf1", result.Units[0].Leading!.Code);
        Assert.Equal(-32, result.Units[0].LeadingEffect, 1e-9);
    }

    [Fact]
    public void A_standard_that_asks_more_is_an_effect_of_points_not_of_weight()
    {
        var stricter = Changed(Even, json => Leaf(json, 0)["breakpoints"] = JsonNode.Parse("[[0,0],[100,80]]"));

        var result = Try(Even, stricter, (100, 50), (50, 50));

        var leaf = Assert.Single(result.Leaves);
        Assert.Equal(("leaf0", 2), (leaf.Indicator.Code, leaf.Units));
        // Half of −20 and of −10.
        Assert.Equal((-7.5, 0), (leaf.MeanPointsEffect, leaf.MeanWeightEffect), (one, other) => Close(one.Item1, other.Item1) && Close(one.Item2, other.Item2));
    }

    [Fact]
    public void Bands_alone_change_grades_and_no_score()
    {
        var result = Try(Even, Changed(Even, json => json["bands"]![1]!["from"] = 85), (95, 65), (90, 90));

        Assert.Equal((0, 0, 1), (result.Totals.Winners, result.Totals.Losers, result.Totals.GradeChanges));
        Assert.Empty(result.Leaves);
        Assert.Equal(("good", "fair"), (result.Units[0].GradeBefore!.Code, result.Units[0].GradeAfter!.Code));
    }

    [Fact]
    public void The_same_scheme_changes_nothing()
    {
        var result = Try(Even, Even, (95, 65), (70, 82), (50, 90));

        Assert.All(result.Units, unit => Assert.Equal((0, 0, null), (unit.Change, unit.RankMove, unit.Leading)));
        Assert.Equal((0, 0, 0, 1.0), (result.Totals.Winners, result.Totals.Losers, result.Totals.GradeChanges, result.Totals.Tau));
    }

    [Fact]
    public void What_the_ledgers_do_not_measure_yet_is_named_and_has_no_data()
    {
        var more = Schemes.Of(Schemes.Straight("a", 50), Schemes.Straight("b", 25), Schemes.Straight("new", 25));

        var result = Try(Even, more, (90, 60));

        // The two indicators without a measure of their own share one, which the ledgers know.
        Assert.Equal("leaf2", Assert.Single(result.NotMeasured).Code);
        Assert.Equal(["leaf3"], result.Silent.Select(leaf => leaf.Code));
        // Its weight goes to the others: (50 × 90 + 25 × 60) / 75.
        Assert.Equal(80, result.Units[0].After!.Value, 1e-9);
        Assert.Equal(0.75, result.Units[0].CoverageAfter, 1e-9);
    }

    [Fact]
    public void Values_held_for_longer_than_the_readings_reach_are_said_to_be_so()
    {
        var held = Changed(Even, json => json["root"]!["children"]![0]!["missing"] = JsonNode.Parse("""{"policy":"hold","points":50,"days":9}"""));

        Assert.Equal(0, Try(Even, held, (90, 60)).HeldDays);
        Assert.Null(Try(Even, Even, (90, 60)).HeldDays);
    }

    [Fact]
    public void Nothing_tried_is_an_answer_without_figures()
    {
        var result = new Trial(Even, Even).Result();

        Assert.Equal(new TrialTotals(0, 0, 0, 0, null, null, 0, null, 0, 0, 0), result.Totals);
        Assert.Empty(result.GradeMoves);
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Effects_are_those_of_two_full_evaluations(int seed)
    {
        var (present, edited) = (Random(seed), Random(seed + 50));
        var catalogue = MeasureCatalogue.Of(present, edited);
        var trial = new Trial(present, edited);
        var scores = new List<(Score Before, Score After)>();
        for (var unit = 0; unit < 25; unit++)
        {
            var readings = Read(catalogue, 1_000 * seed + unit, 5 + unit * 3, "30d");
            trial.Add(readings);
            scores.Add((Scorer.Evaluate(present, readings), Scorer.Evaluate(edited, readings)));
        }

        var result = trial.Result();

        Assert.Equal(scores.Select(score => (score.Before.Value, score.After.Value, score.Before.Grade, score.After.Grade)), result.Units.Select(unit => (unit.Before, unit.After, unit.GradeBefore, unit.GradeAfter)));
        Assert.Equal(scores.Select(score => Place(score.Before, scores.Select(one => one.Before))), result.Units.Select(unit => unit.RankBefore));
        Assert.Equal(scores.Select(score => Place(score.After, scores.Select(one => one.After))), result.Units.Select(unit => unit.RankAfter));
        foreach (var (unit, score) in result.Units.Zip(scores))
        {
            var leading = ScoreChange.Between(score.Before, score.After).Leaves.MaxBy(leaf => Math.Abs(leaf.Total));
            Assert.Equal(leading is null || Math.Abs(leading.Total) < 1e-9 ? 0 : leading.Total, unit.LeadingEffect, 1e-9);
        }
        var changes = scores.Select(score => ScoreChange.Between(score.Before, score.After)).Where(change => change.Total is not null).ToList();
        foreach (var leaf in result.Leaves)
        {
            var mean = changes.Average(change => change.Leaves.Single(one => one.Indicator.Code == leaf.Indicator.Code).Total);
            Assert.Equal(mean, leaf.MeanEffect, 1e-9);
        }
        Assert.Equal(25, result.GradeMoves.Sum(move => move.Units));

        static int? Place(Score score, IEnumerable<Score> all) =>
            score.Grade is null ? null : 1 + all.Count(other => other.Grade is not null && Math.Round(other.Value!.Value, 9) > Math.Round(score.Value!.Value, 9));
    }

    [Theory, MemberData(nameof(SeedsAndPeriods))]
    public void Points_without_intervals_are_those_of_the_full_score_bit_for_bit(int seed, string period)
    {
        var scheme = Random(seed);
        var catalogue = MeasureCatalogue.Of(scheme);
        var units = Enumerable.Range(0, 12).Select(unit => Read(catalogue, 7_000 * seed + unit, unit * 25, period)).ToList();
        foreach (var readings in units.Append(Readings.Merge(units, RollUp.Volume)).Append(Readings.Merge(units, RollUp.Equal)))
        {
            var (whole, points) = (Scorer.Evaluate(scheme, readings), Scorer.Points(scheme, readings));

            Assert.Equal((Bits(whole.Value), whole.Grade, Bits(whole.Coverage)), (Bits(points.Value), points.Grade, Bits(points.Coverage)));
            Assert.Equal(
                whole.Leaves.Select(leaf => (Bits(leaf.Points), Bits(leaf.EffectiveWeight), Bits(leaf.Contribution))),
                points.Leaves.Select(leaf => (Bits(leaf.Points), Bits(leaf.EffectiveWeight), Bits(leaf.Contribution))));
        }

        static long? Bits(double? number) => number is { } value ? BitConverter.DoubleToInt64Bits(value) : null;
    }

    [Fact]
    public void Other_days_of_holding_are_another_catalogue()
    {
        // Readings bring along as many days as the catalogue says; merged with fewer they would be refused (scoring.md §4, hold).
        var three = Schemes.WithPolicies("""{"policy":"redistribute"}""", """{"policy":"hold","points":50,"days":3}""");
        var nine = Schemes.WithPolicies("""{"policy":"redistribute"}""", """{"policy":"hold","points":50,"days":9}""");

        Assert.NotEqual(MeasureCatalogue.Of(three).Hash, MeasureCatalogue.Of(nine).Hash);
        Assert.Equal(MeasureCatalogue.Of(nine).Hash, MeasureCatalogue.Of(three, nine).Hash);
    }

    private static TrialResult Try(Scheme present, Scheme edited, params (double A, double B)[] units)
    {
        var trial = new Trial(present, edited);
        foreach (var (a, b) in units)
        {
            var ledger = new Ledger(Catalogue, Schemes.Shanghai);
            foreach (var fact in Tell.Journal([new Measurement("a", a, null), new Measurement("b", b, null)]))
                ledger.Fold(fact);
            trial.Add(ledger.Read(Period.Default.Window(Tell.Noon.AddHours(1), Schemes.Shanghai)));
        }
        return trial.Result();
    }

    private static Readings Read(MeasureCatalogue catalogue, int seed, int facts, string period)
    {
        var ledger = new Ledger(catalogue, Schemes.Shanghai);
        foreach (var fact in Journals.Random(seed, facts))
            ledger.Fold(fact);
        return ledger.Read(Period.Parse(period).Window(Journals.End, Schemes.Shanghai));
    }

    private static Scheme Weighted(double a, double b) => Changed(Even, json =>
    {
        json["root"]!["children"]![0]!["weight"] = a;
        json["root"]!["children"]![1]!["weight"] = b;
    });

    /// <summary>The telecom scheme with other weights, standards, minimum samples and policies.</summary>
    private static Scheme Random(int seed)
    {
        var random = new Random(seed);
        string[] policies = ["""{"policy":"redistribute"}""", """{"policy":"neutral","points":65}""", """{"policy":"zero"}""", """{"policy":"hold","points":50,"days":10}"""];
        return Changed(Schemes.WithPolicies([.. policies.OrderBy(_ => random.Next())]), json =>
        {
            foreach (var family in json["root"]!["children"]!.AsArray())
            {
                family!["weight"] = random.Next(1, 40);
                foreach (var leaf in family["children"]!.AsArray())
                {
                    leaf!["weight"] = random.Next(1, 9);
                    leaf["minimumSample"] = random.Next(0, 12);
                }
            }
            json["bands"]![1]!["from"] = random.Next(75, 85);
        });
    }

    private static Scheme Changed(Scheme scheme, Action<JsonNode> change)
    {
        var json = JsonNode.Parse(scheme.Json.Span)!;
        change(json);
        var (changed, errors) = Scheme.Parse(Encoding.UTF8.GetBytes(json.ToJsonString()));
        return changed ?? throw new InvalidOperationException(string.Join('\n', errors));
    }

    private static JsonNode Leaf(JsonNode json, int family) => json["root"]!["children"]![family]!["children"]![0]!;

    private static bool Close(double one, double other) => Math.Abs(one - other) < 1e-9;
}
