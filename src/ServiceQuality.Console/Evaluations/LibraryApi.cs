using System.Globalization;
using ServiceQuality.Access;
using ServiceQuality.Console.Shell;
using ServiceQuality.Console.Suite;

namespace ServiceQuality.Console.Evaluations;

/// <summary>The sub-dimension library as a page (SCO-10): read, changed for a day to come, with its history.</summary>
internal static class LibraryApi
{
    private const string Path = "/sub-dimensions";

    public static void MapLibrary(this WebApplication app)
    {
        app.MapGet(Path, Show).AsOpenPage().RequirePermission(Permissions.ReadSchemes);
        app.MapPost(Path, Change).AsOpenPage().RequirePermission(Permissions.ManageSchemes);
    }

    private static async Task<IResult> Show(int? version, string? done, SuiteReader suite, CancellationToken ct)
    {
        var library = await ReadAsync(suite, version, ct);
        return library.Obstacle == Obstacle.Unknown
            ? Pages.Problem("missing", StatusCodes.Status404NotFound)
            : Pages.Show<LibraryPage>(new { View = new LibraryView(library, library.Value is { } known ? LibraryTyped.Of(known) : null, null, [], done == "saved") });
    }

    private static async Task<IResult> Change(HttpContext context, SuiteReader suite, SuiteWriter writer, CancellationToken ct)
    {
        var typed = LibraryTyped.Of(await context.FormAsync(ct));
        if (!DateOnly.TryParseExact(typed.EffectiveFrom, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var from) || !int.TryParse(typed.BasedOn, NumberStyles.None, CultureInfo.InvariantCulture, out var basedOn))
            return await RefusedAsync(typed, "library-date-invalid", [], StatusCodes.Status400BadRequest, suite, ct);
        var answer = await writer.PostAsync("scores", "api/sub-dimensions", new { basedOn, effectiveFrom = from, reason = typed.Reason.Trim(), subDimensions = typed.Kept.Select(row => row.Body) }, ct);
        return answer.Refusal is null
            ? Results.Redirect($"{Path}?done=saved")
            : await RefusedAsync(typed, answer.Refusal, [.. answer.Fields.Select(field => Place(typed, field)).Distinct()], answer.Status, suite, ct);
    }

    private static async Task<IResult> RefusedAsync(LibraryTyped typed, string refusal, IReadOnlyList<string> faults, int status, SuiteReader suite, CancellationToken ct) =>
        Pages.Show<LibraryPage>(new { View = new LibraryView(await ReadAsync(suite, null, ct), typed, refusal, faults, false) }, status);

    private static Task<Reading<SubDimensionLibrary>> ReadAsync(SuiteReader suite, int? version, CancellationToken ct) =>
        version is { } number ? suite.ScoresAsync<SubDimensionLibrary>($"api/sub-dimensions?version={number}", ct) : suite.ScoresAsync<SubDimensionLibrary>($"api/sub-dimensions", ct);

    /// <summary>The sub-dimension that a field belongs to, as it was typed, with the check point where it is one.</summary>
    private static string Place(LibraryTyped typed, string field)
    {
        var parts = field.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts is not ["subDimensions", var row, ..] || !int.TryParse(row, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number >= typed.Kept.Count)
            return field;
        var name = typed.Kept[number] switch { { Zh.Length: > 0 } one => one.Zh, { En.Length: > 0 } one => one.En, var one => one.Code };
        return parts is [_, _, "checkPoints", var point, ..] && int.TryParse(point, NumberStyles.None, CultureInfo.InvariantCulture, out var place) ? $"{name} #{place + 1}" : name;
    }
}
