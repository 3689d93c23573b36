using Microsoft.EntityFrameworkCore;
using ServiceQuality.Access;
using ServiceQuality.Organisation.Data;

namespace ServiceQuality.Organisation.Keys;

/// <summary>Recognises API keys.</summary>
internal sealed class KeyRing(OrganisationDb db, TimeProvider clock)
{
    /// <summary>The time of last use is for people; written more often it would make every request a write.</summary>
    private static readonly TimeSpan UseGrain = TimeSpan.FromMinutes(1);

    /// <summary>The machine behind a key; null when it may not be used, for whatever reason.</summary>
    public async Task<Caller?> CallerAsync(string presented, CancellationToken ct)
    {
        if (!ApiKey.TryRead(presented, out var id, out var secret))
            return null;

        var now = clock.GetUtcNow();
        var found = await db.Keys.AsNoTracking().Where(key => key.Id == id)
            .Join(db.Units, key => key.UnitId, unit => unit.Id, (key, unit) => new { key, unit.Path }).SingleOrDefaultAsync(ct);
        if (found is null || !found.key.Accepts(secret, now))
            return null;

        var stale = now - UseGrain;
        if (found.key.LastUsedAt is null || found.key.LastUsedAt < stale)
            await db.Keys.Where(key => key.Id == id && (key.LastUsedAt == null || key.LastUsedAt < stale))
                .ExecuteUpdateAsync(key => key.SetProperty(it => it.LastUsedAt, now), ct);
        return new Caller(id, found.key.Name, IsMachine: true, [new Grant(Roles.BranchSystem, found.Path)]);
    }
}
