using System.Text;
using System.Text.Json;
using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Monitoring.Telemetry;

/// <summary>What a field must be.</summary>
internal enum FieldKind
{
    /// <summary>Text of 1 to <see cref="FieldRule.Max"/> characters.</summary>
    Text,

    /// <summary>A number in the range.</summary>
    Number,

    /// <summary>A number above the lower limit and up to the upper one, exact to the last decimal place.</summary>
    Points,

    /// <summary>A whole number in the range, written without a decimal point.</summary>
    Whole,

    /// <summary>One of <see cref="FieldRule.Words"/>.</summary>
    Word,

    /// <summary>An object with at least one number, each in the range that the survey's kind allows.</summary>
    Answers,

    /// <summary>An object by dimension or item of SERVQUAL, at least one, each with <c>expectation</c> and <c>perception</c> from 1 to 7.</summary>
    Pairs,

    /// <summary>A list of texts of 1 to <see cref="FieldRule.Max"/> characters, at most 20.</summary>
    Texts,
}

/// <summary>One field of a fact's data.</summary>
internal sealed record FieldRule(string Name, FieldKind Kind, bool Required = true, double Min = 0, double Max = 100, params string[] Words)
{
    public byte[] Utf8Name { get; } = Encoding.UTF8.GetBytes(Name);
    public byte[][] Utf8Words { get; } = [.. Words.Select(Encoding.UTF8.GetBytes)];
    public Refusal Broken { get; } = Refusal.Malformed("/data/" + Name);
}

/// <summary>
/// The data of one fact type (Contracts, scoring.md §1): one row per field. Fields that no rule names are tolerated and kept.
/// </summary>
internal sealed class FactRules
{
    private static readonly FieldRule[] Adjustment =
    [
        new("rule", FieldKind.Text), new("points", FieldKind.Points, Max: 100), new("reason", FieldKind.Text, Max: 1_000), new("order", FieldKind.Text, Required: false),
    ];

    private static readonly FieldRule[] Fault =
    [
        new("asset", FieldKind.Text), new("fault", FieldKind.Text), new("cause", FieldKind.Text, Required: false, Max: 1_000),
    ];

    private static readonly FactRules[] All =
    [
        new(FactTypes.ServiceCompleted,
        [
            new("channel", FieldKind.Word, Words: ["hall", "hotline", "online", "field", "vip"]),
            new("service", FieldKind.Text),
            new("agent", FieldKind.Text, Required: false),
            new("waitSeconds", FieldKind.Number, Required: false, Max: 86_400),
            new("handleSeconds", FieldKind.Number, Required: false, Max: 604_800),
            new("outcome", FieldKind.Word, Words: ["resolved", "unresolved", "abandoned", "transferred"]),
            new("errors", FieldKind.Whole, Required: false, Max: 1_000_000),
            new("rating", FieldKind.Whole, Required: false, Min: 1, Max: 5),
            new("customer", FieldKind.Text, Required: false),
        ]),
        new(FactTypes.Measurement,
        [
            new("measure", FieldKind.Text), new("value", FieldKind.Number, Min: -1e15, Max: 1e15), new("count", FieldKind.Whole, Required: false, Min: 1, Max: 1_000_000_000),
        ]),
        new(FactTypes.SurveyResponse,
        [
            new("survey", FieldKind.Text), new("kind", FieldKind.Word, Words: ["csat", "nps", "ces", "servqual"]), new("answers", FieldKind.Answers, Required: false),
            new("pairs", FieldKind.Pairs, Required: false), new("group", FieldKind.Text, Required: false), new("flags", FieldKind.Texts, Required: false),
        ]),
        new(FactTypes.FaultOpened, Fault),
        new(FactTypes.FaultRestored, Fault),
        new(FactTypes.Deduction, Adjustment),
        new(FactTypes.Bonus, Adjustment),
        new(FactTypes.AdjustmentWithdrawn,
        [
            new("source", FieldKind.Text, Max: EventReader.TextLimit), new("id", FieldKind.Text, Max: EventReader.TextLimit), new("reason", FieldKind.Text, Max: 1_000),
        ]),
    ];

    private const int Servqual = 3;
    private const int MostTexts = 20;

    // csat, nps, ces, servqual, in the order of the words above.
    private static readonly (double Min, double Max)[] Scales = [(1, 5), (0, 10), (1, 7), (1, 7)];

    private static readonly string[] SurveyFeeds = ["survey:csat", "survey:nps", "survey:ces", "survey:servqual"];

    private readonly FieldRule[] _fields;
    private readonly byte[] _utf8Type;
    private readonly int _required;

    private FactRules(string type, FieldRule[] fields)
    {
        Type = type;
        _fields = fields;
        _utf8Type = Encoding.UTF8.GetBytes(type);
        for (var field = 0; field < fields.Length; field++)
            if (fields[field].Required)
                _required |= 1 << field;
    }

    /// <summary>CloudEvents type.</summary>
    public string Type { get; }

    /// <summary>True for facts that give or take points instead of telling what happened.</summary>
    public bool IsAdjustment => Type is FactTypes.Deduction or FactTypes.Bonus or FactTypes.AdjustmentWithdrawn;

