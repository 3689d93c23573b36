using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using ServiceQuality.Access;
using ServiceQuality.Scores.Schemes;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Trials;

/// <summary>What a draft is to be tried on.</summary>
/// <param name="Periods">Whole periods that are over, such as 2026-10, 2026-W46 or 2026-Q3.</param>
/// <param name="Knowledge">now (default): with everything known today. then: beside it also with what was received up to the end of each period.</param>
internal sealed record TryOutBody(IReadOnlyList<string>? Periods, string? Knowledge = null);

/// <summary>Try-outs of a version.</summary>
internal sealed record TryOutList(IReadOnlyList<TryOut> Items);

/// <summary>Drafts tried on past periods (SCO-34).</summary>
internal static class TryOutsApi
{
    private const int MostAtOnce = 6;

    public static void MapTryOuts(this IEndpointRouteBuilder routes)
    {
        var tryOuts = routes.MapGroup("/api/schemes/{id}/versions/{version:int}/try-outs").WithTags("Trials").WithGroupName(ScoresService.Name);
        tryOuts.MapGet("/", List).WithName("try-outs").RequirePermission(Permissions.ReadScores).WithSummary("What a version would have done in past periods; needs to see the scores of the whole organisation.");
        tryOuts.MapPost("/", Try).WithName("try-out").RequirePermission(Permissions.ManageSchemes)
            .WithSummary("Tries a draft on up to six past periods, with the facts known today and, with knowledge=then, also with those received up to the end of each period, against the version in force at that end and the official results where there are any; kept with the draft.");
    }

    private static async Task<Results<Ok<TryOutList>, ProblemHttpResult>> List(
        string id, int version, HttpContext context, SchemeBook book, TryOuts tryOuts, UnitReplica units, CancellationToken ct)
    {
        // The scores of every unit stand in them.
        if (units.Tree.Root is not { } root || !context.Caller().May(Permissions.ReadScores, root.Path))
            return Problems.Of(StatusCodes.Status403Forbidden, "not-allowed", "You are not allowed to do this.");
        await book.RefreshAsync(ct);
        return book.Find(id, version) is { } found ? TypedResults.Ok(new TryOutList(await tryOuts.ListAsync(found.Scheme, ct))) : DraftsApi.Unknown;
    }

    private static async Task<Results<Ok<TryOutList>, ProblemHttpResult>> Try(
        string id, int version, TryOutBody body, HttpContext context, SchemeBook book, TryOuts tryOuts, UnitReplica units, TimeProvider clock, CancellationToken ct)
    {
        var (problem, draft) = await DraftsApi.FindAsync(id, version, context, book, units, needsIfMatch: false, ct);
        if (draft is null)
            return problem!;
        if (Read(body, units.Tree.Today(clock.GetUtcNow()), out var periods) is { } malformed)
            return malformed;
        var outcome = await tryOuts.TryAsync(draft, periods, body.Knowledge == "then", DraftsApi.Change(context, clock), ct);
        return outcome.IsRefused ? outcome.ToProblem() : TypedResults.Ok(new TryOutList(await tryOuts.ListAsync(draft.Scheme, ct)));
    }

    private static ProblemHttpResult? Read(TryOutBody body, DateOnly today, out IReadOnlyList<Period> periods)
    {
        var read = new List<Period>();
        periods = read;
        if (body.Knowledge is not (null or "now" or "then"))
            return Problems.Of(StatusCodes.Status400BadRequest, "knowledge-invalid", "'knowledge' is then or now.");
        if (body.Periods is not { Count: > 0 and <= MostAtOnce })
            return Problems.Of(StatusCodes.Status400BadRequest, "periods-invalid", $"'periods' names 1 to {MostAtOnce} periods.");
        foreach (var text in body.Periods.Distinct(StringComparer.Ordinal))
        {
            if (!Period.TryParse(text, out var period) || period.End is not { } end || end >= today)
                return Problems.Of(StatusCodes.Status400BadRequest, "period-not-over", $"'{text}' is no whole period that is over, such as 2026-10-31, 2026-W44, 2026-10, 2026-Q3, 2026-H1 or 2025.");
            read.Add(period);
        }
        return null;
    }
}
