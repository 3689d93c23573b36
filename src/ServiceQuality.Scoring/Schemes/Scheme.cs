using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace ServiceQuality.Scoring;

/// <summary>
/// One immutable version of a scoring scheme (SCO-02, scoring.md §4): measures, tree of indicators with weights and standards, grade bands and
/// adjustment rules. It is read from JSON; that JSON is all an outsider needs to recompute a score (its shape: docs of <see cref="Parse"/>).
/// </summary>
public sealed class Scheme
{
    internal Scheme() { }

    /// <summary>Identifier, the same for all versions: lower-case letters, digits and hyphens.</summary>
    public required string Id { get; init; }

    /// <summary>Version, 1, 2, 3 …</summary>
    public required int Version { get; init; }

    /// <summary>Name.</summary>
    public required Bilingual Name { get; init; }

    /// <summary>Why this version exists.</summary>
    public required Bilingual Rationale { get; init; }

    /// <summary>First local day on which it is in force.</summary>
    public required DateOnly EffectiveFrom { get; init; }

    /// <summary>Who wrote it.</summary>
    public required string Author { get; init; }

    /// <summary>Who approved it, never the author; null for a draft.</summary>
    public required string? Approver { get; init; }

    /// <summary>The period of the headline score.</summary>
    public required Period MainPeriod { get; init; }

    /// <summary>How units are rolled up (SCO-29).</summary>
    public required RollUp RollUp { get; init; }

    /// <summary>Grade bands, best first; the last begins at 0.</summary>
    public required IReadOnlyList<GradeBand> Bands { get; init; }

    /// <summary>Measures by code.</summary>
    public required IReadOnlyDictionary<string, Measure> Measures { get; init; }

    /// <summary>Root of the tree.</summary>
    public required Family Root { get; init; }

    /// <summary>Every indicator, in the order of the tree.</summary>
    public required IReadOnlyList<Indicator> Indicators { get; init; }

    /// <summary>Every family but the root, in the order of the tree.</summary>
    public required IReadOnlyList<Family> Families { get; init; }

    /// <summary>Rules of deductions and bonuses by code.</summary>
    public required IReadOnlyDictionary<string, AdjustmentRule> Adjustments { get; init; }

    /// <summary>The JSON it was read from.</summary>
    public required ReadOnlyMemory<byte> Json { get; init; }

    /// <summary><c>id@version</c>.</summary>
    public string Reference => $"{Id}@{Version}";

    /// <summary>SHA-256 of the JSON, hexadecimal.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Json.Span));

    /// <summary>
    /// Reads a scheme version and checks it completely: every error is reported with the JSON pointer of its place, and a scheme is returned only when there is none.
    /// <code>
    /// { "id", "version", "name": {"zh","en"}, "rationale": {"zh","en"}, "effectiveFrom": "2026-01-01", "author", "approver": null | "…",
    ///   "mainPeriod": "7d", "rollUp": "volume" | "equal",
    ///   "bands": [ { "code", "name", "from" } … ],                      best first, the last from 0
    ///   "measures": [ { "code", "name", "unit", "fact": "service.completed", "where": {…}, "value", "hit": {…}, "aggregator", "quantile", "base" } … ],
    ///   "root": { "code", "name", "missing": { "policy": "redistribute" | "neutral" | "hold" | "zero", "points", "days" },
    ///             "part": "satisfaction" | "process" | "result" | "reliability", optional for families and indicators,
    ///             "children": [ family: { …, "weight" } | indicator: { "code", "name", "weight", "measure", "minimumSample",
    ///                           "breakpoints": [[value, points] …], "rationale", "direction": "higher" | "lower" | "target",
    ///                           "tag": "technical" | "functional" | "image", "formula", "source", "frequency", "owner", "target", "warning", "critical" } ] },
    ///   "adjustments": [ { "rule", "kind": "deduction" | "bonus", "name", "points", "cap" } … ] }
    /// </code>
    /// Meaning of the parts of a measure: <see cref="Measure"/>; of the missing policies: <see cref="MissingPolicy"/>.
    /// </summary>
    public static SchemeReading Parse(ReadOnlyMemory<byte> utf8Json) => SchemeParser.Parse(utf8Json);

    /// <summary>The same version, approved.</summary>
    /// <param name="approver">Who approves; must not be the author.</param>
    /// <exception cref="ArgumentException">The approver is the author (SCO-02: two people).</exception>
    public Scheme Approved(string approver)
    {
        if (string.Equals(approver, Author, StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException("A scheme is approved by somebody else than its author.", nameof(approver));
        var json = JsonNode.Parse(Json.Span)!;
        json["approver"] = approver;
        return Parse(JsonSerializer.SerializeToUtf8Bytes(json, Readable)).Scheme!;
    }

    /// <summary>The band of a number of points.</summary>
    public GradeBand GradeOf(double points)
    {
        // A score that is 90 but for the noise of its sum is 90.
        var exact = Math.Round(points, 9);
        foreach (var band in Bands)
        {
            if (exact >= band.From)
                return band;
        }
        return Bands[^1];
    }

    internal static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };
}

/// <summary>What reading a scheme gave: the scheme, or every error in it.</summary>
/// <param name="Scheme">The scheme; null when there is an error.</param>
/// <param name="Errors">Errors in the order of the document.</param>
public sealed record SchemeReading(Scheme? Scheme, IReadOnlyList<SchemeError> Errors);

/// <summary>One error in a scheme.</summary>
/// <param name="Location">JSON pointer (RFC 6901) of the place.</param>
/// <param name="Code">Stable code, for example <c>breakpoints-not-monotone</c>.</param>
/// <param name="Message">Explanation in English.</param>
public sealed record SchemeError(string Location, string Code, string Message);

/// <summary>A text in both languages.</summary>
/// <param name="Zh">简体中文.</param>
/// <param name="En">English.</param>
public sealed record Bilingual(string Zh, string En);

/// <summary>How the parts of a roll-up are weighted (SCO-29).</summary>
public enum RollUp
{
    /// <summary>Every customer contact counts once: buckets are merged as they are.</summary>
    Volume,

