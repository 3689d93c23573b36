using System.Globalization;
using System.Text.RegularExpressions;

namespace ServiceQuality.Cli.Import;

/// <summary>What the text of a cell means. All return null for text that does not mean it.</summary>
internal static partial class CellParsers
{
    private static readonly string[] Yes = ["y", "yes", "true", "t", "1", "是", "有"];
    private static readonly string[] No = ["n", "no", "false", "f", "0", "否", "无"];

    /// <summary>A number; thousands separators are not taken, since in <c>1,234</c> they cannot be told from a decimal comma.</summary>
    /// <param name="text">The cell.</param>
    /// <param name="separator">The character between whole part and fraction.</param>
    public static decimal? Number(string text, char separator = '.')
    {
        var normal = separator == '.' ? text : text.Contains('.', StringComparison.Ordinal) ? "" : text.Replace(separator, '.');
        return decimal.TryParse(normal, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    /// <summary>Seconds from <c>hh:mm:ss</c>, <c>mm:ss</c>, <c>d.hh:mm:ss</c>, ISO 8601 (<c>PT2M23S</c>), <c>2m23s</c>, or a plain number of seconds.</summary>
    public static decimal? Duration(string text, char separator = '.')
    {
        if (Clock().Match(text) is { Success: true } clock)
        {
            var (days, hours) = (Part(clock, "d"), Part(clock, "h"));
            var (minutes, seconds) = (Part(clock, "m"), Part(clock, "s"));
            return minutes < 60 && seconds < 60 ? days * 86_400 + hours * 3_600 + minutes * 60 + seconds : null;
        }

        if (Spelled().Match(text) is { Success: true, Length: > 0 } spelled && spelled.Groups.Values.Skip(1).Any(group => group.Success))
            return Part(spelled, "d") * 86_400 + Part(spelled, "h") * 3_600 + Part(spelled, "m") * 60 + Part(spelled, "s");
        return Number(text, separator);

        static decimal Part(Match match, string group) =>
            match.Groups[group] is { Success: true, Value: var value } ? decimal.Parse(value, CultureInfo.InvariantCulture) : 0;
    }

    /// <summary>Yes or no.</summary>
    public static bool? YesNo(string text) =>
        Yes.Contains(text, StringComparer.OrdinalIgnoreCase) ? true : No.Contains(text, StringComparer.OrdinalIgnoreCase) ? false : null;

    [GeneratedRegex(@"^(?:(?<d>\d{1,6})\.)?(?:(?<h>\d{1,6}):)?(?<m>\d{1,2}):(?<s>\d{1,2}(?:\.\d+)?)$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Clock();

    [GeneratedRegex(@"^P?(?:(?<d>\d{1,6})D)?\s*T?(?:(?<h>\d{1,6})H)?\s*(?:(?<m>\d{1,6})M(?:IN)?)?\s*(?:(?<s>\d{1,6}(?:\.\d+)?)S)?$", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Spelled();
}
