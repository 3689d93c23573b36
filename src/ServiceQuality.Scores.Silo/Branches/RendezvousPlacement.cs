using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace ServiceQuality.Scores.Silo.Branches;

/// <summary>
/// Where a branch belongs: at the silo that wins the branch's draw. Every silo draws alike, and when one comes or goes only the branches that it wins or
/// leaves behind change their place.
/// </summary>
[GenerateSerializer, Immutable]
internal sealed class RendezvousPlacement : PlacementStrategy
{
    /// <summary>The silo where a grain belongs.</summary>
    public static SiloAddress Of(GrainId grain, IEnumerable<SiloAddress> silos) =>
        silos.MaxBy(silo => (Mixed(grain.GetUniformHashCode() ^ Mixed((uint)silo.GetConsistentHashCode())), silo.ToParsableString()))!;

    /// <summary>Every bit of the answer depends on every bit of the number.</summary>
    private static uint Mixed(uint number)
    {
        number ^= number >> 16;
        number *= 0x85EBCA6B;
        number ^= number >> 13;
        number *= 0xC2B2AE35;
        return number ^ (number >> 16);
    }
}

/// <summary>Puts a grain where it belongs.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class RendezvousPlacementAttribute() : PlacementAttribute(new RendezvousPlacement());

internal sealed class RendezvousPlacementDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context) =>
        Task.FromResult(RendezvousPlacement.Of(target.GrainIdentity, context.GetCompatibleSilos(target)));
}
