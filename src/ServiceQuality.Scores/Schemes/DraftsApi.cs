using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using ServiceQuality.Access;
using ServiceQuality.Scores.Units;

namespace ServiceQuality.Scores.Schemes;

/// <summary>Why a draft is not wanted.</summary>
internal sealed record RejectionBody([property: Required, StringLength(1_000, MinimumLength = 1)] string? Reason);

/// <summary>Writing and deciding scheme versions (SCO-02): two people stand behind each.</summary>
internal static class DraftsApi
{
    private const int MaxBytes = 1 << 20;

    public static void MapDrafts(this IEndpointRouteBuilder routes)
    {
        var drafts = routes.MapGroup("/api/schemes").WithTags("Schemes").WithGroupName(ScoresService.Name).RequirePermission(Permissions.ManageSchemes);
        drafts.MapPost("/", Write).WithName("draft-scheme").WithSummary("Writes the next version of a scheme, to be approved by somebody else.");
        drafts.MapPut("/{id}/versions/{version:int}", Replace).WithName("replace-draft").WithSummary("Replaces a draft of the caller. Needs If-Match with the ETag that was read.");
        drafts.MapPost("/{id}/versions/{version:int}/approve", Approve).WithName("approve-scheme").WithSummary("Approves a scheme version; with If-Match only the draft that was read.");
        drafts.MapPost("/{id}/versions/{version:int}/reject", Reject).WithName("reject-scheme").WithSummary("Rejects a draft of somebody else, with a reason.");
        drafts.MapPost("/{id}/versions/{version:int}/withdraw", Withdraw).WithName("withdraw-scheme").WithSummary("Withdraws a draft of the caller.");
    }

    internal static ProblemHttpResult Unknown => Problems.Of(StatusCodes.Status404NotFound, "unknown-scheme", "There is no such scheme version.");

    internal static string Tag(SchemeVersion version) => $"\"{version.Scheme.Hash}\"";

    /// <summary>A scheme scores the whole organisation: it takes the permission over the root.</summary>
    internal static ProblemHttpResult? Refuse(HttpContext context, UnitReplica units) =>
        units.Tree.Root is { } root && context.Caller().May(Permissions.ManageSchemes, root.Path)
            ? null
            : Problems.Of(StatusCodes.Status403Forbidden, "not-allowed", "You are not allowed to do this.");

    internal static ProblemHttpResult TooLarge() => Problems.Of(StatusCodes.Status413PayloadTooLarge, "too-large", "A scheme has at most 1 MiB.");

    internal static async Task<ReadOnlyMemory<byte>?> BodyAsync(HttpRequest request, CancellationToken ct)
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

    /// <summary>The version, if the caller may manage schemes and has read the version that there is.</summary>
    internal static async Task<(ProblemHttpResult? Problem, SchemeVersion? Version)> FindAsync(
        string id, int version, HttpContext context, SchemeBook book, UnitReplica units, bool needsIfMatch, CancellationToken ct)
    {
        if (Refuse(context, units) is { } refusal)
            return (refusal, null);
        await book.RefreshAsync(ct);
        if (book.Find(id, version) is not { } found)
            return (Unknown, null);
        var asked = context.Request.Headers.IfMatch.ToString();
        if (asked.Length == 0 && needsIfMatch)
            return (Problems.Of(StatusCodes.Status428PreconditionRequired, "if-match-needed", "Send the ETag of the draft that you have read as If-Match."), null);
        if (asked.Length > 0 && asked != "*" && asked != Tag(found))
            return (Problems.Of(StatusCodes.Status412PreconditionFailed, "changed-meanwhile", "The version is another one by now; read it again."), null);
        return (null, found);
    }

    internal static DraftChange Change(HttpContext context, TimeProvider clock) => new(context.Caller(), clock.GetUtcNow(), Activity.Current?.TraceId.ToHexString());

    private static async Task<Results<Created<SchemeCheck>, BadRequest<SchemeCheck>, ProblemHttpResult>> Write(
        HttpContext context, SchemeDrafts drafts, UnitReplica units, TimeProvider clock, CancellationToken ct)
    {
        if (Refuse(context, units) is { } refusal)
            return refusal;
        if (await BodyAsync(context.Request, ct) is not { } body)
            return TooLarge();

        var (outcome, scheme, errors) = await drafts.WriteAsync(body, Change(context, clock), ct);
        if (errors.Count > 0)
            return TypedResults.BadRequest(new SchemeCheck(Valid: false, errors));
        return outcome.IsRefused ? outcome.ToProblem() : TypedResults.Created($"/api/schemes/{scheme!.Id}?version={scheme.Version}", new SchemeCheck(Valid: true, []));
    }

    private static async Task<Results<Ok<SchemeCheck>, BadRequest<SchemeCheck>, ProblemHttpResult>> Replace(
        string id, int version, HttpContext context, SchemeBook book, SchemeDrafts drafts, UnitReplica units, TimeProvider clock, CancellationToken ct)
    {
        var (problem, draft) = await FindAsync(id, version, context, book, units, needsIfMatch: true, ct);
        if (draft is null)
            return problem!;
        if (await BodyAsync(context.Request, ct) is not { } body)
            return TooLarge();

        var (outcome, scheme, errors) = await drafts.ReplaceAsync(draft, body, Change(context, clock), ct);
        if (errors.Count > 0)
            return TypedResults.BadRequest(new SchemeCheck(Valid: false, errors));
        if (outcome.IsRefused)
            return outcome.ToProblem();
        context.Response.Headers.ETag = $"\"{scheme!.Hash}\"";
        return TypedResults.Ok(new SchemeCheck(Valid: true, []));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Approve(
        string id, int version, HttpContext context, SchemeBook book, SchemeDrafts drafts, UnitReplica units, TimeProvider clock, CancellationToken ct)
    {
        var (problem, draft) = await FindAsync(id, version, context, book, units, needsIfMatch: false, ct);
        if (draft is null)
            return problem!;
        var outcome = await drafts.ApproveAsync(draft, units.Tree.Today(clock.GetUtcNow()), Change(context, clock), ct);
        return outcome.IsRefused ? outcome.ToProblem() : TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Reject(
        string id, int version, RejectionBody body, HttpContext context, SchemeBook book, SchemeDrafts drafts, UnitReplica units, TimeProvider clock, CancellationToken ct)
    {
        if (BodyCheck.Refusal(body) is { } malformed)
            return malformed;
        var (problem, draft) = await FindAsync(id, version, context, book, units, needsIfMatch: false, ct);
        if (draft is null)
            return problem!;
        var outcome = await drafts.EndAsync(draft, reject: true, body.Reason, Change(context, clock), ct);
        return outcome.IsRefused ? outcome.ToProblem() : TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Withdraw(
        string id, int version, HttpContext context, SchemeBook book, SchemeDrafts drafts, UnitReplica units, TimeProvider clock, CancellationToken ct)
    {
        var (problem, draft) = await FindAsync(id, version, context, book, units, needsIfMatch: false, ct);
        if (draft is null)
            return problem!;
        var outcome = await drafts.EndAsync(draft, reject: false, reason: null, Change(context, clock), ct);
        return outcome.IsRefused ? outcome.ToProblem() : TypedResults.NoContent();
    }
}
