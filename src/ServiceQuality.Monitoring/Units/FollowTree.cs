using Npgsql;
using ServiceQuality.Contracts.Organisation;
using ServiceQuality.Messaging;

namespace ServiceQuality.Monitoring.Units;

/// <summary>Fills the units in memory, follows what other instances stored, and asks for the tree while there is none.</summary>
internal sealed class FollowTree(
    UnitDirectory units, [FromKeyedServices(MonitoringService.Name)] NpgsqlDataSource db, TimeProvider clock, ILogger<FollowTree> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var asked = DateTimeOffset.MinValue;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await units.RefreshAsync(stoppingToken);
                if (units.IsEmpty && clock.GetUtcNow() - asked >= AskAgain)
                {
                    await AskAsync(stoppingToken);
                    asked = clock.GetUtcNow();
                }
                await Task.Delay(Interval, clock, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is NpgsqlException or TimeoutException)
            {
                logger.LogWarning("The tree cannot be followed: {Reason}", failure.Message);
                await Task.Delay(Interval, clock, CancellationToken.None);
            }
        }
    }

    private async Task AskAsync(CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await Outbox.AddAsync(transaction, new OrgUnitsRequested(MonitoringService.Name), ct);
        await transaction.CommitAsync(ct);
    }
}
