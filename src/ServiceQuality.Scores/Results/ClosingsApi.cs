using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ServiceQuality.Access;
using ServiceQuality.Scores.Board;
using ServiceQuality.Scores.Schemes;
using ServiceQuality.Scores.Scores;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;
using ServiceQuality.Scoring.Results;

namespace ServiceQuality.Scores.Results;

/// <summary>Closing periods (SCO-13, SCO-24) and the lists of official results.</summary>
internal static class ClosingsApi
{
    private const int MaxPage = 1_000;

    public static void MapClosings(this IEndpointRouteBuilder routes)
    {
        var closings = routes.MapGroup("/api/results/closings").WithTags("Results").WithGroupName(ScoresService.Name);
        closings.MapGet("/", List).WithName("closings").RequirePermission(Permissions.ReadScores).WithSummary("Closings, newest first; drafts only for those who close periods and for auditors.");
        closings.MapPost("/", Start).WithName("close-period").RequirePermission(Permissions.ManageResults)
            .WithSummary("Closes a whole month, quarter, half-year or year that is over, for a unit and everything under it; computed in the background.");
        closings.MapGet("/{id:guid}", Get).WithName("closing").RequirePermission(Permissions.ReadScores).WithSummary("One closing: progress, findings, dates.");
        closings.MapPost("/{id:guid}/check", Check).WithName("check-closing").RequirePermission(Permissions.ManageResults).WithSummary("Looks for missing parts, outliers, a changed scheme, open proposals and appeals, late facts.");
        closings.MapPost("/{id:guid}/publish", Publish).WithName("publish-closing").RequirePermission(Permissions.ManageResults).WithSummary("Publishes what somebody else has closed; despite findings only with a comment.");
        closings.MapPost("/{id:guid}/discard", Discard).WithName("discard-closing").RequirePermission(Permissions.ManageResults).WithSummary("Discards results that are not published, so that the period can be closed again.");
        closings.MapGet("/{id:guid}/units", Units).WithName("closing-units").RequirePermission(Permissions.ReadScores).WithSummary("Official results with ranks, beside the live scores; limit 1–1,000, default 200.");
        closings.MapGet("/{id:guid}/ranking", OfficialRanking.Get).WithName("official-ranking").RequirePermission(Permissions.ReadScores)
            .WithSummary("The ranking of a published period by official points: the units right below one, or all of a kind; ties and units not assessed openly. format=json or csv.")
            .Produces<OfficialRankingView>(StatusCodes.Status200OK).Produces(StatusCodes.Status200OK, contentType: "text/csv");
        closings.MapGet("/{id:guid}/export", ExportResults.Get).WithName("export-closing").RequirePermission(Permissions.ReadScores).WithSummary("Every document of the caller's units: format=json (as sealed) or csv.")
            .Produces(StatusCodes.Status200OK, contentType: "application/json");
    }

