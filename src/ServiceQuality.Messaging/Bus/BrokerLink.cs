using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace ServiceQuality.Messaging;

/// <summary>Where the broker is, from <c>ConnectionStrings:rabbitmq</c>.</summary>
internal sealed class BrokerAddress
{
    public string Text { get; set; } = "";

    public bool IsValid => Uri.TryCreate(Text, UriKind.Absolute, out var uri) && uri.Scheme is "amqp" or "amqps";

    public Uri Uri => new(Text);
}

/// <summary>
/// Knows whether the broker is there. The transport asks it before every connection attempt; it answers when the broker does, so that the
/// transport's own long back-off (3–30 s) never begins and the bus is back a moment after the broker.
/// </summary>
internal sealed class BrokerLink(IOptions<BusSettings> settings, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<BrokerLink> logger) : IDisposable
{
    private readonly Lock _gate = new();
    private CancellationTokenSource _lost = Cancelled();
    private long _pausedUntil;

    /// <summary>Cancelled while the broker is away; a send that waits for a confirmation gives up at once when the connection is lost.</summary>
    public CancellationToken Lost
    {
        get { lock (_gate) return _lost.Token; }
    }

    /// <summary>True shortly after a send timed out: the broker is connected but does not confirm.</summary>
    public bool IsPaused => clock.GetUtcNow().UtcTicks < Volatile.Read(ref _pausedUntil);

    public void Pause() => Volatile.Write(ref _pausedUntil, (clock.GetUtcNow() + settings.Value.PauseAfterTimeout).UtcTicks);

    /// <summary>Called when the transport is about to connect: the connection is away until the broker shakes hands.</summary>
    public async Task AwaitBrokerAsync(ConnectionFactory factory)
    {
        Lose();
        while (!lifetime.ApplicationStopping.IsCancellationRequested)
        {
            try
            {
                await using var probe = await factory.CreateConnectionAsync("probe", lifetime.ApplicationStopping);
                lock (_gate)
                    _lost = new CancellationTokenSource();
                return;
            }
            catch (BrokerUnreachableException unreachable) when (unreachable.InnerException is not AuthenticationFailureException)
            {
                logger.LogDebug(unreachable, "The broker is away");
                await Task.Delay(settings.Value.ReconnectInterval, clock, lifetime.ApplicationStopping);
            }
        }
    }

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
