using System.Globalization;
using System.Runtime.InteropServices;

namespace ServiceQuality.Organisation.Calendars;

/// <summary>
/// When a unit is open, as people write it down: hours by weekday (<c>mon</c> … <c>sun</c>, each a list such as <c>08:30-12:00</c>, up to <c>24:00</c>)
/// and dates on which other hours hold. A night shift is two entries: <c>20:00-24:00</c> and, the next day, <c>00:00-06:00</c>.
/// </summary>
/// <param name="Weekly">Hours by weekday; a weekday that is not named is closed.</param>
/// <param name="Exceptions">Holidays and other special days; no hours means closed.</param>
/// <param name="ObservesHolidays">False for places that never close: special days set for units above do not touch them (a hotline, ORG-19).</param>
internal sealed record OpeningCalendar(
    IReadOnlyDictionary<string, IReadOnlyList<string>> Weekly,
    IReadOnlyList<SpecialDay>? Exceptions = null,
    bool ObservesHolidays = true)
{
    private const int MostSpecialDays = 400;
    private static readonly string[] Weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    /// <summary>What is wrong with the calendar, in words; null when nothing is.</summary>
    public static string? Problem(OpeningCalendar? calendar)
    {
        if (calendar is null)
            return null;
        if (calendar.Weekly is null)
            return "The calendar has no weekly hours.";
        if (calendar.Weekly.Keys.FirstOrDefault(day => !Weekdays.Contains(day)) is { } unknown)
            return $"'{unknown}' is not a weekday; use mon, tue, wed, thu, fri, sat, sun.";
        if (calendar.Exceptions is { Count: > MostSpecialDays })
            return $"A calendar holds at most {MostSpecialDays} special days.";
        if (calendar.Exceptions?.GroupBy(special => special.Date).FirstOrDefault(days => days.Count() > 1) is { } twice)
            return $"{twice.Key:yyyy-MM-dd} is listed twice.";

        var days = calendar.Weekly.Select(day => (Day: day.Key, Hours: day.Value))
            .Concat((calendar.Exceptions ?? []).Select(special => (Day: special.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), Hours: special.Open)));
        foreach (var (day, hours) in days)
        {
            var spans = new List<Span>();
            foreach (var text in hours ?? [])
            {
                if (!Span.TryParse(text, out var span))
                    return $"'{text}' on {day} is not a span of opening hours such as 08:30-18:00.";
                if (spans.Count > 0 && span.From < spans[^1].To)
                    return $"'{text}' on {day} begins before the hours ahead of it end.";
                spans.Add(span);
            }
        }
        return null;
    }

    /// <summary>The hours of a weekday.</summary>
    public IReadOnlyList<Span> On(DayOfWeek day) => Weekly.TryGetValue(Weekdays[(int)day], out var hours) ? Span.Parse(hours) : [];
}

/// <summary>A date with hours of its own.</summary>
internal sealed record SpecialDay(DateOnly Date, IReadOnlyList<string> Open, Names? Name = null);

/// <summary>A stretch of one local day, in minutes after midnight: from ≤ t &lt; to ≤ 1440.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Span(int From, int To)
{
    public static bool TryParse(string? text, out Span span)
    {
        span = default;
        if (text?.Split('-') is not [var from, var to] || Minute(from) is not { } first || Minute(to) is not { } last || first >= last)
            return false;
        span = new Span(first, last);
        return true;
    }

    public static IReadOnlyList<Span> Parse(IEnumerable<string> hours) =>
        [.. hours.Select(text => TryParse(text, out var span) ? span : throw new FormatException($"'{text}' is not a span of opening hours."))];

    private static int? Minute(string text) =>
        text == "24:00" ? 1440
        : TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time.Hour * 60 + time.Minute
        : null;
}
