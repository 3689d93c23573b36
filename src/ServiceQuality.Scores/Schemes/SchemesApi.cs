using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using ServiceQuality.Access;
using ServiceQuality.Scores.Trials;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Schemes;

/// <summary>Reading scheme versions.</summary>
internal static class SchemesApi
{
    public static void MapSchemes(this IEndpointRouteBuilder routes)
    {
        var schemes = routes.MapGroup("/api/schemes").WithTags("Schemes").WithGroupName(ScoresService.Name);
        schemes.MapGet("/", List).WithName("schemes").RequirePermission(Permissions.ReadSchemes).WithSummary("Every scheme version and where it stands.");
        schemes.MapGet("/{id}", Get).WithName("scheme").RequirePermission(Permissions.ReadSchemes).WithSummary("A scheme version as JSON: all that is needed to recompute a score.");
        schemes.MapGet("/{id}/versions/{version:int}", GetStanding).WithName("scheme-standing").RequirePermission(Permissions.ReadSchemes)
            .WithSummary("Where a version stands between draft and in force, who may decide, and whether the caller may.");
        schemes.MapGet("/measure-language", () => TypedResults.Ok(MeasureLanguageView.Now)).WithName("measure-language").RequirePermission(Permissions.ReadSchemes)
            .WithSummary("The words in which measures are defined: kinds of facts, what can be asked of them, and the aggregators that fit.");
        schemes.MapPost("/validate", Validate).WithName("validate-scheme").RequirePermission(Permissions.ReadSchemes).WithSummary("Checks a scheme without keeping it.");
    }

    private static async Task<Ok<SchemeList>> List(SchemeBook book, TryOuts tryOuts, UnitReplica units, TimeProvider clock, CancellationToken ct)
    {
        // Another process may have written a version a moment ago.
        await book.RefreshAsync(ct);
        var today = units.Tree.Today(clock.GetUtcNow());
        var (inForce, counts) = (book.InForce(today), await tryOuts.CountsAsync(ct));
        return TypedResults.Ok(new SchemeList([.. book.Versions.Select(version => SchemeListing.Of(version, inForce, today, counts.GetValueOrDefault(version.Scheme.Reference)))]));
    }

    private static async Task<Results<Utf8ContentHttpResult, StatusCodeHttpResult, ProblemHttpResult>> Get(string id, int? version, SchemeBook book, HttpContext context, CancellationToken ct)
    {
        await book.RefreshAsync(ct);
        if (book.Find(id, version) is not { } found)
            return DraftsApi.Unknown;

        // An approved version never changes, but drafts do, and so does the newest version when none is named.
        var tag = DraftsApi.Tag(found);
        context.Response.Headers.ETag = tag;
        if (context.Request.Headers.IfNoneMatch.ToString() == tag)
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        return TypedResults.Text(found.Scheme.Json.Span, "application/json");
    }

    private static async Task<Results<Ok<SchemeStanding>, ProblemHttpResult>> GetStanding(
        string id, int version, HttpContext context, SchemeBook book, TryOuts tryOuts, UnitReplica units, TimeProvider clock, CancellationToken ct)
    {
        await book.RefreshAsync(ct);
        if (book.Find(id, version) is not { } found)
            return DraftsApi.Unknown;

        var (caller, today, counts) = (context.Caller(), units.Tree.Today(clock.GetUtcNow()), await tryOuts.CountsAsync(ct));
        context.Response.Headers.ETag = DraftsApi.Tag(found);
        var listing = SchemeListing.Of(found, book.InForce(today), today, counts.GetValueOrDefault(found.Scheme.Reference));
        return TypedResults.Ok(SchemeStanding.Of(listing, found, caller, DraftsApi.Refuse(context, units) is null, today));
    }

    private static async Task<Results<Ok<SchemeCheck>, ProblemHttpResult>> Validate(HttpContext context, CancellationToken ct)
    {
        if (await DraftsApi.BodyAsync(context.Request, ct) is not { } body)
            return DraftsApi.TooLarge();
        var reading = Scheme.Parse(body);
        return TypedResults.Ok(new SchemeCheck(reading.Scheme is not null, reading.Errors));
    }
}
