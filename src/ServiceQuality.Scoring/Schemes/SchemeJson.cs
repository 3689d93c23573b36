using System.Globalization;
using System.Text.Json;

namespace ServiceQuality.Scoring;

/// <summary>How the parts of a scheme are read from JSON: a missing or wrong value is noted as an error and read as something harmless.</summary>
/// <param name="errors">Where every part of one scheme notes its errors.</param>
internal abstract class SchemeJson(List<SchemeError> errors)
{
    protected int Errors => errors.Count;

    protected string Code(JsonElement json, string at, string property)
    {
        var code = Text(json, at, property);
        if (code.Length > 0 && (code.Length > 100 || !code.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')))
            Error($"{at}/{property}", "not-a-code", "A code is up to 100 lower-case letters, digits and hyphens.");
        return code;
    }

    protected string Text(JsonElement json, string at, string property)
    {
        if (json.TryGetProperty(property, out var text) && text.ValueKind == JsonValueKind.String && !string.IsNullOrWhiteSpace(text.GetString()))
            return text.GetString()!;
        Error($"{at}/{property}", "required", $"'{property}' is missing or empty.");
        return "";
    }

    protected Bilingual Text2(JsonElement json, string at, string property)
    {
        if (!json.TryGetProperty(property, out var text))
            Error($"{at}/{property}", "required", $"'{property}' is missing.");
        else if (IsObject(text, $"{at}/{property}"))
            return new(Text(text, $"{at}/{property}", "zh"), Text(text, $"{at}/{property}", "en"));
        return new("", "");
    }

    protected double Number(JsonElement json, string at, string property, double least = -1e9, double most = 1e9, bool whole = false)
    {
        if (!json.TryGetProperty(property, out var element))
            Error($"{at}/{property}", "required", $"'{property}' is missing.");
        else if (!IsNumber(element, out var number))
            Error($"{at}/{property}", "not-a-number", $"'{property}' is not a number.");
        else if (number < least || number > most || (whole && number != Math.Floor(number)))
            Error($"{at}/{property}", property == "weight" ? "weight-out-of-range" : "out-of-range",
                string.Create(CultureInfo.InvariantCulture, $"'{property}' is a {(whole ? "whole " : "")}number from {least} to {most}."));
        else
            return number;
        return Math.Max(least, Math.Min(most, 0));
    }

    protected static bool IsNumber(JsonElement json, out double number)
    {
        number = 0;
        return json.ValueKind == JsonValueKind.Number && json.TryGetDouble(out number) && double.IsFinite(number);
    }

    protected T Choice<T>(JsonElement json, string at, string property, params (string Name, T Value)[] choices) => Choice(json, at, property, choices, "unknown-choice");

    protected T Choice<T>(JsonElement json, string at, string property, (string Name, T Value)[] choices, string error)
    {
        var text = Text(json, at, property);
        foreach (var (name, value) in choices)
        {
            if (name == text)
                return value;
        }
        if (text.Length > 0)
        {
            Error($"{at}/{property}", property == "policy" ? "unknown-policy" : error,
                $"'{text}' is none of {string.Join(", ", choices.Select(c => c.Name).Order(StringComparer.Ordinal))}.");
        }
        return choices[0].Value;
    }

    protected List<string> Strings(JsonElement json, string at)
    {
        if (json.ValueKind == JsonValueKind.Array && json.GetArrayLength() > 0 && json.EnumerateArray().All(i => i.ValueKind == JsonValueKind.String && i.GetString()!.Length > 0))
            return [.. json.EnumerateArray().Select(i => i.GetString()!)];
        Error(at, "not-a-list", "A list of at least one text is needed.");
        return [];
    }

    protected IEnumerable<(JsonElement Item, string At)> Items(JsonElement json, string at, string property, int least = 0, bool objects = true)
    {
        at = $"{at}/{property}";
        if (!json.TryGetProperty(property, out var list))
        {
            Error(at, "required", $"'{property}' is missing.");
            yield break;
        }
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() < least)
        {
            Error(at, "not-a-list", $"'{property}' is a list of at least {least}.");
            yield break;
        }
        var i = 0;
        foreach (var item in list.EnumerateArray())
        {
            var place = $"{at}/{i++}";
            if (!objects || IsObject(item, place))
                yield return (item, place);
        }
    }

    protected bool IsObject(JsonElement json, string at)
    {
        if (json.ValueKind == JsonValueKind.Object)
            return true;
        Error(at, "not-an-object", "An object is needed here.");
        return false;
    }

    protected void Known(JsonElement json, string at, params string[] names)
    {
        foreach (var property in json.EnumerateObject())
        {
            // A misspelt word must not silently mean its default.
            if (!names.Contains(property.Name, StringComparer.Ordinal))
                Error($"{at}/{Escape(property.Name)}", "unknown-property", $"'{property.Name}' has no meaning here.");
        }
    }

    protected static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    protected void Error(string at, string code, string message) => errors.Add(new(at, code, message));
}
