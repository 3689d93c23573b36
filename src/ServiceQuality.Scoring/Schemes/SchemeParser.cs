using System.Globalization;
using System.Text.Json;

namespace ServiceQuality.Scoring;

/// <summary>Reads and checks a scheme. Errors are collected, not thrown: whoever writes a scheme sees all of them at once.</summary>
internal sealed class SchemeParser : SchemeJson
{
    private static readonly string[] RequiredFamilies = ["quality", "efficiency", "attitude", "innovation"];

    private readonly MeasureParser measures;
    private readonly TreeParser tree;

    private SchemeParser(List<SchemeError> errors)
        : base(errors)
    {
        measures = new(errors);
        tree = new(errors, measures);
    }

    public static SchemeReading Parse(ReadOnlyMemory<byte> utf8Json)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8Json, new() { MaxDepth = 64 });
            var errors = new List<SchemeError>();
            var scheme = new SchemeParser(errors).ReadScheme(document.RootElement, utf8Json.ToArray());
            return new(errors.Count == 0 ? scheme : null, errors);
        }
        catch (JsonException broken)
        {
            return new(null, [new("", "not-json", broken.Message)]);
        }
    }

    private Scheme ReadScheme(JsonElement json, ReadOnlyMemory<byte> bytes)
    {
        if (!IsObject(json, ""))
            json = JsonDocument.Parse("{}").RootElement;
        Known(json, "", "id", "version", "name", "rationale", "effectiveFrom", "author", "approver", "mainPeriod", "rollUp", "bands", "measures", "root", "adjustments");
        var id = Code(json, "", "id");
        var version = (int)Number(json, "", "version", least: 1, most: 1_000_000, whole: true);
        var name = Text2(json, "", "name");
        var rationale = Text2(json, "", "rationale");
        var from = Text(json, "", "effectiveFrom");
        if (!DateOnly.TryParseExact(from, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var effectiveFrom))
            Error("/effectiveFrom", "not-a-date", $"'{from}' is not a date (yyyy-MM-dd).");
        var author = Text(json, "", "author");
        var approver = json.TryGetProperty("approver", out var a) && a.ValueKind != JsonValueKind.Null ? Text(json, "", "approver") : null;
        if (approver is not null && string.Equals(approver, author, StringComparison.OrdinalIgnoreCase))
            Error("/approver", "same-person", "A scheme is approved by somebody else than its author.");
        var mainPeriod = Text(json, "", "mainPeriod");
        if (!Period.TryParse(mainPeriod, out var period) || period.Start is not null)
            Error("/mainPeriod", "unknown-period", $"'{mainPeriod}' is none of 24h, 7d, 30d, day, week, month, quarter, half-year, year.");
        var rollUp = Choice(json, "", "rollUp", ("volume", RollUp.Volume), ("equal", RollUp.Equal));
        var bands = ReadBands(json);
        measures.Read(json);
        var root = tree.Read(json);
        var adjustments = ReadAdjustments(json);
        foreach (var family in RequiredFamilies)
        {
            if (!HoldsIndicator(family))
                Error("/root", "family-missing", $"The model is not complete (SCO-03): the family '{family}' with at least one indicator is missing.");
        }
        return new()
        {
            Id = id,
            Version = version,
            Name = name,
            Rationale = rationale,
            EffectiveFrom = effectiveFrom,
            Author = author,
            Approver = approver,
            MainPeriod = period,
            RollUp = rollUp,
            Bands = bands,
            Measures = measures.Measures,
            Root = root,
            Indicators = tree.Indicators,
            Families = tree.Families,
            Adjustments = adjustments,
            Json = bytes,
        };
    }

    private bool HoldsIndicator(string code) => tree.Families.Any(f => f.Code == code && Leaves(f).Any());

    private static IEnumerable<Indicator> Leaves(SchemeNode node) => node is Family family ? family.Children.SelectMany(Leaves) : [(Indicator)node];

    private List<GradeBand> ReadBands(JsonElement json)
    {
        var bands = new List<GradeBand>();
        foreach (var (band, at) in Items(json, "", "bands", least: 1))
        {
            Known(band, at, "code", "name", "from");
            var code = Code(band, at, "code");
            if (bands.Any(b => b.Code == code))
                Error($"{at}/code", "code-not-unique", $"There is another band '{code}'.");
            var from = Number(band, at, "from", 0, 100);
            if (bands.Count > 0 && from >= bands[^1].From)
                Error($"{at}/from", "bands-not-descending", "Bands go from best to worst, each with a lower bound under that of the band before.");
            bands.Add(new(code, Text2(band, at, "name"), from));
        }
        if (bands.Count > 0 && bands[^1].From != 0)
            Error($"/bands/{bands.Count - 1}/from", "bands-not-covering", "The last band must begin at 0, so that every score has a grade.");
        return bands;
    }

    private Dictionary<string, AdjustmentRule> ReadAdjustments(JsonElement json)
    {
        var rules = new Dictionary<string, AdjustmentRule>(StringComparer.Ordinal);
        if (!json.TryGetProperty("adjustments", out _))
            return rules;
        foreach (var (item, at) in Items(json, "", "adjustments"))
        {
            Known(item, at, "rule", "kind", "name", "points", "cap", "rationale");
            var rule = Code(item, at, "rule");
            var kind = Choice(item, at, "kind", ("deduction", AdjustmentKind.Deduction), ("bonus", AdjustmentKind.Bonus));
            var name = Text2(item, at, "name");
            var points = (decimal)Number(item, at, "points", 0.000001, 100);
            decimal? cap = item.TryGetProperty("cap", out var c) && c.ValueKind != JsonValueKind.Null ? (decimal)Number(item, at, "cap", 0.000001, 100) : null;
            if (!rules.TryAdd(rule, new(rule, kind, name, points, cap)))
                Error($"{at}/rule", "code-not-unique", $"There is another rule '{rule}'.");
        }
        return rules;
    }
}
