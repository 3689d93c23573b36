using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;

namespace ServiceQuality.Scoring;

/// <summary>
/// A period over which a score is computed (scoring.md §4). Identifiers: rolling <c>24h 7d 30d</c>; calendar, to date
/// <c>day week month quarter half-year year</c>; whole <c>2026-11-20 2026-W47 2026-11 2026-Q4 2026-H2 2026</c>.
/// Weeks begin on Monday (ISO 8601).
/// </summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Period
{
    private Period(PeriodKind kind, DateOnly? start) => (Kind, Start) = (kind, start);

    /// <summary>Length and manner of the period.</summary>
    public PeriodKind Kind { get; }

    /// <summary>First day of a whole calendar period; null for a rolling period and for a calendar period to date.</summary>
    public DateOnly? Start { get; }

    /// <summary>Last day of a whole calendar period; null for a rolling period and for a calendar period to date.</summary>
    public DateOnly? End => Start is { } start ? Next(Kind, start).AddDays(-1) : null;

    /// <summary>The default period, <c>7d</c>.</summary>
    public static Period Default { get; } = new(PeriodKind.SevenDays, null);

    /// <summary>The period to date, or the rolling period, of a kind.</summary>
    public static Period Of(PeriodKind kind) => new(kind, null);

    /// <summary>The whole calendar period that contains a day.</summary>
    public static Period Whole(PeriodKind kind, DateOnly day) => new(kind, First(kind, day));

    /// <summary>Reads an identifier.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static Period Parse(string text) =>
        TryParse(text, out var period) ? period : throw new FormatException($"'{text}' is not a period.");

    /// <summary>Reads an identifier; false when it is none.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Period period)
    {
        period = default;
        switch (text)
        {
            case null: return false;
            case "24h": period = Of(PeriodKind.TwentyFourHours); return true;
            case "7d": period = Of(PeriodKind.SevenDays); return true;
            case "30d": period = Of(PeriodKind.ThirtyDays); return true;
            case "day": period = Of(PeriodKind.Day); return true;
            case "week": period = Of(PeriodKind.Week); return true;
            case "month": period = Of(PeriodKind.Month); return true;
            case "quarter": period = Of(PeriodKind.Quarter); return true;
            case "half-year": period = Of(PeriodKind.HalfYear); return true;
            case "year": period = Of(PeriodKind.Year); return true;
        }
        if (text.Length < 4 || !int.TryParse(text.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture, out var year) || year is < 1900 or > 9000)
            return false;
        var rest = text.AsSpan(4);
        if (rest.IsEmpty)
            period = new(PeriodKind.Year, new DateOnly(year, 1, 1));
        else if (rest.StartsWith("-W") && Number(rest[2..], 2, ISOWeek.GetWeeksInYear(year)) is { } week)
            period = new(PeriodKind.Week, DateOnly.FromDateTime(ISOWeek.ToDateTime(year, week, DayOfWeek.Monday)));
        else if (rest.StartsWith("-Q") && Number(rest[2..], 1, 4) is { } quarter)
            period = new(PeriodKind.Quarter, new DateOnly(year, (3 * quarter) - 2, 1));
        else if (rest.StartsWith("-H") && Number(rest[2..], 1, 2) is { } half)
            period = new(PeriodKind.HalfYear, new DateOnly(year, (6 * half) - 5, 1));
        else if (rest.Length == 3 && rest[0] == '-' && Number(rest[1..], 2, 12) is { } month)
            period = new(PeriodKind.Month, new DateOnly(year, month, 1));
        else if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            period = new(PeriodKind.Day, day);
        else
            return false;
        return true;

        static int? Number(ReadOnlySpan<char> digits, int length, int most) =>
            digits.Length == length && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most
                ? number : null;
    }

    /// <summary>
    /// The stretch of event time that the period covers as of a moment. Rolling windows are the current hour (24h) or day (7d, 30d) so far
    /// plus the 23 hours, 6 or 29 days before it; calendar windows begin at local midnight and end at the moment or, when whole, at their end if that is earlier.
    /// </summary>
    /// <param name="asOf">The moment.</param>
    /// <param name="zone">Time zone whose days are meant: the unit's.</param>
    public PeriodWindow Window(DateTimeOffset asOf, TimeZoneInfo zone)
    {
        var grid = TimeGrid.Of(zone);
        var now = asOf.UtcTicks;
        if (Kind == PeriodKind.TwentyFourHours)
            return new(this, At(grid.HourStart(grid.Hour(now) - 23)), asOf.ToUniversalTime(), asOf.ToUniversalTime());
        if (Start is { } start)
        {
            var from = grid.DayStart(start.DayNumber);
            var end = grid.DayStart(Next(Kind, start).DayNumber);
            return new(this, At(from), At(Math.Max(from, Math.Min(end, now))), asOf.ToUniversalTime());
        }
        var today = grid.Day(now);
        var first = Kind switch
        {
            PeriodKind.SevenDays => today - 6,
            PeriodKind.ThirtyDays => today - 29,
            _ => First(Kind, DateOnly.FromDayNumber(today)).DayNumber,
        };
        return new(this, At(grid.DayStart(first)), asOf.ToUniversalTime(), asOf.ToUniversalTime());
    }

    /// <summary>The identifier.</summary>
    public override string ToString() => (Kind, Start) switch
    {
        (PeriodKind.TwentyFourHours, _) => "24h",
        (PeriodKind.SevenDays, _) => "7d",
        (PeriodKind.ThirtyDays, _) => "30d",
        (PeriodKind.Day, null) => "day",
        (PeriodKind.Week, null) => "week",
        (PeriodKind.Month, null) => "month",
        (PeriodKind.Quarter, null) => "quarter",
        (PeriodKind.HalfYear, null) => "half-year",
        (_, null) => "year",
        (PeriodKind.Day, { } day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        (PeriodKind.Week, { } day) => string.Create(CultureInfo.InvariantCulture,
            $"{ISOWeek.GetYear(day.ToDateTime(TimeOnly.MinValue)):0000}-W{ISOWeek.GetWeekOfYear(day.ToDateTime(TimeOnly.MinValue)):00}"),
        (PeriodKind.Month, { } day) => day.ToString("yyyy-MM", CultureInfo.InvariantCulture),
        (PeriodKind.Quarter, { } day) => string.Create(CultureInfo.InvariantCulture, $"{day.Year:0000}-Q{(day.Month + 2) / 3}"),
        (PeriodKind.HalfYear, { } day) => string.Create(CultureInfo.InvariantCulture, $"{day.Year:0000}-H{(day.Month + 5) / 6}"),
        (_, { } day) => day.ToString("yyyy", CultureInfo.InvariantCulture),
    };

    private static DateTimeOffset At(long ticks) => new(ticks, TimeSpan.Zero);

    private static DateOnly First(PeriodKind kind, DateOnly day) => kind switch
    {
        PeriodKind.Day => day,
        PeriodKind.Week => day.AddDays(-(((int)day.DayOfWeek + 6) % 7)),
        PeriodKind.Month => new DateOnly(day.Year, day.Month, 1),
        PeriodKind.Quarter => new DateOnly(day.Year, (3 * ((day.Month - 1) / 3)) + 1, 1),
        PeriodKind.HalfYear => new DateOnly(day.Year, day.Month <= 6 ? 1 : 7, 1),
        PeriodKind.Year => new DateOnly(day.Year, 1, 1),
        _ => throw new ArgumentException("A rolling period has no whole form.", nameof(kind)),
    };

    private static DateOnly Next(PeriodKind kind, DateOnly first) => kind switch
    {
        PeriodKind.Day => first.AddDays(1),
        PeriodKind.Week => first.AddDays(7),
        PeriodKind.Month => first.AddMonths(1),
        PeriodKind.Quarter => first.AddMonths(3),
        PeriodKind.HalfYear => first.AddMonths(6),
        _ => first.AddYears(1),
    };
}

/// <summary>Length and manner of a <see cref="Period"/>.</summary>
public enum PeriodKind
{
    /// <summary>The current hour so far and the 23 hours before it.</summary>
    TwentyFourHours,

    /// <summary>The current day so far and the 6 days before it.</summary>
    SevenDays,

    /// <summary>The current day so far and the 29 days before it.</summary>
    ThirtyDays,

    /// <summary>A calendar day.</summary>
    Day,

    /// <summary>A calendar week, from Monday.</summary>
    Week,

    /// <summary>A calendar month.</summary>
    Month,

    /// <summary>A calendar quarter.</summary>
    Quarter,

    /// <summary>A calendar half-year.</summary>
    HalfYear,

    /// <summary>A calendar year.</summary>
    Year,
}

/// <summary>
/// A period as of a moment. It holds the facts with <c>From ≤ time &lt; To</c>, and those with <c>time = To</c> when <c>To = AsOf</c> is not before
/// the newest <c>received</c> of the journal (the live reading). A retrospective reading, whose moment is before that watermark, is made at an hour boundary and is half open.
/// </summary>
/// <param name="Period">Which period.</param>
/// <param name="From">Beginning, inclusive; an hour boundary of the zone.</param>
/// <param name="To">End: <paramref name="AsOf"/>, or the end of a whole period that is over.</param>
/// <param name="AsOf">The moment of the reading.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct PeriodWindow(Period Period, DateTimeOffset From, DateTimeOffset To, DateTimeOffset AsOf)
{
    /// <summary>Length of the window.</summary>
    public TimeSpan Length => To - From;
}
