using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ServiceQuality.Messaging;

/// <summary>
/// Ends the service when its consumers stay away although the broker answers, so that its supervisor starts it again. A connection that breaks
/// in the very moment in which a consumer declares its queue can leave that consumer waiting for ever, and nothing but a new process helps:
/// the service would look well, and its queue would only grow.
/// </summary>
internal sealed class BusWatch(
    IBusControl bus, IOptions<BrokerAddress> broker, IOptions<BusSettings> settings, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<BusWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        long? since = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Interval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var health = bus.CheckHealth();
            if (health.Status == BusHealthStatus.Healthy || !await broker.Value.AnswersAsync(stoppingToken))
            {
                since = null;
                continue;
            }
            since ??= clock.GetTimestamp();
            if (clock.GetElapsedTime(since.Value) < settings.Value.RestartAfter || stoppingToken.IsCancellationRequested)
                continue;

            logger.LogCritical("The consumers have not come back for {Time} although the broker answers ({State}); the service ends to be started again", settings.Value.RestartAfter, health.Description);
            Environment.ExitCode = 1;
            lifetime.StopApplication();
            return;
        }
    }
}
