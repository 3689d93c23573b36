using ServiceQuality.Access;
using ServiceQuality.Console.Shell;

namespace ServiceQuality.Console.Overview;

/// <summary>What the address of the overview says.</summary>
public sealed record BoardQuery(string? Period, string? Find, string? Region, string? Grade, string? Sort, string? Dir, int? Page);

internal static class OverviewApi
{
    public static void MapOverview(this WebApplication app) => app.MapGet("/", ShowBoard).AsPage();

    private static async Task<IResult> ShowBoard([AsParameters] BoardQuery query, HttpContext context, BoardAssembly assembly, CancellationToken ct) =>
        context.Caller().May(Permissions.ReadScores)
            ? Pages.Show<BoardPage>(new { View = await assembly.OfAsync(query, ct) })
            : Pages.Problem("no-scores", StatusCodes.Status200OK);
}
