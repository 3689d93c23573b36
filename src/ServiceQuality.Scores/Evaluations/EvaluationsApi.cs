using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using ServiceQuality.Access;
using ServiceQuality.Scores.Schemes;
using ServiceQuality.Scores.Scores;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;
using ServiceQuality.Scoring.Fuzzy;

namespace ServiceQuality.Scores.Evaluations;

/// <summary>Other views of a unit's score, beside it and never instead of it (scoring.md §7).</summary>
internal static class EvaluationsApi
{
    public static void MapEvaluations(this IEndpointRouteBuilder routes)
    {
        var scores = routes.MapGroup("/api/scores/{unit}").WithTags("Evaluations").WithGroupName(ScoresService.Name);
        scores.MapGet("/fuzzy", Fuzzy).WithName("fuzzy-evaluation").RequirePermission(Permissions.ReadScores).WithSummary("Fuzzy comprehensive evaluation of the score, family by family and in total.")
            .WithDescription("operator: weighted-mean (default), min-max, product-max or bounded-sum. halfWidth: half-width of the passage between two grades in points, 0 to 50, default 5. Where the grade with the largest membership is another than the score's, the score's decides and reasons say why they differ.");
        scores.MapGet("/servqual", Servqual).WithName("servqual").RequirePermission(Permissions.ReadScores).WithSummary("SERVQUAL gaps of the period by dimension and item, with the reliability of the questionnaire and what was noticed about the answers.");
        scores.MapGet("/gaps", Gaps).WithName("gaps").RequirePermission(Permissions.ReadScores).WithSummary("The five-gap board: each gap from its own data, or which data are missing and from which service.");
    }

    private static async Task<Results<Ok<ServqualView>, ProblemHttpResult>> Servqual(
        string unit, string? period, string? asOf, HttpContext context, UnitReplica units, SchemeBook schemes, UnitScores scores, ServqualAnswers answers, TimeProvider clock, CancellationToken ct)
    {
        if (Ask(unit, period, asOf, context, units.Tree, schemes, clock, out var found, out var asked, out var moment) is { } problem)
            return problem;
        var score = await scores.ReadAsync(found, asked, moment, version: null, ct);
        return TypedResults.Ok(ServqualView.Of(score, await answers.ReadAsync(score, ct)));
    }

    private static async Task<Results<Ok<GapBoardView>, ProblemHttpResult>> Gaps(
        string unit, string? period, string? asOf, HttpContext context, UnitReplica units, SchemeBook schemes, UnitScores scores, ServqualAnswers answers, TimeProvider clock, CancellationToken ct)
    {
        if (Ask(unit, period, asOf, context, units.Tree, schemes, clock, out var found, out var asked, out var moment) is { } problem)
            return problem;
        var score = await scores.ReadAsync(found, asked, moment, version: null, ct);
        return TypedResults.Ok(GapBoardView.Of(score, await answers.ReadAsync(score, ct)));
    }

    private static async Task<Results<Ok<FuzzyView>, ProblemHttpResult>> Fuzzy(
        string unit, string? period, string? asOf, string? @operator, string? halfWidth,
        HttpContext context, UnitReplica units, SchemeBook schemes, UnitScores scores, TimeProvider clock, CancellationToken ct)
    {
        var (composition, width) = (default(FuzzyOperator), Membership.DefaultHalfWidth);
        if ((Ask(unit, period, asOf, context, units.Tree, schemes, clock, out var found, out var asked, out var moment) ?? Operator(@operator, out composition) ?? Width(halfWidth, out width)) is { } problem)
            return problem;
        var score = await scores.ReadAsync(found, asked, moment, version: null, ct);
        return TypedResults.Ok(FuzzyView.Of(score, FuzzyScore.Of(score.Score, composition, width), composition, width));
    }

    private static ProblemHttpResult? Ask(
        string unit, string? period, string? asOf, HttpContext context, UnitTree tree, SchemeBook schemes, TimeProvider clock, out OrgUnit found, out Period asked, out DateTimeOffset? moment)
    {
        (asked, moment) = (Period.Default, null);
        return ScoreQuery.Find(context, tree, unit, Permissions.ReadScores, out found) ?? ScoreQuery.Read(period, schemes, clock, tree, out asked) ?? ScoreQuery.Read(asOf, "asOf", clock, out moment);
    }

    private static ProblemHttpResult? Operator(string? text, out FuzzyOperator composition)
    {
        composition = default;
        return string.IsNullOrEmpty(text) || FuzzyView.Operators.TryGetValue(text, out composition)
            ? null
            : Problems.Of(StatusCodes.Status400BadRequest, "operator-invalid", $"'operator' is one of {string.Join(", ", FuzzyView.Operators.Keys)}.");
    }

    private static ProblemHttpResult? Width(string? text, out double width)
    {
        width = Membership.DefaultHalfWidth;
        return string.IsNullOrEmpty(text) || (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out width) && width is >= 0 and <= 50)
            ? null
            : Problems.Of(StatusCodes.Status400BadRequest, "half-width-invalid", "'halfWidth' is 0 to 50 points.");
    }
}
