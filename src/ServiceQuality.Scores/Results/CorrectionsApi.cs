using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using ServiceQuality.Access;
using ServiceQuality.Scores.Units;

namespace ServiceQuality.Scores.Results;

/// <summary>Appeals against official results and restatements of them (SCO-24).</summary>
internal static class CorrectionsApi
{
    public static void MapCorrections(this IEndpointRouteBuilder routes)
    {
        var results = routes.MapGroup("/api/results").WithTags("Results").WithGroupName(ScoresService.Name);
        results.MapPost("/units/{unit}/{period}/appeals", File).WithName("file-appeal").RequirePermission(Permissions.Appeal).WithSummary("Appeals for a unit within the appeal window.");
        results.MapGet("/appeals", ListAppeals).WithName("appeals").RequirePermission(Permissions.ReadScores).WithSummary("The newest 200 appeals of the caller's units.");
        results.MapPost("/appeals/{id:guid}/judge", Judge).WithName("judge-appeal").RequirePermission(Permissions.ManageResults).WithSummary("Accepts or rejects an appeal of somebody else.");
        results.MapPost("/units/{unit}/{period}/restatements", Propose).WithName("propose-restatement").RequirePermission(Permissions.ManageResults)
            .WithSummary("Recomputes a result as of now and proposes the new document with the difference, and those above and below it that change with it.");
        results.MapGet("/restatements", ListRestatements).WithName("restatements").RequirePermission(Permissions.ReadScores).WithSummary("The newest 200 restatements of the caller's units.");
        results.MapPost("/restatements/{id:guid}/decide", Decide).WithName("decide-restatement").RequirePermission(Permissions.ManageResults).WithSummary("Confirms or declines a restatement that somebody else proposed, with everything it takes along.");
    }

    private static async Task<Results<Created<AppealView>, ProblemHttpResult>> File(
        string unit, string period, AppealBody body, HttpContext context, ResultAccess access, Appeals appeals, CancellationToken ct)
    {
        if (BodyCheck.Refusal(body) is { } malformed)
            return malformed;
        var (problem, found, closing) = await access.PublishedAsync(context, unit, period, Permissions.Appeal, ct);
        if (problem is not null)
            return problem;
        var (outcome, id) = await appeals.FileAsync(closing!, found!.Id, found.Path, body.Reason.Trim(), body.Evidence.Trim(), context.Caller(), ct);
        return outcome.IsRefused ? outcome.ToProblem() : TypedResults.Created($"/api/results/appeals/{id}", AppealView.Of((await appeals.FindAsync(id, ct))!, found, context.Caller()));
    }

    private static async Task<Results<Ok<AppealList>, ProblemHttpResult>> ListAppeals(string? state, HttpContext context, UnitReplica units, Appeals appeals, CancellationToken ct)
    {
        if (!string.IsNullOrEmpty(state) && !ResultAppeal.States.Contains(state))
            return Problems.Of(StatusCodes.Status400BadRequest, "state-invalid", $"'state' is one of {string.Join(", ", ResultAppeal.States)}.");
        var (tree, caller) = (units.Tree, context.Caller());
        var found = await appeals.ListAsync(caller.Scope(Permissions.ReadScores), string.IsNullOrEmpty(state) ? null : state, ct);
        return TypedResults.Ok(new AppealList([.. found.Where(it => tree.Find(it.Unit) is not null).Select(it => AppealView.Of(it, tree.Find(it.Unit)!, caller))]));
    }

    private static async Task<Results<Ok<AppealView>, ProblemHttpResult>> Judge(
        Guid id, JudgementBody body, HttpContext context, UnitReplica units, Appeals appeals, CancellationToken ct)
    {
        if (BodyCheck.Refusal(body) is { } malformed)
            return malformed;
        var it = await appeals.FindAsync(id, ct);
        if (Refusal(context, units, it?.Unit, "unknown-appeal", "There is no such appeal.", out var unit) is { } refusal)
            return refusal;
        var outcome = await appeals.JudgeAsync(id, body.Accept, body.Reason.Trim(), unit.Path, context.Caller(), ct);
        return outcome.IsRefused ? outcome.ToProblem() : TypedResults.Ok(AppealView.Of((await appeals.FindAsync(id, ct))!, unit, context.Caller()));
    }

