using System.Text.Json.Nodes;
using ServiceQuality.Console.Schemes;
using ServiceQuality.Console.Suite;

namespace ServiceQuality.Console.Measures;

/// <summary>Opens, keeps and removes measures of the scheme that is edited.</summary>
public sealed class MeasureSteps(SchemeDesk desk, SuiteReader suite)
{
    /// <summary>Whether a button is about measures.</summary>
    public static bool IsVerb(string verb) => verb is "measure" or "keep-measure" or "close-measure" or "drop-measure";

    /// <summary>The edit after the button, and the measure that is open then.</summary>
    public async Task<(SchemeEdit Edit, MeasureForm? Open)> TakeAsync(SchemeEdit edit, string[] verb, IFormCollection form, CancellationToken ct)
    {
        if (verb[0] == "close-measure" || (await suite.MeasureLanguageAsync(ct)).Value is not { } language)
            return (edit, null);
        var former = form["m-former"].ToString();
        switch (verb)
        {
            case ["measure", var code]:
                return (edit, new(code, MeasureList.Find(edit.Document, code)?.Node.DeepClone().AsObject() ?? Blank(), language, []));
            case ["drop-measure", var code] when MeasureList.Find(edit.Document, code) is { } gone && !MeasureList.Used(edit.Document).Contains(code):
                return (edit with { Document = SchemeTree.Changed(edit.Document, json => ((JsonArray)json["measures"]!).RemoveAt(gone.Index)) }, null);
            case ["keep-measure"]:
                return await KeepAsync(edit, former, MeasureForm.Read(form, language), language, ct);
            default:
                return (edit, form.ContainsKey("m-code") ? new(former, MeasureForm.Read(form, language), language, []) : null);
        }
    }

    /// <summary>A measure is kept when the check of the scheme says nothing about it.</summary>
    private async Task<(SchemeEdit, MeasureForm?)> KeepAsync(SchemeEdit edit, string former, JsonObject node, MeasureLanguage language, CancellationToken ct)
    {
        var known = MeasureList.Of(edit.Document);
        var index = known.FirstOrDefault(measure => measure.Code == former && former.Length > 0)?.Index ?? known.Count;
        if (index < known.Count)
            node["code"] = former;
        // A measure that says the same as before stays as it was written.
        if (index < known.Count && JsonNode.DeepEquals(node, known[index].Node))
            return (edit, null);
        if (index == known.Count && known.Any(measure => measure.Code == SchemeDocument.Text(node["code"])))
            return (edit, new(former, node, language, [new("m-code", "code-not-unique", "There is another measure of this code.", "")]));
        var kept = SchemeTree.Changed(edit.Document, json =>
        {
            var measures = json["measures"] as JsonArray ?? (JsonArray)(json["measures"] = new JsonArray());
            if (index < measures.Count)
                measures[index] = node.DeepClone();
            else
                measures.Add(node.DeepClone());
        });
        var place = $"/measures/{index}";
        var errors = (await desk.CheckAsync(kept.Json, ct)).Where(error => error.Code == "away" || error.Location == place || error.Location.StartsWith(place + "/", StringComparison.Ordinal))
            .Select(error => new FieldError(MeasureForm.FieldOf(error.Location[Math.Min(place.Length, error.Location.Length)..].Split('/', StringSplitOptions.RemoveEmptyEntries)), error.Code, error.Message, error.Location)).ToList();
        return errors.Count > 0 ? (edit, new(former, node, language, errors)) : (edit with { Document = kept }, null);
    }

    private static JsonObject Blank() => new()
    {
        ["code"] = "", ["name"] = new JsonObject { ["zh"] = "", ["en"] = "" }, ["unit"] = "", ["fact"] = "service.completed", ["aggregator"] = "mean",
    };
}
