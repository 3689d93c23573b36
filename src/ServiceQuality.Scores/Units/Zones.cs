using System.Collections.Concurrent;

namespace ServiceQuality.Scores.Units;

/// <summary>Time zones by IANA name.</summary>
internal static class Zones
{
    private static readonly ConcurrentDictionary<string, TimeZoneInfo> Known = new();

    /// <summary>The zone; UTC for a name that this machine does not know, so that a unit is scored all the same.</summary>
    public static TimeZoneInfo Of(string name) =>
        Known.GetOrAdd(name, static one => TimeZoneInfo.TryFindSystemTimeZoneById(one, out var zone) ? zone : TimeZoneInfo.Utc);

    /// <summary>The last full hour of a zone at or before a moment; a zone half an hour off has its hours at half past.</summary>
    public static DateTimeOffset HourAt(this TimeZoneInfo zone, DateTimeOffset moment)
    {
        var shift = zone.BaseUtcOffset.Ticks % TimeSpan.TicksPerHour;
        var local = moment.UtcTicks + shift;
        return new DateTimeOffset(local - local % TimeSpan.TicksPerHour - shift, TimeSpan.Zero);
    }
}
