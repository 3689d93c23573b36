using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using ServiceQuality.Access;

namespace ServiceQuality.Messaging;

/// <summary>Lists, shows and replays messages that could not be handled (PLT-04).</summary>
public static class FailedMessagesApi
{
    private const int ShowLimit = 100;
    private const int MostIds = 1_000;

    /// <summary>
    /// Maps <c>/api/messages/failed</c> into the OpenAPI document of <paramref name="service"/>: the error queues of every service, and what waits
    /// in this process's own outboxes. One service of the suite maps it; the others map their outbox (<see cref="MapOutbox"/>).
    /// </summary>
    public static IEndpointRouteBuilder MapErrorQueues(this IEndpointRouteBuilder routes, string service)
    {
        var failed = Group(routes, service);
        failed.MapGet("/", List).WithName("failed-queues").WithSummary("Queues with messages that could not be handled.");
        failed.MapGet("/{queue}", Show).WithName("failed-messages").WithSummary("The oldest failed messages of a queue.");
        failed.MapPost("/{queue}/replay", ReplayAsync).WithName("replay-failed-messages").WithSummary("Hands failed messages out again, all or those named.");
        failed.MapPost("/{queue}/delete", DeleteAsync).WithName("delete-failed-messages").WithSummary("Gives the named messages up for good.");
        return routes;
    }

    /// <summary>
    /// Maps what waits in the outbox of one service: <c>/api/messages/failed/of/{service}</c> lists it, <c>/api/messages/failed/{service}_outbox</c>
    /// shows, replays and deletes as <see cref="MapErrorQueues"/> does.
    /// </summary>
    public static IEndpointRouteBuilder MapOutbox(this IEndpointRouteBuilder routes, string service)
    {
        var failed = Group(routes, service);
        var queue = OutboxFailures.QueueOf(service);
        IFailedMessages[] Own(HttpContext http) => [http.RequestServices.GetRequiredKeyedService<OutboxFailures>(service)];
        failed.MapGet($"/of/{service}", (HttpContext http, CancellationToken ct) => List(Own(http), ct)).WithName($"{service}-outbox").WithSummary("Whether messages are stuck in the outbox.");
        failed.MapGet($"/{queue}", (HttpContext http, int? limit, CancellationToken ct) => Show(queue, limit, Own(http), ct))
            .WithName($"{service}-outbox-messages").WithSummary("The oldest messages that could not leave.");
        failed.MapPost($"/{queue}/replay", (HttpContext http, Replay? selection, TimeProvider clock, CancellationToken ct) => ReplayAsync(http, queue, selection, Own(http), clock, ct))
            .WithName($"{service}-outbox-replay").WithSummary("Lets messages leave again, all or those named.");
        failed.MapPost($"/{queue}/delete", (HttpContext http, Deletion selection, TimeProvider clock, CancellationToken ct) => DeleteAsync(http, queue, selection, Own(http), clock, ct))
            .WithName($"{service}-outbox-delete").WithSummary("Gives the named messages up for good.");
        return routes;
    }

    private static RouteGroupBuilder Group(IEndpointRouteBuilder routes, string service) =>
        routes.MapGroup("/api/messages/failed").RequirePermission(Permissions.ManageMessages).WithTags("Messages").WithGroupName(service)
            .AddEndpointFilter(async (context, next) => context.HttpContext.Caller().MayEverywhere(Permissions.ManageMessages)
                ? await next(context)
                : Problems.Of(StatusCodes.Status403Forbidden, "not-allowed", "You are not allowed to do this."));

    private static async Task<Ok<FailedQueues>> List(IEnumerable<IFailedMessages> places, CancellationToken ct)
    {
        var queues = new List<FailedBacklog>();
        foreach (var place in places)
            queues.AddRange(await place.ListAsync(ct));
        return TypedResults.Ok(new FailedQueues(queues));
    }

    private static async Task<Results<Ok<FailedPage>, ProblemHttpResult>> Show(string queue, int? limit, IEnumerable<IFailedMessages> places, CancellationToken ct)
    {
        foreach (var place in places)
            if (await place.ShowAsync(queue, Math.Clamp(limit ?? 20, 1, ShowLimit), ct) is { } messages)
                return TypedResults.Ok(new FailedPage(messages));
        return Unknown(queue);
    }

    private static async Task<Results<Ok<ReplayResult>, ProblemHttpResult>> ReplayAsync(
        HttpContext http, string queue, Replay? selection, IEnumerable<IFailedMessages> places, TimeProvider clock, CancellationToken ct)
    {
        if (selection?.Ids?.Count > MostIds)
            return TooMany();
        foreach (var place in places)
            if (await place.ReplayAsync(queue, selection?.Ids?.ToHashSet(), Record(http, clock, "failed-messages.replayed", queue, selection?.Ids), ct) is { } result)
                return TypedResults.Ok(result);
        return Unknown(queue);
    }

    private static async Task<Results<Ok<DeletionResult>, ProblemHttpResult>> DeleteAsync(
        HttpContext http, string queue, Deletion selection, IEnumerable<IFailedMessages> places, TimeProvider clock, CancellationToken ct)
    {
        if (selection.Ids.Count > MostIds)
            return TooMany();
        foreach (var place in places)
            if (await place.DeleteAsync(queue, selection.Ids.ToHashSet(), Record(http, clock, "failed-messages.deleted", queue, selection.Ids), ct) is { } result)
                return TypedResults.Ok(result);
        return Unknown(queue);
    }

    /// <summary>Which messages, never what they say: bodies may hold what nobody may keep.</summary>
    private static AuditEntry Record(HttpContext http, TimeProvider clock, string action, string queue, IReadOnlyList<string>? ids) =>
        new(clock.GetUtcNow(), $"{http.Caller().Name} ({http.Caller().Subject})", action, queue, After: new { ids, all = ids is null }, Correlation: Activity.Current?.TraceId.ToHexString());

    private static ProblemHttpResult TooMany() => Problems.Of(StatusCodes.Status400BadRequest, "too-many-items", $"At most {MostIds} messages may be named.");

    private static ProblemHttpResult Unknown(string queue) => Problems.Of(StatusCodes.Status404NotFound, "unknown-queue", $"There is no queue {queue} of failed messages.");
}

/// <summary>The queues.</summary>
public sealed record FailedQueues(IReadOnlyList<FailedBacklog> Queues);

/// <summary>At most 100 messages, oldest first.</summary>
public sealed record FailedPage(IReadOnlyList<FailedMessage> Items);

/// <summary>Which messages to replay.</summary>
/// <param name="Ids">At most 1,000 message ids; null for all.</param>
public sealed record Replay(IReadOnlyList<string>? Ids = null);

/// <summary>Which messages to give up.</summary>
/// <param name="Ids">At most 1,000 message ids; each has to be named.</param>
public sealed record Deletion(IReadOnlyList<string> Ids);
