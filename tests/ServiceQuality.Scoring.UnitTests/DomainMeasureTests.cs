using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ServiceQuality.Contracts.Facts;
using static ServiceQuality.Scoring.UnitTests.Tell;

namespace ServiceQuality.Scoring.UnitTests;

/// <summary>Measures over complaints, training, risks and surveys (scoring.md §§1, 2; SCO-27, SCO-28, SCO-32, MON-18, MON-26), and what is refused of them.</summary>
public sealed class DomainMeasureTests
{
    private static readonly Scheme Scheme = DefaultSchemes.TelecomDraft(new DateOnly(2026, 1, 1));

    [Fact]
    public void Complaints_are_counted_per_thousand_services_and_by_their_time_limits()
    {
        FactData[] facts =
        [
            .. Enumerable.Repeat(Service(), 400), Complaint<ComplaintReceived>(), Complaint<ComplaintReceived>(),
            new ComplaintAcknowledged("c1", Severity.Low, Channel.Hall, "bill", WithinTarget: true), new ComplaintAcknowledged("c2", Severity.Low, Channel.Hall, "bill", WithinTarget: false),
            new ComplaintAcknowledged("c3", Severity.Low, Channel.Hall, "bill"),
            new ComplaintResolved("c1", Severity.Low, Channel.Hall, "bill", WithinTarget: true), Complaint<ComplaintReopened>(), Complaint<ComplaintOverdue>(),
            new ComplaintClosed("c1", Severity.Low, Channel.Hall, "bill", "skill", Accepted: true), new ComplaintClosed("c2", Severity.Low, Channel.Hall, "bill", "skill", Accepted: false),
        ];
        Assert.Equal(5, Leaf("complaint-rate", facts).Value);
        // An answer of which nobody knows whether it was in time counts on neither side.
        Assert.Equal((0.5, 2), (Leaf("complaint-acknowledged", facts).Value, Leaf("complaint-acknowledged", facts).Sample));
        Assert.Equal(1, Leaf("complaint-resolved", facts).Value);
        Assert.Equal(1000, Leaf("complaint-reopened", facts).Value);
        Assert.Equal(500, Leaf("complaint-overdue", facts).Value);
        Assert.Equal(0.5, Leaf("complaint-accepted", facts).Value);
    }

    [Fact]
    public void SCO_28_Coverage_is_the_newest_head_count_however_long_ago_and_heads_add_up_over_units()
    {
        Fact[] facts =
        [
            Fact(1, Noon.AddDays(-90), new TrainingCoverage(20, 40)), Fact(2, Noon.AddDays(-40), new TrainingCoverage(30, 40), Noon.AddDays(-39)),
            Fact(3, Noon.AddDays(-60), new TrainingCoverage(1, 40), Noon.AddDays(-38)), Fact(4, Noon, Service()),
        ];
        var leaf = Schemes.Score(Scheme, facts, Period.Default, Noon.AddHours(1)).Leaves.Single(l => l.Indicator.Code == "certified-share");
        Assert.Equal((0.75, LeafState.Scored), (leaf.Value, leaf.State));
        Assert.Equal(new ValueInterval(0.75, 0.75), leaf.Interval);

        var window = Period.Default.Window(Noon.AddHours(1), Schemes.Shanghai);
        Fact[] small = [Fact(1, Noon, new TrainingCoverage(0, 10))];
        var region = Readings.Merge([Schemes.Fold(Scheme, facts).Read(window), Schemes.Fold(Scheme, small).Read(window)], RollUp.Volume);
        Assert.Equal(30.0 / 50, Scorer.Evaluate(Scheme, region).Leaves.Single(l => l.Indicator.Code == "certified-share").Value);
    }

    [Fact]
    public void The_newest_assessment_of_each_risk_counts_as_of_the_end_of_the_window()
    {
        Fact[] facts =
        [
            Fact(1, Noon.AddDays(-20), new RiskAssessed("fire", 20, 16)), Fact(2, Noon.AddDays(-10), new RiskAssessed("leak", 12, 6)),
            Fact(3, Noon.AddDays(-2), new RiskAssessed("fire", 20, 4)), Fact(4, Noon.AddDays(-15), new RiskAssessed("fire", 25, 25), Noon.AddDays(-1)),
        ];
        Assert.Equal(5, Value("7d", Noon));
        Assert.Equal((25 + 6) / 2.0, Value("2026-11-12", Noon));
        Assert.Equal(16, Value("2026-11-01", Noon));
        Assert.Null(Value("2026-10-30", Noon));

        // After 400 days an assessment says nothing any more.
        Assert.Null(Value("7d", Noon.AddDays(420), Fact(5, Noon.AddDays(420), Service())));

        double? Value(string period, DateTimeOffset asOf, params Fact[] more) =>
            Schemes.Score(Scheme, [.. facts, .. more], Period.Parse(period), asOf).Leaves.Single(l => l.Indicator.Code == "residual-risk").Value;
    }

