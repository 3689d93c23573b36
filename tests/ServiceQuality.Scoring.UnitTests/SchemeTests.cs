using System.Text.Json.Nodes;

namespace ServiceQuality.Scoring.UnitTests;

/// <summary>Schemes: what is delivered, and what is refused with which words (SCO-02…06, MON-01, MON-52).</summary>
public sealed class SchemeTests
{
    [Fact]
    public void The_telecom_scheme_holds_the_four_families_and_reliability_with_the_weights_of_the_requirements()
    {
        // SCO-04: 40/25/25/10 of what reliability leaves (SCO-27).
        var weights = DefaultSchemes.Telecom.Families.ToDictionary(f => f.Code, f => f.Weight);
        Assert.Equal(0.36, weights["quality"], 12);
        Assert.Equal(0.225, weights["efficiency"], 12);
        Assert.Equal(0.225, weights["attitude"], 12);
        Assert.Equal(0.09, weights["innovation"], 12);
        Assert.Equal(0.1, weights["reliability"], 12);
        Assert.Equal("7d", DefaultSchemes.Telecom.MainPeriod.ToString());
    }

    [Theory]
    [InlineData("hall-wait-p90", 600, 80)] // MON-51: 10 minutes in a hall
    [InlineData("hotline-wait-mean", 20, 85)] // MON-51: 20 seconds at the hotline
    [InlineData("satisfaction-rate", 0.8, 80)] // SCO-32, E-17: target 80 %
    [InlineData("satisfaction-rate", 0.3, 0)]
    [InlineData("satisfaction-rate", 0.85, 87.5)]
    [InlineData("availability", 1, 100)]
    public void A_standard_of_the_telecom_scheme_gives_these_points(string leaf, double value, double points) =>
        Assert.Equal(points, DefaultSchemes.Telecom.Indicators.Single(i => i.Code == leaf).Standard.Points(value), 9);

    /// <summary>The five kinds of standards of SCO-05, each written as breakpoints; the table is in docs/scoring.md.</summary>
    [Theory]
    [InlineData("linear", "[[0.5,0],[1,100]]", 0.75, 50)]
    [InlineData("step", "[[0.699999,0],[0.7,60],[0.899999,60],[0.9,100]]", 0.699999, 0)]
    [InlineData("step", "[[0.699999,0],[0.7,60],[0.899999,60],[0.9,100]]", 0.7, 60)]
    [InlineData("step", "[[0.699999,0],[0.7,60],[0.899999,60],[0.9,100]]", 0.85, 60)]
    [InlineData("step", "[[0.699999,0],[0.7,60],[0.899999,60],[0.9,100]]", 0.9, 100)]
    [InlineData("ratio to target", "[[0,0],[40,100]]", 30, 75)] // 30 of a target of 40
    [InlineData("ratio to target", "[[0,0],[40,100]]", 44, 100)] // more than the target earns no more
    [InlineData("deduction per event", "[[0,100],[20,0]]", 3, 85)] // 5 points an event
    [InlineData("veto", "[[0,100],[1,0]]", 0, 100)]
    [InlineData("veto", "[[0,100],[1,0]]", 2, 0)]
    public void SCO_05_Every_kind_of_standard_is_written_as_breakpoints(string kind, string breakpoints, double value, double points)
    {
        var standard = Schemes.Of(("""{"fact":"measurement","where":{"measure":["m"]},"value":"value","aggregator":"mean"}""", 1, breakpoints)).Indicators[0].Standard;
        Assert.True(Math.Abs(points - standard.Points(value)) < 1e-9, $"{kind}: {standard.Points(value)} for {value}");
    }

    [Fact]
    public void Every_indicator_of_the_telecom_scheme_is_explained_in_both_languages()
    {
        foreach (var indicator in DefaultSchemes.Telecom.Indicators)
        {
            foreach (var text in new[] { indicator.Name, indicator.Rationale, indicator.Formula, indicator.Source, indicator.Owner, indicator.Measure.Name })
            {
                Assert.Contains(text.Zh, c => c > 0x2E80);
                Assert.DoesNotContain(text.En, c => c is > '\u2E80' and < '\uFF00');
            }
            // The limits of MON-01 lie where points are lost: critical costs more than warning.
            Assert.True(indicator.Standard.Points(indicator.Critical) <= indicator.Standard.Points(indicator.Warning), indicator.Code);
        }
    }

    [Theory]
    [InlineData(90, "excellent"), InlineData(89.9999999999, "excellent"), InlineData(89.99, "good"), InlineData(80, "good"), InlineData(79.9, "fair"), InlineData(60, "pass"), InlineData(59.99, "fail"), InlineData(0, "fail")]
    public void Grades_are_those_of_the_default_bands(double points, string grade) => Assert.Equal(grade, DefaultSchemes.Telecom.GradeOf(points).Code);

