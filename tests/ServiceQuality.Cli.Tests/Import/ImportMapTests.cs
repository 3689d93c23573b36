using ServiceQuality.Cli.Import;
using ServiceQuality.Cli.Telemetry;
using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Cli.Tests.Import;

public sealed class ImportMapTests
{
    private const string Good = """
        version: 1
        csv: { timeZone: Asia/Shanghai }
        facts:
          - type: servicequality.service.completed.v1
            id: "{no}"
            source: urn:example:queue
            subject: { column: hall }
            time: { column: at, format: yyyy-MM-dd HH:mm }
            data:
              channel: hall
              service: ticket
              outcome: { column: result, map: { ok: resolved, bad: unresolved } }
        """;

    private static readonly string[] Columns = ["no", "hall", "at", "result", "wait", "stars", "answer1"];

    private static ImportMap Read(string map) => ImportMap.Read(map, "map.yaml", ".", _ => Columns);

    private static IReadOnlyList<string> Faults(string map) => Assert.Throws<MapException>(() => Read(map)).Faults;

    private static Reported? Report(string map, params string[] cells) =>
        Read(map).Facts[0].Report(new Row(cells, Columns.Select((name, place) => (name, place)).ToDictionary(pair => pair.name, pair => pair.place)), 0);

    [Fact]
    public void A_row_becomes_a_fact()
    {
        var fact = Report(Good, "17", "n01-hall1", "2026-11-20 09:30", "ok")!.Fact!;

        Assert.Equal(("17", "urn:example:queue", "n01-hall1", FactTypes.ServiceCompleted), (fact.Id, fact.Source, fact.Subject, fact.Type));
        Assert.Equal(new DateTimeOffset(2026, 11, 20, 1, 30, 0, TimeSpan.Zero), fact.Time);
        Assert.Equal(new ServiceCompleted(Channel.Hall, "ticket", null, null, null, ServiceOutcome.Resolved, 0, null, null), fact.Data);
    }

    [Theory]
    [InlineData("version: 1", "version: 2", "map.yaml:1: version: is 2")]
    [InlineData("Asia/Shanghai", "Asia/Nowhere", "map.yaml:2: csv.timeZone: 'Asia/Nowhere' is not a time zone")]
    [InlineData("servicequality.service.completed.v1", "service.done", "map.yaml:4: facts[0].type: 'service.done' is not a fact type")]
    [InlineData("\"{no}\"", "\"{number}\"", "map.yaml:5: facts[0].id: the file has no column 'number'; it has no, hall")]
    [InlineData("\"{no}\"", "\"{no\"", "map.yaml:5: facts[0].id: the brace at character 1 is not closed")]
    [InlineData("column: hall }", "colum: hall }", "map.yaml:7: facts[0].subject.colum: is not known; known are as, column")]
    [InlineData("yyyy-MM-dd HH:mm", "q", "map.yaml:8: facts[0].time.format: 'q' is not a format")]
    [InlineData("channel: hall\n", "chanel: hall\n", "map.yaml:10: facts[0].data.chanel: is not known")]
    [InlineData("channel: hall\n", "channel: lobby\n", "map.yaml:10: facts[0].data.channel: 'lobby' is none of field, hall, hotline, online, vip")]
    [InlineData("bad: unresolved", "bad: lost", "map.yaml:12: facts[0].data.outcome: 'lost' is none of abandoned, resolved")]
    [InlineData("      service: ticket\n", "", "facts[0].data.service: is missing")]
    public void A_fault_is_told_with_line_and_field(string good, string bad, string told)
    {
        Assert.Contains(good, Good, StringComparison.Ordinal);
        Assert.Contains(Faults(Good.Replace(good, bad, StringComparison.Ordinal)), fault => fault.Contains(told, StringComparison.Ordinal));
    }

    [Fact]
    public void All_faults_are_told_at_once()
    {
        var faults = Faults(Good.Replace("column: hall", "column: desk", StringComparison.Ordinal).Replace("column: at", "column: when", StringComparison.Ordinal));

        Assert.Equal(2, faults.Count);
    }