    [Fact]
    public void Risk_events_weigh_by_severity()
    {
        FactData[] facts = [.. Enumerable.Repeat(Service(), 1000), new RiskEvent(Severity.Low), new RiskEvent(Severity.Extreme, "fire")];
        Assert.Equal(5, Leaf("risk-events", facts).Value);
    }

    [Fact]
    public void SCO_28_Training_hours_exams_and_appraisals_are_means_and_shares()
    {
        FactData[] facts = [new TrainingCompleted("c", "a", true, 90, 8), new TrainingCompleted("c", "b", false, 50, 4), new TrainingCompleted("d", "a", true, 88, 12), new Measurement("staff-appraisal", 77, null)];
        Assert.Equal((8, 2.0 / 3, 76, 77), (Leaf("training-hours", facts).Value, Leaf("exam-passed", facts).Value, Leaf("exam-score", facts).Value, Leaf("staff-appraisal", facts).Value));
    }

    [Fact]
    public void E_15_The_gap_of_a_dimension_is_taken_over_its_items()
    {
        var leaf = Leaf("gap-reliability",
            Pairs(("reliability.on-time", 4.6, 4.5), ("reliability.first-time", 5.0, 3.5)), Pairs(("reliability", 4.8, 4.0), ("empathy", 7, 1)), Pairs(("empathy", 7, 1)));
        Assert.Equal(-0.8, leaf.Value!.Value, 9);
        Assert.Equal(2, leaf.Sample);
        Assert.Equal(-6, Leaf("gap-empathy", Pairs(("empathy", 7, 1))).Value);
    }

    [Theory]
    [InlineData(79.9, false)]
    [InlineData(80.0, true)]
    public void E_17_Satisfaction_is_on_target_from_eighty_percent_of_expectation_on(double perceived, bool onTarget)
    {
        // SCO-32: perception as a share of what was expected; the target line is where good begins.
        var leaf = Leaf("attainment", [.. Enumerable.Repeat(Pairs(("reliability", 5, perceived / 20)), 10)]);
        Assert.Equal(perceived / 100, leaf.Value!.Value, 9);
        Assert.Equal(onTarget, leaf.Value >= leaf.Indicator.Target);
        Assert.Equal(onTarget ? "good" : "fair", leaf.Grade!.Code);
    }

    [Theory]
    [InlineData(99, 5, null, "insufficient-sample")]
    [InlineData(100, 5, 1.0, null)]
    [InlineData(150, 4, null, "insufficient-sample")]
    public void E_12_A_wave_counts_with_a_hundred_valid_answers_and_every_group(int answers, int groups, double? value, string? reason)
    {
        string[] names = ["mobile", "home", "business", "vip", "broadband"];
        var leaf = Leaf("phone-satisfaction", [.. Enumerable.Range(0, answers).Select(i => Answer(5, names[i % groups])), Answer(1, names[0], "straight-lining")]);
        Assert.Equal((value, reason), (leaf.Value, leaf.State == LeafState.Scored ? null : leaf.Reason));
    }

    [Fact]
    public void MON_18_An_insufficient_month_is_left_out_of_the_mean_with_a_mark()
    {
        string[] names = ["mobile", "home", "business", "vip", "broadband"];
        Fact[] facts =
        [
            .. Enumerable.Range(0, 100).Select(i => Fact(i + 1, Noon.AddDays(-40).AddMinutes(i), Answer(i < 80 ? 5 : 2, names[i % 5]))),
            .. Enumerable.Range(0, 20).Select(i => Fact(101 + i, Noon.AddMinutes(i), Answer(1, names[i % 5]))),
        ];
        var leaf = Schemes.Score(Scheme, facts, Period.Parse("quarter"), Noon.AddDays(1)).Leaves.Single(l => l.Indicator.Code == "phone-satisfaction");
        Assert.Equal((0.8, 100), (leaf.Value, leaf.Sample));
        Assert.Equal(["insufficient-sample"], leaf.Marks);
    }