    /// <summary>Every unit counts once: each unit's statistic is scaled to the same mass before merging.</summary>
    Equal,
}

/// <summary>A grade (SCO-06).</summary>
/// <param name="Code">Code, for example <c>good</c>.</param>
/// <param name="Name">Name.</param>
/// <param name="From">Lower bound in points, inclusive.</param>
public sealed record GradeBand(string Code, Bilingual Name, double From);

/// <summary>A node of the tree: a <see cref="Family"/> or an <see cref="Indicator"/>.</summary>
public abstract class SchemeNode
{
    private protected SchemeNode() { }

    /// <summary>Code, unique in the scheme.</summary>
    public required string Code { get; init; }

    /// <summary>Name.</summary>
    public required Bilingual Name { get; init; }

    /// <summary>Share among its siblings, 0–1; the weights of siblings sum to 1. The root has 1.</summary>
    public required double Weight { get; init; }

    /// <summary>Code of the family above; null for the root.</summary>
    public required string? Parent { get; init; }

    /// <summary>JSON <c>part</c>: the part of the service-quality index that it belongs to (SCO-21), for a family with all below it that say nothing else; null where nothing is said. No score depends on it.</summary>
    public IndexPart? Part { get; init; }
}

/// <summary>An inner node.</summary>
public sealed class Family : SchemeNode
{
    internal Family() { }

    /// <summary>Children in the order of the document.</summary>
    public required IReadOnlyList<SchemeNode> Children { get; init; }

    /// <summary>What a child without data means.</summary>
    public required MissingPolicy Missing { get; init; }
}

/// <summary>
/// What a child without data means to its family (scoring.md §4). A held, neutral or zero child takes part in the score but is no data: it does not count in the coverage,
/// and a family whose every child lacks data has no data whatever its policy.
/// </summary>
/// <param name="Kind">The policy.</param>
/// <param name="Points">p of <c>neutral(p)</c> and <c>hold(d, p)</c>; 0 for the others.</param>
/// <param name="Days">d of <c>hold(d, p)</c>, 1–90; 0 for the others.</param>
public sealed record MissingPolicy(MissingKind Kind, double Points = 0, int Days = 0);

/// <summary>Kinds of <see cref="MissingPolicy"/>.</summary>
public enum MissingKind
{
    /// <summary>The weight goes to the siblings with data, in proportion.</summary>
    Redistribute,

    /// <summary>Counts as p points.</summary>
    Neutral,

    /// <summary>
    /// The last value, moving linearly to p over d days. The last value is the indicator over the newest days before the window, going back day by day (unit's days, at most d of them)
    /// until the minimum sample is reached; its age is the time since the window began plus the whole days between it and the newest of these days that has data.
    /// Without such days it counts as p. Only families whose children are all indicators may hold. In a roll-up the days of all units are merged.
    /// </summary>
    Hold,

    /// <summary>Counts as 0 points.</summary>
    Zero,
}

/// <summary>A leaf: a measure seen through a standard (scoring.md §3, MON-01).</summary>
public sealed class Indicator : SchemeNode
{
    internal Indicator() { }

    /// <summary>The measure.</summary>
    public required Measure Measure { get; init; }

    /// <summary>The standard: value to points, ascending by value.</summary>
    public required Standard Standard { get; init; }

    /// <summary>With a smaller sample the indicator has no data.</summary>
    public required long MinimumSample { get; init; }

    /// <summary>Why the standard is as it is.</summary>
    public required Bilingual Rationale { get; init; }

    /// <summary>Which way is better.</summary>
    public required Direction Direction { get; init; }

    /// <summary>technical (what is delivered), functional (how it is delivered) or image (MON-52).</summary>
    public required string Tag { get; init; }

    /// <summary>The formula in words.</summary>
    public required Bilingual Formula { get; init; }

    /// <summary>Where its data come from (MON-47).</summary>
    public required Bilingual Source { get; init; }

    /// <summary>How often its data come: live, daily, weekly or monthly.</summary>
    public required string Frequency { get; init; }

    /// <summary>Who answers for it.</summary>
    public required Bilingual Owner { get; init; }

    /// <summary>Target value, in the unit of the measure; null when none is set.</summary>
    public required double? Target { get; init; }

    /// <summary>Value from which to warn.</summary>
    public required double Warning { get; init; }

    /// <summary>Value from which the state is critical.</summary>
    public required double Critical { get; init; }
}

/// <summary>Which way a value is better.</summary>
public enum Direction
{
    /// <summary>Higher is better.</summary>
    Higher,

    /// <summary>Lower is better.</summary>
    Lower,

    /// <summary>Best inside, worse on both sides.</summary>
    Target,
}

/// <summary>Kind of an adjustment.</summary>
public enum AdjustmentKind
{
    /// <summary>Takes points.</summary>
    Deduction,

    /// <summary>Adds points.</summary>
    Bonus,
}

/// <summary>A rule under which points are taken or added (SCO-18).</summary>
/// <param name="Rule">Code.</param>
/// <param name="Kind">Deduction or bonus.</param>
/// <param name="Name">Name.</param>
/// <param name="Points">Usual points per case.</param>
/// <param name="Cap">Most that counts per unit and period; null for no cap.</param>
public sealed record AdjustmentRule(string Rule, AdjustmentKind Kind, Bilingual Name, decimal Points, decimal? Cap);