    private static async Task<Results<Ok<ClosingList>, ProblemHttpResult>> List(
        string? period, string? state, HttpContext context, UnitReplica units, [FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db, CancellationToken ct)
    {
        if (!string.IsNullOrEmpty(period) && !Period.TryParse(period, out _))
            return Problems.Of(StatusCodes.Status400BadRequest, "period-invalid", "A closed period is a whole month, quarter, half-year or year: 2026-10, 2026-Q3, 2026-H2, 2026.");
        if (!string.IsNullOrEmpty(state) && !Closing.States.Contains(state))
            return Problems.Of(StatusCodes.Status400BadRequest, "state-invalid", $"'state' is one of {string.Join(", ", Closing.States)}.");
        await using var connection = await db.OpenConnectionAsync(ct);
        var (tree, caller) = (units.Tree, context.Caller());
        var found = await ClosingRows.ListAsync(connection, string.IsNullOrEmpty(period) ? null : period, string.IsNullOrEmpty(state) ? null : state, ct);
        return TypedResults.Ok(new ClosingList([.. found.Where(it => tree.Find(it.Unit) is { } unit && ResultAccess.Sees(caller, it, unit)).Select(it => ClosingView.Of(it, tree.Find(it.Unit)!, caller))]));
    }

    private static async Task<Results<Accepted<ClosingView>, ProblemHttpResult>> Start(
        ClosingBody body, HttpContext context, UnitReplica units, ClosePeriod closePeriod, ResultAccess access, CancellationToken ct)
    {
        if ((BodyCheck.Refusal(body) ?? ScoreQuery.Find(context, units.Tree, body.Unit, Permissions.ManageResults, out _)) is { } problem)
            return problem;
        if (!Period.TryParse(body.Period, out var period))
            return ClosingRules.Start(Period.Default, [], default).ToProblem(StatusCodes.Status400BadRequest);
        var (outcome, id) = await closePeriod.StartAsync(units.Tree.Find(body.Unit)!, period, context.Caller(), ct);
        if (outcome.IsRefused)
            return outcome.ToProblem(outcome.Code == "period-invalid" ? StatusCodes.Status400BadRequest : StatusCodes.Status409Conflict);
        var (_, closing, unit) = await access.ClosingAsync(context, id, toManage: true, ct);
        return TypedResults.Accepted($"/api/results/closings/{id}", ClosingView.Of(closing!, unit!, context.Caller()));
    }

    private static async Task<Results<Ok<ClosingView>, ProblemHttpResult>> Get(Guid id, HttpContext context, ResultAccess access, CancellationToken ct)
    {
        var (problem, closing, unit) = await access.ClosingAsync(context, id, toManage: false, ct);
        return problem is not null ? problem : TypedResults.Ok(ClosingView.Of(closing!, unit!, context.Caller()));
    }

    private static Task<Results<Ok<ClosingView>, ProblemHttpResult>> Check(Guid id, HttpContext context, ResultAccess access, PublishResults results, CancellationToken ct) =>
        ChangeAsync(id, null, caller => results.CheckAsync(id, caller, ct), context, access, ct);

    private static Task<Results<Ok<ClosingView>, ProblemHttpResult>> Publish(Guid id, PublicationBody body, HttpContext context, ResultAccess access, PublishResults results, CancellationToken ct) =>
        ChangeAsync(id, body, caller => results.PublishAsync(id, caller, body.Comment, ct), context, access, ct);

    private static Task<Results<Ok<ClosingView>, ProblemHttpResult>> Discard(Guid id, BecauseBody body, HttpContext context, ResultAccess access, PublishResults results, CancellationToken ct) =>
        ChangeAsync(id, body, caller => results.DiscardAsync(id, caller, body.Reason, ct), context, access, ct);

    private static async Task<Results<Ok<ResultPage>, ProblemHttpResult>> Units(
        Guid id, int? offset, int? limit, HttpContext context, UnitReplica units, ResultAccess access, ScoreBoard board, SchemeBook schemes, TimeProvider clock,
        [FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db, CancellationToken ct)
    {
        if (limit is < 1 or > MaxPage || offset is < 0)
            return Problems.Of(StatusCodes.Status400BadRequest, "limit-invalid", $"'limit' is 1 to {MaxPage}, 'offset' 0 or more.");
        var (problem, closing, unit) = await access.ClosingAsync(context, id, toManage: false, ct);
        if (problem is not null)
            return problem;

        await using var connection = await db.OpenConnectionAsync(ct);
        var (tree, caller) = (units.Tree, context.Caller());
        var rows = await ResultRows.NewestAsync(connection, id, [""], ct);
        var live = (await board.ViewAsync(schemes.InForce(tree.Today(clock.GetUtcNow())).MainPeriod, ct)).Rows.ToDictionary(row => row.Unit.Id);
        var lines = Lines(rows, tree, caller, live);
        var page = lines.Skip(offset ?? 0).Take(limit ?? 200).ToList();
        var next = (offset ?? 0) + page.Count;
        return TypedResults.Ok(new ResultPage(ClosingView.Of(closing!, unit!, caller), lines.Count, page, next < lines.Count ? next : null));
    }

    /// <summary>Ranks count all siblings, also those that the caller does not see.</summary>
    private static List<ResultLine> Lines(List<ResultRow> rows, UnitTree tree, Caller caller, Dictionary<Guid, BoardRow> live)
    {
        var ranks = new Dictionary<Guid, SiblingRank?>();
        foreach (var siblings in rows.GroupBy(row => row.Parent).Where(siblings => siblings.Key is not null))
        {
            var list = siblings.ToList();
            foreach (var (row, rank) in list.Zip(SiblingRank.Among([.. list.Select(row => row.Official)])))
                ranks[row.Unit] = rank;
        }
        return [.. from row in rows
                   let unit = tree.Find(row.Unit)
                   where unit is not null && caller.May(Permissions.ReadScores, unit.Path)
                   let now = LiveView.Of(live.GetValueOrDefault(row.Unit))
                   select new ResultLine(UnitView.Of(unit), row.Period, row.Number, row.Official, row.Grade, row.Coverage, ranks.GetValueOrDefault(row.Unit), row.Hash, row.Written, now, now?.Score - (double?)row.Official)];
    }

    private static async Task<Results<Ok<ClosingView>, ProblemHttpResult>> ChangeAsync(
        Guid id, object? body, Func<Caller, Task<Outcome>> change, HttpContext context, ResultAccess access, CancellationToken ct)
    {
        if (body is not null && BodyCheck.Refusal(body) is { } malformed)
            return malformed;
        if ((await access.ClosingAsync(context, id, toManage: true, ct)).Problem is { } problem)
            return problem;
        var outcome = await change(context.Caller());
        if (outcome.IsRefused)
            return outcome.ToProblem();
        var (_, closing, unit) = await access.ClosingAsync(context, id, toManage: true, ct);
        return TypedResults.Ok(ClosingView.Of(closing!, unit!, context.Caller()));
    }
}