    /// <summary>The rules of the type that the element names; null when it is not known.</summary>
    public static FactRules? Of(JsonElement type)
    {
        foreach (var rules in All)
            if (type.ValueEquals(rules._utf8Type))
                return rules;
        return null;
    }

    /// <summary>Whether a type is a domain event of the suite's own services, which is no telemetry.</summary>
    public static bool IsDomain(JsonElement type) => type.ValueKind == JsonValueKind.String && FactTypes.Domain.Any(name => type.ValueEquals(name));

    /// <summary>Null when the data fits; <paramref name="feed"/> tells which feed of the unit it belongs to.</summary>
    public Refusal? Check(JsonElement data, out string feed)
    {
        feed = Type;
        if (data.ValueKind != JsonValueKind.Object)
            return Refusal.Malformed("/data");

        var (found, scale) = (0, -1);
        JsonElement answers = default, pairs = default;
        foreach (var member in data.EnumerateObject())
        {
            var field = IndexOf(member);
            if (field < 0)
                continue;

            var (rule, value) = (_fields[field], member.Value);
            if (value.ValueKind == JsonValueKind.Null && !rule.Required)
                continue;
            found |= 1 << field;
            switch (rule.Kind)
            {
                case FieldKind.Answers:
                    answers = value;
                    break;
                case FieldKind.Pairs:
                    pairs = value;
                    break;
                case FieldKind.Word when WordOf(value, rule) is var word and >= 0:
                    if (Type == FactTypes.SurveyResponse)
                        feed = SurveyFeeds[scale = word];
                    break;
                case FieldKind.Text when IsText(value, rule):
                    if (rule.Name == "measure")
                        feed = "measure:" + value.GetString();
                    break;
                case FieldKind.Number when value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= rule.Min && number <= rule.Max:
                case FieldKind.Whole when value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var whole) && whole >= rule.Min && whole <= rule.Max:
                case FieldKind.Texts when value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= MostTexts && value.EnumerateArray().All(one => IsText(one, rule)):
                case FieldKind.Points when value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var points) && points > 0 && points <= (decimal)rule.Max:
                    break;
                default:
                    return rule.Broken;
            }
        }

        if ((found & _required) != _required)
            return Missing(found);
        return scale switch
        {
            < 0 => null,
            Servqual => IsEmpty(answers) ? CheckPairs(pairs) : Refusal.Malformed("/data/answers"),
            _ => pairs.ValueKind == JsonValueKind.Undefined ? CheckAnswers(answers, Scales[scale]) : Refusal.Malformed("/data/pairs"),
        };
    }

    private int IndexOf(JsonProperty member)
    {
        for (var field = 0; field < _fields.Length; field++)
            if (member.NameEquals(_fields[field].Utf8Name))
                return field;
        return -1;
    }

    private static int WordOf(JsonElement value, FieldRule rule)
    {
        if (value.ValueKind == JsonValueKind.String)
            for (var word = 0; word < rule.Utf8Words.Length; word++)
                if (value.ValueEquals(rule.Utf8Words[word]))
                    return word;
        return -1;
    }

    private static bool IsText(JsonElement value, FieldRule rule) =>
        value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text && text.Length <= rule.Max;

    private Refusal Missing(int found)
    {
        for (var field = 0; ; field++)
            if (_fields[field].Required && (found & (1 << field)) == 0)
                return _fields[field].Broken;
    }

    private static Refusal? CheckAnswers(JsonElement answers, (double Min, double Max) scale)
    {
        if (answers.ValueKind != JsonValueKind.Object)
            return Refusal.Malformed("/data/answers");

        var any = false;
        foreach (var answer in answers.EnumerateObject())
        {
            any = true;
            if (answer.Value.ValueKind != JsonValueKind.Number || !answer.Value.TryGetDouble(out var points) || points < scale.Min || points > scale.Max)
                return Refusal.Malformed("/data/answers/" + Escape(answer.Name));
        }
        return any ? null : Refusal.Malformed("/data/answers");
    }

    private static bool IsEmpty(JsonElement answers) => answers.ValueKind switch
    {
        JsonValueKind.Undefined => true,
        JsonValueKind.Object => !answers.EnumerateObject().Any(),
        _ => false,
    };

    private static Refusal? CheckPairs(JsonElement pairs)
    {
        if (pairs.ValueKind != JsonValueKind.Object)
            return Refusal.Malformed("/data/pairs");

        var any = false;
        foreach (var pair in pairs.EnumerateObject())
        {
            any = true;
            if (!ServqualPair.IsKey(pair.Name) || !IsOnScale(pair.Value, "expectation") || !IsOnScale(pair.Value, "perception"))
                return Refusal.Malformed("/data/pairs/" + Escape(pair.Name));
        }
        return any ? null : Refusal.Malformed("/data/pairs");
    }

    private static bool IsOnScale(JsonElement pair, string name) =>
        pair.ValueKind == JsonValueKind.Object && pair.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number)
        && number >= Scales[Servqual].Min && number <= Scales[Servqual].Max;

    private static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
