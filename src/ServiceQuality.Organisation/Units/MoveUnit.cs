using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ServiceQuality.Access;
using ServiceQuality.Organisation.Data;
using ServiceQuality.Organisation.Rights;

namespace ServiceQuality.Organisation.Units;

/// <summary>Moves a unit with everything below it under another. Both the unit and its new place must be in the caller's scope.</summary>
internal static class MoveUnit
{
    public static async Task<Results<Ok<UnitView>, ProblemHttpResult>> Handle(
        HttpContext http, string unit, NewPlace request, OrganisationDb db, Tree tree, ScopeGuard guard, UnitChanges changes, CancellationToken ct)
    {
        await tree.LockAsync(ct);
        var parent = await tree.FindAsync(request.Parent, ct);
        if (await guard.RefusalAsync(http.Caller(), Permissions.ManageUnits, parent, request.Parent, ct) is { } refusal)
            return refusal;

        return await changes.ApplyAsync(http, unit, "unit.moved", needsIfMatch: false, async (found, now) =>
        {
            var deepest = await db.Units.Where(below => below.Path.StartsWith(found.Path)).MaxAsync(below => below.Path.Length, ct);
            if (parent!.Path.Length + found.Code.Length + 1 + (deepest - found.Path.Length) > Placement.LongestPath)
                return Outcome.Refused("too-deep", $"A path below would be longer than {Placement.LongestPath} characters.");
            return found.MoveUnder(parent, (await changes.TemplateAsync(ct)).KindOf(found), now);
        }, ct);
    }
}
