namespace ServiceQuality.Messaging;

/// <summary>Sends a message so that it outlives this process.</summary>
public interface IDurableSender
{
    /// <summary>
    /// Returns once the message is durable: over RabbitMQ confirmed by a quorum queue (persistent, mandatory), within one process handled and
    /// committed by its <see cref="IDurableHandler{T}"/>. The same message may still arrive twice; handlers are idempotent.
    /// </summary>
    /// <exception cref="DeliveryUnavailableException">It is not known to be durable; the caller may send it again.</exception>
    Task SendAsync<T>(T message, CancellationToken ct) where T : class;
}

/// <summary>Takes messages that were sent with <see cref="IDurableSender"/>; one handler per message type.</summary>
public interface IDurableHandler<in T> where T : class
{
    /// <summary>
    /// Makes the message's effect durable before it returns; only then is the message acknowledged. A failure is retried; a message that cannot
    /// be handled ends in the error queue, unless what fails is a database or service that is away.
    /// </summary>
    /// <param name="message">The message.</param>
    /// <param name="redelivered">True when the broker has handed it out before; false is no proof that it has not taken effect.</param>
    /// <param name="ct">The service stops.</param>
    Task HandleAsync(T message, bool redelivered, CancellationToken ct);
}

/// <summary>A message could not be made durable: the broker is away, refused it, returned it for want of a queue, or did not answer in time.</summary>
public sealed class DeliveryUnavailableException : TemporarilyUnavailableException
{
    /// <summary>Says why.</summary>
    public DeliveryUnavailableException(string message) : base(message) { }

    /// <summary>Says why, and how that was noticed.</summary>
    public DeliveryUnavailableException(string message, Exception? inner) : base(message, inner) { }

    /// <summary>Needed by serializers.</summary>
    public DeliveryUnavailableException() { }
}
