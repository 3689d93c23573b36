using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ServiceQuality.Messaging;

/// <summary>Publishes with confirmation: persistent, and mandatory, because a message that no queue takes is acknowledged all the same.</summary>
internal sealed class ConfirmedSender(IBus bus, BrokerLink link, IOptions<BusSettings> settings) : IDurableSender
{
    public async Task SendAsync<T>(T message, CancellationToken ct) where T : class
    {
        var lost = link.Lost;
        if (lost.IsCancellationRequested)
            throw new DeliveryUnavailableException("The broker is away.");
        if (link.IsPaused)
            throw new DeliveryUnavailableException("The broker does not confirm messages.");

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct, lost);
        patience.CancelAfter(settings.Value.SendTimeout);
        try
        {
            await bus.Publish(message, context =>
            {
                context.Durable = true;
                context.Mandatory = true;
            }, patience.Token).WaitAsync(patience.Token);
        }
        catch (OperationCanceledException cancelled) when (!ct.IsCancellationRequested)
        {
            if (lost.IsCancellationRequested)
                throw new DeliveryUnavailableException("The connection to the broker was lost.", cancelled);
            link.Pause();
            throw new DeliveryUnavailableException($"The broker did not confirm the message within {settings.Value.SendTimeout}.", cancelled);
        }
        catch (Exception refused) when (BrokerLink.IsBroken(refused))
        {
            throw new DeliveryUnavailableException("The broker did not take the message.", refused);
        }
    }
}

/// <summary>Hands the message to its handler and waits for its commit; there is no broker that could keep it.</summary>
internal sealed class InProcessSender(IServiceScopeFactory scopes) : IDurableSender
{
    public async Task SendAsync<T>(T message, CancellationToken ct) where T : class
    {
        await using var scope = scopes.CreateAsyncScope();
        var handler = scope.ServiceProvider.GetService<IDurableHandler<T>>()
            ?? throw new DeliveryUnavailableException($"Nothing in this process handles {typeof(T).Name}.");
        try
        {
            await handler.HandleAsync(message, redelivered: false, ct);
        }
        catch (Exception away) when (Retries.IsAway(away))
        {
            throw new DeliveryUnavailableException("What handles the message is away.", away);
        }
    }
}

/// <summary>Gives a message from its queue to the handler.</summary>
internal sealed class DurableConsumer<TMessage, THandler>(THandler handler) : IConsumer<TMessage>
    where TMessage : class
    where THandler : class, IDurableHandler<TMessage>
{
    public Task Consume(ConsumeContext<TMessage> context) =>
        handler.HandleAsync(context.Message, context.ReceiveContext.Redelivered || context.GetRetryAttempt() > 0, context.CancellationToken);
}
