using System.Text.RegularExpressions;
using ServiceQuality.Organisation.Calendars;
using ServiceQuality.Organisation.Sectors;

namespace ServiceQuality.Organisation.Units;

/// <summary>Which unit may stand where, and what may be said about it: the sector template decides, nothing here knows a sector. Pure.</summary>
internal static partial class Placement
{
    /// <summary>Longest path; a hundred levels of short codes fit, and an index entry stays small.</summary>
    public const int LongestPath = 1000;

    public const int LongestCode = 40;

    /// <summary>Everything that a new unit must satisfy, apart from its code being free.</summary>
    public static Outcome New(string code, UnitKind kind, UnitFeatures features, OrgUnit parent) =>
        Code(code) is { IsRefused: true } malformed ? malformed
        : Under(kind, parent.Kind, parent.State, parent.Path, code) is { IsRefused: true } misplaced ? misplaced
        : Features(kind, features, isRoot: false);

    public static Outcome Code(string code) =>
        CodeForm().IsMatch(code) && !Guid.TryParse(code, out _)
            ? Outcome.Done
            : Outcome.Refused("code-malformed", $"A code is 1 to {LongestCode} letters, digits and hyphens, and begins with a letter or digit.");

    public static Outcome Under(UnitKind kind, string parentKind, UnitState parentState, string parentPath, string code)
    {
        if (!kind.Parents.Contains(parentKind))
            return Outcome.Refused("kind-not-allowed-here", kind.Parents.Count == 0
                ? $"{kind.Code} is the root; there is only one."
                : $"A {kind.Code} stands under {string.Join(", ", kind.Parents)}; not under {parentKind}.");
        if (parentState == UnitState.Closed)
            return Outcome.Refused("parent-closed", "The unit above is closed.");
        if (parentPath.Length + code.Length + 1 > LongestPath)
            return Outcome.Refused("too-deep", $"The path would be longer than {LongestPath} characters.");
        return Outcome.Done;
    }

    public static Outcome Features(UnitKind kind, UnitFeatures features, bool isRoot)
    {
        if (kind.ContactPoints is { Count: > 0 } types && (features.ContactPoint is null || !types.Contains(features.ContactPoint)))
            return Outcome.Refused("contact-point-type-needed", $"A {kind.Code} is one of {string.Join(", ", types)}.");
        if (kind.ContactPoints is not { Count: > 0 } && features.ContactPoint is not null)
            return Outcome.Refused("not-a-contact-point", $"A {kind.Code} has no contact-point type.");
        if (features.Functions.FirstOrDefault(tag => kind.Functions?.Allowed.Contains(tag) != true) is { } tag)
            return Outcome.Refused("function-not-allowed", $"A {kind.Code} cannot carry the function '{tag}'.");
        if (kind.Functions is { Needed: true } && features.Functions.Count == 0)
            return Outcome.Refused("function-needed", $"A {kind.Code} carries at least one of {string.Join(", ", kind.Functions.Allowed)}.");
        if (features.TimeZone is null && isRoot)
            return Outcome.Refused("time-zone-needed", "The root needs a time zone; all others inherit it.");
        if (features.TimeZone is { } zone && !(TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found) && found.HasIanaId))
            return Outcome.Refused("time-zone-unknown", $"'{zone}' is not an IANA time zone.");
        if (OpeningCalendar.Problem(features.Calendar) is { } problem)
            return Outcome.Refused("calendar-malformed", problem);
        if (features.CustomersServed < 0)
            return Outcome.Refused("customers-negative", "Customers served is zero or more.");
        return Outcome.Done;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9-]{0,39}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex CodeForm();
}
