using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using ServiceQuality.Access;
using ServiceQuality.Scores.Schemes;
using ServiceQuality.Scores.Scores;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Charts;

/// <summary>Control charts of a unit's indicators, and how steady a unit was (scoring.md §9, SCO-30).</summary>
internal static class ChartsApi
{
    public static void MapCharts(this IEndpointRouteBuilder routes)
    {
        var charts = routes.MapGroup("/api/scores/{unit}").WithTags("Charts").WithGroupName(ScoresService.Name);
        charts.MapGet("/charts/{indicator}", Draw).WithName("chart").RequirePermission(Permissions.ReadScores)
            .WithSummary("A control chart of an indicator: points by day or hour, limits of each point, signals with rule, points and side.");
        charts.MapGet("/stability", Stability).WithName("stability").RequirePermission(Permissions.ReadScores)
            .WithSummary("How steady a unit was in a quarter: spread of its months, slope of its days with 95 % interval, signals (SCO-30).");
    }

    private static async Task<Results<Ok<ChartView>, ProblemHttpResult>> Draw(
        string unit, string indicator, [AsParameters] ChartQuery query, HttpContext context, UnitReplica units, SchemeBook schemes, UnitCharts charts, TimeProvider clock, CancellationToken ct)
    {
        var tree = units.Tree;
        if (ScoreQuery.Find(context, tree, unit, Permissions.ReadScores, out var found) is { } problem)
            return problem;
        if (schemes.InForce(tree.Today(clock.GetUtcNow())).Indicators.FirstOrDefault(one => one.Code == indicator) is not { } known)
            return Problems.Of(StatusCodes.Status404NotFound, "unknown-indicator", "The scheme in force has no such indicator.");
        return query.Read(known, UnitBuckets.DayOf(Zones.Of(found.TimeZone), clock.GetUtcNow()), out var request) is { } refused
            ? refused
            : TypedResults.Ok(await charts.DrawAsync(found, request, ct));
    }

    private static async Task<Results<Ok<StabilityView>, ProblemHttpResult>> Stability(
        string unit, string? quarter, string? rules, HttpContext context, UnitReplica units, UnitCharts charts, TimeProvider clock, CancellationToken ct)
    {
        if (ScoreQuery.Find(context, units.Tree, unit, Permissions.ReadScores, out var found) is { } problem)
            return problem;
        var today = UnitBuckets.DayOf(Zones.Of(found.TimeZone), clock.GetUtcNow());
        var asked = Period.Whole(PeriodKind.Quarter, today);
        if (!string.IsNullOrEmpty(quarter) && (!Period.TryParse(quarter, out asked) || asked is not { Kind: PeriodKind.Quarter, Start: { } start } || start > today))
            return Problems.Of(StatusCodes.Status400BadRequest, "quarter-invalid", "'quarter' is a quarter such as 2026-Q4 that has begun.");
        return ChartQuery.Read(rules, out var read) is { } invalid
            ? invalid
            : TypedResults.Ok(await charts.StabilityAsync(found, asked, today, read, ct));
    }
}
