using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using ServiceQuality.Access;

namespace ServiceQuality.Messaging;

/// <summary>Lists, shows and replays messages that could not be handled (PLT-04).</summary>
public static class FailedMessagesApi
{
    private const int ShowLimit = 100;

    /// <summary>Maps <c>/api/messages/failed</c> into the OpenAPI document of <paramref name="service"/>. One service of the suite maps it.</summary>
    public static IEndpointRouteBuilder MapErrorQueues(this IEndpointRouteBuilder routes, string service)
    {
        var failed = routes.MapGroup("/api/messages/failed").RequirePermission(Permissions.ManageMessages).WithTags("Messages").WithGroupName(service)
            .AddEndpointFilter(async (context, next) => context.HttpContext.Caller().MayEverywhere(Permissions.ManageMessages)
                ? await next(context)
                : Problems.Of(StatusCodes.Status403Forbidden, "not-allowed", "You are not allowed to do this."));
        failed.MapGet("/", List).WithName("failed-queues").WithSummary("Queues with messages that could not be handled.");
        failed.MapGet("/{queue}", Show).WithName("failed-messages").WithSummary("The oldest failed messages of a queue.");
        failed.MapPost("/{queue}/replay", Replay).WithName("replay-failed-messages").WithSummary("Hands failed messages out again, all or those named.");
        return routes;
    }

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

    private static async Task<Results<Ok<ReplayResult>, ProblemHttpResult>> Replay(string queue, Replay? selection, IEnumerable<IFailedMessages> places, CancellationToken ct)
    {
        foreach (var place in places)
            if (await place.ReplayAsync(queue, selection?.Ids?.ToHashSet(), ct) is { } result)
                return TypedResults.Ok(result);
        return Unknown(queue);
    }

    private static ProblemHttpResult Unknown(string queue) => Problems.Of(StatusCodes.Status404NotFound, "unknown-queue", $"There is no queue {queue} of failed messages.");
}

/// <summary>The queues.</summary>
public sealed record FailedQueues(IReadOnlyList<FailedBacklog> Queues);

/// <summary>At most 100 messages, oldest first.</summary>
public sealed record FailedPage(IReadOnlyList<FailedMessage> Items);

/// <summary>Which messages to replay.</summary>
/// <param name="Ids">At most 1,000 message ids; null for all.</param>
public sealed record Replay([property: MaxLength(1_000)] IReadOnlyList<string>? Ids);
