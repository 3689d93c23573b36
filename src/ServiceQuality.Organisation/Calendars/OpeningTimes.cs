namespace ServiceQuality.Organisation.Calendars;

/// <summary>
/// The opening times that hold for one unit, compiled from its own calendar and those above it. Pure: time is always an argument.
/// Hours are wall-clock hours of the unit's time zone; an hour that the clock change skips is not there, one that it repeats counts twice.
/// </summary>
internal sealed class OpeningTimes
{
    private readonly TimeZoneInfo _zone;
    private readonly IReadOnlyList<Span>[] _weekly;
    private readonly Dictionary<DateOnly, IReadOnlyList<Span>> _special;

    private OpeningTimes(TimeZoneInfo zone, IReadOnlyList<Span>[] weekly, Dictionary<DateOnly, IReadOnlyList<Span>> special) =>
        (_zone, _weekly, _special) = (zone, weekly, special);

    /// <summary>
    /// The weekly hours are those of the nearest calendar. Special days add up from there to the root, the nearer one winning a date,
    /// unless the calendar says that it does not observe holidays: then only its own count.
    /// </summary>
    /// <param name="zone">The unit's time zone.</param>
    /// <param name="calendars">From the unit itself upwards; at least one.</param>
    public static OpeningTimes Of(TimeZoneInfo zone, IReadOnlyList<OpeningCalendar> calendars)
    {
        var nearest = calendars[0];
        var special = new Dictionary<DateOnly, IReadOnlyList<Span>>();
        foreach (var day in calendars.Take(nearest.ObservesHolidays ? calendars.Count : 1).SelectMany(calendar => calendar.Exceptions ?? []))
            special.TryAdd(day.Date, Span.Parse(day.Open ?? []));
        return new OpeningTimes(zone, [.. Enum.GetValues<DayOfWeek>().Select(nearest.On)], special);
    }

    /// <summary>True when the unit is open at this moment.</summary>
    public bool IsOpen(DateTimeOffset at)
    {
        var local = TimeZoneInfo.ConvertTime(at, _zone).DateTime;
        var ticks = local.TimeOfDay.Ticks;
        return On(DateOnly.FromDateTime(local)).Any(span => span.From * TimeSpan.TicksPerMinute <= ticks && ticks < span.To * TimeSpan.TicksPerMinute);
    }

    /// <summary>How much of the time from <paramref name="from"/> until <paramref name="to"/> the unit is open; zero when they are the wrong way round.</summary>
    public TimeSpan OpenTime(DateTimeOffset from, DateTimeOffset to)
    {
        var open = 0L;
        foreach (var (begin, end) in Intervals(from, to))
            open += (end - begin).Ticks;
        return TimeSpan.FromTicks(open);
    }

    /// <summary>The open intervals between two moments, in order; one that runs across midnight or a clock change comes in pieces.</summary>
    public IEnumerable<(DateTimeOffset From, DateTimeOffset To)> Intervals(DateTimeOffset from, DateTimeOffset to)
    {
        foreach (var (begin, end, offset) in Stretches(from.ToUniversalTime(), to.ToUniversalTime()))
        {
            var (first, last) = ((begin + offset).DateTime, (end + offset).DateTime);
            for (var date = DateOnly.FromDateTime(first); date.ToDateTime(TimeOnly.MinValue) < last; date = date.AddDays(1))
            {
                foreach (var span in On(date))
                {
                    var midnight = date.ToDateTime(TimeOnly.MinValue);
                    var (opens, closes) = (Later(first, midnight.AddMinutes(span.From)), Earlier(last, midnight.AddMinutes(span.To)));
                    if (opens < closes)
                        yield return (new DateTimeOffset(opens, offset), new DateTimeOffset(closes, offset));
                }
            }
        }
    }

    private IReadOnlyList<Span> On(DateOnly date) => _special.TryGetValue(date, out var hours) ? hours : _weekly[(int)date.DayOfWeek];

    /// <summary>Cuts a stretch of time where the zone's offset changes, so that wall-clock time is linear within each piece.</summary>
    private IEnumerable<(DateTimeOffset From, DateTimeOffset To, TimeSpan Offset)> Stretches(DateTimeOffset from, DateTimeOffset to)
    {
        var (begin, offset) = (from, _zone.GetUtcOffset(from));
        for (var at = from; at < to;)
        {
            // No zone changes its clock twice within six hours, so that equal offsets at both ends mean no change between.
            var next = Earlier(at.AddHours(6), to);
            var then = _zone.GetUtcOffset(next);
            if (then != offset)
            {
                var change = FirstWithout(offset, at, next);
                yield return (begin, change, offset);
                (begin, offset) = (change, then);
            }
            at = next;
        }
        if (begin < to)
            yield return (begin, to, offset);
    }

    private DateTimeOffset FirstWithout(TimeSpan offset, DateTimeOffset with, DateTimeOffset without)
    {
        while ((without - with).Ticks > 1)
        {
            var middle = with + (without - with) / 2;
            if (_zone.GetUtcOffset(middle) == offset)
                with = middle;
            else
                without = middle;
        }
        return without;
    }

    private static T Later<T>(T one, T other) where T : IComparable<T> => one.CompareTo(other) >= 0 ? one : other;

    private static T Earlier<T>(T one, T other) where T : IComparable<T> => one.CompareTo(other) <= 0 ? one : other;
}
