using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ServiceQuality.Messaging;

/// <summary>Sent to nobody: what the broker confirms of it says that the line works.</summary>
internal sealed record SignOfLife;

/// <summary>
/// Ends the service when it stays cut off although the broker is well, so that its supervisor starts it again. A connection that breaks in the very
/// moment in which a consumer declares its queue can leave that consumer waiting for ever; one that breaks while something is sent can stay half
/// closed, looking well, and nothing goes in or out. Nothing but a new process helps then, and without it the queues would only grow.
/// </summary>
internal sealed class BusWatch(
    IBusControl bus, IOptions<BrokerAddress> broker, IOptions<BusSettings> settings, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<BusWatch> logger) : BackgroundService
{
    private Task _sign = Task.CompletedTask;

    private TimeSpan RestartAfter => settings.Value.RestartAfter;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        long? since = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(RestartAfter / 5, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (await TroubleAsync(stoppingToken) is not { } trouble)
            {
                since = null;
                continue;
            }
            since ??= clock.GetTimestamp();
            if (clock.GetElapsedTime(since.Value) < RestartAfter || stoppingToken.IsCancellationRequested)
                continue;

            logger.LogCritical("{Trouble} for {Time} although the broker is well; the service ends to be started again", trouble, RestartAfter);
            Environment.ExitCode = 1;
            lifetime.StopApplication();
            return;
        }
    }

    /// <summary>What is wrong with this process alone; null when nothing is, or when the broker itself is away or takes nothing from anybody.</summary>
    private async Task<string?> TroubleAsync(CancellationToken ct)
    {
        if (bus.CheckHealth() is { Status: not BusHealthStatus.Healthy } health)
            return await broker.Value.AnswersAsync(ct) ? $"The consumers have not come back ({health.Description})" : null;
        return await IsConfirmedAsync(ct) || !await broker.Value.ConfirmsAsync(ct) ? null : "Nothing that is sent was confirmed";
    }

    /// <summary>A send on a dead line does not always heed its cancellation: it is waited for no longer than that, and not repeated before it has ended.</summary>
    private async Task<bool> IsConfirmedAsync(CancellationToken ct)
    {
        if (_sign.IsCompleted)
            _sign = bus.Publish(new SignOfLife(), ct);
        try
        {
            await _sign.WaitAsync(settings.Value.SendTimeout, clock, ct);
            return true;
        }
        catch (Exception failure) when (failure is OperationCanceledException or TimeoutException || BrokerLink.IsBroken(failure))
        {
            return false;
        }
    }
}
