using ServiceQuality.Access;
using ServiceQuality.Console.Shell;
using ServiceQuality.Console.Suite;

namespace ServiceQuality.Console.Deductions;

/// <summary>The deduction ledger (SCO-19). Every form works without scripts: it is sent, and answered with a page.</summary>
internal static class DeductionsApi
{
    private static readonly string[] Actions = ["confirm", "reject", "appeal", "uphold", "reverse"];

    public static void MapDeductions(this WebApplication app)
    {
        app.MapGet("/deductions", ShowLedger).AsOpenPage().RequirePermission(Permissions.ReadScores);
        app.MapPost("/deductions", Propose).AsOpenPage().RequirePermission(Permissions.ProposeDeductions);
        app.MapGet("/deductions/{id:guid}", ShowCase).AsOpenPage().RequirePermission(Permissions.ReadScores);
        app.MapPost("/deductions/{id:guid}/{action}", Change).AsOpenPage().RequirePermission(Permissions.ReadScores);
    }

    private static async Task<IResult> ShowLedger([AsParameters] LedgerQuery query, HttpContext context, SuiteReader suite, CancellationToken ct) =>
        Pages.Show<LedgerPage>(new { View = await LedgerAsync(query, ProposalTyped.Nothing, null, context, suite, ct) });

    private static async Task<IResult> Propose(HttpContext context, SuiteReader suite, SuiteWriter desk, Reader reader, CancellationToken ct)
    {
        var typed = ProposalTyped.Of(await context.FormAsync(ct));
        var happened = reader.Moment($"{typed.Happened}T00:00");
        var answer = happened is null
            ? new Answered(StatusCodes.Status400BadRequest, "malformed-request", ["happened"], default)
            : await desk.PostAsync("scores", "api/deductions", new { unit = typed.Unit.Trim(), rule = typed.Rule, @case = typed.Case, happened, reason = typed.Reason, evidence = typed.Evidence }, ct);
        return answer.Refusal is null
            ? Results.Redirect($"/deductions/{answer.Body.GetProperty("id").GetGuid()}?done=proposed")
            : Pages.Show<LedgerPage>(new { View = await LedgerAsync(new LedgerQuery(null, null, null, null), typed, answer, context, suite, ct) }, answer.Status);
    }

    private static async Task<IResult> ShowCase(Guid id, string? done, SuiteReader suite, CancellationToken ct) => await CaseAsync(id, done, "", null, suite, ct);

    private static async Task<IResult> Change(Guid id, string action, HttpContext context, SuiteReader suite, SuiteWriter desk, CancellationToken ct)
    {
        if (!Actions.Contains(action))
            return Pages.Problem("missing", StatusCodes.Status404NotFound);
        var typed = (await context.FormAsync(ct))["reason"].ToString();
        var answer = await desk.PostAsync("scores", $"api/deductions/{id}/{action}", action == "confirm" ? new { remark = typed } : new { reason = typed }, ct);
        return answer.Refusal is null ? Results.Redirect($"/deductions/{id}?done={action}") : await CaseAsync(id, null, typed, answer, suite, ct);
    }

    private static async Task<LedgerView> LedgerAsync(LedgerQuery query, ProposalTyped typed, Answered? refused, HttpContext context, SuiteReader suite, CancellationToken ct)
    {
        var rules = await suite.ScoresAsync<DeductionRules>($"api/deductions/rules", ct);
        var page = query.After is { } after
            ? await suite.ScoresAsync<DeductionPage>($"api/deductions?limit=50&unit={query.Unit?.Trim()}&rule={query.Rule}&state={query.State}&after={after}", ct)
            : await suite.ScoresAsync<DeductionPage>($"api/deductions?limit=50&unit={query.Unit?.Trim()}&rule={query.Rule}&state={query.State}", ct);
        return new(query, page, rules.Value?.Items ?? [], context.Caller().May(Permissions.ProposeDeductions), typed, refused);
    }

    private static async Task<IResult> CaseAsync(Guid id, string? done, string typed, Answered? refused, SuiteReader suite, CancellationToken ct)
    {
        var reading = await suite.ScoresAsync<DeductionLine>($"api/deductions/{id}", ct);
        return reading switch
        {
            { Value: { } found } => Pages.Show<CasePage>(new { View = new CaseView(found, done, typed, refused) }, refused?.Status ?? StatusCodes.Status200OK),
            { Obstacle: Obstacle.Unknown } => Pages.Problem("missing", StatusCodes.Status404NotFound),
            { Obstacle: Obstacle.NotAllowed } => Pages.Problem("refused", StatusCodes.Status403Forbidden),
            _ => Pages.Problem("away", StatusCodes.Status503ServiceUnavailable),
        };
    }
}
