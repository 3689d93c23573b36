using System.Text;
using System.Text.Json.Nodes;

namespace ServiceQuality.Scoring.UnitTests;

/// <summary>Schemes for tests: small ones written out, and the telecom scheme with changes.</summary>
internal static class Schemes
{
    public static TimeZoneInfo Shanghai { get; } = TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai");

    /// <summary>The telecom scheme after a change of its JSON.</summary>
    public static SchemeReading Changed(Action<JsonNode> change)
    {
        var json = JsonNode.Parse(DefaultSchemes.Telecom.Json.Span)!;
        change(json);
        return Scheme.Parse(Encoding.UTF8.GetBytes(json.ToJsonString()));
    }

    /// <summary>Version 2 of the telecom scheme, with waves of the phone survey that are complete with 3 answers in two groups.</summary>
    public static Scheme WithSmallWaves { get; } = SmallWaves();

    private static Scheme SmallWaves()
    {
        var json = JsonNode.Parse(DefaultSchemes.TelecomDraft(new DateOnly(2027, 1, 1)).Json.Span)!;
        var part = json["measures"]!.AsArray().Single(m => Code(m!) == "phone-satisfaction")!["parts"]![0]!;
        (part["minimumSample"], part["groups"]) = (3, new JsonArray("mobile", "home"));
        return Scheme.Parse(Encoding.UTF8.GetBytes(json.ToJsonString())).Scheme!;
    }

    /// <summary>The telecom scheme with another missing policy in every family.</summary>
    public static Scheme WithPolicies(params string[] policies) => Changed(json =>
    {
        var families = json["root"]!["children"]!.AsArray();
        json["root"]!["missing"] = JsonNode.Parse(policies[0]);
        for (var i = 0; i < families.Count; i++)
        {
            var policy = JsonNode.Parse(policies[(i + 1) % policies.Length])!;
            // Faults cannot be held.
            families[i]!["missing"] = Code(families[i]!) == "reliability" && policy["policy"]!.GetValue<string>() == "hold" ? JsonNode.Parse("""{"policy":"zero"}""") : policy;
        }
        if (policies[0].Contains("hold", StringComparison.Ordinal))
            json["root"]!["missing"] = JsonNode.Parse("""{"policy":"redistribute"}""");
    }).Scheme!;

    /// <summary>A scheme whose four families hold one indicator each over the given measures (JSON without names).</summary>
    public static Scheme Of(params (string Measure, double Weight, string Breakpoints)[] leaves)
    {
        string[] families = ["quality", "efficiency", "attitude", "innovation"];
        var json = JsonNode.Parse(DefaultSchemes.Telecom.Json.Span)!;
        var name = JsonNode.Parse("""{"zh":"名","en":"name"}""")!;
        var measures = new JsonArray();
        var children = new JsonArray();
        for (var i = 0; i < Math.Max(4, leaves.Length); i++)
        {
            var (text, weight, breakpoints) = i < leaves.Length ? leaves[i] : ("""{"fact":"measurement","where":{"measure":["none"]},"value":"value","aggregator":"mean"}""", 0, "[[0,0],[100,100]]");
            var measure = JsonNode.Parse(text)!.AsObject();
            measure["code"] ??= $"m{i}";
            (measure["name"], measure["unit"]) = (name.DeepClone(), "unit");
            measures.Add(measure);
            var points = JsonNode.Parse(breakpoints)!.AsArray();
            var rises = points.MaxBy(p => (double)p![0]!)![1]!.GetValue<double>() > points.MinBy(p => (double)p![0]!)![1]!.GetValue<double>();
            var leaf = new JsonObject
            {
                ["code"] = $"leaf{i}", ["name"] = name.DeepClone(), ["weight"] = 1, ["measure"] = Code(measure), ["minimumSample"] = 0, ["breakpoints"] = points,
                ["rationale"] = name.DeepClone(), ["direction"] = rises ? "higher" : "lower", ["tag"] = "technical", ["formula"] = name.DeepClone(), ["source"] = name.DeepClone(),
                ["frequency"] = "live", ["owner"] = name.DeepClone(), ["warning"] = 1, ["critical"] = 1,
            };
            children.Add(new JsonObject
            {
                ["code"] = i < 4 ? families[i] : $"family{i}", ["name"] = name.DeepClone(), ["weight"] = weight, ["children"] = new JsonArray(leaf),
            });
        }
        json["measures"] = measures;
        json["root"]!["children"] = children;
        var (scheme, errors) = Scheme.Parse(Encoding.UTF8.GetBytes(json.ToJsonString()));
        return scheme ?? throw new InvalidOperationException(string.Join('\n', errors));
    }

    /// <summary>A measure over measurements of that name; the usual standard gives as many points as the value says.</summary>
    public static (string, double, string) Straight(string code, double weight) =>
        ($$"""{"fact":"measurement","where":{"measure":["{{code}}"]},"value":"value","aggregator":"mean"}""", weight, "[[0,0],[100,100]]");

    public static string Code(JsonNode node) => node["code"]!.GetValue<string>();

    public static Ledger Fold(Scheme scheme, IEnumerable<Fact> facts, TimeZoneInfo? zone = null)
    {
        var ledger = new Ledger(MeasureCatalogue.Of(scheme), zone ?? Shanghai);
        foreach (var fact in facts)
            ledger.Fold(fact);
        return ledger;
    }

    public static Score Score(Scheme scheme, IEnumerable<Fact> facts, Period period, DateTimeOffset asOf) =>
        Scorer.Evaluate(scheme, Fold(scheme, facts).Read(period.Window(asOf, Shanghai)));
}
