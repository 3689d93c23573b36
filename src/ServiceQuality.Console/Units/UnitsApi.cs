using ServiceQuality.Access;
using ServiceQuality.Console.Shell;

namespace ServiceQuality.Console.Units;

/// <summary>What the address of a unit's page says.</summary>
public sealed record UnitQuery(string? Period, string? AsOf);

/// <summary>What the address of the list of units says.</summary>
public sealed record UnitsQuery(string? Find, string? Period, int? Page);

internal static class UnitsApi
{
    public static void MapUnits(this WebApplication app)
    {
        app.MapGet("/units", ShowUnits).AsPage();
        app.MapGet("/units/{code}", ShowUnit).AsPage();
    }

    private static async Task<IResult> ShowUnits([AsParameters] UnitsQuery query, UnitList list, CancellationToken ct)
    {
        var view = await list.OfAsync(query, ct);
        return view.Only is { } only ? Results.Redirect($"/units/{Uri.EscapeDataString(only)}") : Pages.Show<UnitsPage>(new { View = view });
    }

    private static async Task<IResult> ShowUnit(string code, [AsParameters] UnitQuery query, HttpContext context, UnitAssembly assembly, CancellationToken ct)
    {
        if (!context.Caller().May(Permissions.ReadScores))
            return Pages.Problem("no-scores", StatusCodes.Status403Forbidden);

        var view = await assembly.OfAsync(code, query, ct);
        return view.Score.Obstacle switch
        {
            Suite.Obstacle.Unknown => Pages.Problem("missing", StatusCodes.Status404NotFound),
            Suite.Obstacle.NotAllowed => Pages.Problem("refused", StatusCodes.Status403Forbidden),
            _ => Pages.Show<UnitPage>(new { View = view }),
        };
    }
}
