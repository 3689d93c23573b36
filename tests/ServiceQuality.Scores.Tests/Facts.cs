using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Scores.Journals;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Tests;

/// <summary>Facts for tests.</summary>
internal static class Some
{
    private static readonly JsonSerializerOptions Web = JsonSerializerOptions.Web;

    /// <summary>A Friday noon in UTC; tests of rules do not depend on when they run.</summary>
    public static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    public static AcceptedFact Service(Guid unit, int number, DateTimeOffset time, double wait = 120, int? rating = 4, ServiceOutcome outcome = ServiceOutcome.Resolved) => new(
        unit, "queue/hall-1", number.ToString(CultureInfo.InvariantCulture), FactTypes.ServiceCompleted, time,
        JsonSerializer.SerializeToElement(new ServiceCompleted(Channel.Hall, "new-line", "agent-7", wait, 300, outcome, 0, rating, null), Web));

    public static AcceptedFact Measured(Guid unit, int number, DateTimeOffset time) => new(
        unit, "meter", $"m{number}", FactTypes.Measurement, time, JsonSerializer.SerializeToElement(new Measurement("self-service-share", 0.4, 10), Web));

    public static AcceptedFact Deduction(Guid unit, string id, DateTimeOffset time, decimal points = 2, string rule = "late-report") => new(
        unit, "inspection", id, FactTypes.Deduction, time, JsonSerializer.SerializeToElement(new Deduction(rule, points, "late", null), Web));

    /// <summary>A fact of any kind, sometimes late, sometimes one that was sent before.</summary>
    public static AcceptedFact Random(Random random, Guid unit, DateTimeOffset received)
    {
        var time = received.AddSeconds(-random.Next(0, random.Next(10) == 0 ? 500 * 86_400 : 5 * 86_400)).AddTicks(random.Next(10_000_000));
        var number = random.Next(2_000);
        FactData data = random.Next(9) switch
        {
            0 => new FaultOpened($"asset-{number % 3}", $"fault-{number}", null),
            1 => new FaultRestored($"asset-{number % 3}", $"fault-{number}", null),
            2 => new Measurement("queue-length", random.NextDouble() * 50, random.Next(1, 5)),
            3 => new SurveyResponse("after-visit", SurveyKind.Csat, new Dictionary<string, double> { ["q1"] = random.Next(1, 6), ["q2"] = random.Next(1, 6) }),
            4 => new SurveyResponse("after-visit", SurveyKind.Nps, new Dictionary<string, double> { ["q1"] = random.Next(0, 11) }),
            5 => random.Next(2) == 0 ? new Deduction("late-report", random.Next(1, 5), "late", null) : new Bonus("initiative", random.Next(1, 3), "good", null),
            6 => new AdjustmentWithdrawn("random", number.ToString(CultureInfo.InvariantCulture), "appeal"),
            _ => new ServiceCompleted((Channel)random.Next(5), "new-line", null, random.NextDouble() * 2_000, random.NextDouble() * 900, (ServiceOutcome)random.Next(4), random.Next(3), random.Next(1, 6), null),
        };
        return new(unit, "random", number.ToString(CultureInfo.InvariantCulture), FactReader.TypeOf(data), time, JsonSerializer.Deserialize<JsonElement>(FactReader.Write(data)));
    }

    /// <summary>A later version of the delivered scheme with one more measure, in force from tomorrow.</summary>
    public static Scheme OtherScheme(int version = 2, DateOnly? from = null)
    {
        var json = JsonNode.Parse(DefaultSchemes.Telecom.Json.Span)!;
        json["version"] = version;
        json["effectiveFrom"] = (from ?? DateOnly.FromDateTime(Noon.AddDays(1).DateTime)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var measure = json["measures"]!.AsArray().First(one => one!["fact"]!.GetValue<string>() == "service.completed" && one["aggregator"]!.GetValue<string>() == "mean")!.DeepClone();
        measure["code"] = "extra-measure";
        measure["where"] = JsonNode.Parse("""{ "service": ["new-line"] }""");
        json["measures"]!.AsArray().Add(measure);
        var reading = Scheme.Parse(JsonSerializer.SerializeToUtf8Bytes(json));
        return reading.Scheme ?? throw new InvalidOperationException(string.Join("; ", reading.Errors));
    }

    /// <summary>A scheme whose score is the mean of the measurements "m", so that a test can say which score a unit has (E-07, E-13).</summary>
    public static Scheme StraightScheme()
    {
        var json = JsonNode.Parse(DefaultSchemes.Telecom.Json.Span)!;
        json["id"] = "straight";
        var families = json["root"]!["children"]!.AsArray();
        var measure = json["measures"]!.AsArray()[0]!;
        foreach (var (name, value) in new[] { ("code", "\"m\""), ("fact", "\"measurement\""), ("where", """{ "measure": ["m"] }"""), ("value", "\"value\""), ("aggregator", "\"mean\"") })
            measure[name] = JsonNode.Parse(value);
        measure.AsObject().Remove("hit");
        measure.AsObject().Remove("base");
        foreach (var family in families)
        {
            family!["weight"] = family == families[0] ? 1 : 0;
            var leaf = family["children"]![0]!.DeepClone();
            (leaf["measure"], leaf["minimumSample"], leaf["breakpoints"], leaf["direction"], leaf["target"], leaf["warning"], leaf["critical"], leaf["weight"]) =
                ("m", 1, JsonNode.Parse("[[0,0],[100,100]]"), "higher", 90, 80, 60, 1);
            family["children"] = new JsonArray(leaf);
        }
        json["measures"] = new JsonArray(measure.DeepClone());
        var reading = Scheme.Parse(JsonSerializer.SerializeToUtf8Bytes(json));
        return reading.Scheme ?? throw new InvalidOperationException(string.Join("; ", reading.Errors));
    }

    /// <summary>A measurement "m": under <see cref="StraightScheme"/> so many points.</summary>
    public static AcceptedFact Points(Guid unit, string id, DateTimeOffset time, double points) => new(
        unit, "meter", id, FactTypes.Measurement, time, JsonSerializer.SerializeToElement(new Measurement("m", points, 1), Web));

    public static FactsAccepted Batch(DateTimeOffset received, params IEnumerable<AcceptedFact> facts) =>
        new(Guid.CreateVersion7(), null, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", received, [.. facts]);

    public static IReadOnlyList<Entry> Entries(int from, int count, DateTimeOffset? received = null) =>
        [.. Enumerable.Range(from, count).Select(number => Entry.Of(Service(Guid.Empty, number, Noon), received ?? Noon, Guid.Empty))];
}
