using Microsoft.AspNetCore.Http.HttpResults;
using ServiceQuality.Access;
using ServiceQuality.Organisation.Data;
using ServiceQuality.Organisation.Requests;
using ServiceQuality.Organisation.Rights;
using ServiceQuality.Organisation.Sectors;

namespace ServiceQuality.Organisation.Units;

/// <summary>Adds a unit under another.</summary>
internal static class AddUnit
{
    public static async Task<Results<Created<UnitView>, ProblemHttpResult>> Handle(
        HttpContext http, NewUnit request, OrganisationDb db, Tree tree, ScopeGuard guard, TimeProvider clock, CancellationToken ct)
    {
        await tree.LockAsync(ct);
        var parent = await tree.FindAsync(request.Parent, ct);
        if (await guard.RefusalAsync(http.Caller(), Permissions.ManageUnits, parent, request.Parent, ct) is { } refusal)
            return refusal;

        var template = await tree.TemplateAsync(ct);
        if (Check(request, template, parent!) is { IsRefused: true } refused)
            return refused.ToProblem();
        if (await tree.FindAsync(request.Code, ct) is not null)
            return Taken(request.Code).ToProblem();

        var now = clock.GetUtcNow();
        var unit = OrgUnit.Add(Guid.CreateVersion7(now), request.Code, template.Kind(request.Kind)!, request.Features(), parent, request.State, now);
        db.Units.Add(unit);
        tree.Tell(unit);
        await db.SaveChangesAsync(ct);
        await db.RecordAsync(http.Caller(), now, "unit.added", $"unit {unit.Code}", unit.Path, after: UnitView.Of(unit), ct: ct);
        http.Response.Headers.ETag = IfMatch.Tag(unit.Version);
        return TypedResults.Created($"/api/units/{unit.Id}", UnitView.Of(unit));
    }

    /// <summary>Everything that a new unit must satisfy, apart from its code being free. Pure.</summary>
    public static Outcome Check(NewUnit request, SectorTemplate template, OrgUnit parent)
    {
        if (template.Kind(request.Kind) is not { } kind)
            return Outcome.Refused("unknown-kind", $"'{request.Kind}' is not a kind of the sector template '{template.Id}'.");
        if (request.State is not (UnitState.Planned or UnitState.Active))
            return Outcome.Refused("state-not-allowed", "A new unit is planned or active.");
        if (request.State == UnitState.Active && parent.State == UnitState.Planned)
            return Outcome.Refused("parent-not-active", $"{parent.Code}, the unit above, is not active yet.");
        return Placement.New(request.Code, kind, request.Features(), parent);
    }

    public static Outcome Taken(string code) => Outcome.Refused("code-taken", $"A unit has the code '{code}' already.");
}
