using System.Globalization;
using System.Text.Json.Nodes;
using ServiceQuality.Console.Figures;
using ServiceQuality.Console.Measures;
using ServiceQuality.Console.Suite;

namespace ServiceQuality.Console.Schemes;

/// <summary>An error at a field of the editor.</summary>
/// <param name="Field">Id of the field; null when the place has none.</param>
/// <param name="Code">Stable code.</param>
/// <param name="Message">English explanation, for codes that the console has no words for.</param>
/// <param name="Place">JSON place.</param>
public sealed record FieldError(string? Field, string Code, string Message, string Place);

/// <summary>What the form says, laid over a version. What is not in the form, or stands there as the version has it, stays as it was written, digit by digit.</summary>
/// <param name="Document">The edited document.</param>
/// <param name="Errors">Fields that are no numbers.</param>
/// <param name="Typed">What was typed into these fields.</param>
public sealed record SchemeEdit(SchemeDocument Document, IReadOnlyList<FieldError> Errors, IReadOnlyDictionary<string, string> Typed)
{
    /// <summary>The version without a change.</summary>
    public static SchemeEdit Of(SchemeDocument document) => new(document, [], new Dictionary<string, string>());
}

/// <summary>Reads the editor's form.</summary>
public sealed class SchemeForm
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;
    private readonly SchemeDocument _base;
    private readonly JsonNode _edited;
    private readonly IFormCollection _form;
    private readonly List<FieldError> _errors = [];
    private readonly Dictionary<string, string> _typed = new(StringComparer.Ordinal);

    private SchemeForm(SchemeDocument version, IFormCollection form)
    {
        (_base, _form) = (version, form);
        _edited = version.Json.DeepClone();
    }

    /// <summary>Applies a form to the version that it was drawn from.</summary>
    public static SchemeEdit Apply(SchemeDocument version, IFormCollection form)
    {
        var reading = new SchemeForm(version, form);
        foreach (var family in version.Families.Prepend(version.Root))
        {
            reading.Weights(family);
            reading.Policy(family);
        }
        foreach (var indicator in version.Indicators)
            reading.Indicator(indicator);
        reading.Bands();
        reading.Rules();
        reading.Text("from", version.EffectiveFrom, "/effectiveFrom");
        reading.Text("period", version.MainPeriod, "/mainPeriod");
        reading.Text("rollup", version.RollUp, "/rollUp");
        reading.Local("rz", version.Rationale.Zh, "/rationale", "zh");
        reading.Local("re", version.Rationale.En, "/rationale", "en");
        return PartForm.Apply(new(new SchemeDocument(reading._edited), reading._errors, reading._typed), form["at"].ToString(), form);
    }

    /// <summary>The field of a place in the document; null when the editor shows none.</summary>
    /// <param name="document">The document.</param>
    /// <param name="place">JSON place.</param>
    /// <param name="open">Code of the part that is open, whose fields are all shown; of others the button that opens them.</param>
    public static string? FieldOf(SchemeDocument document, string place, string? open = null)
    {
        var steps = place.Split('/', StringSplitOptions.RemoveEmptyEntries);
        switch (steps)
        {
            case ["effectiveFrom"]: return "from";
            case ["mainPeriod"]: return "period";
            case ["rollUp"]: return "rollup";
            case ["rationale", "zh" or "en"]: return steps[1] == "zh" ? "rz" : "re";
            case ["bands", var band, "from"]: return $"b-{band}";
            case ["bands", var band, "name", "zh"]: return $"bz-{band}";
            case ["bands", var band, "name", "en"]: return $"be-{band}";
            case ["adjustments", var rule, "points"]: return $"cp-{rule}";
            case ["adjustments", var rule, "cap"]: return $"c-{rule}";
            case ["measures", var index, ..]: return MeasureList.Of(document).FirstOrDefault(one => one.Index.ToString(Invariant) == index) is { } measure ? $"measure-{measure.Code}" : null;
        }
        var node = document.Parts.Prepend(document.Root).Where(part => place == part.Place || place.StartsWith(part.Place + "/", StringComparison.Ordinal)).MaxBy(part => part.Place.Length);
        return node is null ? null : place[node.Place.Length..].Split('/', StringSplitOptions.RemoveEmptyEntries) switch
        {
            ["weight"] => $"w-{node.Code}",
            ["minimumSample"] => $"n-{node.Code}",
            ["breakpoints", var point, var side] => side == "1" ? $"y-{node.Code}-{point}" : $"x-{node.Code}-{point}",
            ["breakpoints", var point] => $"x-{node.Code}-{point}",
            ["breakpoints"] or ["direction"] or ["warning"] or ["critical"] => $"x-{node.Code}-0",
            ["missing", "points"] => $"pp-{node.Code}",
            ["missing", "days"] => $"pd-{node.Code}",
            ["missing", ..] => $"p-{node.Code}",
            ["children"] when document.Under(node).FirstOrDefault() is { } child => $"w-{child.Code}",
            _ when place == "/root" => null,
            var inside => node.Code == open ? PartForm.FieldOf(inside) : $"part-{node.Code}",
        };
    }

    /// <summary>Siblings are written again when one of them has changed: normalised to exactly 100.</summary>
    private void Weights(SchemePart family)
    {
        var children = _base.Under(family).ToList();
        if (!children.Any(child => Posted($"w.{child.Code}") is { } typed && typed != SchemeDocument.Field(child.Share)))
            return;
        var weights = children.Select(child => Posted($"w.{child.Code}") is { } typed ? Number($"w-{child.Code}", typed, $"{child.Place}/weight") : child.Share).ToList();
        if (weights.Contains(null))
            return;
        var sum = weights.Sum()!.Value;
        var sound = weights.TrueForAll(weight => weight >= 0) && sum > 0;
        var normalised = sound ? Figure.Parts([.. weights.Select(weight => weight!.Value / sum * 100)], 100, 2) : [.. weights.Select(weight => weight!.Value)];
        // Weights that cannot be normalised are refused by the service; until then they stay as they were typed.
        foreach (var child in sound ? [] : children)
            _typed[$"w-{child.Code}"] = Posted($"w.{child.Code}") ?? SchemeDocument.Field(child.Share);
        foreach (var (child, weight) in children.Zip(normalised))
            At(child.Place)["weight"] = Math.Round(weight, 2);
    }

    private void Policy(SchemePart family)
    {
        var posted = (Posted($"p.{family.Code}"), Posted($"pp.{family.Code}") ?? "", Posted($"pd.{family.Code}") ?? "");
        if (posted.Item1 is not { } policy || posted == (family.Policy, SchemeDocument.Field(family.PolicyPoints), SchemeDocument.Field(family.PolicyDays)))
            return;
        var missing = new JsonObject { ["policy"] = policy };
        if (policy is "neutral" or "hold" && Number($"pp-{family.Code}", posted.Item2, $"{family.Place}/missing/points") is { } points)
            missing["points"] = points;
        if (policy is "hold" && Number($"pd-{family.Code}", posted.Item3, $"{family.Place}/missing/days") is { } days)
            missing["days"] = days;
        At(family.Place)["missing"] = missing;
    }

    private void Indicator(SchemePart indicator)
    {
        if (Posted($"n.{indicator.Code}") is { } sample && sample != SchemeDocument.Field(indicator.MinimumSample) && Number($"n-{indicator.Code}", sample, $"{indicator.Place}/minimumSample") is { } least)
            At(indicator.Place)["minimumSample"] = least;
        var (values, points) = (_form[$"x.{indicator.Code}"], _form[$"y.{indicator.Code}"]);
        if (values.Count == 0 || values.Count != points.Count)
            return;
        var typed = values.Zip(points, (value, earned) => (Value: value ?? "", Points: earned ?? "")).ToList();
        if (!typed.SequenceEqual(indicator.Curve.Select(point => (SchemeDocument.Field(point.Value), SchemeDocument.Field(point.Points)))))
            Curve(indicator, typed);
        Points(indicator);
    }

    private void Curve(SchemePart indicator, List<(string Value, string Points)> typed)
    {
        var curve = new JsonArray();
        foreach (var (i, point) in typed.Index())
        {
            var (value, earned) = (Number($"x-{indicator.Code}-{i}", point.Value, $"{indicator.Place}/breakpoints/{i}/0"), Number($"y-{indicator.Code}-{i}", point.Points, $"{indicator.Place}/breakpoints/{i}/1"));
            // A point that is typed as it was keeps its digits.
            var before = i < indicator.Curve.Count ? indicator.Curve[i] : new(0, 0);
            curve.Add(new JsonArray(
                point.Value == SchemeDocument.Field(before.Value) ? before.Value : value ?? before.Value,
                point.Points == SchemeDocument.Field(before.Points) ? before.Points : earned ?? before.Points));
        }
        At(indicator.Place)["breakpoints"] = curve;
    }

    /// <summary>Buttons for one point more and one less.</summary>
    private void Points(SchemePart indicator)
    {
        if (At(indicator.Place)["breakpoints"] is not JsonArray curve)
            return;
        if (_form["do"] == $"add.{indicator.Code}" && curve.Count >= 2)
        {
            var (last, before) = (curve[^1]!.AsArray(), curve[^2]!.AsArray());
            curve.Insert(curve.Count - 1, new JsonArray(Middle(0), Middle(1)));

            double Middle(int side) => Math.Round((last[side]!.GetValue<double>() + before[side]!.GetValue<double>()) / 2, 6);
        }
        if (_form["do"].ToString() is var verb && verb.StartsWith($"drop.{indicator.Code}.", StringComparison.Ordinal)
            && int.TryParse(verb.AsSpan(verb.LastIndexOf('.') + 1), NumberStyles.None, Invariant, out var index) && index < curve.Count && curve.Count > 2)
            curve.RemoveAt(index);
    }

    private void Bands()
    {
        foreach (var (i, band) in _base.Bands.Index())
        {
            if (Posted($"b.{i}") is { } from && from != SchemeDocument.Field(band.From) && Number($"b-{i}", from, $"/bands/{i}/from") is { } limit)
                At($"/bands/{i}")["from"] = limit;
            Local($"bz.{i}", band.Name.Zh, $"/bands/{i}/name", "zh");
            Local($"be.{i}", band.Name.En, $"/bands/{i}/name", "en");
        }
    }

    private void Rules()
    {
        foreach (var (i, rule) in _base.Rules.Index())
        {
            if (Posted($"cp.{i}") is { } points && points != SchemeDocument.Field(rule.Points) && Number($"cp-{i}", points, $"/adjustments/{i}/points") is { } usual)
                At($"/adjustments/{i}")["points"] = usual;
            if (Posted($"c.{i}") is not { } cap || cap == SchemeDocument.Field(rule.Cap))
                continue;
            // An empty field is no cap.
            if (cap.Length == 0)
                At($"/adjustments/{i}")["cap"] = null;
            else if (Number($"c-{i}", cap, $"/adjustments/{i}/cap") is { } most)
                At($"/adjustments/{i}")["cap"] = most;
        }
    }

    private void Text(string field, string before, string place)
    {
        if (Posted(field) is { } typed && typed != before)
            _edited[place[1..]] = typed;
    }

    private void Local(string field, string? before, string place, string language)
    {
        if (Posted(field) is not { } typed || typed == (before ?? ""))
            return;
        var steps = place[1..].Split('/');
        var holder = steps.Length == 1 ? _edited.AsObject() : At(place[..place.LastIndexOf('/')]);
        (holder[steps[^1]] as JsonObject ?? (JsonObject)(holder[steps[^1]] = new JsonObject()))[language] = typed;
    }

    private double? Number(string field, string typed, string place)
    {
        if (double.TryParse(typed, NumberStyles.Float, Invariant, out var number) && double.IsFinite(number))
            return number;
        _errors.Add(new(field, typed.Length == 0 ? "required" : "not-a-number", "This is not a number.", place));
        _typed[field] = typed;
        return null;
    }

    private string? Posted(string name) => _form.TryGetValue(name, out var value) ? value.ToString().Trim() : null;

    private JsonObject At(string place) => SchemeTree.At(_edited, place);
}
