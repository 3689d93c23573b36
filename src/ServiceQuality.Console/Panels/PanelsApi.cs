using System.Globalization;
using System.Text.Json;
using ServiceQuality.Access;
using ServiceQuality.Console.Shell;
using ServiceQuality.Console.Suite;

namespace ServiceQuality.Console.Panels;

/// <summary>Weights by judgement and by expert panels (SCO-04, SCO-07). Every form works without scripts.</summary>
internal static class PanelsApi
{
    public static void MapPanels(this WebApplication app)
    {
        app.MapGet("/panels", ShowPanels).AsOpenPage().RequirePermission(Permissions.ReadSchemes);
        app.MapPost("/panels", Open).AsOpenPage().RequirePermission(Permissions.ManageSchemes);
        app.MapGet("/panels/{id:guid}", ShowPanel).AsOpenPage().RequirePermission(Permissions.ReadSchemes);
        foreach (var action in (string[])["ratings", "comments", "close", "sign"])
        {
            app.MapPost($"/panels/{{id:guid}}/{action}", (Guid id, HttpContext context, SuiteReader suite, PanelDesk desk, CancellationToken ct) => Change(id, action, context, suite, desk, ct))
                .AsOpenPage().RequirePermission(Permissions.ReadSchemes);
        }
    }

    private static async Task<IResult> ShowPanels(HttpContext context, SuiteReader suite, PanelDesk desk, CancellationToken ct)
    {
        var typed = MatrixTyped.Of(context.Request.Query);
        var (weights, refused) = typed.Cells() is { } cells
            ? await desk.PostAsync<JudgedWeights>("api/weights/ahp", new { elements = typed.Elements, matrices = new[] { cells } }, ct)
            : (null, null);
        return Pages.Show<PanelsPage>(new { View = await ViewAsync(QuestionTyped.Nothing, typed, weights, refused, context, suite, ct) });
    }

    private static async Task<IResult> Open(HttpContext context, SuiteReader suite, PanelDesk desk, CancellationToken ct)
    {
        var form = await context.FormAsync(ct);
        var typed = new QuestionTyped(form["kind"].ToString(), form["question"].ToString(), form["elements"].ToString(), form["low"].ToString(), form["high"].ToString());
        var elements = typed.Elements.Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var (panel, refused) = Number(typed.Low) is { } low && Number(typed.High) is { } high
            ? await desk.PostAsync<ExpertPanel>("api/panels", new { kind = typed.Kind, question = typed.Question, elements, low, high }, ct)
            : (null, new("malformed-request", "", StatusCodes.Status400BadRequest));
        return panel is not null
            ? Results.Redirect($"/panels/{panel.Id}")
            : Pages.Show<PanelsPage>(new { View = await ViewAsync(typed, MatrixTyped.Of(context.Request.Query), null, refused, context, suite, ct) }, refused!.Status);
    }

    private static async Task<IResult> ShowPanel(Guid id, SuiteReader suite, CancellationToken ct) => await PanelAsync(id, null, suite, ct);

    private static async Task<IResult> Change(Guid id, string action, HttpContext context, SuiteReader suite, PanelDesk desk, CancellationToken ct)
    {
        var form = await context.FormAsync(ct);
        object? body = action switch
        {
            "ratings" => Ratings(form),
            "comments" => int.TryParse(form["element"], NumberStyles.None, CultureInfo.InvariantCulture, out var element) ? new { element, text = form["text"].ToString() } : null,
            _ => new { },
        };
        var (_, refused) = body is null ? (null, new("malformed-request", "", StatusCodes.Status400BadRequest)) : await desk.PostAsync<JsonDocument>($"api/panels/{id}/{action}", body, ct);
        return refused is null ? Results.Redirect($"/panels/{id}") : await PanelAsync(id, refused, suite, ct);
    }

    /// <summary>Ratings as they stand in the form, r-0, r-1 …; null when one is no number.</summary>
    private static object? Ratings(IFormCollection form)
    {
        var ratings = new List<double>();
        while (form.ContainsKey($"r-{ratings.Count}"))
        {
            if (Number(form[$"r-{ratings.Count}"].ToString()) is not { } rating)
                return null;
            ratings.Add(rating);
        }
        return new { ratings };
    }

    private static async Task<IResult> PanelAsync(Guid id, Refused? refused, SuiteReader suite, CancellationToken ct) => await suite.PanelAsync(id, ct) switch
    {
        { Value: { } panel } => Pages.Show<PanelPage>(new { Panel = panel, Refused = refused }, refused?.Status ?? StatusCodes.Status200OK),
        { Obstacle: Obstacle.Unknown } => Pages.Problem("missing", StatusCodes.Status404NotFound),
        { Obstacle: Obstacle.NotAllowed } => Pages.Problem("refused", StatusCodes.Status403Forbidden),
        _ => Pages.Show<PanelPage>(new { Panel = (ExpertPanel?)null, Refused = refused }, StatusCodes.Status503ServiceUnavailable),
    };

    private static async Task<PanelsView> ViewAsync(QuestionTyped typed, MatrixTyped matrix, JudgedWeights? weights, Refused? refused, HttpContext context, SuiteReader suite, CancellationToken ct) => new(
        await suite.PanelsAsync(ct), context.Caller().MayEverywhere(Permissions.ManageSchemes), typed, matrix, weights, context.Request.Query.ContainsKey("judge"), refused);

    private static double? Number(string text) => double.TryParse(text.Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null;
}
