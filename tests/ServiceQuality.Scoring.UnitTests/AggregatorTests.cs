using ServiceQuality.Contracts.Facts;
using static ServiceQuality.Scoring.UnitTests.Tell;

namespace ServiceQuality.Scoring.UnitTests;

/// <summary>Every aggregator on facts whose answer is known (scoring.md §2, MON-04, MON-40, requirements §2.2).</summary>
public sealed class AggregatorTests
{
    private const string Rises = "[[0,0],[100,100]]";

    [Fact]
    public void A_mean_counts_each_reading_of_a_measurement()
    {
        var leaf = Leaf("""{"fact":"measurement","where":{"measure":["m"]},"value":"value","aggregator":"mean"}""", new Measurement("m", 10, 3), new Measurement("m", 30, null), new Measurement("other", 99, null));
        Assert.Equal((15, 4), (leaf.Value, leaf.Sample));
    }

    [Fact]
    public void A_ratio_leaves_out_facts_without_the_number_it_asks_for()
    {
        var leaf = Leaf("""{"fact":"service.completed","hit":{"rating":{"min":4}},"aggregator":"ratio"}""", Service(rating: 5), Service(rating: 4), Service(rating: 3), Service(), Service(rating: 1));
        Assert.Equal((0.5, 4), (leaf.Value, leaf.Sample));
    }

    [Theory]
    [InlineData("""{"fact":"service.completed","hit":{"outcome":["resolved"],"waitSeconds":{"max":20}},"aggregator":"ratio"}""")]
    [InlineData("""{"fact":"service.completed","hit":{"service":["service"],"outcome":["resolved"],"waitSeconds":{"max":20}},"aggregator":"ratio"}""")]
    public void A_service_that_was_abandoned_was_not_in_time_although_it_has_no_wait(string measure)
    {
        // SCO-01, "calls answered within 20 s ÷ calls": abandoned calls are below the line; an answered one of unknown wait is on neither side.
        var leaf = Leaf(measure, Service(wait: 20), Service(wait: 21), Service(wait: 5), Service(outcome: ServiceOutcome.Abandoned), Service(wait: 5, outcome: ServiceOutcome.Abandoned), Service());
        Assert.Equal((0.4, 5), (leaf.Value, leaf.Sample));
    }

    [Fact]
    public void Exactly_at_the_limit_is_in_time()
    {
        // E-11: 30:00 min is in time, 30:01 late.
        var leaf = Leaf("""{"fact":"service.completed","hit":{"waitSeconds":{"max":1800}},"aggregator":"ratio"}""", Service(wait: 1800), Service(wait: 1801));
        Assert.Equal(0.5, leaf.Value);
    }

    [Fact]
    public void Errors_are_counted_per_thousand_services()
    {
        var scheme = Schemes.Of(
            ("""{"fact":"service.completed","where":{"outcome":["resolved"]},"value":"errors","aggregator":"per-thousand","base":"n"}""", 1, Rises),
            ("""{"code":"n","fact":"service.completed","where":{"outcome":["resolved"]},"aggregator":"count"}""", 1, Rises));
        var score = Schemes.Score(scheme, Journal([Service(errors: 2), Service(), Service(), Service(errors: 1)]), Period.Default, Noon.AddHours(1));
        Assert.Equal((750, 4), (score.Leaves[0].Value, score.Leaves[0].Sample));
        Assert.Equal(1000 * 8.7673 / 4, score.Leaves[0].Interval!.Value.High!.Value, 1);
        Assert.Equal(4, score.Leaves[1].Value);
    }

    [Fact]
    public void A_sum_adds_and_a_count_counts() => Assert.Equal(
        (60, 3.0),
        (Leaf("""{"fact":"service.completed","value":"waitSeconds","aggregator":"sum"}""", Service(wait: 10), Service(wait: 50), Service()).Value,
            Leaf("""{"fact":"service.completed","aggregator":"count"}""", Service(), Service(), Service()).Value));

