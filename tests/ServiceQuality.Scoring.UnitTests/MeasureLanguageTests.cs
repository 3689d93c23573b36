using System.Text.Json.Nodes;

namespace ServiceQuality.Scoring.UnitTests;

/// <summary>What the measure language lists is what the parser accepts (scoring.md §2).</summary>
public sealed class MeasureLanguageTests
{
    [Fact]
    public void Every_listed_word_number_and_aggregator_is_accepted()
    {
        foreach (var fact in MeasureLanguage.Facts)
        {
            foreach (var aggregator in fact.Aggregators)
                Assert.Empty(Errors(With(fact, aggregator, fact.Numbers.Count > 0 ? fact.Numbers[0] : null)));
            foreach (var number in fact.Numbers)
                Assert.Empty(Errors(With(fact, "mean", number)));
            foreach (var word in fact.Words)
            {
                var counted = With(fact, fact.Name == "fault" ? "mttr" : "count", null);
                counted["where"]![word.Name] = new JsonArray([.. word.Choices.DefaultIfEmpty("any").Select(choice => (JsonNode)choice)]);
                Assert.Empty(Errors(counted));
            }
            foreach (var truth in fact.Truths)
            {
                var ratio = With(fact, "ratio", null);
                ratio["hit"] = new JsonObject { [truth] = true };
                Assert.Empty(Errors(ratio));
            }
        }
    }

    [Fact]
    public void Aggregators_that_are_not_listed_for_a_fact_are_refused()
    {
        // A gap is read of any two numbers, but it means something of expectation and perception only (scoring.md §2).
        var all = MeasureLanguage.Facts.SelectMany(fact => fact.Aggregators).Distinct().ToList();
        foreach (var fact in MeasureLanguage.Facts)
        {
            foreach (var aggregator in all.Except(fact.Aggregators).Where(one => one != "gap"))
                Assert.NotEmpty(Errors(With(fact, aggregator, fact.Numbers.Count > 0 ? fact.Numbers[0] : null)));
        }
    }

    private static JsonObject With(FactLanguage fact, string aggregator, string? number)
    {
        var node = new JsonObject { ["code"] = "tried", ["name"] = new JsonObject { ["zh"] = "试", ["en"] = "tried" }, ["unit"] = "points", ["fact"] = fact.Name, ["aggregator"] = aggregator, ["where"] = new JsonObject() };
        if (fact.Name == "measurement")
            node["where"]!["measure"] = new JsonArray("any");
        switch (aggregator)
        {
            case "mean" or "sum" or "last": node["value"] = number; break;
            case "percentile": (node["value"], node["quantile"]) = (number, 0.9); break;
            case "latest": node["value"] = MeasureLanguage.LatestValues.GetValueOrDefault(fact.Name, ["residual"])[0]; break;
            case "gap": (node["expectation"], node["perception"]) = (fact.Name == "survey.response" ? "expectation" : number, fact.Name == "survey.response" ? "perception" : number); break;
            case "ratio" when number is not null: node["hit"] = new JsonObject { [number] = new JsonObject { ["min"] = 1 } }; break;
            case "per-thousand": node["base"] = "services"; break;
        }
        return node;
    }

    private static IReadOnlyList<SchemeError> Errors(JsonObject measure) => Schemes.Changed(json => json["measures"]!.AsArray().Add(measure.DeepClone())).Errors;
}
