using System.Collections.Frozen;
using System.Text.Json;
using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Scoring;

/// <summary>Reads which facts a measure looks at (<c>where</c>, <c>hit</c>), and which of their numbers.</summary>
internal sealed class FilterParser(List<SchemeError> errors) : SchemeJson(errors)
{
    public Filter Read(JsonElement json, string at, FactKind fact)
    {
        var filter = new Filter();
        if (!IsObject(json, at))
            return filter;
        var ranges = new List<Bounds>();
        foreach (var property in json.EnumerateObject())
        {
            var place = $"{at}/{Escape(property.Name)}";
            if (FieldOf(property.Name, fact) is { } field)
            {
                if (!IsObject(property.Value, place))
                    continue;
                Known(property.Value, place, "min", "max");
                var (min, max) = (long.MinValue + 1, long.MaxValue);
                if (property.Value.TryGetProperty("min", out _))
                    min = Scoring.Number.Of(Number(property.Value, place, "min"));
                if (property.Value.TryGetProperty("max", out _))
                    max = Scoring.Number.Of(Number(property.Value, place, "max"));
                if (min > max)
                    Error(place, "range-empty", "'min' is above 'max'.");
                ranges.Add(new(field, min, max));
                continue;
            }
            filter = (fact, property.Name) switch
            {
                (FactKind.Service, "channel") => filter with { Channels = Bits<Channel>(property.Value, place) },
                (FactKind.Service, "outcome") => filter with { Outcomes = Bits<ServiceOutcome>(property.Value, place) },
                (FactKind.Service, "service") => filter with { Services = Set(property.Value, place) },
                (FactKind.Measurement, "measure") => filter with { Measures = Set(property.Value, place) },
                (FactKind.Survey, "survey") => filter with { Surveys = Set(property.Value, place) },
                (FactKind.Survey, "kind") => filter with { Kinds = Bits<SurveyKind>(property.Value, place) },
                (FactKind.Fault, "asset") => filter with { Assets = Set(property.Value, place) },
                _ => Unknown(),
            };

            Filter Unknown()
            {
                Error(place, "unknown-condition", $"Facts of this kind have no '{property.Name}' to look at.");
                return filter;
            }
        }
        ranges.Sort(static (a, b) => a.Field.Kind != b.Field.Kind ? a.Field.Kind.CompareTo(b.Field.Kind) : string.CompareOrdinal(a.Field.Question, b.Field.Question));
        return filter with { Ranges = [.. ranges] };
    }

    public Field FieldOf(JsonElement json, string at, string property, FactKind fact)
    {
        var name = Text(json, at, property);
        if (name.Length == 0 || FieldOf(name, fact) is not { } field)
        {
            if (name.Length > 0)
                Error($"{at}/{property}", "unknown-value", $"Facts of this kind have no number '{name}'.");
            return new(FieldKind.Value);
        }
        return field;
    }

    private static Field? FieldOf(string name, FactKind fact) => (fact, name) switch
    {
        (FactKind.Service, "waitSeconds") => new(FieldKind.Wait),
        (FactKind.Service, "handleSeconds") => new(FieldKind.Handle),
        (FactKind.Service, "errors") => new(FieldKind.Errors),
        (FactKind.Service, "rating") => new(FieldKind.Rating),
        (FactKind.Measurement, "value") => new(FieldKind.Value),
        (FactKind.Survey, "answer") => new(FieldKind.Answer),
        (FactKind.Survey, "promoter") => new(FieldKind.Promoter),
        (FactKind.Survey, _) when name.StartsWith("answers.", StringComparison.Ordinal) && name.Length > 8 => new(FieldKind.Question, name[8..]),
        _ => null,
    };

    private int Bits<T>(JsonElement json, string at)
        where T : struct, Enum
    {
        var bits = 0;
        foreach (var name in Strings(json, at))
        {
            // The JSON names of these enumerations are their names in lower case, in the order of their values.
            var value = Array.FindIndex(Enum.GetNames<T>(), n => string.Equals(n.ToLowerInvariant(), name, StringComparison.Ordinal));
            if (value >= 0)
                bits |= 1 << value;
            else
                Error(at, "unknown-condition", $"'{name}' is none of {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}.");
        }
        return bits;
    }

    private FrozenSet<string> Set(JsonElement json, string at) => Strings(json, at).ToFrozenSet(StringComparer.Ordinal);
}