    private static async Task<Results<Created<RestatementView>, ProblemHttpResult>> Propose(
        string unit, string period, RestatementBody body, HttpContext context, UnitReplica units, ResultAccess access, Restatements restatements, CancellationToken ct)
    {
        if (BodyCheck.Refusal(body) is { } malformed)
            return malformed;
        var (problem, found, closing) = await access.PublishedAsync(context, unit, period, Permissions.ManageResults, ct);
        if (problem is not null)
            return problem;
        var (outcome, id) = await restatements.ProposeAsync(closing!, await access.PinnedAsync(closing!, found!.Id, ct), body.Reason.Trim(), body.Appeal, context.Caller(), ct);
        return outcome.IsRefused ? outcome.ToProblem() : TypedResults.Created($"/api/results/restatements/{id}", RestatementView.Of((await restatements.FindAsync(id, ct))!, units.Tree, context.Caller()));
    }

    private static async Task<Results<Ok<RestatementList>, ProblemHttpResult>> ListRestatements(string? state, HttpContext context, UnitReplica units, Restatements restatements, CancellationToken ct)
    {
        if (!string.IsNullOrEmpty(state) && !ProposedRestatement.States.Contains(state))
            return Problems.Of(StatusCodes.Status400BadRequest, "state-invalid", $"'state' is one of {string.Join(", ", ProposedRestatement.States)}.");
        var (tree, caller) = (units.Tree, context.Caller());
        var found = await restatements.ListAsync(caller.Scope(Permissions.ReadScores), string.IsNullOrEmpty(state) ? null : state, ct);
        return TypedResults.Ok(new RestatementList([.. found.Where(it => tree.Find(it.Unit) is { } unit && Sees(caller, it, unit)).Select(it => RestatementView.Of(it, tree, caller))]));
    }

    private static async Task<Results<Ok<RestatementView>, ProblemHttpResult>> Decide(
        Guid id, RestatementDecisionBody body, HttpContext context, UnitReplica units, Restatements restatements, CancellationToken ct)
    {
        var it = await restatements.FindAsync(id, ct);
        if (Refusal(context, units, it?.Unit, "unknown-restatement", "There is no such restatement.", out var unit) is { } refusal)
            return refusal;
        var outcome = await restatements.DecideAsync(it!, body.Confirm, unit.Path, context.Caller(), ct);
        return outcome.IsRefused ? outcome.ToProblem() : TypedResults.Ok(RestatementView.Of((await restatements.FindAsync(id, ct))!, units.Tree, context.Caller()));
    }

    /// <summary>What is not confirmed yet is seen by those who manage results and by auditors.</summary>
    private static bool Sees(Caller caller, ProposedRestatement it, OrgUnit unit) =>
        it.State == ProposedRestatement.Confirmed || caller.May(Permissions.ManageResults, unit.Path) || caller.May(Permissions.ReadAudit, unit.Path);

    private static ProblemHttpResult? Refusal(HttpContext context, UnitReplica units, Guid? of, string code, string detail, out OrgUnit unit)
    {
        unit = of is { } id ? units.Tree.Find(id)! : null!;
        if (unit is not null && context.Caller().May(Permissions.ManageResults, unit.Path))
            return null;
        return of is null && context.Caller().MayEverywhere(Permissions.ManageResults)
            ? Problems.Of(StatusCodes.Status404NotFound, code, detail)
            : Problems.Of(StatusCodes.Status403Forbidden, "not-allowed", "You are not allowed to do this.");
    }
}
