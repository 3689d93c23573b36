using System.Text.Json.Nodes;
using ServiceQuality.Console.Schemes;
using ServiceQuality.Console.Suite;

namespace ServiceQuality.Console.Measures;

/// <summary>A measure of the scheme.</summary>
/// <param name="Index">Its place in the list.</param>
/// <param name="Node">As it is written.</param>
public sealed record MeasurePart(int Index, JsonObject Node)
{
    public string Code => SchemeDocument.Text(Node["code"]) ?? "";

    public LocalName Name => Node["name"] is JsonObject name ? new(SchemeDocument.Text(name["zh"]), SchemeDocument.Text(name["en"])) : LocalName.Unnamed;

    public string Unit => SchemeDocument.Text(Node["unit"]) ?? "";

    public string? Fact => SchemeDocument.Text(Node["fact"]);

    public string? Aggregator => SchemeDocument.Text(Node["aggregator"]);
}

/// <summary>The measures of a scheme and who uses them.</summary>
internal static class MeasureList
{
    public static IReadOnlyList<MeasurePart> Of(SchemeDocument document) =>
        [.. (document.Json["measures"] as JsonArray ?? []).Select((node, i) => (node as JsonObject, i)).Where(one => one.Item1 is not null).Select(one => new MeasurePart(one.i, one.Item1!))];

    public static MeasurePart? Find(SchemeDocument document, string code) => Of(document).FirstOrDefault(measure => measure.Code == code);

    /// <summary>Codes that an indicator or another measure asks for.</summary>
    public static IReadOnlySet<string> Used(SchemeDocument document) => document.Indicators.Select(indicator => SchemeDocument.Text(indicator.Node["measure"]))
        .Concat(Of(document).SelectMany(Under)).OfType<string>().ToHashSet(StringComparer.Ordinal);

    /// <summary>The measures that a measure is made of.</summary>
    private static IEnumerable<string?> Under(MeasurePart measure) =>
        (measure.Node["parts"] as JsonArray ?? []).OfType<JsonObject>().Select(part => SchemeDocument.Text(part["measure"])).Append(SchemeDocument.Text(measure.Node["base"]));
}
