using MassTransit;
using Microsoft.EntityFrameworkCore;
using ServiceQuality.Contracts.Organisation;
using ServiceQuality.Messaging;
using ServiceQuality.Organisation.Data;

namespace ServiceQuality.Organisation.Units;

/// <summary>Publishes every unit again for a service that has lost or never had its copy. Versions stay, so that nobody else minds.</summary>
internal sealed class RepublishTreeOnOrgUnitsRequested(OrganisationDb db, Tree tree) : IConsumer<OrgUnitsRequested>
{
    public Task Consume(ConsumeContext<OrgUnitsRequested> context) => db.Once(context, nameof(RepublishTreeOnOrgUnitsRequested), async _ =>
        tree.Tell(await db.Units.AsNoTracking().OrderBy(unit => unit.Path).ToListAsync(context.CancellationToken)));
}
