using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceQuality.Access;
using ServiceQuality.Scores.Schemes;
using ServiceQuality.Scores.Scores;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Comparison;

/// <summary>Which units are compared, over which time.</summary>
/// <param name="Under">The unit whose subtree they are of; default the uppermost that the caller may see.</param>
/// <param name="Level">Kind of unit: <c>county-branch</c>, <c>hall</c> …; default the units right below.</param>
/// <param name="Period">A period of two to 92 days; default 30d.</param>
internal sealed record ComparisonQuery(string? Under, string? Level, string? Period)
{
    private const int MostUnits = 5_000;
    private const int MostDays = 92;

    /// <summary>What is asked for, checked; every refusal has a stable code.</summary>
    public ProblemHttpResult? Read(HttpContext context, UnitTree tree, SchemeBook schemes, TimeProvider clock, out Comparing comparing)
    {
        comparing = null!;
        var asked = string.IsNullOrEmpty(Under) ? context.Caller().Scope(Permissions.ReadScores).Select(path => tree.Subtree(path).FirstOrDefault()).FirstOrDefault(unit => unit is not null)?.Code ?? "" : Under;
        var period = default(Period);
        if ((ScoreQuery.Find(context, tree, asked, Permissions.ReadScores, out var under) ?? ScoreQuery.Read(string.IsNullOrEmpty(Period) ? "30d" : Period, schemes, clock, tree, out period)) is { } problem)
            return problem;
        var window = period.Window(clock.GetUtcNow(), Zones.Of(under.TimeZone));
        if (window.Length < TimeSpan.FromHours(25) || window.Length > TimeSpan.FromDays(MostDays + 1))
            return Problems.Of(StatusCodes.Status400BadRequest, "period-not-suitable", $"Units are compared over two days at least and {MostDays} at most.");
        List<OrgUnit> units = [.. (string.IsNullOrEmpty(Level) ? tree.Children(under) : tree.Subtree(under.Path).Where(unit => unit.Kind == Level)).Where(unit => unit.State == "active")];
        if (units.Count is 0 or > MostUnits)
            return Problems.Of(StatusCodes.Status400BadRequest, "units-none", $"There are no units of this level under '{under.Code}', or more than {MostUnits}.");
        comparing = new(under, Level, period, window, units);
        return null;
    }
}

/// <summary>Units to compare.</summary>
internal sealed record Comparing(OrgUnit Under, string? Level, Period Period, PeriodWindow Window, IReadOnlyList<OrgUnit> Units)
{
    /// <summary>The days of the window, the newest perhaps to date.</summary>
    public IReadOnlyList<DateOnly> Days
    {
        get
        {
            var zone = Zones.Of(Under.TimeZone);
            var (first, last) = (Charts.UnitBuckets.DayOf(zone, Window.From), Charts.UnitBuckets.DayOf(zone, Window.To.AddTicks(-1)));
            return [.. Enumerable.Range(0, last.DayNumber - first.DayNumber + 1).Select(first.AddDays)];
        }
    }
}
