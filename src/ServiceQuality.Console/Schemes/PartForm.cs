using System.Globalization;
using System.Text.Json.Nodes;

namespace ServiceQuality.Console.Schemes;

/// <summary>The fields of the one part that is open in the editor: what it is called, what it measures, why.</summary>
internal static class PartForm
{
    /// <summary>Two-language texts of a part: field, property. Of a family only name and rationale.</summary>
    private static readonly (string Field, string Property)[] Texts = [("n", "name"), ("q", "rationale"), ("f", "formula"), ("s", "source"), ("o", "owner")];
    private static readonly (string Field, string Property)[] Choices = [("a-me", "measure"), ("a-di", "direction"), ("a-tag", "tag"), ("a-fr", "frequency")];
    private static readonly (string Field, string Property)[] Numbers = [("a-ta", "target"), ("a-wa", "warning"), ("a-cr", "critical")];

    /// <summary>The field of a place within the open part; null when it has none.</summary>
    public static string? FieldOf(string[] steps) => steps switch
    {
        ["children"] => "new-code",
        [var property, .. var rest] when Texts.FirstOrDefault(text => text.Property == property).Field is { } field => $"a-{field}{(rest is ["en"] ? "e" : "z")}",
        [var property] => Choices.Concat(Numbers).FirstOrDefault(field => field.Property == property).Field,
        _ => null,
    };

    /// <summary>Applies the fields of the open part.</summary>
    public static SchemeEdit Apply(SchemeEdit edit, string code, IFormCollection form)
    {
        if (edit.Document.Find(code) is not { } part || !form.ContainsKey("a-nz"))
            return edit;
        var (errors, typed) = (edit.Errors.ToList(), new Dictionary<string, string>(edit.Typed, StringComparer.Ordinal));
        var document = SchemeTree.Changed(edit.Document, json =>
        {
            var node = SchemeTree.At(json, part.Place);
            foreach (var (field, property) in part.IsFamily ? Texts[..2] : Texts)
            {
                Text(node, property, "zh", form[$"a-{field}z"]);
                Text(node, property, "en", form[$"a-{field}e"]);
            }
            foreach (var (field, property) in part.IsFamily ? [] : Choices)
            {
                if (form[field].ToString() is { Length: > 0 } chosen && chosen != SchemeDocument.Text(node[property]))
                    node[property] = chosen;
            }
            foreach (var (field, property) in part.IsFamily ? [] : Numbers)
            {
                if (form[field].ToString().Trim() is var number && number != SchemeDocument.Field(SchemeDocument.Number(node[property])))
                    Number(node, property, field, number);
            }
        });
        return new(document, errors, typed);

        void Number(JsonObject node, string property, string field, string number)
        {
            if (number.Length == 0)
            {
                node.Remove(property);
            }
            else if (double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value))
            {
                node[property] = value;
            }
            else
            {
                errors.Add(new(field, "not-a-number", "This is not a number.", $"{part.Place}/{property}"));
                typed[field] = number;
            }
        }
    }

    private static void Text(JsonObject node, string property, string language, string? posted)
    {
        var text = (posted ?? "").Trim();
        if (text == (SchemeDocument.Text((node[property] as JsonObject)?[language]) ?? ""))
            return;
        (node[property] as JsonObject ?? (JsonObject)(node[property] = new JsonObject()))[language] = text;
    }
}
