using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using ServiceQuality.Access;
using ServiceQuality.Scores.Schemes;
using ServiceQuality.Scores.Scores;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Trials;

/// <summary>What is to be tried: a whole <see cref="Scheme"/>, or <see cref="Edits"/> of a version.</summary>
/// <param name="Scheme">A whole scheme.</param>
/// <param name="Edits">Changes of the version, in the form of JSON Patch, at most 500.</param>
/// <param name="Version">The version that the edits change; default the one in force.</param>
/// <param name="Against">The version that the effect is measured from; default the one in force.</param>
/// <param name="Period">The period; default the main period.</param>
/// <param name="Under">Id or code of a unit: only units under it are tried.</param>
/// <param name="Order">gain, loss, rank, before, move or code.</param>
/// <param name="Limit">How many units are listed, 0 to 500.</param>
/// <param name="Axis">Code of an indicator whose present values are wanted.</param>
internal sealed record WhatIfRequest(
    JsonElement? Scheme, IReadOnlyList<SchemeEdit>? Edits, int? Version, int? Against, string? Period, string? Under,
    string? Order, int? Limit, string? Axis);

/// <summary>Whose children are to be weighed.</summary>
/// <param name="Scheme">A whole scheme.</param>
/// <param name="Family">Code of one of its families, or of its root.</param>
/// <param name="Period">The period; default the main period.</param>
internal sealed record PresentWeightsRequest(JsonElement? Scheme, string? Family, string? Period = null);

/// <summary>A trial as it was asked for, checked.</summary>
internal sealed record WhatIf(Period Period, TrialOrder Order, int Limit, string? Axis);

/// <summary>Trials of schemes that change nothing (scoring.md §10).</summary>
internal static class WhatIfApi
{
    private const int UsualLimit = 50;
    private const int MostListed = 500;

    public static void MapWhatIf(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/what-if/weights", Weigh).WithName("present-weights").WithTags("Trials").WithGroupName(ScoresService.Name).RequirePermission(Permissions.ReadSchemes)
            .WithMetadata(new RequestSizeLimitAttribute(2 << 20)).Produces<SchemeCheck>(StatusCodes.Status400BadRequest)
            .WithSummary("Entropy weights of the children of a family, from the present points of the caller's units under a scheme; nothing is saved.");
        routes.MapPost("/api/what-if", Try).WithName("what-if").WithTags("Trials").WithGroupName(ScoresService.Name).RequirePermission(Permissions.ReadSchemes)
            .WithMetadata(new RequestSizeLimitAttribute(2 << 20)).Produces<SchemeCheck>(StatusCodes.Status400BadRequest)
            .WithSummary("What an edited scheme would do to every unit: scores, ranks, grades, winners and losers; nothing is saved.")
            .WithDescription("Tries a whole scheme, or edits of a version, on the readings of the present moment and compares with the version in force. Units are those of the caller's scope; ranks count these units alone. Errors of the scheme are answered as by /api/schemes/validate, each with the JSON pointer of its place; an edit that does not fit is named as /edits/N.");
    }

    private static async Task<Results<Ok<PresentWeightsView>, BadRequest<SchemeCheck>, ProblemHttpResult>> Weigh(
        PresentWeightsRequest request, HttpContext context, SchemeBook schemes, UnitReplica units, UnitTrials trials, TimeProvider clock, CancellationToken ct)
    {
        await schemes.RefreshAsync(ct);
        if (ScoreQuery.Read(request.Period, schemes, clock, units.Tree, out var period) is { } problem)
            return problem;
        if (request.Scheme is not { ValueKind: JsonValueKind.Object })
            return Problems.Of(StatusCodes.Status400BadRequest, "scheme-or-edits", "Send a scheme.");
        var (scheme, errors) = Edited(new(request.Scheme, null, null, null, null, null, null, null, null), schemes.InForce(units.Tree.Today(clock.GetUtcNow())), context.Caller());
        if (scheme is null)
            return TypedResults.BadRequest(new SchemeCheck(Valid: false, errors));
        if (scheme.Families.Prepend(scheme.Root).FirstOrDefault(one => one.Code == request.Family) is not { } family)
            return Problems.Of(StatusCodes.Status400BadRequest, "family-invalid", $"The scheme has no family '{request.Family}'.");
        return TypedResults.Ok(await trials.WeighAsync(scheme, family, period, context.Caller().Scope(Permissions.ReadScores), ct));
    }

