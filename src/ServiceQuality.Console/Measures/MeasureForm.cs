using System.Globalization;
using System.Text.Json.Nodes;
using ServiceQuality.Console.Schemes;

namespace ServiceQuality.Console.Measures;

/// <summary>The form of one measure. Its state is the measure as it would be written; what was typed and is no number stands in it as text, so that the check of the scheme refuses it at its place.</summary>
/// <param name="Former">Code of the measure that is edited; empty for a new one.</param>
/// <param name="Node">The measure as the form has it.</param>
/// <param name="Language">What can be asked for.</param>
/// <param name="Errors">What the check of the scheme refuses, by field.</param>
public sealed record MeasureForm(string Former, JsonObject Node, MeasureLanguage Language, IReadOnlyList<FieldError> Errors)
{
    /// <summary>Empty rows for further parts of a blend.</summary>
    public const int SpareParts = 2;

    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    public string Aggregator => SchemeDocument.Text(Node["aggregator"]) ?? "mean";

    public bool IsBlend => Aggregator == "blend";

    public FactLanguage? Fact => IsBlend ? null : Language.Find(SchemeDocument.Text(Node["fact"]));

    public bool NeedsValue => Aggregator is "mean" or "sum" or "last" or "percentile" or "latest" or "per-thousand" || (Aggregator == "ratio" && Fact?.Name == "measurement");

    public bool MayLackValue => Aggregator is "per-thousand" or "ratio";

    /// <summary>Numbers that its value can be.</summary>
    public IEnumerable<string> Values => Fact is null ? [] : Aggregator == "latest" ? Language.LatestValues.GetValueOrDefault(Fact.Name, []) : Fact.Numbers;

    public string Mark(string field) => Errors.Any(error => error.Field == field) ? "in bad" : "in";

    public string? Invalid(string field) => Errors.Any(error => error.Field == field) ? "true" : null;

    /// <summary>What stands at a path of the measure, as text.</summary>
    public string Said(params ReadOnlySpan<string> path)
    {
        JsonNode? node = Node;
        foreach (var step in path)
            node = node is JsonObject item ? item[step] : node is JsonArray list && int.TryParse(step, NumberStyles.None, Invariant, out var i) && i < list.Count ? list[i] : null;
        return node switch
        {
            JsonArray list => string.Join(", ", list.Select(item => item?.ToString())),
            JsonValue value => value.GetValueKind() is System.Text.Json.JsonValueKind.True ? "true" : value.GetValueKind() is System.Text.Json.JsonValueKind.False ? "false" : value.ToString(),
            _ => "",
        };
    }

    /// <summary>Whether a word is asked for.</summary>
    public bool Asks(string filter, string word, string choice) => Node[filter]?[word] is JsonArray list && list.Any(item => SchemeDocument.Text(item) == choice);

    /// <summary>Numbers of a filter that the fact has no name for in the list: questions of a survey.</summary>
    public IEnumerable<string> Others(string filter) => (Node[filter] as JsonObject ?? []).Select(one => one.Key).Where(name => Fact is { } fact && !fact.Numbers.Contains(name) && !fact.Words.Any(word => word.Name == name));

    /// <summary>Reads the form.</summary>
    public static JsonObject Read(IFormCollection form, MeasureLanguage language)
    {
        var (aggregator, fact) = (Text(form, "m-agg"), language.Find(Text(form, "m-fact")));
        var node = new JsonObject { ["code"] = Text(form, "m-code"), ["name"] = new JsonObject { ["zh"] = Text(form, "m-zh"), ["en"] = Text(form, "m-en") }, ["unit"] = Text(form, "m-unit") };
        if (aggregator == "blend")
        {
            node["aggregator"] = aggregator;
            if (Text(form, "m-each") == "month")
                node["each"] = "month";
            node["parts"] = Parts(form);
            return node;
        }
        node["fact"] = Text(form, "m-fact");
        if (fact is not null && Filter(form, "where", fact) is { Count: > 0 } where)
            node["where"] = where;
        node["aggregator"] = aggregator;
        var draft = new MeasureForm("", node, language, []);
        if (draft.NeedsValue && (Text(form, "m-value") is { Length: > 0 } || !draft.MayLackValue))
            node["value"] = Text(form, "m-value");
        if (aggregator == "ratio" && fact is not null && Filter(form, "hit", fact) is { Count: > 0 } hit)
            node["hit"] = hit;
        if (aggregator == "percentile")
            Number(node, "quantile", Text(form, "m-quantile"));
        if (aggregator == "per-thousand")
            node["base"] = Text(form, "m-base");
        if (aggregator == "gap")
            (node["expectation"], node["perception"]) = (Text(form, "m-expectation"), Text(form, "m-perception"));
        return node;
    }

