using System.Collections.Concurrent;

namespace ServiceQuality.Scoring;

/// <summary>
/// The hours and days of a time zone as numbers. Hours lie on the grid of the zone's standard offset (so that +05:30 has hours at :30 of UTC);
/// a day begins at the first hour of the grid at or after local midnight, whatever daylight saving does, and every hour belongs to exactly one day.
/// </summary>
internal sealed class TimeGrid
{
    private static readonly ConcurrentDictionary<TimeZoneInfo, TimeGrid> Grids = new();
    private readonly long shift;
    private readonly ConcurrentDictionary<int, long> starts = new();

    private TimeGrid(TimeZoneInfo zone)
    {
        Zone = zone;
        shift = ((zone.BaseUtcOffset.Ticks % TimeSpan.TicksPerHour) + TimeSpan.TicksPerHour) % TimeSpan.TicksPerHour;
    }

    public TimeZoneInfo Zone { get; }

    public static TimeGrid Of(TimeZoneInfo zone) => Grids.GetOrAdd(zone, static z => new TimeGrid(z));

    /// <summary>Number of the hour that contains an instant.</summary>
    public int Hour(long utcTicks) => (int)((utcTicks + shift) / TimeSpan.TicksPerHour);

    /// <summary>First instant of an hour, UTC ticks.</summary>
    public long HourStart(int hour) => (hour * TimeSpan.TicksPerHour) - shift;

    /// <summary>Number of the local day (<see cref="DateOnly.DayNumber"/>) that contains an instant.</summary>
    public int Day(long utcTicks)
    {
        var local = TimeZoneInfo.ConvertTimeFromUtc(new DateTime(utcTicks, DateTimeKind.Utc), Zone);
        var day = (int)(local.Ticks / TimeSpan.TicksPerDay);
        while (utcTicks < DayStart(day))
            day--;
        while (utcTicks >= DayStart(day + 1))
            day++;
        return day;
    }

    /// <summary>First instant of a local day, UTC ticks.</summary>
    public long DayStart(int day) => starts.TryGetValue(day, out var start) ? start : starts.GetOrAdd(day, FindStart(day));

    private long FindStart(int day)
    {
        var midnight = new DateTime(day * TimeSpan.TicksPerDay, DateTimeKind.Unspecified);
        // Clocks put back over midnight show 00:00 twice: the day begins with the first. Clocks put forward over it never show it:
        // the day begins when they jump, which the offset of the day before gives.
        var offset = Zone.IsAmbiguousTime(midnight) ? Zone.GetAmbiguousTimeOffsets(midnight).Max()
            : Zone.GetUtcOffset(Zone.IsInvalidTime(midnight) ? midnight.AddDays(-1) : midnight);
        var start = midnight.Ticks - offset.Ticks;
        var hour = Hour(start);
        return HourStart(hour) == start ? start : HourStart(hour + 1);
    }
}
