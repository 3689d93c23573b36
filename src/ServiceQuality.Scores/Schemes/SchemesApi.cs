using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using ServiceQuality.Access;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Schemes;

/// <summary>One line of the list of scheme versions.</summary>
internal sealed record SchemeListing(string Id, int Version, Bilingual Name, DateOnly EffectiveFrom, string Author, DateTimeOffset Written, string? Approver, DateTimeOffset? Approved, bool InForce, string Hash);

/// <summary>A list of scheme versions.</summary>
internal sealed record SchemeList(IReadOnlyList<SchemeListing> Items);

/// <summary>What a check of a scheme found.</summary>
internal sealed record SchemeCheck(bool Valid, IReadOnlyList<SchemeError> Errors);

internal static class SchemesApi
{
    private const int MaxBytes = 1 << 20;

    public static void MapSchemes(this IEndpointRouteBuilder routes)
    {
        var schemes = routes.MapGroup("/api/schemes").WithTags("Schemes").WithGroupName(ScoresService.Name);
        schemes.MapGet("/", List).WithName("schemes").RequirePermission(Permissions.ReadSchemes).WithSummary("Every scheme version.");
        schemes.MapGet("/{id}", Get).WithName("scheme").RequirePermission(Permissions.ReadSchemes).WithSummary("A scheme version as JSON: all that is needed to recompute a score.");
        schemes.MapPost("/validate", Validate).WithName("validate-scheme").RequirePermission(Permissions.ReadSchemes).WithSummary("Checks a scheme without keeping it.");
        schemes.MapPost("/", Draft).WithName("draft-scheme").RequirePermission(Permissions.ManageSchemes).WithSummary("Writes the next version of a scheme, to be approved by somebody else.");
        schemes.MapPost("/{id}/versions/{version:int}/approve", Approve).WithName("approve-scheme").RequirePermission(Permissions.ManageSchemes).WithSummary("Approves a scheme version.");
    }

    private static async Task<Ok<SchemeList>> List(SchemeBook book, UnitReplica units, TimeProvider clock, CancellationToken ct)
    {
        // Another process may have written a version a moment ago.
        await book.RefreshAsync(ct);
        var inForce = book.InForce(units.Tree.Today(clock.GetUtcNow()));
        return TypedResults.Ok(new SchemeList([.. book.Versions.Select(version => new SchemeListing(
            version.Scheme.Id, version.Scheme.Version, version.Scheme.Name, version.Scheme.EffectiveFrom, version.AuthorName, version.Written,
            version.ApproverName, version.Approved, version.Scheme.Reference == inForce.Reference, version.Scheme.Hash))]));
    }

    private static async Task<Results<Utf8ContentHttpResult, StatusCodeHttpResult, ProblemHttpResult>> Get(string id, int? version, SchemeBook book, HttpContext context, CancellationToken ct)
    {
        await book.RefreshAsync(ct);
        if (book.Find(id, version) is not { } found)
            return Problems.Of(StatusCodes.Status404NotFound, "unknown-scheme", "There is no such scheme version.");

        // A version never changes, but the newest one does when no version is named.
        var tag = $"\"{found.Scheme.Hash}\"";
        context.Response.Headers.ETag = tag;
        if (context.Request.Headers.IfNoneMatch.ToString() == tag)
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        return TypedResults.Text(found.Scheme.Json.Span, "application/json");
    }

    private static async Task<Results<Ok<SchemeCheck>, ProblemHttpResult>> Validate(HttpContext context, CancellationToken ct)
    {
        if (await BodyAsync(context.Request, ct) is not { } body)
            return TooLarge();
        var reading = Scheme.Parse(body);
        return TypedResults.Ok(new SchemeCheck(reading.Scheme is not null, reading.Errors));
    }

    private static async Task<Results<Created<SchemeCheck>, BadRequest<SchemeCheck>, ProblemHttpResult>> Draft(
        HttpContext context, SchemeBook book, UnitReplica units, TimeProvider clock, CancellationToken ct)
    {
        if (Refuse(context, units) is { } refusal)
            return refusal;
        if (await BodyAsync(context.Request, ct) is not { } body)
            return TooLarge();

        var (outcome, scheme, errors) = await book.DraftAsync(body, context.Caller(), clock.GetUtcNow(), Activity.Current?.TraceId.ToHexString(), ct);
        if (errors.Count > 0)
            return TypedResults.BadRequest(new SchemeCheck(Valid: false, errors));
        return outcome.IsRefused ? outcome.ToProblem() : TypedResults.Created($"/api/schemes/{scheme!.Id}?version={scheme.Version}", new SchemeCheck(Valid: true, []));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Approve(
        string id, int version, HttpContext context, SchemeBook book, UnitReplica units, TimeProvider clock, CancellationToken ct)
    {
        if (Refuse(context, units) is { } refusal)
            return refusal;
        await book.RefreshAsync(ct);
        if (book.Find(id, version) is not { } draft)
            return Problems.Of(StatusCodes.Status404NotFound, "unknown-scheme", "There is no such scheme version.");

        var now = clock.GetUtcNow();
        var outcome = await book.ApproveAsync(draft, context.Caller(), units.Tree.Today(now), now, Activity.Current?.TraceId.ToHexString(), ct);
        return outcome.IsRefused ? outcome.ToProblem() : TypedResults.NoContent();
    }

    /// <summary>A scheme scores the whole organisation: it takes the permission over the root.</summary>
    private static ProblemHttpResult? Refuse(HttpContext context, UnitReplica units) =>
        units.Tree.Root is { } root && context.Caller().May(Permissions.ManageSchemes, root.Path)
            ? null
            : Problems.Of(StatusCodes.Status403Forbidden, "not-allowed", "You are not allowed to do this.");

    private static ProblemHttpResult TooLarge() => Problems.Of(StatusCodes.Status413PayloadTooLarge, "too-large", "A scheme has at most 1 MiB.");

    private static async Task<ReadOnlyMemory<byte>?> BodyAsync(HttpRequest request, CancellationToken ct)
    {
        using var body = new MemoryStream();
        var buffer = new byte[16_384];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, ct)) > 0)
        {
            if (body.Length + read > MaxBytes)
                return null;
            body.Write(buffer, 0, read);
        }
        return body.ToArray();
    }
}
