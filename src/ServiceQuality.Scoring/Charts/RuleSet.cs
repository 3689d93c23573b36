using System.Globalization;

namespace ServiceQuality.Scoring.Charts;

/// <summary>Which points a rule asks for.</summary>
public enum RuleKind
{
    /// <summary>One point beyond 3σ.</summary>
    Beyond,

    /// <summary>Some of the newest few points beyond so many σ on one side, the newest among them.</summary>
    Several,

    /// <summary>A run of points on one side of the centre line; a point on the line ends it.</summary>
    SameSide,

    /// <summary>A run of points each higher, or each lower, than the one before.</summary>
    Monotone,

    /// <summary>A run of points that go up and down in turn.</summary>
    Alternating,

    /// <summary>A run of points within 1σ, on whichever side.</summary>
    Within,

    /// <summary>A run of points with none within 1σ, on whichever side.</summary>
    Outside,
}

/// <summary>A rule of a Shewhart chart (scoring.md §9).</summary>
/// <param name="Code">Its name in signals: <c>western-electric-2</c>, <c>nelson-3</c>.</param>
/// <param name="Number">Its number within its set, as it stands on the chart.</param>
/// <param name="Kind">Which points it asks for.</param>
/// <param name="Points">How many of them: the run, or the k of k-of-m.</param>
/// <param name="Of">The m of k-of-m; otherwise the same as <paramref name="Points"/>.</param>
/// <param name="Limit">Distance from the centre line in σ; 0 where there is none.</param>
public sealed record Rule(string Code, int Number, RuleKind Kind, int Points, int Of, double Limit)
{
    /// <summary>Western Electric's rules: Statistical Quality Control Handbook, 1956, pp. 25–28.</summary>
    public static IReadOnlyList<Rule> WesternElectric { get; } =
    [
        new("western-electric-1", 1, RuleKind.Beyond, 1, 1, 3),
        new("western-electric-2", 2, RuleKind.Several, 2, 3, 2),
        new("western-electric-3", 3, RuleKind.Several, 4, 5, 1),
        new("western-electric-4", 4, RuleKind.SameSide, 8, 8, 0),
    ];

    /// <summary>Nelson's rules: Journal of Quality Technology 16 (1984), pp. 237–239.</summary>
    public static IReadOnlyList<Rule> Nelson { get; } =
    [
        new("nelson-1", 1, RuleKind.Beyond, 1, 1, 3),
        new("nelson-2", 2, RuleKind.SameSide, 9, 9, 0),
        new("nelson-3", 3, RuleKind.Monotone, 6, 6, 0),
        new("nelson-4", 4, RuleKind.Alternating, 14, 14, 0),
        new("nelson-5", 5, RuleKind.Several, 2, 3, 2),
        new("nelson-6", 6, RuleKind.Several, 4, 5, 1),
        new("nelson-7", 7, RuleKind.Within, 15, 15, 1),
        new("nelson-8", 8, RuleKind.Outside, 8, 8, 1),
    ];

    /// <summary>The only rule of a chart with probability or 3σ limits alone.</summary>
    public static Rule ThreeSigma { get; } = new("three-sigma", 1, RuleKind.Beyond, 1, 1, 3);
}

/// <summary>The rules that a Shewhart chart is read by.</summary>
public sealed class RuleSet
{
    /// <summary>The names that <see cref="Parse"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = ["three-sigma", "western-electric", "nelson"];

    private RuleSet(string name, IReadOnlyList<Rule> rules) => (Name, Rules) = (name, rules);

    /// <summary>The set as <see cref="Parse"/> reads it: <c>nelson:1,2,5</c>.</summary>
    public string Name { get; }

    /// <summary>Its rules by number.</summary>
    public IReadOnlyList<Rule> Rules { get; }

    /// <summary>A point beyond 3σ, nothing else.</summary>
    public static RuleSet ThreeSigma { get; } = new("three-sigma", [Rule.ThreeSigma]);

    /// <summary>All of Western Electric's rules, or those with the numbers.</summary>
    /// <param name="numbers">1–4; none for all.</param>
    public static RuleSet WesternElectric(params IReadOnlyCollection<int> numbers) => Of("western-electric", Rule.WesternElectric, numbers);

    /// <summary>All of Nelson's rules, or those with the numbers.</summary>
    /// <param name="numbers">1–8; none for all.</param>
    public static RuleSet Nelson(params IReadOnlyCollection<int> numbers) => Of("nelson", Rule.Nelson, numbers);

    /// <summary>Reads <c>three-sigma</c>, <c>western-electric</c>, <c>nelson</c>, a set with the numbers wanted (<c>nelson:1,2,5</c>), or numbers alone, which are Nelson's.</summary>
    /// <exception cref="ChartRefusal">No such set or number; the message says what there is.</exception>
    public static RuleSet Parse(string text)
    {
        var name = text.Trim().ToLowerInvariant();
        if (name == ThreeSigma.Name)
            return ThreeSigma;
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        var (set, list) = colon >= 0 ? (name[..colon], name[(colon + 1)..]) : name.Length > 0 && char.IsAsciiDigit(name[0]) ? ("nelson", name) : (name, null);
        if (set is not ("western-electric" or "nelson"))
            throw new ChartRefusal("rule-set-unknown", $"'{text}' is no rule set: three-sigma, western-electric, nelson, western-electric:1,4 or nelson:1,2,5; numbers alone are Nelson's.", text.Trim());
        var most = set == "nelson" ? Rule.Nelson.Count : Rule.WesternElectric.Count;
        var numbers = new List<int>();
        foreach (var part in list?.Split(',', StringSplitOptions.TrimEntries) ?? [])
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1 || number > most)
                throw new ChartRefusal("rule-unknown", $"'{part}' is no rule of {set}: its rules are 1 to {most}.", part, set, $"{most}");
            numbers.Add(number);
        }
        return set == "nelson" ? Nelson(numbers) : WesternElectric(numbers);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static RuleSet Of(string set, IReadOnlyList<Rule> all, IReadOnlyCollection<int> numbers)
    {
        if (numbers.Any(number => number < 1 || number > all.Count))
            throw new ArgumentOutOfRangeException(nameof(numbers), $"The rules of {set} are 1 to {all.Count}.");
        var chosen = all.Where(rule => numbers.Count == 0 || numbers.Contains(rule.Number)).ToList();
        return new(chosen.Count == all.Count ? set : string.Create(CultureInfo.InvariantCulture, $"{set}:{string.Join(',', chosen.Select(rule => rule.Number))}"), chosen);
    }
}
