using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Trials;

/// <summary>One change of a scheme document, as in JSON Patch (RFC 6902).</summary>
/// <param name="Op">replace, add or remove.</param>
/// <param name="Path">JSON pointer (RFC 6901) of the place; of a list, <c>-</c> is the place behind the last item.</param>
/// <param name="Value">The new value; not of remove.</param>
internal sealed record SchemeEdit(string Op, string Path, JsonElement? Value = null);

/// <summary>Edits of a scheme document, one after the other.</summary>
internal static class SchemeEdits
{
    public const int Most = 500;

    /// <summary>The edited document; an error names the edit that does not fit.</summary>
    public static (JsonNode? Edited, SchemeError? Error) Apply(ReadOnlyMemory<byte> scheme, IReadOnlyList<SchemeEdit> edits)
    {
        var document = JsonNode.Parse(scheme.Span)!;
        foreach (var (index, edit) in edits.Index())
        {
            if (Apply(document, edit) is { } error)
                return (null, error with { Location = $"/edits/{index}/{error.Location}" });
        }
        return (document, null);
    }

    private static SchemeError? Apply(JsonNode document, SchemeEdit edit)
    {
        if (edit.Op is not ("replace" or "add" or "remove"))
            return new("op", "unknown-choice", "'op' is replace, add or remove.");
        if (edit.Op != "remove" && edit.Value is null)
            return new("value", "required", "'value' is missing.");
        if (edit.Path is not { Length: > 1 } || edit.Path[0] != '/')
            return new("path", "not-a-pointer", "'path' is a JSON pointer to a place inside the scheme, such as /root/children/0/weight.");

        var steps = edit.Path[1..].Split('/').Select(step => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)).ToList();
        var parent = steps[..^1].Aggregate((JsonNode?)document, Child);
        var value = edit.Value is { } element ? JsonNode.Parse(element.GetRawText()) : null;
        var done = parent switch
        {
            JsonObject item => Apply(item, edit.Op, steps[^1], value),
            JsonArray list => Apply(list, edit.Op, steps[^1], value),
            _ => false,
        };
        return done ? null : new("path", "no-such-place", $"The scheme has no place '{edit.Path}' to {edit.Op}.");
    }

    private static JsonNode? Child(JsonNode? node, string step) => node switch
    {
        JsonObject item => item[step],
        JsonArray list => Index(step, list.Count) is { } index ? list[index] : null,
        _ => null,
    };

    private static bool Apply(JsonObject item, string op, string name, JsonNode? value)
    {
        if (op != "add" && !item.ContainsKey(name))
            return false;
        if (op == "remove")
            return item.Remove(name);
        item[name] = value;
        return true;
    }

    private static bool Apply(JsonArray list, string op, string step, JsonNode? value)
    {
        if (op == "add" && (step == "-" ? list.Count : Index(step, list.Count + 1)) is { } place)
        {
            list.Insert(place, value);
            return true;
        }
        if (op == "add" || Index(step, list.Count) is not { } index)
            return false;
        if (op == "remove")
            list.RemoveAt(index);
        else
            list[index] = value;
        return true;
    }

    private static int? Index(string step, int count) =>
        int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < count ? index : null;
}
