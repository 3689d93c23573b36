namespace ServiceQuality.Scoring.Servqual;

/// <summary>One of the five dimensions of service quality (Parasuraman, Zeithaml and Berry 1988).</summary>
/// <param name="Code">Code, as survey facts name it.</param>
/// <param name="Name">Name.</param>
/// <param name="Weight">Share in the index (SCO-09; Zeithaml, Parasuraman and Berry 1990), 0–1.</param>
public sealed record ServqualDimension(string Code, Bilingual Name, double Weight)
{
    /// <summary>The five, heaviest first; their weights sum to 1.</summary>
    public static IReadOnlyList<ServqualDimension> All { get; } =
    [
        new("reliability", new("可靠性", "Reliability"), 0.32),
        new("responsiveness", new("响应性", "Responsiveness"), 0.22),
        new("assurance", new("保证性", "Assurance"), 0.19),
        new("empathy", new("移情性", "Empathy"), 0.16),
        new("tangibles", new("有形性", "Tangibles"), 0.11),
    ];

    /// <summary>The dimension of a code; null when there is none.</summary>
    public static ServqualDimension? Find(string code) => All.FirstOrDefault(dimension => dimension.Code == code);

    /// <summary>The dimension of the key of an answer, <c>dimension</c> or <c>dimension.item</c>; null when it is neither.</summary>
    public static ServqualDimension? OfKey(string key)
    {
        var dot = key.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? Find(key) : dot < key.Length - 1 ? Find(key[..dot]) : null;
    }

    /// <summary>The index: the weighted mean of the dimensions' scores (SCO-09). A dimension without a score gives its weight to the others.</summary>
    /// <param name="scores">Scores by code of dimension, any common scale, finite.</param>
    /// <returns>The index and the share of weight that had a score; no index when there is no score.</returns>
    /// <exception cref="ArgumentException">A code is none of the five, or a score is not finite.</exception>
    public static (double? Index, double Coverage) IndexOf(IReadOnlyDictionary<string, double> scores)
    {
        foreach (var (code, score) in scores)
        {
            if (Find(code) is null || !double.IsFinite(score))
                throw new ArgumentException($"'{code}' with {score} is no score of a dimension.", nameof(scores));
        }
        var scored = All.Where(dimension => scores.ContainsKey(dimension.Code)).ToList();
        var weight = scored.Sum(dimension => dimension.Weight);
        return scored.Count == 0 ? (null, 0) : (scored.Sum(dimension => dimension.Weight * scores[dimension.Code]) / weight, Math.Min(1, weight));
    }
}
