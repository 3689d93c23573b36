using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using ServiceQuality.Access;
using ServiceQuality.Scores.Schemes;
using ServiceQuality.Scores.Scores;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Board;

/// <summary>The overview of many units, and the live stream.</summary>
internal static class BoardApi
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    // The ticket behind a stream was checked when it began; a client that comes back brings a new one.
    private static readonly TimeSpan LongestStream = TimeSpan.FromMinutes(10);

    public static void MapBoard(this IEndpointRouteBuilder routes)
    {
        var board = routes.MapGroup("/api").WithTags("Overview").WithGroupName(ScoresService.Name);
        board.MapGet("/overview", ReadOverview).WithName("overview").RequirePermission(Permissions.ReadScores)
            .Produces(StatusCodes.Status200OK, contentType: "application/json")
            .WithSummary("Every unit in the caller's subtree: score, grade, coverage, change, trend, freshness; indicators=true adds every indicator.");
        board.MapGet("/scores/stream", Follow).WithName("score-stream").RequirePermission(Permissions.ReadScores)
            .Produces(StatusCodes.Status200OK, contentType: "text/event-stream")
            .WithSummary("Score changes as server-sent events, resumable by Last-Event-ID; the event resync asks to read the overview again.");
    }

    private static async Task<Results<EmptyHttpResult, StatusCodeHttpResult, ProblemHttpResult>> ReadOverview(
        string? period, bool? indicators, HttpContext context, Overview overview, UnitReplica units, SchemeBook schemes, TimeProvider clock, CancellationToken ct)
    {
        if (ScoreQuery.Read(period, schemes, clock, units.Tree, out var asked) is { } problem)
            return problem;

        var answer = await overview.ReadAsync(context.Caller().Scope(Permissions.ReadScores), asked, indicators == true, ct);
        context.Response.Headers.ETag = answer.Tag;
        context.Response.Headers.CacheControl = "private, no-cache";
        if (context.Request.Headers.IfNoneMatch.ToString() == answer.Tag)
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = answer.Length;
        await answer.WriteAsync(context.Response.BodyWriter, ct);
        return TypedResults.Empty;
    }

    private static async Task Follow(HttpContext context, ScoreStream stream, TimeProvider clock, IHostApplicationLifetime lifetime)
    {
        var scope = context.Caller().Scope(Permissions.ReadScores);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        ending.CancelAfter(LongestStream);
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";

        using var subscription = stream.Subscribe(context.Request.Headers["Last-Event-ID"]);
        try
        {
            // A first id at once, so that a client that loses the line before the first event can resume too.
            await WriteAsync(context.Response, $"retry: 2000\nid: {stream.IdOf(subscription.Position - subscription.Events.Count)}\n: connected\n\n", ending.Token);
            await SendAsync(context.Response, stream, subscription, scope, clock, ending.Token);
        }
        catch (OperationCanceledException)
        {
            // The client left, the service stops, or the stream has lived long enough.
        }
    }

    private static async Task SendAsync(HttpResponse response, ScoreStream stream, ScoreStream.Subscription subscription, IReadOnlyList<string> scope, TimeProvider clock, CancellationToken ct)
    {
        while (true)
        {
            if (subscription.TakeMissed())
                await WriteAsync(response, "event: resync\ndata: {}\n\n", ct);

            var sent = false;
            while (subscription.Events.TryRead(out var next))
            {
                if (!scope.Any(path => next.Path.StartsWith(path, StringComparison.Ordinal)))
                    continue;
                await response.Body.WriteAsync(Encoding.UTF8.GetBytes($"event: score\nid: {stream.IdOf(next.Number)}\ndata: "), ct);
                await response.Body.WriteAsync(next.Data, ct);
                await response.Body.WriteAsync("\n\n"u8.ToArray(), ct);
                sent = true;
            }
            if (sent)
                await response.Body.FlushAsync(ct);

            using var pause = CancellationTokenSource.CreateLinkedTokenSource(ct);
            var waiting = subscription.Events.WaitToReadAsync(pause.Token).AsTask();
            if (await Task.WhenAny(waiting, Task.Delay(Heartbeat, clock, pause.Token)) == waiting)
            {
                await pause.CancelAsync();
                await waiting;
                continue;
            }
            await pause.CancelAsync();
            await WriteAsync(response, ": still here\n\n", ct);
        }
    }

    private static async Task WriteAsync(HttpResponse response, string text, CancellationToken ct)
    {
        await response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), ct);
        await response.Body.FlushAsync(ct);
    }
}
