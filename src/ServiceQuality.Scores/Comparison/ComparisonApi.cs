using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using ServiceQuality.Access;
using ServiceQuality.Scores.Schemes;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;
using ServiceQuality.Scoring.Comparison;

namespace ServiceQuality.Scores.Comparison;

/// <summary>Units side by side: ranking and funnel (scoring.md §8, RPT-08).</summary>
internal static class ComparisonApi
{
    private const double LargestMinimum = 1_000_000;

    public static void MapComparison(this IEndpointRouteBuilder routes)
    {
        var comparison = routes.MapGroup("/api").WithTags("Comparison").WithGroupName(ScoresService.Name);
        comparison.MapGet("/ranking", Rank).WithName("ranking").RequirePermission(Permissions.ReadScores)
            .WithSummary("Ranks of the units under a unit with 95 % intervals, ties within noise, a second value for small units; units that are not scored are listed. Computed once an hour.");
        comparison.MapGet("/funnel/{indicator}", Draw).WithName("funnel").RequirePermission(Permissions.ReadScores)
            .WithSummary("A share or rate of the units under a unit against volume, with exact 2σ and 3σ limits. Computed once an hour.");
    }

    private static async Task<Results<Ok<RankingView>, ProblemHttpResult>> Rank(
        [AsParameters] ComparisonQuery query, int? seed, HttpContext context, UnitReplica units, SchemeBook schemes, UnitComparison comparison, TimeProvider clock, CancellationToken ct) =>
        query.Read(context, units.Tree, schemes, clock, out var asked) is { } problem ? problem : TypedResults.Ok(await comparison.RankAsync(asked, seed, ct));

    private static async Task<Results<Ok<FunnelView>, ProblemHttpResult>> Draw(
        string indicator, [AsParameters] ComparisonQuery query, double? minimum, HttpContext context, UnitReplica units, SchemeBook schemes, UnitComparison comparison, TimeProvider clock, CancellationToken ct)
    {
        if (query.Read(context, units.Tree, schemes, clock, out var asked) is { } problem)
            return problem;
        if (schemes.InForce(units.Tree.Today(clock.GetUtcNow())).Indicators.FirstOrDefault(one => one.Code == indicator) is not { } known)
            return Problems.Of(StatusCodes.Status404NotFound, "unknown-indicator", "The scheme in force has no such indicator.");
        if (known.Measure.Aggregator is not (Aggregator.Ratio or Aggregator.PerThousand))
            return Problems.Of(StatusCodes.Status400BadRequest, "indicator-not-suitable", "A funnel takes a share or a rate per thousand.");
        return minimum is < 0 or > LargestMinimum or double.NaN
            ? Problems.Of(StatusCodes.Status400BadRequest, "minimum-invalid", $"'minimum' is 0 to {LargestMinimum:0}.")
            : TypedResults.Ok(await comparison.FunnelAsync(asked, known, minimum ?? Funnel.DefaultMinimum, ct));
    }
}
