namespace ServiceQuality.Scoring;

/// <summary>Which slices make up a window: whole days, and the hours before and after them.</summary>
/// <param name="DayFrom">First of the days.</param>
/// <param name="DayTo">After the last of the days.</param>
/// <param name="HeadFrom">First of the hours before the days.</param>
/// <param name="HeadTo">After the last of them.</param>
/// <param name="TailFrom">First of the hours after the days.</param>
/// <param name="TailTo">After the last of them.</param>
/// <param name="Closed">Whether the window's last instant belongs to it.</param>
internal sealed record ReadPlan(int DayFrom, int DayTo, int HeadFrom, int HeadTo, int TailFrom, int TailTo, bool Closed)
{
    /// <summary>The plan of a window for a ledger of which nothing lies after <paramref name="watermark"/>; null when hours cannot make up the window.</summary>
    public static ReadPlan? Of(PeriodWindow window, long watermark, TimeGrid grid)
    {
        var (from, to, asOf) = (window.From.UtcTicks, window.To.UtcTicks, window.AsOf.UtcTicks);
        var closed = to == asOf && asOf >= watermark;
        if (from > to || grid.HourStart(grid.Hour(from)) != from)
            return null;
        var firstDay = grid.Day(from);
        if (grid.DayStart(firstDay) != from)
            firstDay++;
        var (head, firstDayHour) = (grid.Hour(from), grid.Hour(grid.DayStart(firstDay)));
        // All that is folded lies at or before the watermark: a window that reaches beyond it takes everything from its beginning on.
        if (closed || to > watermark)
            return new(firstDay, int.MaxValue, head, firstDayHour, 0, 0, closed);
        if (grid.HourStart(grid.Hour(to)) != to)
            return null;
        var lastDay = grid.Day(to);
        return lastDay < firstDay
            ? new(0, 0, head, grid.Hour(to), 0, 0, closed)
            : new(firstDay, lastDay, head, firstDayHour, grid.Hour(grid.DayStart(lastDay)), grid.Hour(to), closed);
    }

    /// <summary>Whether an hour, or a day of which the hours are no longer kept, is part of it.</summary>
    public bool Takes(int? hour, int day) =>
        (day >= DayFrom && day < DayTo)
        || (hour is { } known && ((known >= HeadFrom && known < HeadTo) || (known >= TailFrom && known < TailTo)));
}
