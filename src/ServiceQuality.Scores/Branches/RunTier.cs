using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using ServiceQuality.Scores.Schemes;
using ServiceQuality.Scores.Units;

namespace ServiceQuality.Scores.Branches;

/// <summary>Brings the tier back at the start, afterwards keeps it in step with the tree, the schemes, other writers and its own snapshots, and saves all of them at the end.</summary>
internal sealed class RunTier(IScoreTier tier, BranchLanes lanes, SchemeBook schemes, UnitReplica units, TimeProvider clock, ILogger<RunTier> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private UnitTree? _followed;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            try
            {
                if (!tier.IsRecovered)
                    await RecoverAsync(stoppingToken);
                await FollowAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                logger.LogWarning(e, "The score tier could not be kept in step; trying again");
            }
        }
        while (await Ticks(timer, stoppingToken));
    }

    /// <summary>In a few large writes, while the branches are still open; what moves after that is saved one by one.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await lanes.SaveSnapshotsAsync(all: true, cancellationToken);
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException)
        {
            logger.LogWarning(e, "Not all snapshots could be saved; the next start folds longer tails");
        }
    }

    private static async Task<bool> Ticks(PeriodicTimer timer, CancellationToken ct)
    {
        try
        {
            return await timer.WaitForNextTickAsync(ct);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task RecoverAsync(CancellationToken ct)
    {
        var started = clock.GetTimestamp();
        await schemes.RefreshAsync(ct);
        await units.RefreshAsync(ct);
        await UseWantedCatalogueAsync(ct);
        await tier.RecoverAsync(ct);
        logger.LogInformation("{Branches} branches are back ({Milliseconds:F0} ms)", (await tier.UnitsAsync(ct)).Count, clock.GetElapsedTime(started).TotalMilliseconds);
    }

    private async Task FollowAsync(CancellationToken ct)
    {
        await schemes.RefreshAsync(ct);
        await UseWantedCatalogueAsync(ct);
        var tree = units.Tree;
        if (!ReferenceEquals(tree, _followed))
        {
            await lanes.FollowZonesAsync(ct);
            _followed = tree;
        }
        await tier.FollowHeadsAsync(ct);
        await lanes.SaveSnapshotsAsync(all: false, ct);
    }

    private Task UseWantedCatalogueAsync(CancellationToken ct) => lanes.UseAsync(schemes.Wanted, schemes.Activate, ct);
}

/// <summary>Ready means that every branch is back.</summary>
internal sealed class RecoveryCheck(IScoreTier tier) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(tier.IsRecovered ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("Branches are being brought back."));
}
