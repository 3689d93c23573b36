using System.Globalization;

namespace ServiceQuality.Cli.Import;

/// <summary>How the time of a fact is read: from one column, or from several joined by a space, in the time zone of the data.</summary>
internal sealed record TimeRule(IReadOnlyList<string> Columns, IReadOnlyList<string> Formats, TimeZoneInfo Zone)
{
    private const string Iso = "iso";
    private const string UnixSeconds = "unix-seconds";
    private const string UnixMilliseconds = "unix-milliseconds";

    public static TimeRule? Read(MapSection section, MapReading reading)
    {
        var columns = section.Texts("columns");
        if (section.Text("column") is { } single)
            columns = [single];
        if (columns.Count == 0)
            reading.Errors.Add(section.Node, section.Field, "needs 'column' or 'columns'");
        foreach (var column in columns)
            reading.Column(section.Node, section.Field, column);
        var formats = section.Texts("format");
        foreach (var format in formats.Where(format => format is not (Iso or UnixSeconds or UnixMilliseconds) && !Works(format)))
            reading.Errors.Add(section.Node, section.Field + ".format", $"'{format}' is not a format; write for example dd/MM/yyyy HH:mm:ss, {Iso}, {UnixSeconds} or {UnixMilliseconds}");
        var zone = section.Text("timeZone") is { } name ? reading.Zone(section.Node, section.Field + ".timeZone", name) : reading.DefaultZone;
        section.Done();
        return new TimeRule(columns, formats.Count == 0 ? [Iso] : formats, zone);
    }

    /// <summary>The wall-clock time in <see cref="Zone"/>; null with a fault when it cannot be read.</summary>
    public DateTime? Local(Row row, out string? fault)
    {
        var text = string.Join(' ', Columns.Select(column => row[column]));
        foreach (var format in Formats)
        {
            if (Parse(text, format) is { } local)
            {
                fault = null;
                return local;
            }
        }

        fault = $"{string.Join(" + ", Columns)}: '{text}' is not a time of the form {string.Join(" or ", Formats)}";
        return null;
    }

    /// <summary>
    /// The moment at which clocks of <see cref="Zone"/> show the time, moved by whole days. A time that is skipped when clocks go forward
    /// counts as one hour later; of a time that comes twice the first counts.
    /// </summary>
    public DateTimeOffset Moment(DateTime local, int shiftDays)
    {
        var moved = local.AddDays(shiftDays);
        if (Zone.IsInvalidTime(moved))
            moved = moved.AddHours(1);
        var offset = Zone.IsAmbiguousTime(moved) ? Zone.GetAmbiguousTimeOffsets(moved).Max() : Zone.GetUtcOffset(moved);
        return new DateTimeOffset(moved, offset).ToUniversalTime();
    }

    private DateTime? Parse(string text, string format)
    {
        switch (format)
        {
            case UnixSeconds or UnixMilliseconds:
                return CellParsers.Number(text) is { } number && Math.Abs(number) < 1e14m
                    ? Wall(DateTimeOffset.FromUnixTimeMilliseconds((long)(format == UnixSeconds ? number * 1000 : number)))
                    : null;
            case Iso:
                if (!DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time))
                    return null;
                return time.Kind == DateTimeKind.Unspecified ? time : Wall(DateTimeOffset.Parse(text, CultureInfo.InvariantCulture));
            case var _ when format.Contains('z', StringComparison.Ordinal) || format.Contains('K', StringComparison.Ordinal):
                return DateTimeOffset.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.AllowWhiteSpaces, out var moment) ? Wall(moment) : null;
            default:
                return DateTime.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.AllowWhiteSpaces, out var local) ? local : null;
        }
    }

    private DateTime Wall(DateTimeOffset moment) => TimeZoneInfo.ConvertTime(moment, Zone).DateTime;

    private static bool Works(string format)
    {
        var sample = new DateTime(2026, 12, 31, 23, 59, 58, DateTimeKind.Unspecified);
        try
        {
            return format.Length > 1 && DateTime.TryParseExact(sample.ToString(format, CultureInfo.InvariantCulture), format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var back) && back.Date == sample.Date;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
