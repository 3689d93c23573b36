using System.Text.Json;
using System.Text.Json.Nodes;

namespace ServiceQuality.Deploy.Manifests;

/// <summary>Short ways into JSON objects.</summary>
internal static class Nodes
{
    /// <summary>What is at the end of the path; null when a step is missing.</summary>
    public static JsonNode? At(this JsonNode? node, params string[] path) =>
        path.Aggregate(node, (at, step) => at is JsonObject map && map.TryGetPropertyValue(step, out var next) ? next : null);

    public static string? Text(this JsonNode? node, params string[] path) => node.At(path) is JsonValue value ? value.ToString() : null;

    public static bool Is(this JsonNode? node, bool wanted, params string[] path) => node.At(path) is JsonValue value && value.TryGetValue<bool>(out var found) && found == wanted;

    public static int? Number(this JsonNode? node, params string[] path) => node.At(path) is JsonValue value && value.GetValueKind() == JsonValueKind.Number && int.TryParse(value.ToString(), out var number) ? number : null;

    public static IEnumerable<JsonObject> Each(this JsonNode? node, params string[] path) => (node.At(path) as JsonArray)?.OfType<JsonObject>() ?? [];

    public static IEnumerable<string> Texts(this JsonNode? node, params string[] path) => (node.At(path) as JsonArray)?.Select(item => item!.ToString()) ?? [];

    public static IReadOnlyDictionary<string, string> Map(this JsonNode? node, params string[] path) =>
        (node.At(path) as JsonObject)?.ToDictionary(entry => entry.Key, entry => entry.Value?.ToString() ?? "") ?? [];

    /// <summary>Every value anywhere below, with the name it is under; items of lists have none.</summary>
    public static IEnumerable<(string Name, JsonNode Value)> Below(this JsonNode? node) => node switch
    {
        JsonObject map => map.Where(entry => entry.Value is not null).SelectMany(entry => entry.Value!.Below().Prepend((entry.Key, entry.Value!))),
        JsonArray list => list.SelectMany(item => item is JsonValue ? [("", item)] : item.Below()),
        _ => [],
    };
}
