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
        var (ranges, listings) = (new List<Bounds>(), new List<Listing>());
        foreach (var property in json.EnumerateObject())
        {
            var place = $"{at}/{Escape(property.Name)}";
            if (FieldOf(property.Name, fact) is { } field)
            {
                if (ReadBounds(property.Value, place, field) is { } bounds)
                    ranges.Add(bounds);
                continue;
            }
            if (Words.Choices(fact, property.Name) is { } choices)
            {
                listings.Add(new(property.Name, Set(property.Value, place, choices)));
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
        return filter with { Ranges = [.. ranges], Listings = [.. listings.OrderBy(l => l.Name, StringComparer.Ordinal)] };
    }

    /// <summary>A range <c>{"min", "max"}</c>; of what is true or false also just that.</summary>
    private Bounds? ReadBounds(JsonElement json, string at, Field field)
    {
        if (json.ValueKind is JsonValueKind.True or JsonValueKind.False && field.Kind is FieldKind.WithinTarget or FieldKind.Accepted or FieldKind.Passed)
        {
            var truth = json.ValueKind == JsonValueKind.True ? Scoring.Number.One : 0;
            return new(field, truth, truth);
        }
        if (!IsObject(json, at))
            return null;
        Known(json, at, "min", "max");
        var (min, max) = (long.MinValue + 1, long.MaxValue);
        if (json.TryGetProperty("min", out _))
            min = Scoring.Number.Of(Number(json, at, "min"));
        if (json.TryGetProperty("max", out _))
            max = Scoring.Number.Of(Number(json, at, "max"));
        if (min > max)
            Error(at, "range-empty", "'min' is above 'max'.");
        return new(field, min, max);
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
        (FactKind.Survey, "expectation") => new(FieldKind.Expectation),
        (FactKind.Survey, "perception") => new(FieldKind.Perception),
        (FactKind.Survey, "attainment") => new(FieldKind.Attainment),
        (FactKind.Survey, _) when After(name, "answers.") is { } question => new(FieldKind.Question, question),
        (FactKind.Survey, _) when After(name, "expectation.") is { } item && ServqualPair.IsKey(item) => new(FieldKind.Expectation, item),
        (FactKind.Survey, _) when After(name, "perception.") is { } item && ServqualPair.IsKey(item) => new(FieldKind.Perception, item),
        (FactKind.Survey, _) when After(name, "attainment.") is { } item && ServqualPair.IsKey(item) => new(FieldKind.Attainment, item),
        (FactKind.Inspection, "score") => new(FieldKind.Score),
        (FactKind.Inspection, "criticalFailures") => new(FieldKind.CriticalFailures),
        (FactKind.Complaint, "ackSeconds") => new(FieldKind.AckSeconds),
        (FactKind.Complaint, "resolveSeconds") => new(FieldKind.ResolveSeconds),
        (FactKind.Complaint, "withinTarget") => new(FieldKind.WithinTarget),
        (FactKind.Complaint, "accepted") => new(FieldKind.Accepted),
        (FactKind.Complaint or FactKind.Risk, "severityWeight") => new(FieldKind.SeverityWeight),
        (FactKind.Training, "passed") => new(FieldKind.Passed),
        (FactKind.Training, "score") => new(FieldKind.Score),
        (FactKind.Training, "hours") => new(FieldKind.Hours),
        (FactKind.Training, "qualified") => new(FieldKind.Qualified),
        (FactKind.Training, "required") => new(FieldKind.Required),
        (FactKind.Risk, "inherent") => new(FieldKind.Inherent),
        (FactKind.Risk, "residual") => new(FieldKind.Residual),
        _ => null,
    };

    private static string? After(string name, string beginning) =>
        name.Length > beginning.Length && name.StartsWith(beginning, StringComparison.Ordinal) ? name[beginning.Length..] : null;

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

    private FrozenSet<string> Set(JsonElement json, string at, string[] choices)
    {
        var words = Strings(json, at);
        foreach (var word in words.Where(w => choices.Length > 0 && !choices.Contains(w, StringComparer.Ordinal)))
            Error(at, "unknown-condition", $"'{word}' is none of {string.Join(", ", choices)}.");
        return words.ToFrozenSet(StringComparer.Ordinal);
    }
}
