using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ServiceQuality.Access;
using ServiceQuality.Organisation.Data;
using ServiceQuality.Organisation.Rights;
using ServiceQuality.Organisation.Sectors;

namespace ServiceQuality.Organisation.Units;

/// <summary>
/// Adds many units at once, all of them or none: real organisations have thousands of branches. Units may come in any order and stand under
/// units of the same import. Every unit that cannot be added is named with its index.
/// </summary>
internal static class ImportUnits
{
    /// <summary>What is wrong with one unit of an import.</summary>
    internal sealed record ItemProblem(int Index, string Code, string Unit, string Reason);

    internal sealed record Imported(int Added);

    public static async Task<Results<Ok<Imported>, ProblemHttpResult>> Handle(
        HttpContext http, UnitImport request, OrganisationDb db, Tree tree, ScopeGuard guard, TimeProvider clock, CancellationToken ct)
    {
        await tree.LockAsync(ct);
        var known = await KnownAsync(db, request.Units, ct);
        var anchors = request.Units.Select(unit => unit.Parent).Except(request.Units.Select(unit => unit.Code), StringComparer.OrdinalIgnoreCase);
        var above = new List<OrgUnit>();
        foreach (var anchor in anchors)
        {
            var found = known.GetValueOrDefault(anchor);
            if (found is null || !http.Caller().May(Permissions.ManageUnits, found.Path))
                return (await guard.RefusalAsync(http.Caller(), Permissions.ManageUnits, found, anchor, ct))!;
            above.Add(found);
        }

        var now = clock.GetUtcNow();
        var (added, problems) = Build(request.Units, known, await tree.TemplateAsync(ct), now);
        if (problems.Count > 0)
            return Refused(problems);

        db.Units.AddRange(added);
        tree.Tell(added);
        await db.SaveChangesAsync(ct);
        await db.RecordAsync(http.Caller(), now, "units.imported", $"{added.Count} units", above.Count == 1 ? above[0].Path : null, after: added.Select(UnitView.Of), ct: ct);
        return TypedResults.Ok(new Imported(added.Count));
    }

    /// <summary>Adds units from the top down; what is left over stands under nothing. Pure.</summary>
    internal static (IReadOnlyList<OrgUnit> Added, IReadOnlyList<ItemProblem> Problems) Build(
        IReadOnlyList<NewUnit> units, IReadOnlyDictionary<string, OrgUnit> known, SectorTemplate template, DateTimeOffset now)
    {
        var placed = new Dictionary<string, OrgUnit>(known, StringComparer.OrdinalIgnoreCase);
        var (added, problems) = (new List<OrgUnit>(), new List<ItemProblem>());
        var byParent = units.Select((unit, index) => (Unit: unit, Index: index)).ToLookup(item => item.Unit.Parent, StringComparer.OrdinalIgnoreCase);
        var waiting = new Queue<(string Name, OrgUnit Parent)>(byParent.Select(group => group.Key).Where(known.ContainsKey).Select(name => (name, known[name])));
        var seen = new HashSet<int>();
        while (waiting.TryDequeue(out var next))
        {
            foreach (var (unit, index) in byParent[next.Name])
            {
                seen.Add(index);
                var outcome = AddUnit.Check(unit, template, next.Parent);
                if (!outcome.IsRefused && placed.ContainsKey(unit.Code))
                    outcome = AddUnit.Taken(unit.Code);
                if (outcome.IsRefused)
                {
                    problems.Add(new ItemProblem(index, outcome.Code!, unit.Code, outcome.Reason!));
                    continue;
                }
                var created = OrgUnit.Add(Guid.CreateVersion7(now), unit.Code, template.Kind(unit.Kind)!, unit.Features(), next.Parent, unit.State, now);
                placed.Add(created.Code, created);
                added.Add(created);
                waiting.Enqueue((created.Code, created));
            }
        }
        problems.AddRange(units.Select((unit, index) => (unit, index)).Where(item => !seen.Contains(item.index))
            .Select(item => new ItemProblem(item.index, "parent-not-added", item.unit.Code, $"The unit above, '{item.unit.Parent}', is not added either.")));
        return (added, [.. problems.OrderBy(problem => problem.Index)]);
    }

    /// <summary>Existing units that the import names, by id or code as it names them.</summary>
    private static async Task<Dictionary<string, OrgUnit>> KnownAsync(OrganisationDb db, IReadOnlyList<NewUnit> units, CancellationToken ct)
    {
        var names = units.SelectMany(unit => new[] { OrgUnit.KeyOf(unit.Code), OrgUnit.KeyOf(unit.Parent) }).Distinct().ToList();
        var ids = names.Select(name => Guid.TryParse(name, out var id) ? id : Guid.Empty).Where(id => id != Guid.Empty).ToList();
        var found = await db.Units.AsNoTracking().Where(unit => names.Contains(unit.CodeKey) || ids.Contains(unit.Id)).ToListAsync(ct);
        var known = found.ToDictionary(unit => unit.Code, StringComparer.OrdinalIgnoreCase);
        var byId = found.ToDictionary(unit => unit.Id);
        foreach (var name in names)
            if (Guid.TryParse(name, out var id) && byId.TryGetValue(id, out var unit))
                known[name] = unit;
        return known;
    }

    private static ProblemHttpResult Refused(IReadOnlyList<ItemProblem> problems) => TypedResults.Problem(
        $"{problems.Count} units cannot be added; none was.", statusCode: StatusCodes.Status409Conflict, type: Problems.Type("import-refused"),
        extensions: new Dictionary<string, object?> { ["retryable"] = false, ["items"] = problems });
}
