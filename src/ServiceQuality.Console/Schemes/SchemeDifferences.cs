using System.Text.Json.Nodes;
using ServiceQuality.Console.Figures;
using ServiceQuality.Console.Measures;
using ServiceQuality.Console.Shell;
using ServiceQuality.Console.Suite;

namespace ServiceQuality.Console.Schemes;

/// <summary>One difference between two versions, in words.</summary>
/// <param name="Part">What has changed.</param>
/// <param name="Before">How it was.</param>
/// <param name="After">How it is.</param>
public sealed record Difference(string Part, string Before, string After);

/// <summary>Says in words what an edited scheme does differently.</summary>
public sealed class SchemeDifferences(Reader reader)
{
    private static readonly string[] Known = ["version", "effectiveFrom", "author", "approver", "mainPeriod", "rollUp", "rationale", "bands", "adjustments", "root", "measures"];

    public IReadOnlyList<Difference> Between(SchemeDocument before, SchemeDocument after)
    {
        var found = new List<Difference>();
        foreach (var part in after.Parts)
        {
            if (before.Find(part.Code) is not { } was)
                found.Add(new(Name(part), Figure.None, Share(part.Share)));
            else
                Compare(before, after, was, part, found);
        }
        found.AddRange(before.Parts.Where(was => after.Find(was.Code) is null).Select(was => new Difference(Name(was), Share(was.Share), reader.Say("schemes.diff.gone"))));
        Add(found, reader.Say("schemes.diff.policy", reader.Say("schemes.root")), Policy(before.Root), Policy(after.Root));
        foreach (var (index, band) in after.Bands.Index())
        {
            var was = index < before.Bands.Count ? before.Bands[index] : null;
            Add(found, reader.Say("schemes.diff.band", reader.Name(band.Name, band.Code)), SchemeDocument.Field(was?.From), SchemeDocument.Field(band.From));
            Add(found, reader.Say("schemes.diff.band-name", band.Code), $"{was?.Name.Zh} / {was?.Name.En}", $"{band.Name.Zh} / {band.Name.En}");
        }
        foreach (var rule in after.Rules)
        {
            var was = before.Rules.FirstOrDefault(one => one.Rule == rule.Rule);
            Add(found, reader.Say("schemes.diff.points", reader.Name(rule.Name, rule.Rule)), Number(was?.Points), Number(rule.Points));
            Add(found, reader.Say("schemes.diff.cap", reader.Name(rule.Name, rule.Rule)), Number(was?.Cap), Number(rule.Cap));
        }
        Measures(before, after, found);
        Add(found, reader.Say("schemes.period"), reader.Word("schemes.period", before.MainPeriod), reader.Word("schemes.period", after.MainPeriod));
        Add(found, reader.Say("schemes.rollup"), reader.Word("schemes.rollup", before.RollUp), reader.Word("schemes.rollup", after.RollUp));
        if (Others(before, after))
            found.Add(new(reader.Say("schemes.diff.others"), Figure.None, reader.Say("schemes.diff.document")));
        return found;
    }

    private void Compare(SchemeDocument before, SchemeDocument after, SchemePart was, SchemePart part, List<Difference> found)
    {
        Add(found, reader.Say("schemes.diff.name", part.Code), $"{was.Name.Zh} / {was.Name.En}", $"{part.Name.Zh} / {part.Name.En}");
        Add(found, reader.Say("schemes.diff.moved", Name(part)), Above(before, was), Above(after, part));
        Add(found, reader.Say("schemes.diff.weight", Name(part)), Share(was.Share), Share(part.Share));
        if (part.IsFamily)
        {
            Add(found, reader.Say("schemes.diff.policy", Name(part)), Policy(was), Policy(part));
            return;
        }
        Add(found, reader.Say("schemes.diff.measure", Name(part)), Measure(before, was), Measure(after, part));
        var unit = after.UnitOf(part);
        Add(found, reader.Say("schemes.diff.standard", Name(part)), Curve(was, unit), Curve(part, unit));
        Add(found, reader.Say("schemes.diff.sample", Name(part)), Figure.Count(was.MinimumSample), Figure.Count(part.MinimumSample));
    }

    private static void Add(List<Difference> found, string part, string before, string after)
    {
        if (before != after)
            found.Add(new(part, before, after));
    }

    private string Name(SchemePart part) => reader.Name(part.Name, part.Code);

    private static string Share(double share) => SchemeDocument.Field(share) + "%";

    private static string Number(double? number) => number is null ? Figure.None : SchemeDocument.Field(number);

    private string Above(SchemeDocument document, SchemePart part) => SchemeTree.Above(document, part) is { Depth: >= 0 } family ? Name(family) : reader.Say("schemes.root");

    private string Measure(SchemeDocument document, SchemePart indicator) => SchemeDocument.Text(indicator.Node["measure"]) is { } code ? reader.Name(MeasureList.Find(document, code)?.Name, code) : Figure.None;

    private void Measures(SchemeDocument before, SchemeDocument after, List<Difference> found)
    {
        foreach (var measure in MeasureList.Of(after))
        {
            var was = MeasureList.Find(before, measure.Code);
            if (was is null || !JsonNode.DeepEquals(was.Node, measure.Node))
                found.Add(new(reader.Say("schemes.diff.of-measure", reader.Name(measure.Name, measure.Code)), was is null ? Figure.None : reader.Say("schemes.diff.as-was"), reader.Say(was is null ? "schemes.diff.defined" : "schemes.diff.redefined")));
        }
        found.AddRange(MeasureList.Of(before).Where(was => MeasureList.Find(after, was.Code) is null).Select(was => new Difference(reader.Say("schemes.diff.of-measure", reader.Name(was.Name, was.Code)), reader.Say("schemes.diff.as-was"), reader.Say("schemes.diff.gone"))));
    }

    private string Policy(SchemePart family) => family.Policy switch
    {
        "neutral" => reader.Say("schemes.policy-neutral", SchemeDocument.Field(family.PolicyPoints)),
        "hold" => reader.Say("schemes.policy-hold", SchemeDocument.Field(family.PolicyDays), SchemeDocument.Field(family.PolicyPoints)),
        var policy => reader.Word("schemes.policy", policy),
    };

    private static string Curve(SchemePart indicator, string unit) =>
        string.Join(" · ", indicator.Curve.Select(point => $"{SchemeDocument.Field(point.Value)}{(unit is "s" or "h" or "min" ? " " + unit : "")} → {SchemeDocument.Field(point.Points)}"));

    /// <summary>Whether anything differs that is not said above: directions, limits, sources, reasons …</summary>
    private static bool Others(SchemeDocument before, SchemeDocument after) => !JsonNode.DeepEquals(Rest(before.Json), Rest(after.Json))
        || after.Parts.Append(after.Root).Any(part => before.Find(part.Code) is { } was && !JsonNode.DeepEquals(Rest(was.Node), Rest(part.Node)));

    private static JsonNode? Rest(JsonNode? node)
    {
        if (node is not JsonObject item)
            return node is JsonArray list ? new JsonArray([.. list.Select(Rest)]) : node?.DeepClone();
        var rest = new JsonObject();
        foreach (var (name, value) in item)
        {
            if (!Known.Contains(name) && name is not ("weight" or "missing" or "breakpoints" or "minimumSample" or "children" or "measure" or "code" or "name"))
                rest[name] = Rest(value);
        }
        return rest;
    }
}
