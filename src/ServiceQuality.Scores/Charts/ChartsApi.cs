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
            .WithSummary("How steady a unit was in a quarter or year: its months with intervals, spread, slope of its days with 95 % interval, signals, the year before, its siblings (SCO-30).");
        charts.MapGet("/forecast", Forecast).WithName("forecast").RequirePermission(Permissions.ReadScores)
            .WithSummary("The next one to three months of a unit with 95 % prediction intervals, from its months so far (RPT-11).");
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
        string unit, string? period, string? rules, HttpContext context, UnitReplica units, UnitTrends trends, TimeProvider clock, CancellationToken ct)
    {
        if (ScoreQuery.Find(context, units.Tree, unit, Permissions.ReadScores, out var found) is { } problem)
            return problem;
        var today = UnitBuckets.DayOf(Zones.Of(found.TimeZone), clock.GetUtcNow());
        var asked = Period.Whole(PeriodKind.Quarter, today);
        if (!string.IsNullOrEmpty(period) && (!Period.TryParse(period, out asked) || asked is not { Kind: PeriodKind.Quarter or PeriodKind.Year, Start: { } start } || start > today))
            return Problems.Of(StatusCodes.Status400BadRequest, "period-not-suitable", "'period' is a quarter or year that has begun, such as 2026-Q4 or 2026.");
        return ChartQuery.Read(rules, out var read) is { } invalid
            ? invalid
            : TypedResults.Ok(await trends.StabilityAsync(found, asked, today, read, one => context.Caller().May(Permissions.ReadScores, one.Path), ct));
    }

    private static async Task<Results<Ok<ForecastView>, ProblemHttpResult>> Forecast(
        string unit, int? periods, HttpContext context, UnitReplica units, UnitTrends trends, TimeProvider clock, CancellationToken ct)
    {
        if (ScoreQuery.Find(context, units.Tree, unit, Permissions.ReadScores, out var found) is { } problem)
            return problem;
        return periods is < 1 or > Scoring.Forecasts.Forecast.MostAhead
            ? Problems.Of(StatusCodes.Status400BadRequest, "periods-invalid", $"'periods' is 1 to {Scoring.Forecasts.Forecast.MostAhead}.")
            : TypedResults.Ok(await trends.ForecastAsync(found, periods ?? Scoring.Forecasts.Forecast.MostAhead, UnitBuckets.DayOf(Zones.Of(found.TimeZone), clock.GetUtcNow()), ct));
    }
}
