using Microsoft.AspNetCore.Http.Features;
using ServiceQuality.Access;
using ServiceQuality.Console.Shell;
using ServiceQuality.Console.Suite;

namespace ServiceQuality.Console.Schemes;

/// <summary>Pages of the scheme versions. Forms change by POST and lead back to the page; the gateway lets only its own pages post.</summary>
internal static class SchemesApi
{
    private static readonly FormOptions Large = new() { ValueCountLimit = 20_000, BufferBodyLengthLimit = 2 << 20, MultipartBodyLengthLimit = 2 << 20 };

    public static void MapSchemePages(this WebApplication app)
    {
        app.MapGet("/schemes", ShowList).AsPage();
        app.MapGet("/schemes/{id}/{version:int}", Show).AsPage();
        app.MapPost("/schemes/{id}/{version:int}", Edit).AsPage();
        app.MapPost("/schemes/{id}/{version:int}/effect", ShowEffect).AsPage();
        app.MapPost("/schemes/{id}/{version:int}/decision", Decide).AsPage();
    }

    private static async Task<IResult> ShowList(HttpContext context, SuiteReader suite, CancellationToken ct) =>
        context.Caller().May(Permissions.ReadSchemes) ? Pages.Show<SchemesPage>(new { List = await suite.SchemesAsync(ct) }) : Pages.Problem("refused", StatusCodes.Status403Forbidden);

    private static async Task<IResult> Show(string id, int version, string? done, SchemeAssembly assembly, CancellationToken ct) =>
        Page(await assembly.OfAsync(id, version, form: null, said: null, done, ct));

    private static async Task<IResult> Edit(string id, int version, HttpContext context, SchemeAssembly assembly, SchemeDesk desk, CancellationToken ct)
    {
        var form = await context.FormAsync(ct, Large);
        var view = await assembly.OfAsync(id, version, form, said: null, done: null, ct);
        if (form["do"] != "save" || view.Value is not { Manages: true, Errors.Count: 0 } edited)
            return Page(view);

        var said = edited.Standing.MayChange
            ? await desk.ReplaceAsync(id, version, edited.Edit.Document.Json, form["hash"].ToString(), ct)
            : await desk.WriteAsync(edited.Edit.Document.Json, ct);
        return said.Done ? Back(id, edited.Number, "saved") : Page(await assembly.OfAsync(id, version, form, said, done: null, ct));
    }

    private static async Task<IResult> ShowEffect(string id, int version, HttpContext context, SchemeAssembly assembly, CancellationToken ct)
    {
        var view = await assembly.OfAsync(id, version, await context.FormAsync(ct, Large), said: null, done: null, ct);
        return view switch
        {
            { Value: { } edited } => Pages.Show<Effect>(new { View = edited, Live = true }),
            { Obstacle: Obstacle.Unknown } => Pages.Problem("missing", StatusCodes.Status404NotFound),
            { Obstacle: Obstacle.NotAllowed } => Pages.Problem("refused", StatusCodes.Status403Forbidden),
            _ => Pages.Show<Failed>(new { Obstacle = view.Obstacle!.Value }),
        };
    }

    private static async Task<IResult> Decide(string id, int version, HttpContext context, SchemeAssembly assembly, SchemeDesk desk, CancellationToken ct)
    {
        var form = await context.FormAsync(ct);
        var (verb, hash) = (form["do"].ToString(), form["hash"].ToString());
        var said = verb switch
        {
            "approve" => await desk.ApproveAsync(id, version, hash, ct),
            "reject" => await desk.RejectAsync(id, version, form["reason"], hash, ct),
            "withdraw" => await desk.WithdrawAsync(id, version, hash, ct),
            "try" => await desk.TryOutAsync(id, version, [.. form["period"].OfType<string>()], form["knowledge"] == "then" ? "then" : "now", hash, ct),
            _ => new Said("other", []),
        };
        return said.Done ? Back(id, version, verb) : Page(await assembly.OfAsync(id, version, form: null, said, done: null, ct));
    }

    private static IResult Back(string id, int version, string done) => Results.Redirect(FormattableString.Invariant($"/schemes/{Uri.EscapeDataString(id)}/{version}?done={done}"));

    internal static Microsoft.AspNetCore.Http.HttpResults.RazorComponentResult Page(Reading<SchemeView> view) => view switch
    {
        { Value: { } shown } => Pages.Show<SchemePage>(new { View = shown }, shown.Errors.Count > 0 ? StatusCodes.Status422UnprocessableEntity : shown.Refusal is null or "away" ? StatusCodes.Status200OK : StatusCodes.Status409Conflict),
        { Obstacle: Obstacle.Unknown } => Pages.Problem("missing", StatusCodes.Status404NotFound),
        { Obstacle: Obstacle.NotAllowed } => Pages.Problem("refused", StatusCodes.Status403Forbidden),
        _ => Pages.Show<SchemesPage>(new { List = new Reading<SchemeListings>(null, Obstacle.Away) }),
    };
}