    [Fact]
    public void MON_26_A_flagged_answer_is_no_valid_one_unless_flags_are_asked_for()
    {
        var scheme = Schemes.Of(
            ("""{"fact":"survey.response","aggregator":"count"}""", 1, "[[0,0],[100,100]]"),
            ("""{"fact":"survey.response","where":{"flag":["too-fast"]},"aggregator":"count"}""", 1, "[[0,0],[100,100]]"));
        var score = Schemes.Score(scheme, Journal([Answer(5, "home"), Answer(5, "home", "too-fast"), Answer(5, "home", "straight-lining")]), Period.Default, Noon.AddHours(1));
        Assert.Equal([1.0, 1.0], score.Leaves.Take(2).Select(l => l.Value!.Value));
    }

    [Fact]
    public void E_09_Failure_rate_repair_time_and_time_between_failures_of_thirty_days()
    {
        // 720 h, 3 failures, repairs of 60, 30 and 90 minutes: 30 September to 29 October, Shanghai keeps no daylight saving.
        var from = new DateTimeOffset(2026, 9, 30, 0, 0, 0, TimeSpan.FromHours(8));
        var facts = new List<Fact>();
        foreach (var (day, minutes) in new[] { (1, 60), (9, 30), (20, 90) })
        {
            facts.Add(Fact(facts.Count + 1, from.AddDays(day), new FaultOpened("desk", $"f{day}", null)));
            facts.Add(Fact(facts.Count + 1, from.AddDays(day).AddMinutes(minutes), new FaultRestored("desk", $"f{day}", null)));
        }
        var score = Schemes.Score(Scheme, facts, Period.Parse("30d"), from.AddDays(30).AddTicks(-1));
        double Value(string code) => score.Leaves.Single(l => l.Indicator.Code == code).Value!.Value;
        Assert.Equal(3600, Value("mttr"), 6);
        Assert.Equal(239, Value("mtbf") / 3600, 6);
        Assert.Equal(0.00418, Value("failure-rate"), 5);
        Assert.Equal(239.0 / 240, Value("availability"), 6);
    }

    [Fact]
    public void E_14_A_part_that_was_not_assessed_gives_its_weight_to_the_others_and_lowers_the_coverage()
    {
        var scheme = Schemes.Of(Schemes.Straight("a", 0.5), Schemes.Straight("b", 0.3), Schemes.Straight("c", 0.2));
        var score = Schemes.Score(scheme, Journal([new Measurement("a", 80, null), new Measurement("b", 90, null)]), Period.Default, Noon.AddHours(1));
        Assert.Equal(83.75, score.Value!.Value, 9);
        Assert.Equal(0.8, score.Coverage, 9);
        Assert.Equal((LeafState.NoData, "no-facts"), (score.Leaves[2].State, score.Leaves[2].Reason));
    }

    [Theory]
    [InlineData("""{"fact":"complaint","where":{"event":["answered"]},"aggregator":"count"}""", "/measures/0/where/event", "unknown-condition")]
    [InlineData("""{"fact":"inspection","where":{"severity":["low"]},"aggregator":"count"}""", "/measures/0/where/severity", "unknown-condition")]
    [InlineData("""{"fact":"risk","value":"score","aggregator":"mean"}""", "/measures/0/value", "unknown-value")]
    [InlineData("""{"fact":"inspection","value":"score","aggregator":"latest"}""", "/measures/0/aggregator", "aggregator-does-not-fit")]
    [InlineData("""{"fact":"training","value":"hours","aggregator":"latest"}""", "/measures/0/value", "unknown-value")]
    [InlineData("""{"fact":"training","value":"coverage","aggregator":"mean"}""", "/measures/0/value", "unknown-value")]
    [InlineData("""{"fact":"survey.response","expectation":"expectation.price","perception":"perception.price","aggregator":"gap"}""", "/measures/0/perception", "unknown-value")]
    [InlineData("""{"fact":"inspection","aggregator":"blend"}""", "/measures/0/parts", "required")]
    [InlineData("""{"aggregator":"mean","parts":[{"measure":"m1","weight":1}]}""", "/measures/0/aggregator", "parts-need-blend")]
    [InlineData("""{"aggregator":"blend","parts":[{"measure":"nowhere","weight":1}]}""", "/measures/0/parts/0/measure", "unknown-measure")]
    [InlineData("""{"aggregator":"blend","parts":[{"measure":"m1","weight":0}]}""", "/measures/0/parts/0/weight", "weight-out-of-range")]
    [InlineData("""{"aggregator":"blend","each":"month","parts":[{"measure":"m1","weight":1,"mean":"months"}]}""", "/measures/0/parts/0/mean", "months-of-month")]
    [InlineData("""{"aggregator":"blend","parts":[{"measure":"m1","weight":1,"groups":["home"]}]}""", "/measures/0/parts/0/groups", "groups-need-survey")]
    [InlineData("""{"aggregator":"blend","fact":"inspection","parts":[{"measure":"m1","weight":1}]}""", "/measures/0/fact", "unknown-property")]
    public void What_makes_no_sense_is_refused_with_its_place(string measure, string at, string code)
    {
        var json = JsonNode.Parse(Schemes.Of(Schemes.Straight("a", 1), Schemes.Straight("b", 1)).Json.Span)!;
        var wrong = JsonNode.Parse(measure)!.AsObject();
        (wrong["code"], wrong["name"], wrong["unit"]) = ("m0", JsonNode.Parse("""{"zh":"名","en":"name"}"""), "unit");
        json["measures"]!.AsArray()[0] = wrong;
        var reading = Scheme.Parse(Encoding.UTF8.GetBytes(json.ToJsonString()));
        Assert.Contains(reading.Errors, e => e.Location == at && e.Code == code);
    }

