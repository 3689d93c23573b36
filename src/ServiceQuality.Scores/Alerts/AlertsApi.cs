using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using ServiceQuality.Access;
using ServiceQuality.Contracts.Scores;
using ServiceQuality.Scores.Schemes;
using ServiceQuality.Scores.Scores;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Alerts;

/// <summary>What one indicator did to the score, with its name.</summary>
internal sealed record CauseView(string Indicator, Bilingual Name, string? Unit, double Effect, double? From, double? To);

/// <summary>An alert: the score of a unit crossed a limit between grades, or fell.</summary>
internal sealed record AlertView(
    Guid Id, UnitView Unit, string Kind, string Period, DateTimeOffset At, double Score, double? Change24h, GradeView? From, GradeView? To, bool IsFall, string Scheme, IReadOnlyList<CauseView> Causes);

/// <summary>A page of alerts, newest first; <paramref name="Next"/> goes into <c>after</c>.</summary>
internal sealed record AlertPage(IReadOnlyList<AlertView> Alerts, Guid? Next);

/// <summary>Alerts of the live score (SCO-31).</summary>
internal static class AlertsApi
{
    private const int MaxPage = 200;
    private static readonly string[] Kinds = ["grade-band-crossed", "score-drop"];

    public static void MapAlerts(this IEndpointRouteBuilder routes) =>
        routes.MapGroup("/api/alerts").WithTags("Alerts").WithGroupName(ScoresService.Name).MapGet("/", List).WithName("alerts").RequirePermission(Permissions.ReadScores)
            .WithSummary("Crossings of grade limits and falls of the live score of the caller's units, newest first, with the indicators behind them; limit 1–200, default 50.");

    private static async Task<Results<Ok<AlertPage>, ProblemHttpResult>> List(
        string? unit, string? kind, Guid? after, int? limit, HttpContext context, UnitReplica units, SchemeBook schemes, AlertLedger ledger, TimeProvider clock, CancellationToken ct)
    {
        var (tree, within) = (units.Tree, default(OrgUnit));
        if (limit is < 1 or > MaxPage)
            return Problems.Of(StatusCodes.Status400BadRequest, "limit-invalid", $"'limit' is 1 to {MaxPage}.");
        if (!string.IsNullOrEmpty(kind) && !Kinds.Contains(kind))
            return Problems.Of(StatusCodes.Status400BadRequest, "kind-invalid", $"'kind' is {string.Join(" or ", Kinds)}.");
        if (!string.IsNullOrEmpty(unit) && ScoreQuery.Find(context, tree, unit, Permissions.ReadScores, out within) is { } problem)
            return problem;
        var found = await ledger.ListAsync(new(context.Caller().Scope(Permissions.ReadScores), within?.Path, string.IsNullOrEmpty(kind) ? null : kind, after), limit ?? 50, ct);
        var scheme = schemes.InForce(tree.Today(clock.GetUtcNow()));
        return TypedResults.Ok(new AlertPage([.. found.Where(alert => tree.Find(alert.Unit) is not null).Select(alert => View(alert, tree.Find(alert.Unit)!, scheme))], found.Count == (limit ?? 50) ? found[^1].Id : null));
    }

    private static AlertView View(Alert alert, OrgUnit unit, Scheme scheme) => new(
        alert.Id, UnitView.Of(unit), alert.Kind, alert.Period, alert.At, alert.Score, alert.Change, Grade(alert.FromGrade, scheme), Grade(alert.ToGrade, scheme), alert.IsFall, alert.Scheme,
        [.. alert.Causes.Select(cause => Cause(cause, scheme.Indicators.FirstOrDefault(one => one.Code == cause.Indicator)))]);

    /// <summary>Named as today's scheme names it; what it knows no longer is shown by its code.</summary>
    private static GradeView? Grade(string? code, Scheme scheme) => code is null ? null : GradeView.Of(scheme.Bands.FirstOrDefault(band => band.Code == code) ?? new(code, new(code, code), 0));

    private static CauseView Cause(ScoreCause cause, Indicator? indicator) =>
        new(cause.Indicator, indicator?.Name ?? new(cause.Indicator, cause.Indicator), indicator?.Measure.Unit, cause.Effect, cause.From, cause.To);
}
