using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using ServiceQuality.Access;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;
using ServiceQuality.Scoring.Servqual;

namespace ServiceQuality.Scores.Dimensions;

/// <summary>A change of the sub-dimension library.</summary>
/// <param name="BasedOn">The newest version, as the author has read it.</param>
/// <param name="EffectiveFrom">First day on which it is in force, tomorrow at the earliest.</param>
/// <param name="Reason">Why.</param>
/// <param name="SubDimensions">The whole library, at most 60 sub-dimensions with at most 60 check points each.</param>
internal sealed record LibraryBody(
    int BasedOn, DateOnly EffectiveFrom, [property: Required, StringLength(400, MinimumLength = 1)] string Reason, [property: Required, MinLength(1), MaxLength(SubDimensionLibrary.Most)] IReadOnlyList<SubDimensionBody> SubDimensions);

/// <summary>A version in the history; state: past, in-force or coming.</summary>
internal sealed record LibraryEntry(int Version, DateOnly? EffectiveFrom, string State, string? Author, DateTimeOffset? Written, string? Reason);

/// <summary>A dimension by name.</summary>
internal sealed record DimensionName(string Code, Bilingual Name);

/// <summary>One version of the library, with the history, newest first. Earliest is the first day on which a change may take effect; actions: change, for those who may.</summary>
internal sealed record LibraryView(LibraryEntry Version, IReadOnlyList<SubDimensionBody> SubDimensions, IReadOnlyList<DimensionName> Dimensions, DateOnly Earliest, IReadOnlyList<string> Actions, IReadOnlyList<LibraryEntry> History)
{
    private const int Listed = 100;

    public static LibraryView Of(LibraryVersions versions, LibraryVersion shown, DateOnly today, bool manages)
    {
        var current = versions.On(today);
        return new(
            Entry(shown), [.. shown.Library.SubDimensions.Select(SubDimensionBody.Of)], [.. ServqualDimension.All.Select(one => new DimensionName(one.Code, one.Name))],
            versions.Newest.EffectiveFrom > today ? versions.Newest.EffectiveFrom : today.AddDays(1), manages && shown == versions.Newest ? ["change"] : [], [.. versions.All.Reverse().Take(Listed).Select(Entry)]);

        LibraryEntry Entry(LibraryVersion one) => new(
            one.Number, one.Number == 1 ? null : one.EffectiveFrom, one == current ? "in-force" : one.Number > current.Number ? "coming" : "past", one.Author, one.Written, one.Reason);
    }
}

/// <summary>The sub-dimension library (SCO-10): read by those who read schemes, changed by head office.</summary>
internal static class SubDimensionsApi
{
    public static void MapSubDimensions(this IEndpointRouteBuilder routes)
    {
        var library = routes.MapGroup("/api/sub-dimensions").WithTags("Evaluations").WithGroupName(ScoresService.Name);
        library.MapGet("/", Get).WithName("sub-dimensions").RequirePermission(Permissions.ReadSchemes).WithSummary("A version of the sub-dimension library (default: the newest) and the history of all.");
        library.MapPost("/", Change).WithName("change-sub-dimensions").RequirePermission(Permissions.ManageSchemes)
            .WithSummary("Writes the next version of the library. Periods are evaluated by the version of their last day, so those that are over keep theirs.");
    }

    private static async Task<Results<Ok<LibraryView>, ProblemHttpResult>> Get(int? version, HttpContext context, SubDimensionBook book, UnitReplica units, TimeProvider clock, CancellationToken ct)
    {
        var versions = await book.ReadAsync(ct);
        return (version is null ? versions.Newest : versions.All.FirstOrDefault(one => one.Number == version)) is { } shown
            ? TypedResults.Ok(LibraryView.Of(versions, shown, units.Tree.Today(clock.GetUtcNow()), context.Caller().MayEverywhere(Permissions.ManageSchemes)))
            : Problems.Of(StatusCodes.Status404NotFound, "unknown-library-version", "There is no such version.");
    }

    private static async Task<Results<Created<LibraryView>, ProblemHttpResult>> Change(LibraryBody body, HttpContext context, SubDimensionBook book, UnitReplica units, TimeProvider clock, CancellationToken ct)
    {
        if (!context.Caller().MayEverywhere(Permissions.ManageSchemes))
            return Problems.Of(StatusCodes.Status403Forbidden, "not-allowed", "You are not allowed to do this.");
        if (BodyCheck.Refusal(body) is { } malformed)
            return malformed;
        var changed = body.SubDimensions.Select(one => (one ?? new(null, null, null, 0, null)).Read()).ToList();
        if (SubDimensionLibrary.Check(changed) is { Count: > 0 } faults)
            return Malformed(faults);
        var today = units.Tree.Today(clock.GetUtcNow());
        if (await book.ChangeAsync(body, changed, today, context.Caller(), ct) is { IsRefused: true } refused)
            return refused.ToProblem(StatusCodes.Status409Conflict);
        var versions = await book.ReadAsync(ct);
        return TypedResults.Created($"/api/sub-dimensions?version={body.BasedOn + 1}", LibraryView.Of(versions, versions.All.Single(one => one.Number == body.BasedOn + 1), today, manages: true));
    }

    private static ProblemHttpResult Malformed(IReadOnlyList<LibraryFault> faults) => TypedResults.Problem(
        string.Join(' ', faults.Take(10).Select(fault => $"{fault.Place}: {fault.Code}.")), statusCode: StatusCodes.Status400BadRequest, type: Problems.Type("malformed-request"),
        extensions: new Dictionary<string, object?> { ["retryable"] = false, ["errors"] = faults.GroupBy(fault => fault.Place).ToDictionary(place => place.Key, place => place.Select(fault => fault.Code).ToArray()) });
}