    [Fact]
    public void The_last_is_the_newest_by_event_time_not_by_arrival()
    {
        var scheme = Schemes.Of(("""{"fact":"measurement","where":{"measure":["m"]},"value":"value","aggregator":"last"}""", 1, Rises));
        Fact[] facts = [Fact(1, Noon.AddMinutes(2), new Measurement("m", 7, null)), Fact(2, Noon.AddMinutes(1), new Measurement("m", 9, null), Noon.AddMinutes(2))];
        Assert.Equal(7, Schemes.Score(scheme, facts, Period.Default, Noon.AddHours(1)).Leaves[0].Value);
    }

    [Fact]
    public void A_gap_is_mean_perception_less_mean_expectation()
    {
        // E-15, first dimension: perception 4.0, expectation 4.8.
        var leaf = Leaf("""{"fact":"survey.response","expectation":"answers.e","perception":"answers.p","aggregator":"gap"}""",
            Survey(("e", 5), ("p", 4.5)), Survey(("e", 4.6), ("p", 3.5)), Survey(("e", 5)));
        Assert.Equal(-0.8, leaf.Value!.Value, 12);
        Assert.Equal(2, leaf.Sample);
    }

    [Fact]
    public void Promoters_less_detractors_make_the_net_promoter_score()
    {
        var leaf = Leaf("""{"fact":"survey.response","where":{"kind":["nps"]},"value":"promoter","aggregator":"mean"}""", Nps(10), Nps(9), Nps(8), Nps(6), Nps(9));
        Assert.Equal(40, leaf.Value);
    }

