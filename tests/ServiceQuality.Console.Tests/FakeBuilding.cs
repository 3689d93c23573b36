using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ServiceQuality.Scoring;
using ServiceQuality.Scoring.Weights;

namespace ServiceQuality.Console.Tests;

/// <summary>The delivered scheme in the place of the made-up one: what is refused, the score service's own parser says.</summary>
public sealed partial class FakeSuite
{
    private bool _delivered;

    /// <summary>Version 12 is the delivered scheme from now on.</summary>
    public void UseDeliveredScheme()
    {
        var document = JsonNode.Parse(DefaultSchemes.TelecomDraft(new DateOnly(2026, 1, 1)).Json.Span)!;
        (document["version"], document["author"], document["approver"]) = (12, "编制人 Author", "审批人 Approver");
        _versions[12] = new(document, Guid.Empty, "编制人 Author") { Approver = "审批人 Approver" };
        _delivered = true;
    }

    private void MapBuilding(IEndpointRouteBuilder app)
    {
        app.MapGet("/api/schemes/measure-language", (HttpContext context) => Answer(context, "scores", () => new { facts = MeasureLanguage.Facts, latestValues = MeasureLanguage.LatestValues, blendable = MeasureLanguage.Blendable })).AllowAnonymous();
        app.MapPost("/api/what-if/weights", async (HttpContext context, CancellationToken ct) => await ReadAsync(context, ct) is var body ? Answer(context, "scores", () => PresentWeights(body["scheme"]!, body["family"]!.GetValue<string>())) : null!).AllowAnonymous();
        app.MapPost("/api/weights/combined", async (HttpContext context, CancellationToken ct) => await ReadAsync(context, ct) is var body ? Results.Json(new { weights = WeightVector.Combined(Numbers(body["judged"]), Numbers(body["objective"])) }) : null!).AllowAnonymous();
        app.MapPost("/api/schemes/validate", async (HttpContext context, CancellationToken ct) => await ReadAsync(context, ct) is var body ? Answer(context, "scores", () => new { valid = Errors(body).Count == 0, errors = Errors(body) }) : null!).AllowAnonymous();
    }

    /// <summary>Judgements weighed as by /api/weights/ahp.</summary>
    public static object Judged(JsonElement body)
    {
        var matrices = body.GetProperty("matrices").EnumerateArray().Select(rows => rows.EnumerateArray().Select(row => row.EnumerateArray().Select(cell => cell.GetDouble()).ToArray()).ToArray()).Select(rows =>
        {
            var cells = new double[rows.Length, rows.Length];
            for (var i = 0; i < rows.Length; i++)
            {
                for (var j = 0; j < rows.Length; j++)
                    cells[i, j] = rows[i][j];
            }
            return PairwiseMatrix.Of(cells);
        }).ToList();
        var result = Ahp.Weigh(matrices);
        return new { threshold = result.Group.Threshold, group = One(result.Group), experts = result.Experts.Select(One) };

        static object One(AhpResult one) => new
        {
            weights = one.Accepted ? one.Eigenvector : null, lambdaMax = one.LambdaMax, consistencyIndex = one.ConsistencyIndex, consistencyRatio = one.ConsistencyRatio, accepted = one.Accepted,
            worstTriads = one.WorstTriads.Select(triad => new { from = triad.From, via = triad.Via, to = triad.To, judged = triad.Judged, consistent = triad.Consistent, inconsistency = triad.Inconsistency }),
        };
    }

    /// <summary>Entropy weights that rise in the order of the children: 1 : 2 : 3 …</summary>
    private static object PresentWeights(JsonNode scheme, string family)
    {
        var children = Scheme.Parse(Encoding.UTF8.GetBytes(Signed(scheme).ToJsonString())).Scheme!.Families.Single(one => one.Code == family).Children;
        var sum = children.Count * (children.Count + 1) / 2.0;
        return new
        {
            family, period = "7d", asOf = Now, units = 22, left = 2, reason = (string?)null,
            children = children.Select((child, i) => new { code = child.Code, name = new { zh = child.Name.Zh, en = child.Name.En }, share = child.Weight, entropy = 0.9, weight = (i + 1) / sum, units = 22 }),
        };
    }

    private static double[] Numbers(JsonNode? list) => [.. list!.AsArray().Select(number => number!.GetValue<double>())];

    private static List<object> Parsed(JsonNode scheme) =>
        [.. Scheme.Parse(Encoding.UTF8.GetBytes(Signed(scheme).ToJsonString())).Errors.Select(error => (object)new { location = error.Location, code = error.Code, message = error.Message })];

    private static JsonNode Signed(JsonNode scheme)
    {
        var signed = scheme.DeepClone();
        (signed["author"], signed["approver"]) = ("somebody", null);
        return signed;
    }

    /// <summary>A score that follows the number of indicators: enough to see that something changed.</summary>
    private double Counted(string unit, JsonNode scheme) => Math.Clamp(_scores[unit] + ((IndicatorsOf(scheme["root"]!) - IndicatorsOf(_versions[12].Document["root"]!)) * 0.5), 0, 100);

    private static int IndicatorsOf(JsonNode node) => node["children"] is JsonArray children ? children.Sum(child => IndicatorsOf(child!)) : 1;

    /// <summary>Indicators over measures that version 12 does not have, as the service names them.</summary>
    private object[] NotMeasured(JsonNode scheme) =>
        !_delivered || Scheme.Parse(Encoding.UTF8.GetBytes(Signed(scheme).ToJsonString())).Scheme is not { } edited ? []
            : [.. Scheme.Parse(Encoding.UTF8.GetBytes(_versions[12].Document.ToJsonString())).Scheme is { } present ? edited.Indicators.Where(leaf => !MeasureCatalogue.Of(present).Holds(leaf.Measure)).Select(leaf => new { code = leaf.Code, name = new { zh = leaf.Name.Zh, en = leaf.Name.En }, measure = leaf.Measure.Code }) : []];
}
