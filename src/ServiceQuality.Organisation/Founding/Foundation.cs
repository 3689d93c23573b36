using Microsoft.EntityFrameworkCore;
using ServiceQuality.Organisation.Data;
using ServiceQuality.Organisation.Sectors;
using ServiceQuality.Organisation.Units;

namespace ServiceQuality.Organisation.Founding;

/// <summary>The organisation that this installation serves; there is at most one.</summary>
internal sealed class Foundation
{
    public bool One { get; init; } = true;

    /// <summary>Id of the sector template.</summary>
    public string Template { get; init; } = "";

    public DateTimeOffset FoundedAt { get; init; }

    /// <summary>Founds the organisation with its root, in the current transaction; null when it has been founded before.</summary>
    public static async Task<OrgUnit?> LayAsync(OrganisationDb db, Tree tree, SectorTemplate template, string code, UnitFeatures features, string by, DateTimeOffset now, CancellationToken ct)
    {
        await tree.LockAsync(ct);
        if (await db.Foundations.AnyAsync(ct))
            return null;

        var root = OrgUnit.Add(Guid.CreateVersion7(now), code, template.Root, features, parent: null, UnitState.Active, now);
        db.Foundations.Add(new Foundation { Template = template.Id, FoundedAt = now });
        db.Units.Add(root);
        tree.Tell(root);
        await db.SaveChangesAsync(ct);
        await db.RecordAsync(by, now, "organisation.founded", $"unit {code}", root.Path, after: UnitView.Of(root), ct: ct);
        return root;
    }
}
