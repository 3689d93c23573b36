using ServiceQuality.Access;
using ServiceQuality.Console.Shell;
using ServiceQuality.Console.Suite;

namespace ServiceQuality.Console.Appraisals;

/// <summary>Official results: closing, checking and publishing periods, appeals and restatements. Every form works without scripts.</summary>
internal static class AppraisalsApi
{
    public static void MapAppraisals(this WebApplication app)
    {
        app.MapGet("/results", ShowAll).AsOpenPage().RequirePermission(Permissions.ReadScores);
        app.MapPost("/results", Close).AsOpenPage().RequirePermission(Permissions.ManageResults);
        app.MapGet("/results/closings/{id:guid}", ShowClosing).AsOpenPage().RequirePermission(Permissions.ReadScores);
        app.MapGet("/results/closings/{id:guid}/ranking", ShowRanking).AsOpenPage().RequirePermission(Permissions.ReadScores);
        app.MapPost("/results/closings/{id:guid}/{action}", ChangeClosing).AsOpenPage().RequirePermission(Permissions.ManageResults);
        app.MapGet("/results/units/{code}/{period}", ShowResult).AsOpenPage().RequirePermission(Permissions.ReadScores);
        app.MapPost("/results/units/{code}/{period}/appeal", Appeal).AsOpenPage().RequirePermission(Permissions.Appeal);
        app.MapPost("/results/units/{code}/{period}/restate", Restate).AsOpenPage().RequirePermission(Permissions.ManageResults);
        app.MapPost("/results/units/{code}/{period}/appeals/{id:guid}/{action}", Judge).AsOpenPage().RequirePermission(Permissions.ManageResults);
        app.MapPost("/results/units/{code}/{period}/restatements/{id:guid}/{action}", Decide).AsOpenPage().RequirePermission(Permissions.ManageResults);
    }

    private static async Task<IResult> ShowAll(AppraisalAssembly assembly, CancellationToken ct) => Pages.Show<ResultsPage>(new { View = await assembly.AllAsync("", "", null, ct) });

    private static async Task<IResult> Close(HttpContext context, AppraisalAssembly assembly, SuiteWriter desk, CancellationToken ct)
    {
        var form = await context.FormAsync(ct);
        var (unit, period) = (form["unit"].ToString().Trim(), form["period"].ToString().Trim());
        var answer = await desk.PostAsync("scores", "api/results/closings", new { unit, period }, ct);
        return answer.Refusal is null
            ? Results.Redirect($"/results/closings/{answer.Body.GetProperty("id").GetGuid()}")
            : Pages.Show<ResultsPage>(new { View = await assembly.AllAsync(unit, period, answer, ct) }, answer.Status);
    }

    private static Task<IResult> ShowClosing(Guid id, int? offset, string? done, AppraisalAssembly assembly, CancellationToken ct) => assembly.ClosingAsync(id, Math.Max(0, offset ?? 0), done, "", null, ct);

    private static Task<IResult> ShowRanking(Guid id, string? under, string? level, AppraisalAssembly assembly, CancellationToken ct) => assembly.RankingAsync(id, under, level, ct);

    private static async Task<IResult> ChangeClosing(Guid id, string action, HttpContext context, AppraisalAssembly assembly, SuiteWriter desk, CancellationToken ct)
    {
        if (action is not ("check" or "publish" or "discard"))
            return Pages.Problem("missing", StatusCodes.Status404NotFound);
        var typed = (await context.FormAsync(ct))["comment"].ToString();
        var answer = await desk.PostAsync("scores", $"api/results/closings/{id}/{action}", action == "discard" ? new { reason = typed } : new { comment = typed }, ct);
        return answer.Refusal is null ? Results.Redirect($"/results/closings/{id}?done={action}") : await assembly.ClosingAsync(id, 0, null, typed, answer, ct);
    }

    private static Task<IResult> ShowResult(string code, string period, string? done, string? compare, AppraisalAssembly assembly, CancellationToken ct) =>
        assembly.ResultAsync(code, period, compare == "now", done, "", "", null, ct);

    private static Task<IResult> Appeal(string code, string period, HttpContext context, AppraisalAssembly assembly, SuiteWriter desk, CancellationToken ct) =>
        ChangeAsync(code, period, "appeal", $"api/results/units/{Uri.EscapeDataString(code)}/{Uri.EscapeDataString(period)}/appeals", (reason, evidence) => new { reason, evidence }, context, assembly, desk, ct);

    private static async Task<IResult> Restate(string code, string period, HttpContext context, AppraisalAssembly assembly, SuiteWriter desk, CancellationToken ct)
    {
        Guid? appeal = Guid.TryParse((await context.FormAsync(ct))["appeal"], out var id) ? id : null;
        return await ChangeAsync(code, period, "restate", $"api/results/units/{Uri.EscapeDataString(code)}/{Uri.EscapeDataString(period)}/restatements", (reason, _) => new { reason, appeal }, context, assembly, desk, ct);
    }

    private static Task<IResult> Judge(string code, string period, Guid id, string action, HttpContext context, AppraisalAssembly assembly, SuiteWriter desk, CancellationToken ct) =>
        ChangeAsync(code, period, action, $"api/results/appeals/{id}/judge", (reason, _) => new { accept = action == "accept", reason }, context, assembly, desk, ct);

    private static Task<IResult> Decide(string code, string period, Guid id, string action, HttpContext context, AppraisalAssembly assembly, SuiteWriter desk, CancellationToken ct) =>
        ChangeAsync(code, period, action, $"api/results/restatements/{id}/decide", (_, _) => new { confirm = action == "confirm" }, context, assembly, desk, ct);

    private static async Task<IResult> ChangeAsync(
        string code, string period, string action, string address, Func<string, string, object> body, HttpContext context, AppraisalAssembly assembly, SuiteWriter desk, CancellationToken ct)
    {
        if (action is not ("appeal" or "restate" or "accept" or "reject" or "confirm" or "decline"))
            return Pages.Problem("missing", StatusCodes.Status404NotFound);
        var form = await context.FormAsync(ct);
        var (reason, evidence) = (form["reason"].ToString(), form["evidence"].ToString());
        var answer = await desk.PostAsync("scores", address, body(reason, evidence), ct);
        return answer.Refusal is null
            ? Results.Redirect($"/results/units/{Uri.EscapeDataString(code)}/{Uri.EscapeDataString(period)}?done={action}")
            : await assembly.ResultAsync(code, period, compare: false, null, reason, evidence, answer, ct);
    }
}
