using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Runtime.Services;
using Orleans.Services;

namespace ServiceQuality.Scores.Silo.Movements;

/// <summary>Told by the other silos what moved there. Lost calls are made up for by <see cref="MovementFeed.Mend"/>.</summary>
internal interface IHearMovements : IGrainService
{
    [OneWay]
    Task HearAsync([Immutable] WireMovement[] moved);
}

/// <summary>The ear of this silo.</summary>
internal sealed class HearMovements(GrainId id, global::Orleans.Runtime.Silo silo, ILoggerFactory loggers, MovementFeed feed) : GrainService(id, silo, loggers), IHearMovements
{
    public Task HearAsync(WireMovement[] moved)
    {
        foreach (var one in moved)
            feed.Hear(one.Movement);
        return Task.CompletedTask;
    }
}

/// <summary>The way to the ear of another silo.</summary>
internal sealed class MovementCaller(IServiceProvider services) : GrainServiceClient<IHearMovements>(services)
{
    public Task TellAsync(SiloAddress silo, WireMovement[] moved) => GetGrainService(silo).HearAsync(moved);
}
