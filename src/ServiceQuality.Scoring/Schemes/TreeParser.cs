using System.Text.Json;

namespace ServiceQuality.Scoring;

/// <summary>Reads the tree of a scheme: families, indicators and their standards.</summary>
internal sealed class TreeParser(List<SchemeError> errors, MeasureParser measures) : SchemeJson(errors)
{
    private const int MostIndicators = 500;
    private const int MostDepth = 16;

    private readonly HashSet<string> nodes = new(StringComparer.Ordinal);

    public List<Indicator> Indicators { get; } = [];

    public List<Family> Families { get; } = [];

    public Family Read(JsonElement json)
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
        Known(json, at, "code", "name", "weight", "missing", "children", "rationale", "part");
        var code = NodeCode(json, at);
        var name = Text2(json, at, "name");
        var missing = ReadMissing(json, at);
        // Keep the place of the family before its children.
        var place = Families.Count;
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
            if (children.OfType<Indicator>().Any(i => i.Measure.Aggregator is Aggregator.Blend || i.Measure.Series.Shape is Shape.Faults or Shape.Latest))
                Error($"{at}/missing", "hold-needs-buckets", "Measures of faults, latest states and blends cannot be held: they have no day buckets of their own.");
        }
        var family = new Family { Code = code, Name = name, Weight = weight, Parent = parent, Children = children, Missing = missing, Part = ReadPart(json, at) };
        if (parent is not null)
            Families.Insert(place, family);
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
            "tag", "formula", "source", "frequency", "owner", "target", "warning", "critical", "part");
        var code = NodeCode(json, at);
        var name = Text2(json, at, "name");
        var measure = measures.MeasureOf(json, at, "measure");
        var sample = json.TryGetProperty("minimumSample", out _) ? (long)Number(json, at, "minimumSample", 0, 1e12, whole: true) : 1;
        var direction = Choice(json, at, "direction", ("higher", Direction.Higher), ("lower", Direction.Lower), ("target", Direction.Target));
        var standard = ReadStandard(json, at, direction);
        if (Indicators.Count == MostIndicators)
            Error(at, "too-many", $"A scheme has at most {MostIndicators} Indicators.");
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
            Part = ReadPart(json, at),
        };
        if (direction == Direction.Higher ? indicator.Critical > indicator.Warning : direction == Direction.Lower && indicator.Critical < indicator.Warning)
            Error($"{at}/critical", "limits-in-wrong-order", "The critical limit lies beyond the warning limit in the worse direction.");
        Indicators.Add(indicator);
        return indicator;
    }

    private IndexPart? ReadPart(JsonElement json, string at) => json.TryGetProperty("part", out _)
        ? Choice(json, at, "part", ("satisfaction", IndexPart.Satisfaction), ("process", IndexPart.Process), ("result", IndexPart.Result), ("reliability", IndexPart.Reliability))
        : null;

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

    private string NodeCode(JsonElement json, string at)
    {
        var code = Code(json, at, "code");
        if (code.Length > 0 && !nodes.Add(code))
            Error($"{at}/code", "code-not-unique", $"There is another node '{code}'.");
        return code;
    }
}
