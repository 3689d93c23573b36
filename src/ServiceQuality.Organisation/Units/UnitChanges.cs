using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ServiceQuality.Access;
using ServiceQuality.Organisation.Data;
using ServiceQuality.Organisation.Requests;
using ServiceQuality.Organisation.Rights;
using ServiceQuality.Organisation.Sectors;

namespace ServiceQuality.Organisation.Units;

/// <summary>What every change of one unit has in common: rights, version, rule, what follows for the units below, messages, audit.</summary>
internal sealed class UnitChanges(OrganisationDb db, Tree tree, ScopeGuard guard, TimeProvider clock)
{
    public Task<SectorTemplate> TemplateAsync(CancellationToken ct) => tree.TemplateAsync(ct);

    public async Task<Results<Ok<UnitView>, ProblemHttpResult>> ApplyAsync(
        HttpContext http, string asked, string action, bool needsIfMatch, Func<OrgUnit, DateTimeOffset, Task<Outcome>> rule, CancellationToken ct)
    {
        await tree.LockAsync(ct);
        var unit = await tree.FindAsync(asked, ct);
        if (await guard.RefusalAsync(http.Caller(), Permissions.ManageUnits, unit, asked, ct) is { } refusal)
            return refusal;
        if (IfMatch.Refusal(http, unit!.Version, needsIfMatch) is { } outdated)
            return outdated;

        var (now, before, formerPath, formerZone) = (clock.GetUtcNow(), UnitView.Of(unit), unit.Path, unit.TimeZone);
        if (await rule(unit, now) is { IsRefused: true } refused)
            return refused.ToProblem();

        if (unit.OwnTimeZone != before.OwnTimeZone)
            unit.FollowTimeZone(await db.Units.AsNoTracking().SingleOrDefaultAsync(parent => parent.Id == unit.ParentId, ct));
        tree.Tell(unit);
        if (unit.Path != formerPath || unit.TimeZone != formerZone)
            tree.Tell(await tree.CarryDownAsync(unit, formerPath, now, ct));
        await db.SaveChangesAsync(ct);
        await db.RecordAsync(http.Caller(), now, action, $"unit {unit.Code}", unit.Path, before, UnitView.Of(unit), ct);
        return UnitsApi.Shown(http, unit);
    }
}
