using ServiceQuality.Access;
using ServiceQuality.Clients;
using ServiceQuality.Gateway.Routes;
using ServiceQuality.Gateway.SignIn;
using ServiceQuality.Messaging;

namespace ServiceQuality.Gateway.FailedMessages;

/// <summary>Queues with failed messages of the whole suite.</summary>
/// <param name="Queues">The queues; each is shown, replayed and emptied below <c>/api/messages/failed/{queue}</c>.</param>
/// <param name="Away">Services that could not be asked; their queues are missing.</param>
internal sealed record SuiteFailures(IReadOnlyList<FailedBacklog> Queues, IReadOnlyList<string> Away);

/// <summary>One list of what failed anywhere (PLT-04): the error queues, which Monitoring reads at the broker, and the outbox of every service, which only the service itself can read.</summary>
internal static class FailedMessagesApi
{
    private const string Broker = "monitoring";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private sealed record Answer(string Service, int Status, IReadOnlyList<FailedBacklog> Queues);

    public static void MapFailedMessages(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/messages/failed", ListAsync).RequireAuthorization(FrontDoor.SignedInPolicy).WithGroupName(GatewayService.Name).WithTags("messages")
            .Produces<SuiteFailures>().ProducesProblem(401).ProducesProblem(403)
            .WithSummary("Queues with messages that could not be handled or could not leave, of every service.");

    private static async Task<IResult> ListAsync(HttpContext context, IHttpClientFactory clients, TicketBooth tickets, CancellationToken ct)
    {
        var ticket = tickets.For(context.Features.Get<SignedIn>()!.Caller);
        var answers = await Task.WhenAll(RouteTable.Described.Select(service => AskAsync(service, clients, ticket, ct)));
        if (answers.Any(answer => answer.Status == StatusCodes.Status403Forbidden))
            return Problems.Of(StatusCodes.Status403Forbidden, "not-allowed", "You are not allowed to do this.");

        // Within one process every service answers for all outboxes.
        return TypedResults.Ok(new SuiteFailures(
            [.. answers.SelectMany(answer => answer.Queues).DistinctBy(queue => queue.Queue).OrderBy(queue => queue.Queue, StringComparer.Ordinal)],
            [.. answers.Where(answer => answer.Status != StatusCodes.Status200OK).Select(answer => answer.Service)]));
    }

    private static async Task<Answer> AskAsync(string service, IHttpClientFactory clients, string ticket, CancellationToken ct)
    {
        using var question = new HttpRequestMessage(HttpMethod.Get, service == Broker ? "api/messages/failed" : $"api/messages/failed/of/{service}");
        question.Headers.Add(Ticket.Header, ticket);
        question.Options.Set(ServiceClients.Patience, Patience);
        try
        {
            using var client = clients.CreateClient(service);
            using var answer = await client.SendAsync(question, ct);
            return new(service, (int)answer.StatusCode, answer.IsSuccessStatusCode ? (await answer.Content.ReadFromJsonAsync<FailedQueues>(ct))!.Queues : []);
        }
        catch (TemporarilyUnavailableException)
        {
            return new(service, StatusCodes.Status503ServiceUnavailable, []);
        }
    }
}
