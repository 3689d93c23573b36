using System.Globalization;
using System.Text.Json.Nodes;
using ServiceQuality.Console.Figures;
using ServiceQuality.Console.Suite;

namespace ServiceQuality.Console.Schemes;

/// <summary>A point of a standard, as the document writes it.</summary>
public sealed record CurvePoint(double Value, double Points);

/// <summary>A node of the tree.</summary>
/// <param name="Code">Code.</param>
/// <param name="Name">Name.</param>
/// <param name="Place">JSON place of its place.</param>
/// <param name="Depth">0 under the root.</param>
/// <param name="Share">Share among its siblings in per cent; those of siblings sum to exactly 100.</param>
/// <param name="Node">The document's part.</param>
public sealed record SchemePart(string Code, LocalName Name, string Place, int Depth, double Share, JsonObject Node)
{
    public bool IsFamily => Node.ContainsKey("children");

    /// <summary>The standard in the order of the document.</summary>
    public IReadOnlyList<CurvePoint> Curve { get; } = [.. (Node["breakpoints"] as JsonArray ?? []).OfType<JsonArray>().Where(point => point.Count == 2).Select(point => new CurvePoint(SchemeDocument.Number(point[0]) ?? 0, SchemeDocument.Number(point[1]) ?? 0))];

    public long MinimumSample => (long)(SchemeDocument.Number(Node["minimumSample"]) ?? 1);

    /// <summary>What a child without data means: redistribute, neutral, hold or zero.</summary>
    public string Policy => SchemeDocument.Text(Node["missing"]?["policy"]) ?? "redistribute";

    public double? PolicyPoints => SchemeDocument.Number(Node["missing"]?["points"]);

    public double? PolicyDays => SchemeDocument.Number(Node["missing"]?["days"]);
}

/// <summary>A grade band.</summary>
public sealed record BandPart(string Code, LocalName Name, double From);

/// <summary>A rule of deductions or bonuses.</summary>
public sealed record RulePart(string Rule, string Kind, LocalName Name, double? Points, double? Cap);

/// <summary>A scheme version as the editor sees it: the parts that can be edited, over the document as it was written.</summary>
public sealed class SchemeDocument
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;
    private readonly Dictionary<string, string> _units;

    public SchemeDocument(JsonNode json)
    {
        Json = json;
        _units = (json["measures"] as JsonArray ?? []).OfType<JsonObject>().Where(measure => Text(measure["code"]) is not null)
            .DistinctBy(measure => Text(measure["code"])).ToDictionary(measure => Text(measure["code"])!, measure => Text(measure["unit"]) ?? "", StringComparer.Ordinal);
        Root = new(Text(json["root"]?["code"]) ?? "root", NameOf(json["root"]), "/root", -1, 100, json["root"] as JsonObject ?? []);
        var parts = new List<SchemePart>();
        Walk(Root, parts);
        Parts = parts;
    }

    public JsonNode Json { get; }

    public int Version => (int)(Number(Json["version"]) ?? 0);

    public LocalName Name => NameOf(Json);

    public LocalName Rationale => LocalOf(Json["rationale"]);

    public string EffectiveFrom => Text(Json["effectiveFrom"]) ?? "";

    public string MainPeriod => Text(Json["mainPeriod"]) ?? "";

    public string RollUp => Text(Json["rollUp"]) ?? "";

    public SchemePart Root { get; }

    /// <summary>Every node but the root, families before what is in them.</summary>
    public IReadOnlyList<SchemePart> Parts { get; }

    public IEnumerable<SchemePart> Families => Parts.Where(part => part.IsFamily);

    public IEnumerable<SchemePart> Indicators => Parts.Where(part => !part.IsFamily);

    public IReadOnlyList<BandPart> Bands => [.. Items("bands").Select(band => new BandPart(Text(band["code"]) ?? "", NameOf(band), Number(band["from"]) ?? 0))];

    public IReadOnlyList<RulePart> Rules => [.. Items("adjustments").Select(rule => new RulePart(Text(rule["rule"]) ?? "", Text(rule["kind"]) ?? "", NameOf(rule), Number(rule["points"]), Number(rule["cap"])))];

    public SchemePart? Find(string code) => Parts.FirstOrDefault(part => part.Code == code) ?? (Root.Code == code ? Root : null);

    /// <summary>The nodes right under a family.</summary>
    public IEnumerable<SchemePart> Under(SchemePart family) => Parts.Where(part => part.Depth == family.Depth + 1 && part.Place.StartsWith(family.Place + "/", StringComparison.Ordinal));

    /// <summary>Unit of an indicator's values.</summary>
    public string UnitOf(SchemePart indicator) => _units.GetValueOrDefault(Text(indicator.Node["measure"]) ?? "", "");

    /// <summary>What the pages need of it elsewhere: bands and names.</summary>
    public Scheme AsScheme(SchemeRef reference) => Scheme.Of(reference, System.Text.Json.JsonSerializer.SerializeToElement(Json));

    /// <summary>A number as it stands in a field.</summary>
    public static string Field(double? number) => number?.ToString("0.######", Invariant) ?? "";

    internal static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    internal static double? Number(JsonNode? node) => node is JsonValue value && value.GetValueKind() == System.Text.Json.JsonValueKind.Number
        ? value.TryGetValue<double>(out var number) ? number : double.Parse(value.ToJsonString(), Invariant)
        : null;

    private static LocalName NameOf(JsonNode? node) => LocalOf((node as JsonObject)?["name"]);

    internal static LocalName LocalOf(JsonNode? name) => name is JsonObject ? new(Text(name["zh"]), Text(name["en"])) : LocalName.Unnamed;

    private IEnumerable<JsonObject> Items(string list) => (Json[list] as JsonArray ?? []).OfType<JsonObject>();

    private static void Walk(SchemePart family, List<SchemePart> parts)
    {
        var children = (family.Node["children"] as JsonArray ?? []).OfType<JsonObject>().ToList();
        var weights = children.Select(child => Math.Max(0, Number(child["weight"]) ?? 0)).ToList();
        var sum = weights.Sum();
        var shares = sum > 0 ? Figure.Parts([.. weights.Select(weight => weight / sum * 100)], 100, 2) : weights;
        foreach (var (index, child) in children.Index())
        {
            var part = new SchemePart(Text(child["code"]) ?? "", NameOf(child), $"{family.Place}/children/{index}", family.Depth + 1, Math.Round(shares[index], 2), child);
            parts.Add(part);
            if (part.IsFamily)
                Walk(part, parts);
        }
    }
}
