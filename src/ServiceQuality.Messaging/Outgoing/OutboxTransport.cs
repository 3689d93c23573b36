using MassTransit;
using MassTransit.Mediator;

namespace ServiceQuality.Messaging;

/// <summary>Takes a message over from the outbox; once it returns, the outbox forgets the message.</summary>
internal interface IOutboxTransport
{
    /// <summary>False while there is no use in trying.</summary>
    bool IsReady { get; }

    Task PublishAsync(OutboxMessage message, CancellationToken ct);
}

/// <summary>To the broker, which confirms.</summary>
internal sealed class BusTransport(IBus bus, BrokerLink link) : IOutboxTransport
{
    public bool IsReady => !link.Lost.IsCancellationRequested;

    public async Task PublishAsync(OutboxMessage message, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct, link.Lost);
        patience.CancelAfter(TimeSpan.FromSeconds(10));
        try
        {
            await bus.Publish(message.Read(), context => context.MessageId = message.MessageId, patience.Token);
        }
        catch (OperationCanceledException cancelled) when (!ct.IsCancellationRequested)
        {
            throw new DeliveryUnavailableException("The broker does not confirm messages.", cancelled);
        }
        catch (Exception refused) when (BrokerLink.IsBroken(refused))
        {
            throw new DeliveryUnavailableException("The broker did not take the message.", refused);
        }
    }
}

/// <summary>
/// To the consumers in this process, and waits for them: a queue in memory would lose the message with the process, so the outbox keeps it
/// until every consumer is done.
/// </summary>
internal sealed class MediatorTransport(IMediator mediator) : IOutboxTransport
{
    public bool IsReady => true;

    public Task PublishAsync(OutboxMessage message, CancellationToken ct) =>
        mediator.Publish(message.Read(), context => context.MessageId = message.MessageId, ct);
}
