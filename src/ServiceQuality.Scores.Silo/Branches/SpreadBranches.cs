using Orleans.Runtime;
using ServiceQuality.Scores.Branches;

namespace ServiceQuality.Scores.Silo.Branches;

/// <summary>After silos have come or gone, and have stayed so for a while, sends the branches that do not belong here to where they do; one after the other.</summary>
internal sealed class SpreadBranches(BranchLanes lanes, IGrainFactory grains, ISiloStatusOracle silos, TimeProvider clock, ILogger<SpreadBranches> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private const int Rounds = 5;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var (known, steady) = (Array.Empty<SiloAddress>(), 0);
        while (!stoppingToken.IsCancellationRequested)
        {
            SiloAddress[] now = [.. silos.GetApproximateSiloStatuses(onlyActive: true).Keys.Order()];
            steady = now.SequenceEqual(known) ? steady + 1 : 0;
            known = now;
            if (steady == Rounds)
                await SpreadAsync(known, stoppingToken);
            await Task.Delay(Interval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task SpreadAsync(SiloAddress[] active, CancellationToken ct)
    {
        var moved = 0;
        foreach (var grain in lanes.Units.Select(unit => grains.GetGrain<IBranchScoreGrain>(unit)))
        {
            if (ct.IsCancellationRequested)
                return;
            if (RendezvousPlacement.Of(grain.GetGrainId(), active).Equals(silos.SiloAddress))
                continue;
            try
            {
                await grain.MoveAsync();
                moved++;
            }
            catch (Exception e) when (e is OrleansException or TimeoutException)
            {
                // It stays here until the next change.
                logger.LogDebug(e, "A branch could not be moved");
            }
        }
        if (moved > 0)
            logger.LogInformation("{Branches} branches go to other silos; {Silos} silos are active", moved, active.Length);
    }
}
