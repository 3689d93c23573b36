using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using ServiceQuality.Access;

namespace ServiceQuality.Scores.Panels;

/// <summary>Expert panels (SCO-07).</summary>
internal static class PanelsApi
{
    public static void MapPanels(this IEndpointRouteBuilder routes)
    {
        var panels = routes.MapGroup("/api/panels").WithTags("Panels").WithGroupName(ScoresService.Name);
        panels.MapGet("/", List).WithName("panels").RequirePermission(Permissions.ReadSchemes).WithSummary("The newest panels first, at most 100.");
        panels.MapGet("/{id:guid}", Get).WithName("panel").RequirePermission(Permissions.ReadSchemes).WithSummary("A panel. Others' ratings and the result are seen once own ratings are given or the panel is closed.");
        panels.MapPost("/", Open).WithName("open-panel").RequirePermission(Permissions.ManageSchemes).WithSummary("Asks experts to rate weights, standards or indicators.");
        panels.MapPost("/{id:guid}/ratings", Rate).WithName("rate-in-panel").RequirePermission(Permissions.ReadSchemes).WithSummary("Gives own ratings; they stay as given.");
        panels.MapPost("/{id:guid}/comments", Comment).WithName("comment-in-panel").RequirePermission(Permissions.ReadSchemes).WithSummary("Explains one of the own ratings.");
        panels.MapPost("/{id:guid}/close", Close).WithName("close-panel").RequirePermission(Permissions.ManageSchemes).WithSummary("Takes no more ratings; needs enough experts and a comment to every rating far from the median.");
        panels.MapPost("/{id:guid}/sign", Sign).WithName("sign-panel").RequirePermission(Permissions.ManageSchemes).WithSummary("Signs the result of a closed panel that somebody else has opened.");
    }

    private static async Task<Ok<PanelList>> List(HttpContext context, PanelBook book, CancellationToken ct) =>
        TypedResults.Ok(new PanelList([.. (await book.ListAsync(ct)).Select(panel => PanelView.Of(panel, context.Caller()))]));

    private static async Task<Results<Ok<PanelView>, ProblemHttpResult>> Get(Guid id, HttpContext context, PanelBook book, CancellationToken ct) =>
        await book.FindAsync(id, ct) is { } panel ? TypedResults.Ok(PanelView.Of(panel, context.Caller())) : Unknown;

    private static async Task<Results<Created<PanelView>, ProblemHttpResult>> Open(PanelBody body, HttpContext context, PanelBook book, CancellationToken ct)
    {
        if ((BodyCheck.Refusal(body) ?? Refuse(context)) is { } problem)
            return problem;
        var panel = await book.OpenAsync(body, context.Caller(), ct);
        return TypedResults.Created($"/api/panels/{panel.Id}", PanelView.Of(panel, context.Caller()));
    }

    private static async Task<Results<Ok<PanelView>, ProblemHttpResult>> Rate(Guid id, RatingsBody body, HttpContext context, PanelBook book, CancellationToken ct)
    {
        if (BodyCheck.Refusal(body) is { } malformed)
            return malformed;
        if (await book.FindAsync(id, ct) is not { } panel)
            return Unknown;
        if (context.Caller().IsMachine)
            return Problems.Of(StatusCodes.Status403Forbidden, "not-allowed", "Experts are people.");
        if (Check(panel, body, out var comments) is { } problem)
            return problem;
        return await AnswerAsync(id, await book.RateAsync(id, body.Ratings, comments, context.Caller(), ct), context, book, ct);
    }

    private static async Task<Results<Ok<PanelView>, ProblemHttpResult>> Comment(Guid id, CommentBody body, HttpContext context, PanelBook book, CancellationToken ct)
    {
        if (BodyCheck.Refusal(body) is { } malformed)
            return malformed;
        if (await book.FindAsync(id, ct) is not { } panel)
            return Unknown;
        if (body.Element < 0 || body.Element >= panel.Elements.Count || string.IsNullOrWhiteSpace(body.Text))
            return Problems.Of(StatusCodes.Status400BadRequest, "comment-invalid", $"'element' is 0 to {panel.Elements.Count - 1}, 'text' is not blank.");
        return await AnswerAsync(id, await book.CommentAsync(id, body.Element, body.Text.Trim(), context.Caller(), ct), context, book, ct);
    }

    private static async Task<Results<Ok<PanelView>, ProblemHttpResult>> Close(Guid id, HttpContext context, PanelBook book, CancellationToken ct)
    {
        if (Refuse(context) is { } problem)
            return problem;
        return await book.FindAsync(id, ct) is null ? Unknown : await AnswerAsync(id, await book.CloseAsync(id, context.Caller(), ct), context, book, ct);
    }

    private static async Task<Results<Ok<PanelView>, ProblemHttpResult>> Sign(Guid id, HttpContext context, PanelBook book, CancellationToken ct)
    {
        if (Refuse(context) is { } problem)
            return problem;
        return await book.FindAsync(id, ct) is null ? Unknown : await AnswerAsync(id, await book.SignAsync(id, context.Caller(), ct), context, book, ct);
    }

    private static async Task<Results<Ok<PanelView>, ProblemHttpResult>> AnswerAsync(Guid id, Outcome outcome, HttpContext context, PanelBook book, CancellationToken ct) => outcome.IsRefused
        ? outcome.ToProblem(outcome.Code == "panel-not-invited" ? StatusCodes.Status403Forbidden : StatusCodes.Status409Conflict)
        : TypedResults.Ok(PanelView.Of((await book.FindAsync(id, ct))!, context.Caller()));

    /// <summary>One rating on the scale per element; comments belong to elements.</summary>
    private static ProblemHttpResult? Check(ExpertPanel panel, RatingsBody body, out IReadOnlyList<string> comments)
    {
        var given = body.Comments ?? new Dictionary<int, string>();
        comments = [.. panel.Elements.Select((_, element) => given.GetValueOrDefault(element)?.Trim() ?? "")];
        if (body.Ratings.Count != panel.Elements.Count)
            return Problems.Of(StatusCodes.Status400BadRequest, "ratings-invalid", $"'ratings' has one number for each of the {panel.Elements.Count} elements.");
        for (var i = 0; i < body.Ratings.Count; i++)
        {
            if (!(body.Ratings[i] >= panel.Low && body.Ratings[i] <= panel.High))
                return Problems.Of(StatusCodes.Status400BadRequest, "ratings-invalid", FormattableString.Invariant($"The rating of '{panel.Elements[i]}' (/ratings/{i}) is not on the scale from {panel.Low} to {panel.High}."));
        }
        return given.Keys.Any(element => element < 0 || element >= panel.Elements.Count) || comments.Any(comment => comment.Length > 1_000)
            ? Problems.Of(StatusCodes.Status400BadRequest, "comment-invalid", "'comments' has the place of an element and at most 1,000 characters each.")
            : null;
    }

    /// <summary>A panel concerns the scheme of the whole organisation: it takes the permission over the root.</summary>
    private static ProblemHttpResult? Refuse(HttpContext context) =>
        context.Caller().MayEverywhere(Permissions.ManageSchemes) ? null : Problems.Of(StatusCodes.Status403Forbidden, "not-allowed", "You are not allowed to do this.");

    private static ProblemHttpResult Unknown => Problems.Of(StatusCodes.Status404NotFound, "unknown-panel", "There is no such panel.");
}
