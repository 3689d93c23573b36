using ServiceQuality.Access;
using ServiceQuality.Console.Overview;
using ServiceQuality.Console.Shell;
using ServiceQuality.Console.Suite;

namespace ServiceQuality.Console.Evaluations;

/// <summary>What the address of a unit's gaps says.</summary>
public sealed record ServiceGapsQuery(string? Period, string? Operator);

internal static class EvaluationsApi
{
    public static void MapEvaluations(this WebApplication app) =>
        app.MapGet("/units/{code}/service-gaps", Show).AsOpenPage().RequirePermission(Permissions.ReadScores);

    private static async Task<IResult> Show(string code, [AsParameters] ServiceGapsQuery query, SuiteReader suite, CancellationToken ct)
    {
        var period = Periods.Known(query.Period);
        var (fuzzy, servqual, board) = (suite.FuzzyAsync(code, period, query.Operator, ct), suite.ServqualAsync(code, period, ct), suite.GapsAsync(code, period, ct));
        var view = new ServiceGapsView(code, period, await fuzzy, await servqual, await board);
        return view.Board.Obstacle switch
        {
            Obstacle.Unknown => Pages.Problem("missing", StatusCodes.Status404NotFound),
            Obstacle.NotAllowed => Pages.Problem("refused", StatusCodes.Status403Forbidden),
            _ => Pages.Show<ServiceGapsPage>(new { View = view }),
        };
    }
}
