namespace ServiceQuality.Scoring.Charts;

/// <summary>Why a chart, its rules or its points are refused: a stable code and what it is about, so that every edge can say it in its reader's language. The message is English.</summary>
/// <param name="code">Stable code, see <see cref="Codes"/>.</param>
/// <param name="message">Explanation in English.</param>
/// <param name="arguments">What the text is about, as text: the parameter, the rule, the place of the point from 1.</param>
public sealed class ChartRefusal(string code, string message, params string[] arguments) : ArgumentException(message)
{
    /// <summary>Every code there is.</summary>
    public static IReadOnlyList<string> Codes { get; } =
    [
        "center-not-finite", "center-not-share", "center-negative", "baseline-short", "sigma-not-taken", "rules-not-taken", "lambda-out-of-range", "slack-negative", "not-positive",
        "rule-set-unknown", "rule-unknown", "value-too-large", "size-invalid", "count-out-of-range",
    ];

    /// <summary>The code.</summary>
    public string Code { get; } = code;

    /// <summary>The arguments.</summary>
    public IReadOnlyList<string> Arguments { get; } = arguments;
}