    [Fact]
    public void Three_failures_in_720_hours_give_the_figures_of_the_worked_example()
    {
        // E-09: 720 h, 3 failures, repairs 60, 30, 90 min: MTTR 60 min, running 717 h, MTBF 239 h, availability 0.9958.
        var scheme = Schemes.Of(("""{"fact":"fault","aggregator":"mttr"}""", 1, Rises), ("""{"fact":"fault","aggregator":"mtbf"}""", 1, Rises), ("""{"fact":"fault","aggregator":"availability"}""", 1, Rises));
        var first = new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.FromHours(8));
        var facts = new List<Fact>();
        foreach (var (day, minutes) in new[] { (3, 60), (12, 30), (25, 90) })
        {
            facts.Add(Fact(facts.Count + 1, first.AddDays(day), new FaultOpened("line", $"f{day}", null)));
            facts.Add(Fact(facts.Count + 1, first.AddDays(day).AddMinutes(minutes), new FaultRestored("line", $"f{day}", null)));
        }
        var leaves = Schemes.Score(scheme, facts, Period.Parse("2026-11"), first.AddDays(40)).Leaves;
        Assert.Equal((3600, 3), (leaves[0].Value, leaves[0].Sample));
        Assert.Equal((239 * 3600, 3), (leaves[1].Value, leaves[1].Sample));
        Assert.Equal(717 / 720.0, leaves[2].Value!.Value, 12);
        Assert.False(leaves[1].LowerBound);
    }

    [Fact]
    public void Without_a_failure_the_time_between_failures_is_a_lower_bound()
    {
        var scheme = Schemes.Of(("""{"fact":"fault","aggregator":"mtbf"}""", 1, Rises), ("""{"fact":"fault","aggregator":"mttr"}""", 1, Rises));
        Fact[] facts = [Fact(1, Noon.AddDays(-20), new FaultOpened("a", "f", null)), Fact(2, Noon.AddDays(-20).AddHours(1), new FaultRestored("a", "f", null)), Fact(3, Noon, Service())];
        var leaf = Schemes.Score(scheme, facts, Period.Parse("24h"), Noon).Leaves[0];
        Assert.Equal((23 * 3600, 0, true), (leaf.Value, leaf.Sample, leaf.LowerBound));
        Assert.Null(leaf.Interval!.Value.High);
        Assert.Equal(23 * 3600 / 3.6889, leaf.Interval.Value.Low!.Value, 0);
    }

    [Fact]
    public void A_fault_still_open_is_down_until_the_moment_of_the_reading()
    {
        var scheme = Schemes.Of(("""{"fact":"fault","aggregator":"availability"}""", 1, Rises));
        Fact[] facts = [Fact(1, Noon, new FaultOpened("a", "f", null))];
        var ledger = Schemes.Fold(scheme, facts);
        foreach (var hours in new[] { 1, 5 })
        {
            var window = Period.Parse("day").Window(Noon.AddHours(hours), Schemes.Shanghai);
            Assert.Equal(12.0 / (12 + hours), Scorer.Evaluate(scheme, ledger.Read(window)).Leaves[0].Value!.Value, 12);
        }
    }

    [Fact]
    public void A_restoration_may_arrive_before_its_opening()
    {
        var scheme = Schemes.Of(("""{"fact":"fault","aggregator":"mttr"}""", 1, Rises));
        Fact[] facts = [Fact(1, Noon.AddMinutes(30), new FaultRestored("a", "f", null)), Fact(2, Noon, new FaultOpened("a", "f", null), Noon.AddHours(1))];
        Assert.Equal(1800, Schemes.Score(scheme, facts, Period.Default, Noon.AddHours(1)).Leaves[0].Value);
    }

    [Fact]
    public void A_unit_that_never_reported_a_fault_is_not_watched()
    {
        var leaf = Leaf("""{"fact":"fault","aggregator":"availability"}""", Service());
        Assert.Equal((null, LeafState.NoData), (leaf.Value, leaf.State));
    }

    [Theory]
    [InlineData(0.5), InlineData(0.9), InlineData(0.99)]
    public void A_percentile_is_at_most_one_hundredth_off(double quantile)
    {
        var random = new Random(5);
        foreach (var spread in new[] { 0.01, 1, 4 })
        {
            var values = Enumerable.Range(0, 3001).Select(_ => Math.Round(Math.Exp(spread * (random.NextDouble() - 0.2) * 5), 6)).ToList();
            var leaf = Leaf($$"""{"fact":"measurement","where":{"measure":["m"]},"value":"value","aggregator":"percentile","quantile":{{quantile.ToString(System.Globalization.CultureInfo.InvariantCulture)}}}""",
                [.. values.Select(v => (FactData)new Measurement("m", v, null))]);
            var exact = values.Order().ElementAt((int)Math.Ceiling(quantile * values.Count) - 1);
            Assert.InRange(leaf.Value!.Value, exact * 0.99, exact * 1.01);
            Assert.InRange(leaf.Value.Value, leaf.Interval!.Value.Low!.Value, leaf.Interval.Value.High!.Value);
        }
    }

    [Fact]
    public void Bins_hold_every_number_to_one_hundredth()
    {
        var random = new Random(9);
        foreach (var size in Enumerable.Range(0, 20_000).Select(_ => (long)Math.Exp(random.NextDouble() * Math.Log(1e15))).Concat([1, 2, 3, 999_999, 1_000_000, 1_000_000_000_000_000]))
        {
            Assert.InRange(Bins.Value(Bins.Of(size)) * 1e6 / size, 0.99, 1.01);
            Assert.Equal(-Bins.Of(size), Bins.Of(-size));
        }
        Assert.Equal(0, Bins.Value(Bins.Of(0)));
    }

    private static LeafScore Leaf(string measure, params FactData[] data) =>
        Schemes.Score(Schemes.Of((measure, 1, Rises)), Journal(data), Period.Default, Noon.AddDays(1)).Leaves[0];

    private static SurveyResponse Survey(params (string Question, double Answer)[] answers) => new("s", SurveyKind.Csat, answers.ToDictionary(a => a.Question, a => a.Answer));

    private static SurveyResponse Nps(int answer) => new("s", SurveyKind.Nps, new Dictionary<string, double> { ["q"] = answer });
}
