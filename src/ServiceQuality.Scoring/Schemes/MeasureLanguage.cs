using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Scoring;

/// <summary>A word of a fact that a measure can ask for in <c>where</c> and <c>hit</c>.</summary>
/// <param name="Name">Its name in JSON.</param>
/// <param name="Choices">What can be asked for; empty when any text can.</param>
public sealed record FactWord(string Name, IReadOnlyList<string> Choices);

/// <summary>A kind of fact as measures see it.</summary>
/// <param name="Name">JSON <c>fact</c>.</param>
/// <param name="Words">Lists that can be asked for.</param>
/// <param name="Numbers">Numbers that can be aggregated and bounded. Of surveys more can be named: <c>answers.QUESTION</c>, and expectation, perception and attainment of an item, such as <c>perception.reliability.promise</c>.</param>
/// <param name="Truths">Numbers that are true or false in <c>where</c> and <c>hit</c>.</param>
/// <param name="Aggregators">Aggregators that fit.</param>
public sealed record FactLanguage(string Name, IReadOnlyList<FactWord> Words, IReadOnlyList<string> Numbers, IReadOnlyList<string> Truths, IReadOnlyList<string> Aggregators);

/// <summary>
/// The words of the measure language (scoring.md §2, <see cref="Measure"/>), for whoever draws a form for it. What is listed here <see cref="Scheme.Parse"/> accepts; it decides, and says where.
/// </summary>
public static class MeasureLanguage
{
    private static readonly string[] Dimensions = ["reliability", "responsiveness", "assurance", "empathy", "tangibles"];
    private static readonly string[] Usual = ["mean", "ratio", "per-thousand", "count", "sum", "percentile", "last"];
    private static readonly string[] None = [];

    /// <summary>Every kind of fact.</summary>
    public static IReadOnlyList<FactLanguage> Facts { get; } =
    [
        new("service.completed", [new("channel", Names<Channel>()), new("outcome", Names<ServiceOutcome>()), new("service", None)], ["waitSeconds", "handleSeconds", "errors", "rating"], None, Usual),
        new("measurement", [new("measure", None)], ["value"], None, Usual),
        new("survey.response", [new("survey", None), new("kind", Names<SurveyKind>()), Word(FactKind.Survey, "group"), Word(FactKind.Survey, "flag")],
            ["answer", "promoter", .. new[] { "expectation", "perception", "attainment" }.SelectMany(side => Dimensions.Select(dimension => $"{side}.{dimension}").Prepend(side))], None, [.. Usual, "gap"]),
        new("fault", [new("asset", None)], None, None, ["availability", "mttr", "mtbf", "failure-rate"]),
        new("inspection", [Word(FactKind.Inspection, "inspection"), Word(FactKind.Inspection, "level"), Word(FactKind.Inspection, "object")], ["score", "criticalFailures"], None, Usual),
        new("complaint",
            [Word(FactKind.Complaint, "event"), Word(FactKind.Complaint, "severity"), Word(FactKind.Complaint, "channel"), Word(FactKind.Complaint, "category"), Word(FactKind.Complaint, "rootCause")],
            ["ackSeconds", "resolveSeconds", "withinTarget", "accepted", "severityWeight"], ["withinTarget", "accepted"], Usual),
        new("training", [Word(FactKind.Training, "event"), Word(FactKind.Training, "course")], ["passed", "score", "hours", "qualified", "required"], ["passed"], [.. Usual, "latest"]),
        new("risk", [Word(FactKind.Risk, "event"), Word(FactKind.Risk, "risk"), Word(FactKind.Risk, "severity")], ["inherent", "residual", "severityWeight"], None, [.. Usual, "latest"]),
    ];

    /// <summary>What <c>latest</c> takes as its <c>value</c>, by kind of fact.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> LatestValues { get; } = new Dictionary<string, IReadOnlyList<string>>
    {
        ["training"] = ["coverage", "qualified", "required"],
        ["risk"] = ["inherent", "residual"],
    };

    /// <summary>Aggregators of measures that a blend can mix.</summary>
    public static IReadOnlyList<string> Blendable { get; } = ["mean", "ratio", "gap"];

    private static FactWord Word(FactKind fact, string name) => new(name, Scoring.Words.Choices(fact, name)!);

    private static string[] Names<T>() where T : struct, Enum => [.. Enum.GetNames<T>().Select(name => name.ToLowerInvariant())];
}
