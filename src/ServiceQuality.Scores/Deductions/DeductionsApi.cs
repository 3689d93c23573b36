using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using ServiceQuality.Access;
using ServiceQuality.Scores.Scores;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Deductions;

/// <summary>The deduction ledger (SCO-18, SCO-19).</summary>
internal static class DeductionsApi
{
    private const int MaxPage = 200;

    public static void MapDeductions(this IEndpointRouteBuilder routes)
    {
        var ledger = routes.MapGroup("/api/deductions").WithTags("Deductions").WithGroupName(ScoresService.Name);
        ledger.MapGet("/", List).WithName("deductions").RequirePermission(Permissions.ReadScores).WithSummary("The ledger of the caller's units, newest first; limit 1–200, default 50.");
        ledger.MapGet("/rules", Rules).WithName("deduction-rules").RequirePermission(Permissions.ReadScores).WithSummary("The rules in force today with their points.");
        ledger.MapGet("/{id:guid}", Get).WithName("deduction").RequirePermission(Permissions.ReadScores).WithSummary("One case with everybody who had a part in it.");
        ledger.MapPost("/", Propose).WithName("propose-deduction").RequirePermission(Permissions.ProposeDeductions).WithSummary("Proposes a deduction or a bonus; it counts once somebody else has confirmed it.");
        ledger.MapPost("/{id:guid}/confirm", Confirm).WithName("confirm-deduction").RequirePermission(Permissions.DecideDeductions).WithSummary("Confirms a proposal of somebody else: the points enter the journal.");
        ledger.MapPost("/{id:guid}/reject", Reject).WithName("reject-deduction").RequirePermission(Permissions.DecideDeductions).WithSummary("Rejects a proposal of somebody else.");
        ledger.MapPost("/{id:guid}/appeal", Appeal).WithName("appeal-deduction").RequirePermission(Permissions.Appeal).WithSummary("Appeals for the unit; until it is judged the points count.");
        ledger.MapPost("/{id:guid}/uphold", Uphold).WithName("uphold-deduction").RequirePermission(Permissions.DecideDeductions).WithSummary("Judges an appeal: the deduction stands.");
        ledger.MapPost("/{id:guid}/reverse", Reverse).WithName("reverse-deduction").RequirePermission(Permissions.DecideDeductions).WithSummary("Judges an appeal: the deduction is withdrawn.");
    }

    private static async Task<Results<Ok<DeductionPage>, ProblemHttpResult>> List(
        string? unit, string? rule, string? state, DateTimeOffset? from, DateTimeOffset? to, Guid? after, int? limit,
        HttpContext context, UnitReplica units, DeductionLedger ledger, DeductionRulebook rulebook, CancellationToken ct)
    {
        var (tree, caller, within) = (units.Tree, context.Caller(), default(OrgUnit));
        if (limit is < 1 or > MaxPage)
            return Problems.Of(StatusCodes.Status400BadRequest, "limit-invalid", $"'limit' is 1 to {MaxPage}.");
        if (!string.IsNullOrEmpty(state) && !DeductionCase.States.Contains(state))
            return Problems.Of(StatusCodes.Status400BadRequest, "state-invalid", $"'state' is one of {string.Join(", ", DeductionCase.States)}.");
        if (!string.IsNullOrEmpty(unit) && ScoreQuery.Find(context, tree, unit, Permissions.ReadScores, out within) is { } problem)
            return problem;
        var filter = new DeductionFilter(caller.Scope(Permissions.ReadScores), within?.Path, Given(rule), Given(state), from, to, after);
        var cases = await ledger.ListAsync(filter, limit ?? 50, ct);
        var rules = rulebook.Today;
        return TypedResults.Ok(new DeductionPage([.. cases.Where(it => tree.Find(it.Unit) is not null).Select(it => DeductionView.Of(it, tree.Find(it.Unit)!, rules, caller))],
            cases.Count == (limit ?? 50) ? cases[^1].Id : null));
    }

    private static Ok<DeductionRuleList> Rules(DeductionRulebook rulebook) => TypedResults.Ok(new DeductionRuleList(
        [.. rulebook.Today.Values.Select(rule => new DeductionRuleView(rule.Rule, Codes.Of(rule.Kind), rule.Name, rule.Points, rule.Cap))]));

    private static async Task<Results<Ok<DeductionView>, ProblemHttpResult>> Get(
        Guid id, HttpContext context, UnitReplica units, DeductionLedger ledger, DeductionRulebook rulebook, CancellationToken ct)
    {
        var (refusal, it, unit) = await FindAsync(id, Permissions.ReadScores, context, units, ledger, ct);
        return refusal is not null ? refusal : TypedResults.Ok(DeductionView.Of(it!, unit!, rulebook.Today, context.Caller()));
    }

