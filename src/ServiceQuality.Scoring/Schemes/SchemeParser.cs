using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Scoring;

/// <summary>Reads and checks a scheme. Errors are collected, not thrown: whoever writes a scheme sees all of them at once.</summary>
internal sealed class SchemeParser
{
    private const int MostIndicators = 500;
    private const int MostDepth = 16;

    private static readonly string[] RequiredFamilies = ["quality", "efficiency", "attitude", "innovation"];

    private static readonly FrozenDictionary<string, FactKind> Facts = new Dictionary<string, FactKind>
    {
        ["service.completed"] = FactKind.Service,
        ["measurement"] = FactKind.Measurement,
        ["survey.response"] = FactKind.Survey,
        ["fault"] = FactKind.Fault,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, Aggregator> Aggregators = new Dictionary<string, Aggregator>
    {
        ["mean"] = Aggregator.Mean,
        ["ratio"] = Aggregator.Ratio,
        ["per-thousand"] = Aggregator.PerThousand,
        ["count"] = Aggregator.Count,
        ["sum"] = Aggregator.Sum,
        ["percentile"] = Aggregator.Percentile,
        ["mttr"] = Aggregator.Mttr,
        ["mtbf"] = Aggregator.Mtbf,
        ["availability"] = Aggregator.Availability,
        ["last"] = Aggregator.Last,
        ["gap"] = Aggregator.Gap,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly List<SchemeError> errors = [];
    private readonly Dictionary<string, Measure> measures = new(StringComparer.Ordinal);
    private readonly HashSet<string> nodes = new(StringComparer.Ordinal);
    private readonly List<Indicator> indicators = [];
    private readonly List<Family> families = [];

    public static SchemeReading Parse(ReadOnlyMemory<byte> utf8Json)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8Json, new() { MaxDepth = 64 });
            var parser = new SchemeParser();
            var scheme = parser.ReadScheme(document.RootElement, utf8Json.ToArray());
            return new(parser.errors.Count == 0 ? scheme : null, parser.errors);
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
        ReadMeasures(json);
        var root = ReadRoot(json);
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
            Measures = measures.ToFrozenDictionary(StringComparer.Ordinal),
            Root = root,
            Indicators = indicators,
            Families = families,
            Adjustments = adjustments,
            Json = bytes,
        };
    }

    private bool HoldsIndicator(string code) => families.Any(f => f.Code == code && Leaves(f).Any());

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

    private Family ReadRoot(JsonElement json)
    {
        if (!json.TryGetProperty("root", out var root))
        {
            Error("/root", "required", "'root' is missing.");
            root = JsonDocument.Parse("{}").RootElement;
        }
        else if (IsObject(root, "/root"))
        {
            return ReadFamily(root, "/root", 1, null, 0);
        }
        return new() { Code = "", Name = new("", ""), Weight = 1, Parent = null, Children = [], Missing = new(MissingKind.Redistribute) };
    }

    private SchemeNode ReadNode(JsonElement json, string at, double weight, string parent, int depth) =>
        json.TryGetProperty("children", out _) ? ReadFamily(json, at, weight, parent, depth) : ReadIndicator(json, at, weight, parent);

    private Family ReadFamily(JsonElement json, string at, double weight, string? parent, int depth)
    {
        Known(json, at, "code", "name", "weight", "missing", "children", "rationale");
        var code = NodeCode(json, at);
        var name = Text2(json, at, "name");
        var missing = ReadMissing(json, at);
        // Keep the place of the family before its children.
        var place = families.Count;
        var children = new List<SchemeNode>();
        if (depth == MostDepth)
        {
            Error(at, "too-deep", $"A tree has at most {MostDepth} levels.");
        }
        else
        {
            var items = Items(json, at, "children", least: 1).ToList();
            var weights = items.Select(i => Number(i.Item, i.At, "weight", 0, 1_000_000)).ToList();
            var sum = weights.Sum();
            if (items.Count > 0 && !(sum > 0))
                Error($"{at}/children", "weights-zero", "At least one child must have a weight above 0.");
            for (var i = 0; i < items.Count; i++)
                children.Add(ReadNode(items[i].Item, items[i].At, sum > 0 ? weights[i] / sum : 0, code, depth + 1));
        }
        if (missing.Kind == MissingKind.Hold)
        {
            if (children.OfType<Family>().Any())
                Error($"{at}/missing", "hold-needs-indicators", "Only a family whose children are all indicators can hold their last values.");
            if (children.OfType<Indicator>().Any(i => i.Measure.Aggregator is Aggregator.Mttr or Aggregator.Mtbf or Aggregator.Availability))
                Error($"{at}/missing", "hold-needs-buckets", "Measures of faults cannot be held: they have no day buckets.");
        }
        var family = new Family { Code = code, Name = name, Weight = weight, Parent = parent, Children = children, Missing = missing };
        if (parent is not null)
            families.Insert(place, family);
        return family;
    }

    private MissingPolicy ReadMissing(JsonElement json, string at)
    {
        if (!json.TryGetProperty("missing", out var missing))
            return new(MissingKind.Redistribute);
        at += "/missing";
        if (!IsObject(missing, at))
            return new(MissingKind.Redistribute);
        Known(missing, at, "policy", "points", "days");
        var kind = Choice(missing, at, "policy",
            ("redistribute", MissingKind.Redistribute), ("neutral", MissingKind.Neutral), ("hold", MissingKind.Hold), ("zero", MissingKind.Zero));
        return kind switch
        {
            MissingKind.Neutral => new(kind, Number(missing, at, "points", 0, 100)),
            MissingKind.Hold => new(kind, Number(missing, at, "points", 0, 100), (int)Number(missing, at, "days", 1, 90, whole: true)),
            _ => new(kind),
        };
    }

    private Indicator ReadIndicator(JsonElement json, string at, double weight, string parent)
    {
        Known(json, at, "code", "name", "weight", "measure", "minimumSample", "breakpoints", "rationale", "direction",
            "tag", "formula", "source", "frequency", "owner", "target", "warning", "critical");
        var code = NodeCode(json, at);
        var name = Text2(json, at, "name");
        var measure = MeasureOf(json, at, "measure");
        var sample = json.TryGetProperty("minimumSample", out _) ? (long)Number(json, at, "minimumSample", 0, 1e12, whole: true) : 1;
        var direction = Choice(json, at, "direction", ("higher", Direction.Higher), ("lower", Direction.Lower), ("target", Direction.Target));
        var standard = ReadStandard(json, at, direction);
        if (indicators.Count == MostIndicators)
            Error(at, "too-many", $"A scheme has at most {MostIndicators} indicators.");
        var indicator = new Indicator
        {
            Code = code,
            Name = name,
            Weight = weight,
            Parent = parent,
            Measure = measure,
            MinimumSample = sample,
            Standard = standard,
            Rationale = Text2(json, at, "rationale"),
            Direction = direction,
            Tag = Choice(json, at, "tag", ("technical", "technical"), ("functional", "functional"), ("image", "image")),
            Formula = Text2(json, at, "formula"),
            Source = Text2(json, at, "source"),
            Frequency = Choice(json, at, "frequency", ("live", "live"), ("daily", "daily"), ("weekly", "weekly"), ("monthly", "monthly")),
            Owner = Text2(json, at, "owner"),
            Target = json.TryGetProperty("target", out var t) && t.ValueKind != JsonValueKind.Null ? Number(json, at, "target") : null,
            Warning = Number(json, at, "warning"),
            Critical = Number(json, at, "critical"),
        };
        if (direction == Direction.Higher ? indicator.Critical > indicator.Warning : direction == Direction.Lower && indicator.Critical < indicator.Warning)
            Error($"{at}/critical", "limits-in-wrong-order", "The critical limit lies beyond the warning limit in the worse direction.");
        indicators.Add(indicator);
        return indicator;
    }

    private Standard ReadStandard(JsonElement json, string at, Direction direction)
    {
        var points = new List<Breakpoint>();
        foreach (var (item, place) in Items(json, at, "breakpoints", least: 2, objects: false))
        {
            if (item.ValueKind != JsonValueKind.Array || item.GetArrayLength() != 2 || !IsNumber(item[0], out var value) || !IsNumber(item[1], out var earned))
            {
                Error(place, "not-a-breakpoint", "A breakpoint is an array of two numbers: value and points.");
                continue;
            }
            if (Math.Abs(value) > 1e9)
                Error($"{place}/0", "out-of-range", "A value lies between -1,000,000,000 and 1,000,000,000.");
            if (earned is < 0 or > 100)
                Error($"{place}/1", "points-out-of-range", "Points lie between 0 and 100.");
            points.Add(new(value, earned));
        }
        if (points.Count < 2)
            return new([new(0, 0), new(1, 100)]);
        at += "/breakpoints";
        if (points[0].Value > points[1].Value)
            points.Reverse();
        for (var i = 1; i < points.Count; i++)
        {
            if (points[i].Value <= points[i - 1].Value)
            {
                Error(at, "breakpoints-not-monotone", "The values of breakpoints strictly rise or strictly fall.");
                break;
            }
        }
        var (rises, falls) = (false, false);
        for (var i = 1; i < points.Count; i++)
            (rises, falls) = (rises || points[i].Points > points[i - 1].Points, falls || points[i].Points < points[i - 1].Points);
        if (direction switch { Direction.Higher => falls || !rises, Direction.Lower => rises || !falls, _ => !rises || !falls })
            Error(at, "direction-contradicts", "The breakpoints do not go the way that 'direction' says.");
        return new(points);
    }

    private void ReadMeasures(JsonElement json)
    {
        var items = Items(json, "", "measures", least: 1).ToList();
        // A per-thousand names a count measure, which may stand below it.
        foreach (var (item, at) in items.OrderBy(i => i.Item.TryGetProperty("base", out _)))
        {
            var errorsBefore = errors.Count;
            var measure = ReadMeasure(item, at);
            if (!measures.TryAdd(measure.Code, measure) && errors.Count == errorsBefore)
                Error($"{at}/code", "code-not-unique", $"There is another measure '{measure.Code}'.");
        }
    }

    private Measure ReadMeasure(JsonElement json, string at)
    {
        Known(json, at, "code", "name", "unit", "fact", "where", "value", "hit", "aggregator", "quantile", "base", "expectation", "perception");
        var code = Code(json, at, "code");
        var fact = Choice(json, at, "fact", [.. Facts.Select(f => (f.Key, f.Value))], "unknown-fact");
        var aggregator = Choice(json, at, "aggregator", [.. Aggregators.Select(f => (f.Key, f.Value))], "unknown-aggregator");
        var where = json.TryGetProperty("where", out var w) ? ReadFilter(w, $"{at}/where", fact) : Filter.All;
        if (fact == FactKind.Measurement && where.Measures is null)
            Error($"{at}/where", "measure-required", "A measure over measurements names in 'where' which: \"measure\": [\"code\"].");
        if ((fact == FactKind.Fault) != aggregator is Aggregator.Mttr or Aggregator.Mtbf or Aggregator.Availability)
            Error($"{at}/aggregator", "aggregator-does-not-fit", "mttr, mtbf and availability belong to the fact 'fault', and it to them.");

        Field? value = null, less = null;
        Filter? hit = null;
        double quantile = 0;
        Measure? under = null;
        var shape = Shape.Moments;
        switch (aggregator)
        {
            case Aggregator.Mean or Aggregator.Sum:
                value = FieldOf(json, at, "value", fact);
                break;
            case Aggregator.Last:
                (value, shape) = (FieldOf(json, at, "value", fact), Shape.Last);
                break;
            case Aggregator.Percentile:
                (value, shape) = (FieldOf(json, at, "value", fact), Shape.Sketch);
                quantile = Number(json, at, "quantile");
                if (!(quantile > 0 && quantile < 1))
                    Error($"{at}/quantile", "out-of-range", "A quantile lies above 0 and below 1.");
                break;
            case Aggregator.Gap:
                (value, less) = (FieldOf(json, at, "perception", fact), FieldOf(json, at, "expectation", fact));
                break;
            case Aggregator.Ratio:
                shape = Shape.Tally;
                if (json.TryGetProperty("hit", out var h))
                    hit = ReadFilter(h, $"{at}/hit", fact);
                else if (fact == FactKind.Measurement)
                    value = FieldOf(json, at, "value", fact);
                else
                    Error($"{at}/hit", "required", "A ratio says in 'hit' which facts count above the line.");
                break;
            case Aggregator.Count:
                shape = Shape.Tally;
                break;
            case Aggregator.PerThousand:
                if (json.TryGetProperty("value", out _))
                    value = FieldOf(json, at, "value", fact);
                else
                    shape = Shape.Tally;
                under = BaseOf(json, at);
                break;
            default:
                shape = Shape.Faults;
                break;
        }
        return new()
        {
            Code = code,
            Name = Text2(json, at, "name"),
            Unit = Text(json, at, "unit"),
            Aggregator = aggregator,
            Quantile = quantile,
            Base = under,
            Series = new()
            {
                Key = KeyOf(fact, shape, where, value, less, hit),
                Fact = fact,
                Shape = shape,
                Where = where,
                Value = value,
                Less = less,
                Hit = hit,
            },
        };
    }

    private Measure? BaseOf(JsonElement json, string at)
    {
        var code = Text(json, at, "base");
        if (code.Length == 0)
            return null;
        if (!measures.TryGetValue(code, out var under))
            Error($"{at}/base", "unknown-measure", $"There is no measure '{code}'.");
        else if (under.Aggregator != Aggregator.Count)
            Error($"{at}/base", "base-not-count", $"The base '{code}' is not a count.");
        return under;
    }

    private Measure MeasureOf(JsonElement json, string at, string property)
    {
        var code = Text(json, at, property);
        if (measures.TryGetValue(code, out var measure))
            return measure;
        if (code.Length > 0)
            Error($"{at}/{property}", "unknown-measure", $"There is no measure '{code}'.");
        return new()
        {
            Code = code,
            Name = new("", ""),
            Unit = "",
            Aggregator = Aggregator.Count,
            Series = new() { Key = "", Fact = FactKind.Service, Shape = Shape.Tally, Where = Filter.All },
        };
    }

    private Field FieldOf(JsonElement json, string at, string property, FactKind fact)
    {
        var name = Text(json, at, property);
        if (name.Length == 0 || FieldOf(name, fact) is not { } field)
        {
            if (name.Length > 0)
                Error($"{at}/{property}", "unknown-value", $"Facts of this kind have no number '{name}'.");
            return new(FieldKind.Value);
        }
        return field;
    }

    private static Field? FieldOf(string name, FactKind fact) => (fact, name) switch
    {
        (FactKind.Service, "waitSeconds") => new(FieldKind.Wait),
        (FactKind.Service, "handleSeconds") => new(FieldKind.Handle),
        (FactKind.Service, "errors") => new(FieldKind.Errors),
        (FactKind.Service, "rating") => new(FieldKind.Rating),
        (FactKind.Measurement, "value") => new(FieldKind.Value),
        (FactKind.Survey, "answer") => new(FieldKind.Answer),
        (FactKind.Survey, "promoter") => new(FieldKind.Promoter),
        (FactKind.Survey, _) when name.StartsWith("answers.", StringComparison.Ordinal) && name.Length > 8 => new(FieldKind.Question, name[8..]),
        _ => null,
    };

    private Filter ReadFilter(JsonElement json, string at, FactKind fact)
    {
        var filter = new Filter();
        if (!IsObject(json, at))
            return filter;
        var ranges = new List<Bounds>();
        foreach (var property in json.EnumerateObject())
        {
            var place = $"{at}/{Escape(property.Name)}";
            if (FieldOf(property.Name, fact) is { } field)
            {
                if (!IsObject(property.Value, place))
                    continue;
                Known(property.Value, place, "min", "max");
                var (min, max) = (long.MinValue + 1, long.MaxValue);
                if (property.Value.TryGetProperty("min", out _))
                    min = Scoring.Number.Of(Number(property.Value, place, "min"));
                if (property.Value.TryGetProperty("max", out _))
                    max = Scoring.Number.Of(Number(property.Value, place, "max"));
                if (min > max)
                    Error(place, "range-empty", "'min' is above 'max'.");
                ranges.Add(new(field, min, max));
                continue;
            }
            filter = (fact, property.Name) switch
            {
                (FactKind.Service, "channel") => filter with { Channels = Bits<Channel>(property.Value, place) },
                (FactKind.Service, "outcome") => filter with { Outcomes = Bits<ServiceOutcome>(property.Value, place) },
                (FactKind.Service, "service") => filter with { Services = Set(property.Value, place) },
                (FactKind.Measurement, "measure") => filter with { Measures = Set(property.Value, place) },
                (FactKind.Survey, "survey") => filter with { Surveys = Set(property.Value, place) },
                (FactKind.Survey, "kind") => filter with { Kinds = Bits<SurveyKind>(property.Value, place) },
                (FactKind.Fault, "asset") => filter with { Assets = Set(property.Value, place) },
                _ => Unknown(),
            };

            Filter Unknown()
            {
                Error(place, "unknown-condition", $"Facts of this kind have no '{property.Name}' to look at.");
                return filter;
            }
        }
        ranges.Sort(static (a, b) => a.Field.Kind != b.Field.Kind ? a.Field.Kind.CompareTo(b.Field.Kind) : string.CompareOrdinal(a.Field.Question, b.Field.Question));
        return filter with { Ranges = [.. ranges] };
    }

    private int Bits<T>(JsonElement json, string at)
        where T : struct, Enum
    {
        var bits = 0;
        foreach (var name in Strings(json, at))
        {
            // The JSON names of these enumerations are their names in lower case, in the order of their values.
            var value = Array.FindIndex(Enum.GetNames<T>(), n => string.Equals(n.ToLowerInvariant(), name, StringComparison.Ordinal));
            if (value >= 0)
                bits |= 1 << value;
            else
                Error(at, "unknown-condition", $"'{name}' is none of {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}.");
        }
        return bits;
    }

    private FrozenSet<string> Set(JsonElement json, string at) => Strings(json, at).ToFrozenSet(StringComparer.Ordinal);

    private List<string> Strings(JsonElement json, string at)
    {
        if (json.ValueKind == JsonValueKind.Array && json.GetArrayLength() > 0 && json.EnumerateArray().All(i => i.ValueKind == JsonValueKind.String && i.GetString()!.Length > 0))
            return [.. json.EnumerateArray().Select(i => i.GetString()!)];
        Error(at, "not-a-list", "A list of at least one text is needed.");
        return [];
    }

    private static string KeyOf(FactKind fact, Shape shape, Filter where, Field? value, Field? less, Filter? hit) =>
        string.Join('|', fact, shape, KeyOf(where), KeyOf(value), KeyOf(less), hit is null ? "" : KeyOf(hit)).ToLowerInvariant() + CaseOf(where, value, less, hit);

    private static string KeyOf(Field? field) => field is { } f ? f.Kind.ToString() : "";

    private static string KeyOf(Filter filter) => string.Join(';',
        filter.Channels & 31, filter.Outcomes & 15, filter.Kinds & 7, string.Join(',', filter.Ranges.Select(r => $"{r.Field.Kind}:{r.Min}..{r.Max}")));

    /// <summary>The parts of a definition that are other people's words, kept letter by letter and unmistakably apart.</summary>
    private static string CaseOf(Filter where, Field? value, Field? less, Filter? hit) => JsonSerializer.Serialize(
        new[] { where, hit ?? Filter.All }
            .SelectMany(f => new[] { f.Services, f.Measures, f.Surveys, f.Assets }.Select(s => s is null ? null : s.Items.Order(StringComparer.Ordinal).ToArray())
                .Append([.. f.Ranges.Select(r => r.Field.Question ?? "")]))
            .Append([value?.Question ?? "", less?.Question ?? ""]));

    private string NodeCode(JsonElement json, string at)
    {
        var code = Code(json, at, "code");
        if (code.Length > 0 && !nodes.Add(code))
            Error($"{at}/code", "code-not-unique", $"There is another node '{code}'.");
        return code;
    }

    private string Code(JsonElement json, string at, string property)
    {
        var code = Text(json, at, property);
        if (code.Length > 0 && (code.Length > 100 || !code.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')))
            Error($"{at}/{property}", "not-a-code", "A code is up to 100 lower-case letters, digits and hyphens.");
        return code;
    }

    private string Text(JsonElement json, string at, string property)
    {
        if (json.TryGetProperty(property, out var text) && text.ValueKind == JsonValueKind.String && !string.IsNullOrWhiteSpace(text.GetString()))
            return text.GetString()!;
        Error($"{at}/{property}", "required", $"'{property}' is missing or empty.");
        return "";
    }

    private Bilingual Text2(JsonElement json, string at, string property)
    {
        if (!json.TryGetProperty(property, out var text))
            Error($"{at}/{property}", "required", $"'{property}' is missing.");
        else if (IsObject(text, $"{at}/{property}"))
            return new(Text(text, $"{at}/{property}", "zh"), Text(text, $"{at}/{property}", "en"));
        return new("", "");
    }

    private double Number(JsonElement json, string at, string property, double least = -1e9, double most = 1e9, bool whole = false)
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

    private static bool IsNumber(JsonElement json, out double number)
    {
        number = 0;
        return json.ValueKind == JsonValueKind.Number && json.TryGetDouble(out number) && double.IsFinite(number);
    }

    private T Choice<T>(JsonElement json, string at, string property, params (string Name, T Value)[] choices) => Choice(json, at, property, choices, "unknown-choice");

    private T Choice<T>(JsonElement json, string at, string property, (string Name, T Value)[] choices, string error)
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

    private IEnumerable<(JsonElement Item, string At)> Items(JsonElement json, string at, string property, int least = 0, bool objects = true)
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

    private bool IsObject(JsonElement json, string at)
    {
        if (json.ValueKind == JsonValueKind.Object)
            return true;
        Error(at, "not-an-object", "An object is needed here.");
        return false;
    }

    private void Known(JsonElement json, string at, params string[] names)
    {
        foreach (var property in json.EnumerateObject())
        {
            // A misspelt word must not silently mean its default.
            if (!names.Contains(property.Name, StringComparer.Ordinal))
                Error($"{at}/{Escape(property.Name)}", "unknown-property", $"'{property.Name}' has no meaning here.");
        }
    }

    private static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private void Error(string at, string code, string message) => errors.Add(new(at, code, message));
}
