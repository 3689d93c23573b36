using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Primitives;
using ServiceQuality.Access;
using ServiceQuality.Console.Schemes;
using ServiceQuality.Console.Shell;
using ServiceQuality.Console.Suite;

namespace ServiceQuality.Console.Sheets;

/// <summary>What stands in the way of opening a file.</summary>
/// <param name="Place">JSON place.</param>
/// <param name="Code">Stable code.</param>
/// <param name="Message">English explanation, for codes without words.</param>
public sealed record FileFault(string Place, string Code, string Message);

/// <summary>Schemes as files and on paper (SCO-02, SCO-07).</summary>
internal static class SheetsApi
{
    private const long MostBytes = 1 << 20;

    public static void MapSheets(this WebApplication app)
    {
        app.MapGet("/schemes/{id}/{version:int}/document", Download).AsPage();
        app.MapGet("/schemes/{id}/{version:int}/tree.csv", DownloadTree).AsPage();
        app.MapGet("/schemes/{id}/{version:int}/sheet", Show).AsPage();
        app.MapPost("/schemes/open", Open).AsPage().RequirePermission(Permissions.ManageSchemes);
    }

    /// <summary>The text that the score service has, byte for byte.</summary>
    private static async Task<IResult> Download(string id, int version, SuiteReader suite, CancellationToken ct) => await suite.SchemeAsync(id, version, ct) switch
    {
        { Value: { } document } => Results.File(Encoding.UTF8.GetBytes(document.RootElement.GetRawText()), "application/json", FormattableString.Invariant($"{id}-{version}.json")),
        var reading => Missing(reading.Obstacle),
    };

    private static async Task<IResult> DownloadTree(string id, int version, SuiteReader suite, CancellationToken ct) => await DocumentAsync(id, version, suite, ct) switch
    {
        { Value: { } document } => Results.File(SchemeTable.Csv(document), "text/csv; charset=utf-8", FormattableString.Invariant($"{id}-{version}.csv")),
        var reading => Missing(reading.Obstacle),
    };

    private static async Task<IResult> Show(string id, int version, SuiteReader suite, CancellationToken ct) => await DocumentAsync(id, version, suite, ct) switch
    {
        { Value: { } document } => Pages.Show<SheetPage>(new { Document = document, Id = id }),
        var reading => Missing(reading.Obstacle),
    };

    /// <summary>A file becomes the working copy of a new draft, on the editor's page with what is to correct at its field. One that the editor cannot show is refused in a list.</summary>
    private static async Task<IResult> Open(HttpContext context, SuiteReader suite, SchemeDesk desk, SchemeAssembly assembly, CancellationToken ct)
    {
        var form = await context.FormAsync(ct);
        var list = await suite.SchemesAsync(ct);
        if (list.Value?.Items is not { } versions || versions.FirstOrDefault(one => one.InForce) is not { } inForce)
            return Pages.Show<SchemesPage>(new { List = list });
        var text = form.Files["file"] is { Length: > 0 and <= MostBytes } file ? await ReadAsync(file, ct) : "";
        if (SchemeDraft.Read(text) is { } document)
        {
            var opened = new FormCollection(new Dictionary<string, StringValues> { ["document"] = document.Json.ToJsonString() });
            return SchemesApi.Page(await assembly.OfAsync(inForce.Id, inForce.Version, opened, said: null, done: null, ct));
        }
        return Pages.Show<SchemesPage>(new { List = list, Faults = await FaultsAsync(text, form.Files["file"], desk, ct) }, StatusCodes.Status422UnprocessableEntity);
    }

    private static async Task<IReadOnlyList<FileFault>> FaultsAsync(string text, IFormFile? file, SchemeDesk desk, CancellationToken ct)
    {
        if (file is not { Length: > 0 })
            return [new("", "no-file", "Choose a file.")];
        if (file.Length > MostBytes)
            return [new("", "too-large", "A scheme has at most 1 MiB.")];
        try
        {
            var errors = await desk.CheckAsync(JsonNode.Parse(text) ?? new JsonObject(), ct);
            return errors.Count > 0 ? [.. errors.Select(error => new FileFault(error.Location, error.Code, error.Message))] : [new("", "not-json", "")];
        }
        catch (JsonException broken)
        {
            return [new(FormattableString.Invariant($"{broken.LineNumber + 1}:{broken.BytePositionInLine + 1}"), "not-json", broken.Message)];
        }
    }

    private static async Task<string> ReadAsync(IFormFile file, CancellationToken ct)
    {
        using var reader = new StreamReader(file.OpenReadStream(), Encoding.UTF8);
        return await reader.ReadToEndAsync(ct);
    }

    private static async Task<Reading<SchemeDocument>> DocumentAsync(string id, int version, SuiteReader suite, CancellationToken ct) => await suite.SchemeAsync(id, version, ct) switch
    {
        { Value: { } document } => new(new(JsonNode.Parse(document.RootElement.GetRawText())!), null),
        var reading => new(null, reading.Obstacle),
    };

    private static Microsoft.AspNetCore.Http.HttpResults.RazorComponentResult Missing(Obstacle? obstacle) => obstacle switch
    {
        Obstacle.NotAllowed => Pages.Problem("refused", StatusCodes.Status403Forbidden),
        Obstacle.Unknown => Pages.Problem("missing", StatusCodes.Status404NotFound),
        _ => Pages.Show<SchemesPage>(new { List = new Reading<SchemeListings>(null, Obstacle.Away) }, StatusCodes.Status503ServiceUnavailable),
    };
}
