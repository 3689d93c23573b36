using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using ServiceQuality.Access;
using ServiceQuality.Scores.Charts;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring.Charts;

namespace ServiceQuality.Scores.Signals;

/// <summary>What alarmed on a day, over all units that the caller may see (scoring.md §9).</summary>
internal static class SignalsApi
{
    private const int MostSignals = 1_000;
    private const int MostDaysBack = 300;
    private static readonly RuleSet Usual = RuleSet.WesternElectric();

    public static void MapSignals(this IEndpointRouteBuilder routes) =>
        routes.MapGroup("/api/signals").WithTags("Charts").WithGroupName(ScoresService.Name).MapGet("/", List).WithName("signals").RequirePermission(Permissions.ReadScores)
            .WithSummary("Signals of a day with p-values, which of them the control of false discoveries keeps, and how many false alarms to expect. Computed once an hour.")
            .WithDescription("day: default the newest whole day. rules: default western-electric. limit: 1–1000, default 200; the least likely by chance come first.");

    private static async Task<Results<Ok<SignalsView>, ProblemHttpResult>> List(
        string? day, string? rules, int? limit, HttpContext context, UnitReplica units, DaySignals signals, TimeProvider clock, CancellationToken ct)
    {
        var (tree, today) = (units.Tree, units.Tree.Today(clock.GetUtcNow()));
        if (ChartQuery.Read(rules, out var read) is { } problem)
            return problem;
        if (limit is < 1 or > MostSignals)
            return Problems.Of(StatusCodes.Status400BadRequest, "limit-invalid", $"'limit' is 1 to {MostSignals}.");
        var asked = string.IsNullOrEmpty(day) ? today.AddDays(-1) : ChartTypes.Day(day);
        if (asked is not { } date || date > today || date < today.AddDays(-MostDaysBack))
            return Problems.Of(StatusCodes.Status400BadRequest, "day-invalid", $"'day' is a day such as 2026-11-20, today at the latest and {MostDaysBack} days back at most.");
        var scope = context.Caller().Scope(Permissions.ReadScores);
        var found = await signals.ReadAsync(date, read ?? Usual, ct);
        return TypedResults.Ok(SignalsView.Of(date, read ?? Usual, found, tree, id => tree.Find(id) is { } unit && scope.Any(path => unit.Path.StartsWith(path, StringComparison.Ordinal)), limit ?? 200));
    }
}
