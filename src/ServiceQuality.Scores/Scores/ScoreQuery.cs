using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceQuality.Access;
using ServiceQuality.Scores.Schemes;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Scores;

/// <summary>Reads what a request asks for; every refusal has a stable code.</summary>
internal static class ScoreQuery
{
    /// <summary>The unit of the address, if the caller holds the permission over it. Unknown and foreign look the same, except to who may see all.</summary>
    public static ProblemHttpResult? Find(HttpContext context, UnitTree tree, string idOrCode, string permission, out OrgUnit unit)
    {
        unit = tree.Find(idOrCode)!;
        if (unit is not null && context.Caller().May(permission, unit.Path))
            return null;

        return unit is null && tree.Root is { } root && context.Caller().May(permission, root.Path)
            ? Problems.Of(StatusCodes.Status404NotFound, "unknown-unit", "There is no such unit.")
            : Problems.Of(StatusCodes.Status403Forbidden, "not-allowed", "You are not allowed to do this.");
    }

    public static ProblemHttpResult? Read(string? text, SchemeBook schemes, TimeProvider clock, UnitTree tree, out Period period)
    {
        period = schemes.InForce(tree.Today(clock.GetUtcNow())).MainPeriod;
        return string.IsNullOrEmpty(text) || Period.TryParse(text, out period)
            ? null
            : Problems.Of(StatusCodes.Status400BadRequest, "period-invalid", "A period is 24h, 7d, 30d, day, week, month, quarter, half-year, year, or a whole one such as 2026-11-20, 2026-W47, 2026-11, 2026-Q4, 2026-H2, 2026.");
    }

    /// <summary>A moment with offset, not in the future; null when none was given.</summary>
    public static ProblemHttpResult? Read(string? text, string name, TimeProvider clock, out DateTimeOffset? moment)
    {
        moment = null;
        if (string.IsNullOrEmpty(text))
            return null;

        // A plus sign that was not escaped arrives as a blank.
        if (!HasOffset(text) || !DateTimeOffset.TryParse(text.Replace(' ', '+'), CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed))
            return Problems.Of(StatusCodes.Status400BadRequest, $"{name}-invalid", $"'{name}' is a time with offset (RFC 3339), such as 2026-11-20T08:00:00+08:00.");
        if (parsed > clock.GetUtcNow() + TimeSpan.FromMinutes(5))
            return Problems.Of(StatusCodes.Status400BadRequest, $"{name}-in-future", $"'{name}' lies in the future.");
        moment = parsed.ToUniversalTime();
        return null;
    }

    private static bool HasOffset(string text) =>
        text.Length > 11 && text[10] is 'T' or 't' && (text[^1] is 'Z' or 'z' || (text.Length >= 6 && text[^6] is '+' or '-' or ' ' && text[^3] == ':'));
}
