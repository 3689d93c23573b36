using System.Globalization;
using System.Text.Json.Nodes;

namespace ServiceQuality.Console.Schemes;

/// <summary>Changes of a scheme's tree. Each answers with a new document; what is not concerned stays as it was written.</summary>
internal static class SchemeTree
{
    /// <summary>The part of a document at a JSON place.</summary>
    public static JsonObject At(JsonNode json, string place) => place.Split('/', StringSplitOptions.RemoveEmptyEntries)
        .Aggregate(json, (node, step) => node is JsonArray list ? list[int.Parse(step, CultureInfo.InvariantCulture)]! : node[step]!).AsObject();

    /// <summary>The document after a change.</summary>
    public static SchemeDocument Changed(SchemeDocument document, Action<JsonNode> change)
    {
        var json = document.Json.DeepClone();
        change(json);
        return new(json);
    }

    /// <summary>The family above a part; the root has none.</summary>
    public static SchemePart? Above(SchemeDocument document, SchemePart part) => part.Depth < 0 ? null
        : document.Families.Prepend(document.Root).FirstOrDefault(family => family.Place == part.Place[..part.Place.LastIndexOf("/children/", StringComparison.Ordinal)]);

    /// <summary>A child more, as heavy as its siblings are on average: n siblings become n + 1, each with the same part of what it had.</summary>
    public static SchemeDocument Add(SchemeDocument document, SchemePart family, JsonObject child) => Changed(document, json =>
    {
        var children = Children(json, family.Place);
        var weights = children.OfType<JsonObject>().Select(one => SchemeDocument.Number(one["weight"]) ?? 0).ToList();
        child["weight"] = weights.Sum() > 0 ? Math.Round(weights.Average(), 6) : 100;
        children.Add(child);
    });

    /// <summary>Without a part and everything below it.</summary>
    public static SchemeDocument Without(SchemeDocument document, SchemePart part) => Changed(document, json => Take(json, part));

    /// <summary>A part as the last child of another family; its weight number stays. Null when the family lies below the part itself.</summary>
    public static SchemeDocument? Moved(SchemeDocument document, SchemePart part, SchemePart family) =>
        family.Place == part.Place || family.Place.StartsWith(part.Place + "/", StringComparison.Ordinal) ? null : Changed(document, json =>
        {
            // The place of the family may shift when the part is taken away: hold on to the list itself.
            var children = Children(json, family.Place);
            children.Add(Take(json, part));
        });

    /// <summary>A part before its sibling above it (−1) or behind the one below (+1); at the end of the list nothing changes.</summary>
    public static SchemeDocument Shifted(SchemeDocument document, SchemePart part, int by) => Changed(document, json =>
    {
        var index = Index(part);
        var siblings = (JsonArray)At(json, part.Place).Parent!;
        if (index + by < 0 || index + by >= siblings.Count)
            return;
        var node = siblings[index];
        siblings.RemoveAt(index);
        siblings.Insert(index + by, node);
    });

    private static JsonObject Take(JsonNode json, SchemePart part)
    {
        var node = At(json, part.Place);
        ((JsonArray)node.Parent!).RemoveAt(Index(part));
        return node;
    }

    private static JsonArray Children(JsonNode json, string place) => (JsonArray)At(json, place)["children"]!;

    private static int Index(SchemePart part) => int.Parse(part.Place[(part.Place.LastIndexOf('/') + 1)..], CultureInfo.InvariantCulture);
}
