using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ServiceQuality.Access;
using ServiceQuality.Organisation.Data;
using ServiceQuality.Organisation.Units;

namespace ServiceQuality.Organisation.Rights;

/// <summary>
/// Narrows a permission to the unit at hand (ORG-09). A foreign unit and one that does not exist get the same answer, so that nobody learns from a
/// refusal what exists; whoever holds the permission over the whole tree is told that it is unknown. A refusal is an audit record of its own.
/// </summary>
internal sealed class ScopeGuard(OrganisationDb db, TimeProvider clock)
{
    /// <summary>Null when the caller holds the permission over every path; else the answer. Asked before anything changes.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="permission">The permission that is needed.</param>
    /// <param name="paths">Paths of the units concerned; null when there is no such thing.</param>
    /// <param name="asked">What was asked for, as it stands in the request.</param>
    /// <param name="unknown">Code of the answer for callers whose scope is the whole tree.</param>
    /// <param name="ct">Stops it.</param>
    public async Task<ProblemHttpResult?> RefusalAsync(
        Caller caller, string permission, IReadOnlyCollection<string>? paths, string asked, string unknown, CancellationToken ct)
    {
        if (paths?.All(path => caller.May(permission, path)) == true)
            return null;
        if (paths is null && await OverTheRootAsync(caller, permission, ct))
            return Problems.Of(StatusCodes.Status404NotFound, unknown, "There is none with this id or code.");

        // The request's own transaction, if it has begun one, holds nothing yet.
        if (db.Database.CurrentTransaction is not null)
            await db.Database.RollbackTransactionAsync(ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await db.RecordAsync(caller, clock.GetUtcNow(), "access.refused", asked, paths?.FirstOrDefault(path => !caller.May(permission, path)), after: new { permission }, ct: ct);
        await transaction.CommitAsync(ct);
        return Problems.Of(StatusCodes.Status403Forbidden, "not-allowed", "You are not allowed to do this.");
    }

    /// <summary>The same for one unit.</summary>
    public Task<ProblemHttpResult?> RefusalAsync(Caller caller, string permission, OrgUnit? unit, string asked, CancellationToken ct) =>
        RefusalAsync(caller, permission, unit is null ? null : [unit.Path], $"unit {asked}", "unknown-unit", ct);

    private async Task<bool> OverTheRootAsync(Caller caller, string permission, CancellationToken ct) =>
        await db.Units.Where(unit => unit.ParentId == null).Select(unit => unit.Path).SingleOrDefaultAsync(ct) is { } root && caller.May(permission, root);
}
