using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ServiceQuality.Cli.Analysis;

/// <summary>Numbers as analysts write and want to read them.</summary>
internal static class Numbers
{
    /// <summary>Results as JSON: every number in the shortest form that reads back as the same bits.</summary>
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    /// <summary>A finite number: decimal, with an exponent, or a fraction of two such numbers. Null for anything else: thousands separators, per cent signs, words, infinities.</summary>
    public static double? Read(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
            return Plain(text);
        return Plain(text[..slash].Trim()) is { } over && Plain(text[(slash + 1)..].Trim()) is { } under && under != 0 && double.IsFinite(over / under) ? over / under : null;
    }

    /// <summary>A duration h:mm:ss in seconds; null for anything else.</summary>
    public static double? Seconds(string text) =>
        text.Split(':') is [{ Length: >= 1 and <= 4 } hours, { Length: 2 } minutes, { Length: 2 } seconds] && Whole(hours) is { } h && Whole(minutes) is { } m and < 60 && Whole(seconds) is { } s and < 60 ? (3_600.0 * h) + (60 * m) + s : null;

    /// <summary>For people: so many digits after the point, a dash for none.</summary>
    public static string Show(double? number, int digits = 4) => number is { } known ? known.ToString("0." + new string('0', digits), CultureInfo.InvariantCulture) : "—";

    private static int? Whole(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static double? Plain(string text) =>
        double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : null;
}
