using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ServiceQuality.Access;
using ServiceQuality.Organisation.Data;
using ServiceQuality.Organisation.Requests;
using ServiceQuality.Organisation.Rights;

namespace ServiceQuality.Organisation.Units;

/// <summary>The organisation tree over HTTP (ORG-01 … 03). A unit is named by its id or its code.</summary>
internal static class UnitsApi
{
    public const int LargestPage = 5_000;
    private static readonly TimeSpan LongestOpening = TimeSpan.FromDays(366);

    public static void MapUnits(this IEndpointRouteBuilder routes)
    {
        var units = routes.MapGroup("/units").WithTags("Units");
        units.MapGet("/", List).RequirePermission(Permissions.ReadUnits).WithName("units").WithSummary("The units in the caller's scope, by path.");
        units.MapGet("/{unit}", Find).RequirePermission(Permissions.ReadUnits).WithName("unit");
        units.MapGet("/{unit}/opening", Opening).RequirePermission(Permissions.ReadUnits).WithName("unit-opening").WithSummary("When the unit is open, in its own time zone.");

        var changes = units.MapGroup("").RequirePermission(Permissions.ManageUnits).AddEndpointFilter<OneTransaction>();
        changes.MapPost("/", AddUnit.Handle).WithName("unit-add");
        changes.MapPost("/import", ImportUnits.Handle).WithName("units-import").WithSummary("Adds up to 5,000 units: all of them or none.");
        changes.MapPut("/{unit}", Change).WithName("unit-change").WithSummary("Needs If-Match with the ETag that was read.");
        changes.MapPost("/{unit}/move", MoveUnit.Handle).WithName("unit-move");
        changes.MapPost("/{unit}/activate", Activate).WithName("unit-activate");
        changes.MapPost("/{unit}/suspend", Suspend).WithName("unit-suspend");
        changes.MapPost("/{unit}/close", Close).WithName("unit-close");
    }

    private static async Task<Ok<Page<UnitView>>> List(
        HttpContext http, OrganisationDb db, string? after, [Range(1, LargestPage)] int? limit, CancellationToken ct)
    {
        var size = limit ?? LargestPage;
        var units = await db.Units.AsNoTracking().Within(http.Caller().Scope(Permissions.ReadUnits))
            .Where(unit => after == null || string.Compare(unit.Path, after) > 0)
            .OrderBy(unit => unit.Path).Take(size).ToListAsync(ct);
        return TypedResults.Ok(new Page<UnitView>([.. units.Select(UnitView.Of)], units.Count == size ? units[^1].Path : null));
    }

    private static async Task<Results<Ok<UnitView>, ProblemHttpResult>> Find(HttpContext http, string unit, Tree tree, ScopeGuard guard, CancellationToken ct)
    {
        var found = await tree.FindAsync(unit, ct);
        if (await guard.RefusalAsync(http.Caller(), Permissions.ReadUnits, found, unit, ct) is { } refusal)
            return refusal;
        return Shown(http, found!);
    }

    private static async Task<Results<Ok<OpeningView>, ProblemHttpResult>> Opening(
        HttpContext http, string unit, DateTimeOffset from, DateTimeOffset? to, Tree tree, ScopeGuard guard, CancellationToken ct)
    {
        var found = await tree.FindAsync(unit, ct);
        if (await guard.RefusalAsync(http.Caller(), Permissions.ReadUnits, found, unit, ct) is { } refusal)
            return refusal;
        var end = to ?? from;
        if (end < from || end - from > LongestOpening)
            return Problems.Of(StatusCodes.Status400BadRequest, "period-out-of-range", "'to' is not before 'from' and at most 366 days after it.");

        var times = await tree.OpeningTimesAsync(found!, ct);
        return TypedResults.Ok(new OpeningView(
            times.IsOpen(from), times.OpenTime(from, end).TotalSeconds, [.. times.Intervals(from, end).Select(open => new OpenInterval(open.From, open.To))]));
    }

    private static async Task<Results<Ok<UnitView>, ProblemHttpResult>> Change(
        HttpContext http, string unit, UnitDescription description, UnitChanges changes, CancellationToken ct) =>
        await changes.ApplyAsync(http, unit, "unit.changed", needsIfMatch: true, async (found, now) =>
            found.Change(description.Features(), (await changes.TemplateAsync(ct)).KindOf(found), now), ct);

    private static async Task<Results<Ok<UnitView>, ProblemHttpResult>> Activate(
        HttpContext http, string unit, OrganisationDb db, UnitChanges changes, CancellationToken ct) =>
        await changes.ApplyAsync(http, unit, "unit.activated", needsIfMatch: false, async (found, now) =>
            found.Activate(await db.Units.AsNoTracking().SingleOrDefaultAsync(parent => parent.Id == found.ParentId, ct), now), ct);

    private static async Task<Results<Ok<UnitView>, ProblemHttpResult>> Suspend(HttpContext http, string unit, UnitChanges changes, CancellationToken ct) =>
        await changes.ApplyAsync(http, unit, "unit.suspended", needsIfMatch: false, (found, now) => Task.FromResult(found.Suspend(now)), ct);

    private static async Task<Results<Ok<UnitView>, ProblemHttpResult>> Close(
        HttpContext http, string unit, OrganisationDb db, UnitChanges changes, CancellationToken ct) =>
        await changes.ApplyAsync(http, unit, "unit.closed", needsIfMatch: false, async (found, now) =>
            found.Close(await db.Units.AnyAsync(child => child.ParentId == found.Id && child.State != UnitState.Closed, ct), now), ct);

    /// <summary>The units whose path lies in one of the subtrees.</summary>
    public static IQueryable<OrgUnit> Within(this IQueryable<OrgUnit> units, IReadOnlyList<string> scope) =>
        scope.Count == 1 && scope[0] is var only
            ? units.Where(unit => unit.Path.StartsWith(only))
            : units.Where(unit => scope.Any(path => unit.Path.StartsWith(path)));

    public static Ok<UnitView> Shown(HttpContext http, OrgUnit unit)
    {
        http.Response.Headers.ETag = IfMatch.Tag(unit.Version);
        return TypedResults.Ok(UnitView.Of(unit));
    }
}