    private static async Task<Results<Created<DeductionView>, ProblemHttpResult>> Propose(
        ProposalBody body, HttpContext context, UnitReplica units, DeductionLedger ledger, DeductionRulebook rulebook, CancellationToken ct)
    {
        if ((BodyCheck.Refusal(body) ?? ScoreQuery.Find(context, units.Tree, body.Unit, Permissions.ProposeDeductions, out _)) is { } problem)
            return problem;
        var unit = units.Tree.Find(body.Unit)!;
        var (outcome, id) = await ledger.ProposeAsync(new Proposal(unit.Id, body.Rule, body.Case, body.Happened, body.Reason, body.Evidence), context.Caller(), ct);
        if (outcome.IsRefused)
            return outcome.ToProblem(outcome.Code == "deduction-case-known" ? StatusCodes.Status409Conflict : StatusCodes.Status400BadRequest);
        return TypedResults.Created($"/api/deductions/{id}", DeductionView.Of((await ledger.FindAsync(id, ct))!, unit, rulebook.Today, context.Caller()));
    }

    private static Task<Results<Ok<DeductionView>, ProblemHttpResult>> Confirm(
        Guid id, RemarkBody body, HttpContext context, UnitReplica units, DeductionLedger ledger, DeductionRulebook rulebook, CancellationToken ct) =>
        ChangeAsync(id, body, Permissions.DecideDeductions, caller => ledger.ConfirmAsync(id, caller, body.Remark, ct), context, units, ledger, rulebook, ct);

    private static Task<Results<Ok<DeductionView>, ProblemHttpResult>> Reject(
        Guid id, ReasonBody body, HttpContext context, UnitReplica units, DeductionLedger ledger, DeductionRulebook rulebook, CancellationToken ct) =>
        ChangeAsync(id, body, Permissions.DecideDeductions, caller => ledger.RejectAsync(id, caller, body.Reason, ct), context, units, ledger, rulebook, ct);

    private static Task<Results<Ok<DeductionView>, ProblemHttpResult>> Appeal(
        Guid id, ReasonBody body, HttpContext context, UnitReplica units, DeductionLedger ledger, DeductionRulebook rulebook, CancellationToken ct) =>
        ChangeAsync(id, body, Permissions.Appeal, caller => ledger.AppealAsync(id, caller, body.Reason, ct), context, units, ledger, rulebook, ct);

    private static Task<Results<Ok<DeductionView>, ProblemHttpResult>> Uphold(
        Guid id, ReasonBody body, HttpContext context, UnitReplica units, DeductionLedger ledger, DeductionRulebook rulebook, CancellationToken ct) =>
        ChangeAsync(id, body, Permissions.DecideDeductions, caller => ledger.UpholdAsync(id, caller, body.Reason, ct), context, units, ledger, rulebook, ct);

    private static Task<Results<Ok<DeductionView>, ProblemHttpResult>> Reverse(
        Guid id, ReasonBody body, HttpContext context, UnitReplica units, DeductionLedger ledger, DeductionRulebook rulebook, CancellationToken ct) =>
        ChangeAsync(id, body, Permissions.DecideDeductions, caller => ledger.ReverseAsync(id, caller, body.Reason, ct), context, units, ledger, rulebook, ct);

    private static async Task<Results<Ok<DeductionView>, ProblemHttpResult>> ChangeAsync(
        Guid id, object body, string permission, Func<Caller, Task<Outcome>> change,
        HttpContext context, UnitReplica units, DeductionLedger ledger, DeductionRulebook rulebook, CancellationToken ct)
    {
        if (BodyCheck.Refusal(body) is { } malformed)
            return malformed;
        var (refusal, _, unit) = await FindAsync(id, permission, context, units, ledger, ct);
        if (refusal is not null)
            return refusal;
        var outcome = await change(context.Caller());
        return outcome.IsRefused ? outcome.ToProblem() : TypedResults.Ok(DeductionView.Of((await ledger.FindAsync(id, ct))!, unit!, rulebook.Today, context.Caller()));
    }

    /// <summary>The case, if the caller holds the permission over its unit. Unknown and foreign look the same, except to who may see all.</summary>
    private static async Task<(ProblemHttpResult? Refusal, DeductionCase? Case, OrgUnit? Unit)> FindAsync(
        Guid id, string permission, HttpContext context, UnitReplica units, DeductionLedger ledger, CancellationToken ct)
    {
        var it = await ledger.FindAsync(id, ct);
        if (it is not null && units.Tree.Find(it.Unit) is { } unit && context.Caller().May(permission, unit.Path))
            return (null, it, unit);
        return (it is null && context.Caller().MayEverywhere(permission)
            ? Problems.Of(StatusCodes.Status404NotFound, "unknown-deduction", "There is no such case in the ledger.")
            : Problems.Of(StatusCodes.Status403Forbidden, "not-allowed", "You are not allowed to do this."), null, null);
    }

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
