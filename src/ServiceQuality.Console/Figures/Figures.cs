using System.Globalization;

namespace ServiceQuality.Console.Figures;

/// <summary>How figures are written (DESIGN §6): pure functions of the figure and the language.</summary>
public static class Figure
{
    private const string Minus = "−";
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    /// <summary>A cell without data.</summary>
    public const string None = "—";

    /// <summary>A plain figure with U+2212 as its minus; never a negative zero.</summary>
    public static string Plain(double value, int digits)
    {
        var rounded = Math.Round(value, digits, MidpointRounding.AwayFromZero);
        var text = Math.Abs(rounded).ToString("N" + digits.ToString(Invariant), Invariant);
        return rounded < 0 ? Minus + text : text;
    }

    /// <summary>A figure with its sign; zero carries none.</summary>
    public static string Delta(double value, int digits) =>
        Math.Round(value, digits, MidpointRounding.AwayFromZero) > 0 ? "+" + Plain(value, digits) : Plain(value, digits);

    /// <summary>Rounds, but never across one of the limits: 89.96 is 89.9 where 90 is a limit.</summary>
    public static double Within(double value, int digits, IReadOnlyList<double> limits)
    {
        // A score that is 90 but for the noise of its sum is 90.
        value = Math.Round(value, 9);
        var rounded = Math.Round(value, digits, MidpointRounding.AwayFromZero);
        if (Band(rounded) == Band(value))
            return rounded;

        var scale = Math.Pow(10, digits);
        return rounded > value ? Math.Floor(value * scale) / scale : Math.Ceiling(value * scale) / scale;

        int Band(double at) => limits.Count(limit => at >= limit);
    }

    /// <summary>A score with one decimal that stays in its band.</summary>
    public static string Score(double? value, IReadOnlyList<double> limits) => value is { } score ? Plain(Within(score, 1, limits), 1) : None;

    /// <summary>A share of 0–1 in per cent. What is short of all is never shown as 100%, what is short of the half never as 50%.</summary>
    public static string Share(double? share, int digits) => share is { } value ? Plain(Within(value * 100, digits, [50, 100]), digits) + "%" : None;

    /// <summary>A share without needless decimals: 100%, 95%, 98.5% become 100%, 95%, 98%.</summary>
    public static string Percent(double? share) => Share(share, 0);

    /// <summary>A count with thousands separators.</summary>
    public static string Count(long value) => value < 0 ? Minus + Math.Abs(value).ToString("N0", Invariant) : value.ToString("N0", Invariant);

    /// <summary>A count for a tile: from a hundred million on in the big unit of the language.</summary>
    public static string Big(long value, Language language) => value < 100_000_000
        ? Count(value)
        : language == Language.Chinese
            ? (value / 1e8).ToString("0.#", Invariant) + " 亿"
            : (value / 1e6).ToString("0.#", Invariant) + " M";

    /// <summary>A range of two figures that are already written; words instead of the dash where a minus stands.</summary>
    public static string Range(string low, string high, Language language) => (low + high).Contains(Minus, StringComparison.Ordinal)
        ? language == Language.Chinese ? $"{low} 至 {high}" : $"{low} to {high}"
        : $"{low}–{high}";

    /// <summary>
    /// Rounds parts so that what is shown adds up to the shown total (largest remainder).
    /// What cannot be covered by moving each part less than one unit of the last place stays in the part with the largest remainder.
    /// </summary>
    public static IReadOnlyList<double> Parts(IReadOnlyList<double> parts, double total, int digits)
    {
        if (parts.Count == 0)
            return [];

        var scale = Math.Pow(10, digits);
        var floors = parts.Select(part => Math.Floor(part * scale + 1e-9)).ToArray();
        var rest = (long)(Math.Round(total * scale, MidpointRounding.AwayFromZero) - floors.Sum());
        var order = Enumerable.Range(0, parts.Count).OrderByDescending(i => parts[i] * scale - floors[i]).ThenBy(i => i).ToArray();
        for (var k = 0; k < Math.Min(rest, order.Length); k++)
            floors[order[k]]++;
        floors[order[0]] += Math.Max(0, rest - order.Length) + Math.Min(0, rest);
        return [.. floors.Select(floor => floor / scale)];
    }

    /// <summary>The difference of two shown scores, taken from what is shown.</summary>
    public static double Between(double from, double to, IReadOnlyList<double> limits) =>
        Math.Round(Within(to, 1, limits) - Within(from, 1, limits), 1, MidpointRounding.AwayFromZero);

    /// <summary>11月20日 or 20 Nov.</summary>
    public static string Date(DateTimeOffset at, Language language) => language == Language.Chinese
        ? string.Create(Invariant, $"{at.Month}月{at.Day}日")
        : at.ToString("d MMM", Invariant);

    /// <summary>14:32.</summary>
    public static string Clock(DateTimeOffset at) => at.ToString("HH:mm", Invariant);

    /// <summary>14:32:07.</summary>
    public static string ExactClock(DateTimeOffset at) => at.ToString("HH:mm:ss", Invariant);

    /// <summary>11月20日 14:32 or 20 Nov 14:32.</summary>
    public static string DateClock(DateTimeOffset at, Language language) => $"{Date(at, language)} {Clock(at)}";

    /// <summary>The two largest units of a span: 2 小时 4 分, 5 s, 3 d 2 h.</summary>
    public static string Duration(TimeSpan span, Language language)
    {
        var seconds = Math.Max(0, (long)span.TotalSeconds);
        var chinese = language == Language.Chinese;
        var (minute, alone, hour, day, second) = chinese ? ("分", "分钟", "小时", "天", "秒") : ("min", "min", "h", "d", "s");
        return seconds switch
        {
            < 60 => $"{seconds} {second}",
            < 3600 => $"{seconds / 60} {alone}",
            < 86_400 => seconds / 60 % 60 is var rest and > 0 ? $"{seconds / 3600} {hour} {rest} {minute}" : $"{seconds / 3600} {hour}",
            _ => seconds / 3600 % 24 is var rest and > 0 ? $"{seconds / 86_400} {day} {rest} {hour}" : $"{seconds / 86_400} {day}",
        };
    }

    /// <summary>The largest unit only, for narrow columns: 2 小时, 5 s.</summary>
    public static string Age(TimeSpan span, Language language)
    {
        var whole = span.TotalSeconds switch
        {
            < 60 => span,
            < 3600 => TimeSpan.FromMinutes(Math.Floor(span.TotalMinutes)),
            < 86_400 => TimeSpan.FromHours(Math.Floor(span.TotalHours)),
            _ => TimeSpan.FromDays(Math.Floor(span.TotalDays)),
        };
        return Duration(whole, language);
    }

    /// <summary>A coordinate or other machine figure: invariant, at most two decimals.</summary>
    public static string Raw(double value) => Math.Round(value, 2).ToString("0.##", Invariant);
}

/// <summary>The languages of the console.</summary>
public enum Language
{
    Chinese,
    English,
}