    [Fact]
    public void What_is_not_yaml_is_told_with_its_line() => Assert.Contains("map.yaml:2", Assert.Single(Faults("version: 1\n  csv: 1\n")), StringComparison.Ordinal);

    [Theory]
    [InlineData("2026-11-20 9.30", "ok", "at: '2026-11-20 9.30' is not a time of the form yyyy-MM-dd HH:mm")]
    [InlineData("2026-11-20 09:30", "so-so", "outcome ← result: 'so-so' has no entry in the table")]
    [InlineData("2026-11-20 09:30", "", "outcome: is empty")]
    public void A_row_that_cannot_be_read_says_why(string at, string result, string why) => Assert.Equal(why, Report(Good, "17", "n01", at, result)!.Fault);

    [Fact]
    public void The_first_case_that_holds_counts_and_rows_can_be_passed_over()
    {
        var map = Good
            .Replace("    id:", "    when: { column: result, not: void }\n    id:", StringComparison.Ordinal)
            .Replace("outcome: { column: result, map: { ok: resolved, bad: unresolved } }",
                "outcome: [{ when: { column: wait, above: 600 }, value: abandoned }, { when: [{ column: result, equals: ok }, { column: stars, empty: false }], value: resolved }, { value: unresolved }]", StringComparison.Ordinal);

        Assert.Null(Report(map, "1", "n01", "2026-11-20 09:30", "void", "", ""));
        Assert.Equal(ServiceOutcome.Abandoned, Outcome("601", "ok", "5"));
        Assert.Equal(ServiceOutcome.Unresolved, Outcome("600", "ok", ""));
        Assert.Equal(ServiceOutcome.Resolved, Outcome("600", "ok", "5"));

        ServiceOutcome Outcome(string wait, string result, string stars) =>
            ((ServiceCompleted)Report(map, "1", "n01", "2026-11-20 09:30", result, wait, stars)!.Fact!.Data).Outcome;
    }

    [Fact]
    public void Answers_of_a_survey_are_a_table_and_empty_ones_are_left_out()
    {
        const string map = """
            version: 1
            facts:
              - type: servicequality.survey.response.v1
                id: "{no}"
                source: urn:example:survey
                subject: { column: hall }
                time: { column: at, format: [unix-seconds, iso] }
                data:
                  survey: after-service
                  kind: csat
                  answers:
                    attitude: { column: stars }
                    quality: { column: answer1 }
            """;

        var fact = Report(map, "1", "n01", "1795082400", "", "", "4", "").Data<SurveyResponse>();
        Assert.Equal(KeyValuePair.Create("attitude", 4.0), Assert.Single(fact.Answers));
        Assert.Equal("answers: is empty", Report(map, "1", "n01", "2026-11-20T09:30:00+08:00", "", "", "", "")!.Fault);
    }

    [Fact]
    public void Times_with_an_offset_keep_their_moment()
    {
        var map = Good.Replace("format: yyyy-MM-dd HH:mm", "format: iso", StringComparison.Ordinal);

        Assert.Equal(new DateTimeOffset(2026, 11, 20, 8, 30, 0, TimeSpan.Zero), Report(map, "1", "n01", "2026-11-20T09:30:00+01:00", "ok")!.Fact!.Time);
        Assert.Equal(new DateTimeOffset(2026, 11, 20, 9, 30, 0, TimeSpan.Zero), Report(map, "1", "n01", "2026-11-20T09:30:00Z", "ok")!.Fact!.Time);
        Assert.Equal(new DateTimeOffset(2026, 11, 20, 1, 30, 0, TimeSpan.Zero), Report(map, "1", "n01", "2026-11-20T09:30:00", "ok")!.Fact!.Time);
    }
}

internal static class Reports
{
    public static T Data<T>(this Reported? reported) where T : FactData => Assert.IsType<T>(Assert.IsType<CloudEvent>(reported?.Fact).Data);
}