    [Theory]
    [InlineData("root/children/0/weight", "-1", "/root/children/0/weight", "weight-out-of-range")]
    [InlineData("root/children/0/children/0/weight", "\"x\"", "/root/children/0/children/0/weight", "not-a-number")]
    [InlineData("root/children/1/code", "\"quality\"", "/root/children/1/code", "code-not-unique")]
    [InlineData("root/children/0/children/1/code", "\"resolution-rate\"", "/root/children/0/children/1/code", "code-not-unique")]
    [InlineData("measures/1/code", "\"services\"", "/measures/1/code", "code-not-unique")]
    [InlineData("root/children/0/children/0/breakpoints", "[[0,0],[0.5,10],[0.5,20]]", "/root/children/0/children/0/breakpoints", "breakpoints-not-monotone")]
    [InlineData("root/children/0/children/0/breakpoints", "[[0,0],[1,101]]", "/root/children/0/children/0/breakpoints/1/1", "points-out-of-range")]
    [InlineData("root/children/0/children/0/breakpoints", "[[0,100],[1,0]]", "/root/children/0/children/0/breakpoints", "direction-contradicts")]
    [InlineData("root/children/0/children/0/breakpoints", "[[0,0]]", "/root/children/0/children/0/breakpoints", "not-a-list")]
    [InlineData("root/children/0/children/0/breakpoints", "[[0,0],[1]]", "/root/children/0/children/0/breakpoints/1", "not-a-breakpoint")]
    [InlineData("bands/1/from", "95", "/bands/1/from", "bands-not-descending")]
    [InlineData("bands/4/from", "5", "/bands/4/from", "bands-not-covering")]
    [InlineData("root/children/0/children/0/measure", "\"nothing\"", "/root/children/0/children/0/measure", "unknown-measure")]
    [InlineData("measures/1/aggregator", "\"median\"", "/measures/1/aggregator", "unknown-aggregator")]
    [InlineData("measures/1/aggregator", "\"mttr\"", "/measures/1/aggregator", "aggregator-does-not-fit")]
    [InlineData("measures/1/fact", "\"fax\"", "/measures/1/fact", "unknown-fact")]
    [InlineData("measures/1/where", "{\"colour\":[\"red\"]}", "/measures/1/where/colour", "unknown-condition")]
    [InlineData("measures/1/where", "{\"channel\":[\"fax\"]}", "/measures/1/where/channel", "unknown-condition")]
    [InlineData("measures/3/base", "\"resolution-rate\"", "/measures/3/base", "base-not-count")]
    [InlineData("measures/3/base", "\"nothing\"", "/measures/3/base", "unknown-measure")]
    [InlineData("measures/3/value", "\"mistakes\"", "/measures/3/value", "unknown-value")]
    [InlineData("measures/7/quantile", "1", "/measures/7/quantile", "out-of-range")]
    [InlineData("measures/20/where", "{}", "/measures/20/where", "measure-required")]
    [InlineData("root/missing", "{\"policy\":\"guess\"}", "/root/missing/policy", "unknown-policy")]
    [InlineData("root/missing", "{\"policy\":\"hold\",\"points\":50,\"days\":3}", "/root/missing", "hold-needs-indicators")]
    [InlineData("root/children/4/missing", "{\"policy\":\"hold\",\"points\":50,\"days\":3}", "/root/children/4/missing", "hold-needs-buckets")]
    [InlineData("root/children/0/missing", "{\"policy\":\"neutral\"}", "/root/children/0/missing/points", "required")]
    [InlineData("root/children/3/code", "\"novelty\"", "/root", "family-missing")]
    [InlineData("approver", "\"servicequality\"", "/approver", "same-person")]
    [InlineData("effectiveFrom", "\"1 May\"", "/effectiveFrom", "not-a-date")]
    [InlineData("mainPeriod", "\"2026\"", "/mainPeriod", "unknown-period")]
    [InlineData("rollUp", "\"sometimes\"", "/rollUp", "unknown-choice")]
    [InlineData("version", "1.5", "/version", "out-of-range")]
    [InlineData("id", "\"Tele com\"", "/id", "not-a-code")]
    [InlineData("name", "{\"zh\":\"名\"}", "/name/en", "required")]
    [InlineData("adjustments/1/rule", "\"untrue-statement\"", "/adjustments/1/rule", "code-not-unique")]
    [InlineData("adjustments/0/cap", "-1", "/adjustments/0/cap", "out-of-range")]
    [InlineData("root/children/0/children/0/critical", "0.9", "/root/children/0/children/0/critical", "limits-in-wrong-order")]
    [InlineData("wieght", "1", "/wieght", "unknown-property")]
    public void An_error_names_its_place_and_its_kind(string place, string value, string location, string code)
    {
        var (scheme, errors) = Schemes.Changed(json =>
        {
            var steps = place.Split('/');
            var node = steps[..^1].Aggregate(json, (n, step) => int.TryParse(step, null, out var i) ? n[i]! : n[step]!);
            node[steps[^1]] = JsonNode.Parse(value);
        });
        Assert.Null(scheme);
        Assert.Contains((location, code), errors.Select(e => (e.Location, e.Code)));
    }

    [Fact]
    public void All_errors_are_reported_at_once()
    {
        var (_, errors) = Schemes.Changed(json => (json["author"], json["bands"]![4]!["from"], json["rollUp"]) = (null, 3, 7));
        Assert.Equal(["/author", "/rollUp", "/bands/4/from"], errors.Select(e => e.Location));
    }

    [Theory]
    [InlineData(""), InlineData("{"), InlineData("[]"), InlineData("7"), InlineData("{}"), InlineData("""{"root":{"children":[{}]},"measures":[{}],"bands":[{}]}""")]
    public void Nonsense_is_refused_without_breaking(string json)
    {
        var (scheme, errors) = Scheme.Parse(System.Text.Encoding.UTF8.GetBytes(json));
        Assert.Null(scheme);
        Assert.NotEmpty(errors);
    }

    [Fact]
    public void A_scheme_is_approved_by_somebody_else()
    {
        var draft = Schemes.Changed(json => json["approver"] = null).Scheme!;
        Assert.Null(draft.Approver);
        Assert.Throws<ArgumentException>(() => draft.Approved("servicequality"));
        var approved = draft.Approved("director");
        Assert.Equal(("director", draft.Author), (approved.Approver, approved.Author));
        Assert.NotEqual(draft.Hash, approved.Hash);
    }
}