    [Fact]
    public void Every_type_is_read_back_as_it_was_written_and_a_required_field_must_be_there()
    {
        FactData[] all =
        [
            new InspectionScored("mystery-visit", InspectionLevel.City, Channel.Hall, 88.5, 1), Complaint<ComplaintReceived>(), Complaint<ComplaintAcknowledged>(), Complaint<ComplaintResolved>(),
            Complaint<ComplaintReopened>(), Complaint<ComplaintOverdue>(), Complaint<ComplaintClosed>(), new TrainingCompleted("c", "s", true, 90, 8), new TrainingCoverage(3, 4),
            new RiskAssessed("fire", 20, 5), new RiskEvent(Severity.High),
        ];
        foreach (var data in all)
        {
            var type = FactReader.TypeOf(data);
            Assert.Contains(type, FactTypes.Domain);
            Assert.Equal(data, FactReader.Read(type, FactReader.Write(data)));
            Assert.Null(FactLimits.Broken(data));
            Assert.Throws<JsonException>(() => FactReader.Read(type, "{}"u8));
        }
        Assert.Equal(FactTypes.Domain.Order(StringComparer.Ordinal), all.Select(FactReader.TypeOf).Order(StringComparer.Ordinal));
        Assert.Equal("""{"inspection":"mystery-visit","level":"city","object":"hall","score":88.5,"criticalFailures":1}""", Encoding.UTF8.GetString(FactReader.Write(all[0])));
    }

    [Fact]
    public void A_field_out_of_its_range_is_named()
    {
        Assert.Equal("/data/score", FactLimits.Broken(new InspectionScored("x", InspectionLevel.City, Channel.Hall, 100.1, 0)));
        Assert.Equal("/data/level", FactLimits.Broken(new InspectionScored("x", (InspectionLevel)9, Channel.Hall, 50, 0)));
        Assert.Equal("/data/ackSeconds", FactLimits.Broken(new ComplaintAcknowledged("c", Severity.Low, Channel.Hall, "bill", AckSeconds: -1)));
        Assert.Equal("/data/qualified", FactLimits.Broken(new TrainingCoverage(5, 4)));
        Assert.Equal("/data/residual", FactLimits.Broken(new RiskAssessed("r", 25, 26)));
        Assert.Equal("/data/channel", FactLimits.Broken(Service((Channel)7)));
        Assert.Equal("/data/pairs", FactLimits.Broken(Pairs(("price", 1, 1))));
        Assert.Equal("/data/pairs", FactLimits.Broken(new SurveyResponse("s", SurveyKind.Servqual, new Dictionary<string, double>())));
        Assert.Equal("/data/answers", FactLimits.Broken(new SurveyResponse("s", SurveyKind.Nps, new Dictionary<string, double> { ["q"] = 11 })));
        Assert.Equal("/data/risk", FactLimits.Broken(new RiskEvent(Severity.Low, "")));
    }

    private static LeafScore Leaf(string code, params FactData[] facts) =>
        Schemes.Score(Scheme, Journal(facts), Period.Default, Noon.AddHours(1)).Leaves.Single(l => l.Indicator.Code == code);

    private static T Complaint<T>() where T : ComplaintData =>
        (T)Activator.CreateInstance(typeof(T), "c1", Severity.Medium, Channel.Hotline, "bill", null, null, null, null, null)!;

    private static SurveyResponse Pairs(params (string Key, double Expectation, double Perception)[] pairs) =>
        new("relationship", SurveyKind.Servqual, new Dictionary<string, double>(), pairs.ToDictionary(p => p.Key, p => new ServqualPair(p.Expectation, p.Perception)));

    private static SurveyResponse Answer(double answer, string group, params string[] flags) =>
        new("phone-satisfaction", SurveyKind.Csat, new Dictionary<string, double> { ["overall"] = answer }, null, group, flags.Length == 0 ? null : flags);
}