    private static async Task<Results<Ok<TrialView>, BadRequest<SchemeCheck>, ProblemHttpResult>> Try(
        WhatIfRequest request, HttpContext context, SchemeBook schemes, UnitReplica units, UnitTrials trials, TimeProvider clock, CancellationToken ct)
    {
        await schemes.RefreshAsync(ct);
        var tree = units.Tree;
        var (caller, inForce) = (context.Caller(), schemes.InForce(tree.Today(clock.GetUtcNow())));
        var (present, edited, scope) = (inForce, inForce, (IReadOnlyList<string>)[]);
        if ((Ask(request, schemes, tree, clock, out var asked) ?? Scope(context, tree, request.Under, out scope) ?? Version(schemes, inForce, request.Against, out present)
            ?? Version(schemes, inForce, request.Version, out edited)) is { } problem)
            return problem;

        var (scheme, errors) = Edited(request, edited, caller);
        return scheme is null ? TypedResults.BadRequest(new SchemeCheck(Valid: false, errors)) : TypedResults.Ok(await trials.TryAsync(present, scheme, asked, scope, ct));
    }

    private static ProblemHttpResult? Ask(WhatIfRequest request, SchemeBook schemes, UnitTree tree, TimeProvider clock, out WhatIf asked)
    {
        asked = null!;
        if (ScoreQuery.Read(request.Period, schemes, clock, tree, out var period) is { } problem)
            return problem;
        if (request.Scheme is null == request.Edits is null)
            return Problems.Of(StatusCodes.Status400BadRequest, "scheme-or-edits", "Send either a scheme or edits of a version.");
        if (request.Edits?.Count > SchemeEdits.Most)
            return Problems.Of(StatusCodes.Status400BadRequest, "edits-too-many", $"At most {SchemeEdits.Most} edits at a time; send the whole scheme instead.");
        if (request.Limit is < 0 or > MostListed)
            return Problems.Of(StatusCodes.Status400BadRequest, "limit-invalid", $"'limit' is 0 to {MostListed}.");
        if (TrialOrder.Find(request.Order ?? "gain") is not { } order)
            return Problems.Of(StatusCodes.Status400BadRequest, "order-invalid", $"'order' is one of {TrialOrder.Names}.");
        asked = new(period, order, request.Limit ?? UsualLimit, request.Axis);
        return null;
    }

    /// <summary>Where the caller may read scores; of that the part under a unit, when one is named.</summary>
    private static ProblemHttpResult? Scope(HttpContext context, UnitTree tree, string? under, out IReadOnlyList<string> scope)
    {
        scope = context.Caller().Scope(Permissions.ReadScores);
        if (string.IsNullOrEmpty(under))
            return null;
        if (ScoreQuery.Find(context, tree, under, Permissions.ReadScores, out var unit) is { } problem)
            return problem;
        scope = [unit.Path];
        return null;
    }

    private static ProblemHttpResult? Version(SchemeBook schemes, Scheme inForce, int? version, out Scheme found)
    {
        found = version is null ? inForce : schemes.Find(inForce.Id, version)?.Scheme!;
        return found is null ? Problems.Of(StatusCodes.Status400BadRequest, "version-invalid", $"The scheme has no version {version}.") : null;
    }

    private static SchemeReading Edited(WhatIfRequest request, Scheme version, Caller caller)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(request.Scheme);
        if (request.Edits is { } edits)
        {
            var (document, error) = SchemeEdits.Apply(version.Json, edits);
            if (error is not null)
                return new(null, [error]);
            json = JsonSerializer.SerializeToUtf8Bytes<JsonNode?>(document);
        }
        return SchemeBook.Signed(json, caller.Name) is { } signed ? Scheme.Parse(signed) : new(null, [new SchemeError("", "not-an-object", "A scheme is a JSON object.")]);
    }
}
