using Microsoft.EntityFrameworkCore;
using ServiceQuality.Access;
using ServiceQuality.Organisation.Data;

namespace ServiceQuality.Organisation.Accounts;

/// <summary>An account with the paths that its unit and its grants have now.</summary>
internal sealed record KnownAccount(Account Account, string HomePath, IReadOnlyDictionary<Guid, string> PathOf)
{
    /// <summary>Everything that the account reaches now or later: what a caller must cover to manage it.</summary>
    public IReadOnlyCollection<string> Reach(DateTimeOffset now) =>
        [.. Account.Grants.Where(grant => grant.IsOpen(now)).Select(grant => PathOf[grant.UnitId]).Append(HomePath).Distinct()];

    /// <summary>The caller that this account is at the moment.</summary>
    public Caller Caller(DateTimeOffset now) => new(
        Account.Id, Account.Name, IsMachine: false, [.. Account.Grants.Where(grant => grant.Holds(now)).Select(grant => new Grant(grant.Role, PathOf[grant.UnitId])).Distinct()]);
}

/// <summary>Finds accounts together with what they reach.</summary>
internal sealed class AccountDirectory(OrganisationDb db)
{
    public async Task<KnownAccount?> FindAsync(Guid id, CancellationToken ct) =>
        await db.Accounts.Include(account => account.Grants).SingleOrDefaultAsync(account => account.Id == id, ct) is { } account
            ? (await KnownAsync([account], ct))[0]
            : null;

    /// <summary>The accounts with their paths, in the given order; their grants are loaded.</summary>
    public async Task<IReadOnlyList<KnownAccount>> KnownAsync(IReadOnlyList<Account> accounts, CancellationToken ct)
    {
        var units = accounts.SelectMany(account => account.Grants.Select(grant => grant.UnitId).Append(account.UnitId)).Distinct().ToList();
        var paths = await db.Units.Where(unit => units.Contains(unit.Id)).ToDictionaryAsync(unit => unit.Id, unit => unit.Path, ct);
        return [.. accounts.Select(account => new KnownAccount(account, paths[account.UnitId], paths))];
    }
}