    /// <summary>The field of a place within the measure.</summary>
    public static string FieldOf(string[] steps) => steps switch
    {
        [] => "m-code",
        ["code"] => "m-code",
        ["name", "en"] => "m-en",
        ["name", ..] => "m-zh",
        ["aggregator"] => "m-agg",
        ["where" or "hit"] => $"m-{steps[0]}",
        ["where" or "hit", var name, .. var side] => $"m-{steps[0]}-{name.Replace("~1", "/", StringComparison.Ordinal)}{(side is [var end] ? $"-{end}" : "")}",
        ["parts"] => "m-part-0-measure",
        ["parts", var part] => $"m-part-{part}-measure",
        ["parts", var part, var property, ..] => $"m-part-{part}-{property}",
        [var property, ..] => $"m-{property}",
    };

    private static JsonObject Filter(IFormCollection form, string filter, FactLanguage fact)
    {
        var read = new JsonObject();
        foreach (var word in fact.Words)
        {
            var field = form[$"m-{filter}-{word.Name}"];
            var asked = (word.Choices.Count > 0 ? field.OfType<string>() : field.ToString().Split([',', '，', '、'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).ToList();
            if (asked.Count > 0)
                read[word.Name] = new JsonArray([.. asked.Select(one => (JsonNode)one)]);
        }
        foreach (var number in fact.Numbers.Concat(form[$"m-{filter}-other"].OfType<string>().Select(name => name.Trim()).Where(name => name.Length > 0)).Distinct(StringComparer.Ordinal))
        {
            if (fact.Truths.Contains(number))
            {
                if (bool.TryParse(Text(form, $"m-{filter}-{number}"), out var truth))
                    read[number] = truth;
                continue;
            }
            var bounds = new JsonObject();
            foreach (var side in (string[])["min", "max"])
            {
                if (Text(form, $"m-{filter}-{number}-{side}") is { Length: > 0 } bound)
                    Number(bounds, side, bound);
            }
            if (bounds.Count > 0)
                read[number] = bounds;
        }
        // A number that is not in the list yet: its bounds stand beside its name.
        if (Text(form, $"m-{filter}-new") is { Length: > 0 } name && !read.ContainsKey(name))
        {
            var bounds = new JsonObject();
            foreach (var side in (string[])["min", "max"])
            {
                if (Text(form, $"m-{filter}-new-{side}") is { Length: > 0 } bound)
                    Number(bounds, side, bound);
            }
            read[name] = bounds;
        }
        return read;
    }

    private static JsonArray Parts(IFormCollection form)
    {
        var parts = new JsonArray();
        for (var i = 0; form.ContainsKey($"m-part-{i}-measure"); i++)
        {
            if (Text(form, $"m-part-{i}-measure") is not { Length: > 0 } measure)
                continue;
            var part = new JsonObject { ["measure"] = measure };
            Number(part, "weight", Text(form, $"m-part-{i}-weight"));
            part["mean"] = Text(form, $"m-part-{i}-mean");
            if (Text(form, $"m-part-{i}-minimumSample") is { Length: > 0 } least)
                Number(part, "minimumSample", least);
            if (Text(form, $"m-part-{i}-groups").Split([',', '，', '、'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } groups)
                part["groups"] = new JsonArray([.. groups.Select(group => (JsonNode)group)]);
            if (Text(form, $"m-part-{i}-absent") is { Length: > 0 } absent)
                part["absent"] = absent;
            parts.Add(part);
        }
        return parts;
    }

    private static string Text(IFormCollection form, string field) => form[field].ToString().Trim();

    private static void Number(JsonObject node, string property, string typed)
    {
        if (typed.Length > 0)
            node[property] = double.TryParse(typed, NumberStyles.Float, Invariant, out var number) && double.IsFinite(number) ? number : typed;
    }
}
