using System.Data.Common;
using MassTransit;

namespace ServiceQuality.Messaging;

/// <summary>What happens to a message whose consumer failed.</summary>
internal static class Retries
{
    /// <summary>
    /// A message that cannot be handled is tried three more times and then goes to the error queue. While something that the consumer needs is
    /// away, the message itself is not to blame: it is tried until that thing is back.
    /// </summary>
    public static void Configure(IReceiveEndpointConfigurator endpoint)
    {
        endpoint.UseMessageRetry(retry =>
        {
            retry.Handle<Exception>(IsAway);
            retry.Incremental(int.MaxValue, TimeSpan.FromSeconds(1), TimeSpan.Zero);
        });
        endpoint.UseMessageRetry(retry =>
        {
            retry.Handle<Exception>(failure => !IsAway(failure) && failure is not OperationCanceledException);
            retry.Intervals(100, 500, 2_000);
        });
    }

    /// <summary>True when the failure, or what caused it, is that a database, a broker or a service is away.</summary>
    public static bool IsAway(Exception? failure)
    {
        for (; failure is not null; failure = failure.InnerException)
            if (failure is TemporarilyUnavailableException or TimeoutException or DbException { IsTransient: true })
                return true;
        return false;
    }
}
