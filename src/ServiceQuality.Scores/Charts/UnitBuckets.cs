using System.Runtime.CompilerServices;
using ServiceQuality.Scores.Branches;
using ServiceQuality.Scores.Schemes;
using ServiceQuality.Scores.Scores;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Charts;

/// <summary>Reads units day by day and hour by hour, with today's knowledge.</summary>
internal sealed class UnitBuckets(IScoreTier tier, UnitReplica units, SchemeBook schemes)
{
    private const int ReadAtOnce = 32;

    /// <summary>Whole days, the newest perhaps to date; null where nothing is known.</summary>
    public Task<IReadOnlyList<Readings?>> DaysAsync(OrgUnit unit, IReadOnlyList<DateOnly> days, CancellationToken ct) =>
        ReadAsync(unit, [.. days.Select(day => new WindowAt(Period.Whole(PeriodKind.Day, day)))], ct);

    /// <summary>
    /// Each hour as the day up to its end: what happened in it is the difference from the hour before; the first hour of a day has none before it. The day up to its last hour is
    /// the whole day.
    /// </summary>
    public Task<IReadOnlyList<Readings?>> DaysUpToAsync(OrgUnit unit, IReadOnlyList<DateTimeOffset> ends, CancellationToken ct)
    {
        var zone = Zones.Of(unit.TimeZone);
        return ReadAsync(unit, [.. ends.Select(end => DayOf(zone, end.AddHours(-1)) is var day && DayOf(zone, end) != day ? new WindowAt(Period.Whole(PeriodKind.Day, day)) : new WindowAt(Period.Of(PeriodKind.Day), end))], ct);
    }

    /// <summary>The own days of every unit that has a journal: units whose facts were rolled up are not among them.</summary>
    public async IAsyncEnumerable<(OrgUnit Unit, IReadOnlyList<Readings?> Days)> OwnDaysAsync(IReadOnlyList<DateOnly> days, [EnumeratorCancellation] CancellationToken ct)
    {
        var query = new BranchQuery([.. days.Select(day => new WindowAt(Period.Whole(PeriodKind.Day, day)))], Catalogue: schemes.Active.Hash);
        var known = (await tier.UnitsAsync(ct)).ToHashSet();
        foreach (var some in units.Tree.ByPath.Where(unit => known.Contains(unit.Id)).Chunk(ReadAtOnce))
        {
            var states = await Task.WhenAll(some.Select(unit => tier.ReadAsync(unit.Id, query, ct)));
            foreach (var (index, unit) in some.Index())
            {
                if (states[index] is { } state)
                    yield return (unit, state.Readings);
            }
        }
    }

    /// <summary>The scheme in force on a day.</summary>
    public Scheme SchemeOn(DateOnly day) => schemes.InForce(day);

    public static DateOnly DayOf(TimeZoneInfo zone, DateTimeOffset moment) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(moment, zone).DateTime);

    private async Task<IReadOnlyList<Readings?>> ReadAsync(OrgUnit unit, IReadOnlyList<WindowAt> windows, CancellationToken ct)
    {
        var query = new BranchQuery(windows, Catalogue: schemes.Active.Hash);
        var known = (await tier.UnitsAsync(ct)).ToHashSet();
        var merged = new Readings?[windows.Count];
        foreach (var some in units.Tree.Subtree(unit.Path).Where(one => known.Contains(one.Id)).Chunk(ReadAtOnce))
        {
            var states = await Task.WhenAll(some.Select(one => tier.ReadAsync(one.Id, query, ct)));
            for (var i = 0; i < merged.Length; i++)
                merged[i] = UnitScores.Merged([.. states.Select(state => state?.Readings[i]).Prepend(merged[i]).OfType<Readings>().Where(readings => readings.Facts > 0)], RollUp.Volume, own: null);
        }
        return merged;
    }
}
