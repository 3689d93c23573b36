using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace ServiceQuality.Messaging;

/// <summary>
/// Knows whether the broker is there. The transport asks it before every connection attempt; it answers when the broker does, so that the
/// transport's own long back-off (3–30 s) never begins and the bus is back a moment after the broker. Of several nodes it names the one that answers.
/// </summary>
internal sealed class BrokerLink(
    IOptions<BrokerAddress> broker, IOptions<BusSettings> settings, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<BrokerLink> logger) : IDisposable
{
    private readonly Lock _gate = new();
    private CancellationTokenSource _lost = Cancelled();
    private long _pausedUntil;
    private int _node = -1;

    /// <summary>Cancelled while the broker is away; a send that waits for a confirmation gives up at once when the connection is lost.</summary>
    public CancellationToken Lost
    {
        get { lock (_gate) return _lost.Token; }
    }

    /// <summary>True shortly after a send timed out: the broker is connected but does not confirm.</summary>
    public bool IsPaused => clock.GetUtcNow().UtcTicks < Volatile.Read(ref _pausedUntil);

    public void Pause() => Volatile.Write(ref _pausedUntil, (clock.GetUtcNow() + settings.Value.PauseAfterTimeout).UtcTicks);

    /// <summary>Called when the transport is about to connect: the connection is away until a node shakes hands; the transport is led to that node.</summary>
    public async Task AwaitBrokerAsync(ConnectionFactory factory)
    {
        Lose();
        factory.RequestedConnectionTimeout = factory.HandshakeContinuationTimeout = BrokerAddress.Patience;
        var nodes = broker.Value.Nodes;
        // Somewhere at random at first, so that the services spread over the nodes; afterwards at the next: the last one has failed.
        _node = _node < 0 ? Random.Shared.Next(nodes.Count) : _node + 1;
        for (var attempt = 1; !lifetime.ApplicationStopping.IsCancellationRequested; attempt++, _node++)
        {
            var node = BrokerAddress.EndpointOf(nodes[_node % nodes.Count], factory.Ssl);
            factory.EndpointResolverFactory = _ => new DefaultEndpointResolver([node]);
            try
            {
                BrokerAddress.LetGo(await factory.CreateConnectionAsync("probe", lifetime.ApplicationStopping));
                lock (_gate)
                    _lost = new CancellationTokenSource();
                return;
            }
            catch (BrokerUnreachableException unreachable) when (unreachable.InnerException is not AuthenticationFailureException)
            {
                logger.LogDebug(unreachable, "The broker is away at {Node}", node);
                if (attempt % nodes.Count == 0)
                    await Task.Delay(settings.Value.ReconnectInterval, clock, lifetime.ApplicationStopping);
            }
        }
    }

    /// <summary>True when a send failed because of the broker or the line to it. A channel that breaks under a send also says that it is disposed of.</summary>
    public static bool IsBroken(Exception failure) => failure is MassTransitException or RabbitMQClientException or IOException or ObjectDisposedException;

    public void Dispose() => _lost.Dispose();

    private void Lose()
    {
        CancellationTokenSource lost;
        lock (_gate)
            lost = _lost;
        lost.Cancel();
    }

    private static CancellationTokenSource Cancelled()
    {
        var source = new CancellationTokenSource();
        source.Cancel();
        return source;
    }
}
