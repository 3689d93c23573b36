using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ServiceQuality.Access;
using ServiceQuality.Scores.Scores;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Results;

/// <summary>Who sees which results: drafts those who close periods and auditors, published ones everybody within the own subtree.</summary>
internal sealed class ResultAccess([FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db, UnitReplica units)
{
    /// <summary>Whether a closing is to be seen at all.</summary>
    public static bool Sees(Caller caller, Closing closing, OrgUnit unit)
    {
        if (caller.May(Permissions.ManageResults, unit.Path) || (caller.May(Permissions.ReadAudit, unit.Path) && caller.May(Permissions.ReadScores, unit.Path)))
            return true;
        return closing.IsOut && caller.Scope(Permissions.ReadScores).Any(path => path.StartsWith(unit.Path, StringComparison.Ordinal) || unit.Path.StartsWith(path, StringComparison.Ordinal));
    }

    /// <summary>A closing that the caller sees, or manages. Unknown and foreign look the same, except to who may see all.</summary>
    public async Task<(ProblemHttpResult? Problem, Closing? Closing, OrgUnit? Unit)> ClosingAsync(HttpContext context, Guid id, bool toManage, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        var caller = context.Caller();
        var closing = await ClosingRows.FindAsync(connection, id, forUpdate: false, ct);
        if (closing is not null && units.Tree.Find(closing.Unit) is { } unit && (toManage ? caller.May(Permissions.ManageResults, unit.Path) : Sees(caller, closing, unit)))
            return (null, closing, unit);
        return (closing is null && caller.MayEverywhere(Permissions.ReadScores)
            ? Problems.Of(StatusCodes.Status404NotFound, "unknown-closing", "There is no such closing.")
            : Problems.Of(StatusCodes.Status403Forbidden, "not-allowed", "You are not allowed to do this."), null, null);
    }

    /// <summary>The published closing of a unit's period, if the caller holds the permission over the unit.</summary>
    public async Task<(ProblemHttpResult? Problem, OrgUnit? Unit, Closing? Closing)> PublishedAsync(HttpContext context, string unit, string period, string permission, CancellationToken ct)
    {
        if (ScoreQuery.Find(context, units.Tree, unit, permission, out var found) is { } problem)
            return (problem, null, null);
        if (!Period.TryParse(period, out var asked) || asked.Start is null)
            return (Problems.Of(StatusCodes.Status400BadRequest, "period-invalid", "A closed period is a whole month, quarter, half-year or year: 2026-10, 2026-Q3, 2026-H2, 2026."), null, null);
        await using var connection = await db.OpenConnectionAsync(ct);
        return await ClosingRows.OfUnitAsync(connection, found.Id, asked.ToString(), ct) is { } closing
            ? (null, found, closing)
            : (Problems.Of(StatusCodes.Status404NotFound, "no-result", "There is no published result of this unit for this period."), null, null);
    }

    /// <summary>The unit as it was when the period was closed.</summary>
    public async Task<PinnedUnit> PinnedAsync(Closing closing, Guid unit, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        return await ClosingRows.UnitAsync(connection, closing.Id, unit, ct) ?? throw new InvalidOperationException($"The closing {closing.Id} does not hold {unit}.");
    }
}
