using MassTransit;
using ServiceQuality.Contracts.Organisation;

namespace ServiceQuality.Scores.Units;

/// <summary>Keeps this service's copy of the tree up to date; an older version than the copy's changes nothing, so no inbox is needed.</summary>
internal sealed class KeepUnitOnOrgUnitChanged(UnitReplica units) : IConsumer<OrgUnitChanged>
{
    public async Task Consume(ConsumeContext<OrgUnitChanged> context)
    {
        if (await units.KeepAsync(context.Message, context.CancellationToken))
            units.Touch();
    }
}
