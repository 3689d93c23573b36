using System.Collections.Frozen;
using System.Text.Json;

namespace ServiceQuality.Scoring;

/// <summary>Reads the measures of a scheme.</summary>
internal sealed class MeasureParser(List<SchemeError> errors) : SchemeJson(errors)
{
    private static readonly FrozenDictionary<string, FactKind> Facts = new Dictionary<string, FactKind>
    {
        ["service.completed"] = FactKind.Service,
        ["measurement"] = FactKind.Measurement,
        ["survey.response"] = FactKind.Survey,
        ["fault"] = FactKind.Fault,
        ["inspection"] = FactKind.Inspection,
        ["complaint"] = FactKind.Complaint,
        ["training"] = FactKind.Training,
        ["risk"] = FactKind.Risk,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, Aggregator> Aggregators = new Dictionary<string, Aggregator>
    {
        ["mean"] = Aggregator.Mean,
        ["ratio"] = Aggregator.Ratio,
        ["per-thousand"] = Aggregator.PerThousand,
        ["count"] = Aggregator.Count,
        ["sum"] = Aggregator.Sum,
        ["percentile"] = Aggregator.Percentile,
        ["mttr"] = Aggregator.Mttr,
        ["mtbf"] = Aggregator.Mtbf,
        ["availability"] = Aggregator.Availability,
        ["last"] = Aggregator.Last,
        ["gap"] = Aggregator.Gap,
        ["failure-rate"] = Aggregator.FailureRate,
        ["latest"] = Aggregator.Latest,
        ["blend"] = Aggregator.Blend,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly FilterParser filters = new(errors);
    private readonly BlendParser blends = new(errors);
    private readonly Dictionary<string, Measure> measures = new(StringComparer.Ordinal);

    public FrozenDictionary<string, Measure> Measures => measures.ToFrozenDictionary(StringComparer.Ordinal);

    public void Read(JsonElement json)
    {
        var items = Items(json, "", "measures", least: 1).ToList();
        // A per-thousand names a count measure and a blend its parts, which may stand below it.
        foreach (var (item, at) in items.OrderBy(i => i.Item.TryGetProperty("parts", out _) ? 2 : i.Item.TryGetProperty("base", out _) ? 1 : 0))
        {
            var errorsBefore = Errors;
            var measure = item.TryGetProperty("parts", out _) ? blends.Read(item, at, MeasureOf) : ReadMeasure(item, at);
            if (!measures.TryAdd(measure.Code, measure) && Errors == errorsBefore)
                Error($"{at}/code", "code-not-unique", $"There is another measure '{measure.Code}'.");
        }
    }

    public Measure MeasureOf(JsonElement json, string at, string property)
    {
        var code = Text(json, at, property);
        if (measures.TryGetValue(code, out var measure))
            return measure;
        if (code.Length > 0)
            Error($"{at}/{property}", "unknown-measure", $"There is no measure '{code}'.");
        return new()
        {
            Code = code,
            Name = new("", ""),
            Unit = "",
            Aggregator = Aggregator.Count,
            Series = new() { Key = "", Fact = FactKind.Service, Shape = Shape.Tally, Where = Filter.All },
        };
    }

    private Measure ReadMeasure(JsonElement json, string at)
    {
        Known(json, at, "code", "name", "unit", "fact", "where", "value", "hit", "aggregator", "quantile", "base", "expectation", "perception");
        var code = Code(json, at, "code");
        var fact = Choice(json, at, "fact", [.. Facts.Select(f => (f.Key, f.Value))], "unknown-fact");
        var aggregator = Choice(json, at, "aggregator", [.. Aggregators.Select(f => (f.Key, f.Value))], "unknown-aggregator");
        var where = json.TryGetProperty("where", out var w) ? filters.Read(w, $"{at}/where", fact) : Filter.All;
        if (fact == FactKind.Measurement && where.Measures is null)
            Error($"{at}/where", "measure-required", "A measure over measurements names in 'where' which: \"measure\": [\"code\"].");
        if ((fact == FactKind.Fault) != aggregator is Aggregator.Mttr or Aggregator.Mtbf or Aggregator.Availability or Aggregator.FailureRate)
            Error($"{at}/aggregator", "aggregator-does-not-fit", "mttr, mtbf, availability and failure-rate belong to the fact 'fault', and it to them.");
        if (aggregator == Aggregator.Latest && fact is not (FactKind.Training or FactKind.Risk))
            Error($"{at}/aggregator", "aggregator-does-not-fit", "latest belongs to the facts 'training' (coverage) and 'risk' (assessments).");
        if (aggregator == Aggregator.Blend)
            Error($"{at}/parts", "required", "A blend says in 'parts' what it is made of.");

        Field? value = null, less = null;
        Filter? hit = null;
        double quantile = 0;
        Measure? under = null;
        var shape = Shape.Moments;
        switch (aggregator)
        {
            case Aggregator.Mean or Aggregator.Sum:
                value = filters.FieldOf(json, at, "value", fact);
                break;
            case Aggregator.Last:
                (value, shape) = (filters.FieldOf(json, at, "value", fact), Shape.Last);
                break;
            case Aggregator.Latest:
                shape = Shape.Latest;
                value = fact == FactKind.Training && IsCoverage(json) ? new(FieldKind.Coverage) : filters.FieldOf(json, at, "value", fact);
                if (value is not { Kind: FieldKind.Coverage or FieldKind.Qualified or FieldKind.Required or FieldKind.Inherent or FieldKind.Residual })
                    Error($"{at}/value", "unknown-value", "latest takes coverage, qualified, required (training), inherent, residual (risk).");
                break;
            case Aggregator.Percentile:
                (value, shape) = (filters.FieldOf(json, at, "value", fact), Shape.Sketch);
                quantile = Number(json, at, "quantile");
                if (!(quantile > 0 && quantile < 1))
                    Error($"{at}/quantile", "out-of-range", "A quantile lies above 0 and below 1.");
                break;
            case Aggregator.Gap:
                (value, less) = (filters.FieldOf(json, at, "perception", fact), filters.FieldOf(json, at, "expectation", fact));
                break;
            case Aggregator.Ratio:
                shape = Shape.Tally;
                if (json.TryGetProperty("hit", out var h))
                    hit = filters.Read(h, $"{at}/hit", fact);
                else if (fact == FactKind.Measurement)
                    value = filters.FieldOf(json, at, "value", fact);
                else
                    Error($"{at}/hit", "required", "A ratio says in 'hit' which facts count above the line.");
                break;
            case Aggregator.Count:
                shape = Shape.Tally;
                break;
            case Aggregator.PerThousand:
                if (json.TryGetProperty("value", out _))
                    value = filters.FieldOf(json, at, "value", fact);
                else
                    shape = Shape.Tally;
                under = BaseOf(json, at);
                break;
            default:
                shape = Shape.Faults;
                break;
        }
        return new()
        {
            Code = code,
            Name = Text2(json, at, "name"),
            Unit = Text(json, at, "unit"),
            Aggregator = aggregator,
            Quantile = quantile,
            Base = under,
            Series = new()
            {
                Key = SeriesKey.Of(fact, shape, where, value, less, hit),
                Fact = fact,
                Shape = shape,
                Where = where,
                Value = value,
                Less = less,
                Hit = hit,
            },
        };
    }

    private static bool IsCoverage(JsonElement json) => json.TryGetProperty("value", out var value) && value.ValueKind == JsonValueKind.String && value.ValueEquals("coverage");

    private Measure? BaseOf(JsonElement json, string at)
    {
        var code = Text(json, at, "base");
        if (code.Length == 0)
            return null;
        if (!measures.TryGetValue(code, out var under))
            Error($"{at}/base", "unknown-measure", $"There is no measure '{code}'.");
        else if (under.Aggregator != Aggregator.Count)
            Error($"{at}/base", "base-not-count", $"The base '{code}' is not a count.");
        return under;
    }
}
