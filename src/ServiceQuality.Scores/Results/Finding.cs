using System.Text.Json;

namespace ServiceQuality.Scores.Results;

/// <summary>Something that a person should know before publishing (SCO-24).</summary>
/// <param name="Code">no-score, low-coverage, missing-part, outlier, jump, scheme-changed, scheme-replaced, open-deductions, open-appeals, late-facts, quarter-missing.</param>
/// <param name="Unit">The unit; null for what concerns the whole closing.</param>
/// <param name="UnitCode">Its code.</param>
/// <param name="Value">A number, a family or a version that says more.</param>
internal sealed record Finding(string Code, Guid? Unit, string? UnitCode, string? Value);

/// <summary>What a check found: how many of each code, and the first 500.</summary>
internal sealed record Findings(int Total, IReadOnlyDictionary<string, int> Counts, IReadOnlyList<Finding> Items)
{
    private const int Most = 500;

    public static Findings None { get; } = Of([]);

    public static Findings Of(IReadOnlyList<Finding> found) =>
        new(found.Count, found.GroupBy(one => one.Code).OrderBy(code => code.Key, StringComparer.Ordinal).ToDictionary(code => code.Key, code => code.Count()), [.. found.Take(Most)]);

    public static Findings? Read(string? json) => json is null ? null : JsonSerializer.Deserialize<Findings>(json, JsonSerializerOptions.Web);

    public string Write() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);
}
