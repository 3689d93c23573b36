using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ServiceQuality.Console.Schemes;

/// <summary>A family or an indicator to be added, as it was typed.</summary>
/// <param name="Code">Its code: the one thing about a part that never changes.</param>
/// <param name="Zh">Chinese name.</param>
/// <param name="En">English name.</param>
/// <param name="Measure">Code of a measure; of an indicator.</param>
/// <param name="Direction">higher, lower or target.</param>
public sealed partial record NewPart(string Code, string Zh, string En, string Measure, string Direction)
{
    public static readonly NewPart Nothing = new("", "", "", "", "higher");

    public static NewPart Of(IFormCollection form) => new(
        form["new-code"].ToString().Trim(), form["new-zh"].ToString().Trim(), form["new-en"].ToString().Trim(), form["new-measure"].ToString(), form["new-direction"].ToString() is ("lower" or "target") and var chosen ? chosen : "higher");

    /// <summary>Why it cannot be added; null when it can. What else is missing is said at its fields once it is there.</summary>
    public FieldError? Fault(SchemeDocument document)
    {
        if (Code.Length == 0)
            return new("new-code", "required", "A code is needed.", "");
        if (!Shape().IsMatch(Code))
            return new("new-code", "not-a-code", "A code is up to 100 lower-case letters, digits and hyphens.", "");
        return document.Find(Code) is null ? null : new("new-code", "code-not-unique", $"There is another node '{Code}'.", "");
    }

    public JsonObject Family() => new() { ["code"] = Code, ["name"] = Name(), ["weight"] = 0, ["missing"] = new JsonObject { ["policy"] = "redistribute" }, ["children"] = new JsonArray() };

    /// <summary>An indicator with a standard to begin from: from nothing to the best over the natural range of the unit.</summary>
    public JsonObject Indicator(string unit)
    {
        var most = unit == "share" ? 1 : 100;
        var curve = Direction switch
        {
            "lower" => new JsonArray(new JsonArray(0, 100), new JsonArray(most, 0)),
            "target" => new JsonArray(new JsonArray(0, 0), new JsonArray(most / 2.0, 100), new JsonArray(most, 0)),
            _ => new JsonArray(new JsonArray(0, 0), new JsonArray(most, 100)),
        };
        return new()
        {
            ["code"] = Code, ["name"] = Name(), ["weight"] = 0, ["measure"] = Measure, ["minimumSample"] = 10, ["breakpoints"] = curve, ["direction"] = Direction, ["tag"] = "functional", ["frequency"] = "live",
        };
    }

    private JsonObject Name() => new() { ["zh"] = Zh, ["en"] = En };

    [GeneratedRegex("^[a-z0-9-]{1,100}$", RegexOptions.NonBacktracking)]
    private static partial Regex Shape();
}
