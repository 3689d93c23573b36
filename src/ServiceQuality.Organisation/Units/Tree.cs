using Microsoft.EntityFrameworkCore;
using ServiceQuality.Messaging;
using ServiceQuality.Organisation.Calendars;
using ServiceQuality.Organisation.Data;
using ServiceQuality.Organisation.Sectors;

namespace ServiceQuality.Organisation.Units;

/// <summary>Ways through the tree. Changes of its shape take turns, so that two moves cannot make a cycle between them.</summary>
internal sealed class Tree(OrganisationDb db, SectorTemplates templates)
{
    public Task LockAsync(CancellationToken ct) => db.LockAsync("tree", ct);

    /// <summary>The unit with this id or code.</summary>
    public Task<OrgUnit?> FindAsync(string unit, CancellationToken ct) => Guid.TryParse(unit, out var id)
        ? db.Units.SingleOrDefaultAsync(it => it.Id == id, ct)
        : db.Units.SingleOrDefaultAsync(it => it.CodeKey == OrgUnit.KeyOf(unit), ct);

    /// <summary>The units above, nearest first.</summary>
    public async Task<IReadOnlyList<OrgUnit>> AboveAsync(OrgUnit unit, CancellationToken ct)
    {
        var paths = Enumerable.Range(1, unit.Path.Length - 1).Where(length => unit.Path[length - 1] == '/').Select(length => unit.Path[..length]).ToList();
        return await db.Units.AsNoTracking().Where(it => paths.Contains(it.Path)).OrderByDescending(it => it.Path.Length).ToListAsync(ct);
    }

    /// <summary>The units below, parents before children.</summary>
    public Task<List<OrgUnit>> BelowAsync(string path, CancellationToken ct) =>
        db.Units.Where(it => it.Path.StartsWith(path) && it.Path != path).OrderBy(it => it.Path).ToListAsync(ct);

    /// <summary>The template that the organisation was founded with.</summary>
    public async Task<SectorTemplate> TemplateAsync(CancellationToken ct)
    {
        var id = await db.Foundations.Select(it => it.Template).SingleOrDefaultAsync(ct) ?? throw new InvalidOperationException("No organisation has been founded yet.");
        return templates.Find(id) ?? throw new InvalidOperationException($"The organisation follows the sector template '{id}', which Organisation:TemplateDirectory does not hold.");
    }

    /// <summary>The opening times that hold: the unit's own calendar, that of its contact-point type, those above, the template's.</summary>
    public async Task<OpeningTimes> OpeningTimesAsync(OrgUnit unit, CancellationToken ct)
    {
        var template = await TemplateAsync(ct);
        var above = await AboveAsync(unit, ct);
        OpeningCalendar?[] calendars = [unit.Calendar, template.ContactPoint(unit.ContactPoint)?.Calendar, .. above.Select(it => it.Calendar), template.DefaultCalendar];
        return OpeningTimes.Of(TimeZoneInfo.FindSystemTimeZoneById(unit.TimeZone), [.. calendars.OfType<OpeningCalendar>()]);
    }

    /// <summary>Carries a change of path or time zone down to every unit that follows it; answers those that changed.</summary>
    public async Task<IReadOnlyList<OrgUnit>> CarryDownAsync(OrgUnit unit, string formerPath, DateTimeOffset now, CancellationToken ct)
    {
        var below = await BelowAsync(formerPath, ct);
        var byId = below.Append(unit).ToDictionary(it => it.Id);
        var changed = new List<OrgUnit>();
        foreach (var it in below)
        {
            var parent = byId[it.ParentId!.Value];
            if (it.Follows(parent))
                continue;
            it.Follow(parent, now);
            changed.Add(it);
        }
        return changed;
    }

    /// <summary>Tells every service what the units are now.</summary>
    public void Tell(params IEnumerable<OrgUnit> units)
    {
        foreach (var unit in units)
            Outbox.Add(db, unit.Told());
    }
}
