using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using ServiceQuality.Contracts.Organisation;

namespace ServiceQuality.Scores.Units;

/// <summary>Reads the tree again when a message was kept here, and every two seconds in case another instance kept one. Asks for the tree while there is none.</summary>
internal sealed class FollowUnits(UnitReplica units, IBus bus, TimeProvider clock, ILogger<FollowUnits> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        long? asked = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await units.RefreshAsync(stoppingToken);
                if (units.Tree.ByPath.Count == 0 && (asked is not { } before || clock.GetElapsedTime(before) > AskAgain))
                {
                    asked = clock.GetTimestamp();
                    await bus.Publish(new OrgUnitsRequested(ScoresService.Name), stoppingToken);
                }
                await units.TouchedAsync(Interval, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is NpgsqlException or MassTransitException or TimeoutException or OperationCanceledException)
            {
                logger.LogWarning(e, "The tree could not be read; trying again");
                await Task.Delay(Interval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
