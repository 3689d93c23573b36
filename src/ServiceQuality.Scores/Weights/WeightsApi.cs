using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using ServiceQuality.Access;
using ServiceQuality.Scoring.Weights;

namespace ServiceQuality.Scores.Weights;

/// <summary>Weights computed and not kept (SCO-04, scoring.md §6).</summary>
internal static class WeightsApi
{
    public static void MapWeights(this IEndpointRouteBuilder routes)
    {
        var weights = routes.MapGroup("/api/weights").WithTags("Weights").WithGroupName(ScoresService.Name).RequirePermission(Permissions.ReadSchemes).WithMetadata(new RequestSizeLimitAttribute(8 << 20));
        weights.MapPost("/ahp", Judge).WithName("ahp-weights").WithSummary("Weights from pairwise judgements of one expert or several; nothing is kept.")
            .WithDescription("Each matrix is square, at most 10 × 10: row i, column j says how many times as important i is as j. Judgements whose consistency ratio is above the threshold (default 0.10) are refused: accepted is false, weights are null, and the worst triads say what would mend them.");
        weights.MapPost("/entropy", Measure).WithName("entropy-weights").WithSummary("Objective weights of the columns of a table; nothing is kept.");
        weights.MapPost("/combined", Combine).WithName("combined-weights").WithSummary("Judged and objective weights joined: w ∝ w · w; nothing is kept.");
    }

    private static Results<Ok<AhpView>, ProblemHttpResult> Judge(AhpBody body)
    {
        if (body.Read(out var matrices) is { } problem)
            return problem;
        return TypedResults.Ok(AhpView.Of(Ahp.Weigh(matrices, body.Threshold ?? Ahp.DefaultThreshold), body.Elements));
    }

    private static Results<Ok<EntropyView>, ProblemHttpResult> Measure(EntropyBody body)
    {
        if (body.Read(out var table, out var lower, out var scale) is { } problem)
            return problem;
        return TypedResults.Ok(EntropyView.Of(Entropy.Weigh(table, lower, scale), body));
    }

    private static Results<Ok<CombinedView>, ProblemHttpResult> Combine(CombinedBody body) =>
        body.Read(out var judged, out var objective) is { } problem ? problem : TypedResults.Ok(new CombinedView(WeightVector.Combined(judged, objective)));
}
