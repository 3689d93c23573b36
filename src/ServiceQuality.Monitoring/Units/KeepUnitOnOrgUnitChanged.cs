using MassTransit;
using ServiceQuality.Contracts.Organisation;

namespace ServiceQuality.Monitoring.Units;

/// <summary>Keeps the copy of the tree. The unit's version makes a repetition harmless, so no inbox is needed.</summary>
internal sealed class KeepUnitOnOrgUnitChanged(UnitDirectory units) : IConsumer<OrgUnitChanged>
{
    public Task Consume(ConsumeContext<OrgUnitChanged> context) => units.StoreAsync(context.Message, context.CancellationToken);
}
