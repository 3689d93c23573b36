using System.Text.Json.Serialization;

namespace ServiceQuality.Scoring.Results;

/// <summary>
/// The official result of one unit for one closed period (scoring.md §11): what it was computed from, what came out and why. It is stored as canonical JSON
/// with the SHA-256 of all the rest in <c>hash</c>, and never changes; see <see cref="ResultSeal"/>.
/// </summary>
/// <param name="Format"><see cref="CurrentFormat"/>.</param>
/// <param name="Number">0 for the result, 1, 2, 3 … for its restatements.</param>
/// <param name="Unit">The unit as it was when the period was closed.</param>
/// <param name="Period">The period.</param>
/// <param name="From">Beginning of the period, inclusive.</param>
/// <param name="To">End of the period, exclusive.</param>
/// <param name="AsOf">The moment of the reading.</param>
/// <param name="Scheme">The scheme version that was in force at the period's end.</param>
/// <param name="Journals">Position of every journal that it stands on, the unit's own and those below it.</param>
/// <param name="Official">Official points, two decimals; null when the unit was not scored.</param>
/// <param name="Grade">Code of the grade; null without a score or with a coverage under one half.</param>
/// <param name="Coverage">Share of leaf weight that had data; of an annual result the share of quarters with a result.</param>
/// <param name="Rank">Rank among the units with the same parent; null when not ranked.</param>
/// <param name="Sum">The sum that leads to the official points.</param>
/// <param name="Exact">The score with all its bits; null for an annual result and without data.</param>
/// <param name="Families">Families in the order of the scheme; empty for an annual result.</param>
/// <param name="Leaves">Indicators in the order of the scheme: input, points, contribution; empty for an annual result.</param>
/// <param name="Adjustments">Deductions and bonuses by rule.</param>
/// <param name="NotScored">Active units below it without a fact in the period; they are listed, not counted as zero (SCO-29).</param>
/// <param name="Annual">The quarters of an annual result; null for other periods.</param>
/// <param name="Restatement">Why it replaces another document, and what changed; null for number 0.</param>
public sealed record ResultDocument(
    string Format, int Number, ResultUnit Unit, string Period, DateTimeOffset From, DateTimeOffset To, DateTimeOffset AsOf, ResultScheme Scheme, IReadOnlyList<ResultJournal> Journals,
    decimal? Official, string? Grade, double Coverage, SiblingRank? Rank, OfficialSum? Sum, ExactScore? Exact,
    IReadOnlyList<ResultFamily> Families, IReadOnlyList<ResultLeaf> Leaves, IReadOnlyList<ResultAdjustment> Adjustments, IReadOnlyList<ResultMissing> NotScored,
    AnnualResult? Annual, Restatement? Restatement)
{
    /// <summary>How many of the costliest facts each indicator names at most (scoring.md §5); null in a document without them: of a year, or older than they are.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? FactsPerLeaf { get; init; }

    /// <summary>The format that is written at present.</summary>
    public const string CurrentFormat = "servicequality.result.v1";

    /// <summary>The document of a period that is scored from its facts.</summary>
    public static ResultDocument Of(ResultUnit unit, Score score, IReadOnlyList<ResultJournal> journals, IReadOnlyList<ResultMissing> notScored)
    {
        var sum = score.Value is null ? null : OfficialPoints.SumOf(score);
        return new(
            CurrentFormat, 0, unit, score.Window.Period.ToString(), score.Window.From, score.Window.To, score.Window.AsOf, ResultScheme.Of(score.Scheme), journals,
            sum?.Official, score.Grade is null || sum is null ? null : score.Scheme.GradeOf((double)sum.Official).Code, score.Coverage, null, sum,
            score is { Value: { } value, Unclamped: { } unclamped, Interval: { } interval } ? new(value, unclamped, interval.Low, interval.High) : null,
            [.. score.Families.Select(f => new ResultFamily(f.Family.Code, f.Points, f.EffectiveWeight, f.Contribution, f.Coverage))],
            [.. score.Leaves.Select(ResultLeaf.Of)], [.. score.Adjustments.Select(ResultAdjustment.Of)], notScored, null, null);
    }

    /// <summary>Whether everything that counts is the same; the moment and the journals' positions alone make no difference.</summary>
    public bool SaysTheSameAs(ResultDocument other) =>
        Official == other.Official && Grade == other.Grade && Coverage == other.Coverage && Exact == other.Exact && Adjustments.SequenceEqual(other.Adjustments)
        && Leaves.Count == other.Leaves.Count && Leaves.Zip(other.Leaves).All(pair => pair.First.SaysTheSameAs(pair.Second)) && (Annual?.Quarters ?? []).SequenceEqual(other.Annual?.Quarters ?? []);

    /// <summary>The document of a year (SCO-20): the quarters count, and of the year's own facts the orders not held.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="score">The score of the whole year, for its window, scheme and adjustments.</param>
    /// <param name="annual">The annual result.</param>
    /// <param name="rule">The rule of orders not held.</param>
    /// <param name="journals">Journals.</param>
    /// <param name="notScored">Units without a fact.</param>
    public static ResultDocument OfYear(
        ResultUnit unit, Score score, AnnualResult annual, string rule, IReadOnlyList<ResultJournal> journals, IReadOnlyList<ResultMissing> notScored) => new(
        CurrentFormat, 0, unit, score.Window.Period.ToString(), score.Window.From, score.Window.To, score.Window.AsOf, ResultScheme.Of(score.Scheme), journals,
        annual.Official, annual.Official is { } official && annual.Coverage >= Scorer.GradedCoverage ? score.Scheme.GradeOf((double)official).Code : null, annual.Coverage, null, annual.Sum, null,
        [], [], [.. score.Adjustments.Where(a => a.Rule == rule).Select(a => new ResultAdjustment(a.Rule, "deduction", a.Points, a.Points, a.Facts, null))], notScored, annual, null);
}

/// <summary>A unit as it stands in a result.</summary>
public sealed record ResultUnit(Guid Id, string Code, Bilingual Name, string Path, string TimeZone);

/// <summary>The scheme version of a result; the hash is that of its JSON.</summary>
public sealed record ResultScheme(string Id, int Version, string Hash)
{
    /// <summary>The reference of a scheme.</summary>
    public static ResultScheme Of(Scheme scheme) => new(scheme.Id, scheme.Version, scheme.Hash);
}

/// <summary>A journal behind a result: folding its first <paramref name="Seq"/> facts in the unit's time zone gives the same bits again.</summary>
public sealed record ResultJournal(Guid Unit, long Seq, string TimeZone)
{
    /// <summary>As of when it was read, where that is not the document's own moment: a region that is restated for one branch stands on the others as they were.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? AsOf { get; init; }
}

/// <summary>A score with all its bits, before and after limiting, and its 95 % interval.</summary>
public sealed record ExactScore(double Value, double Unclamped, double Low, double High);

/// <summary>A family's part; see <see cref="FamilyScore"/>.</summary>
public sealed record ResultFamily(string Code, double? Points, double EffectiveWeight, double Contribution, double Coverage);

/// <summary>An indicator's part: its input (value, 95 % interval, sample), points and contribution; see <see cref="LeafScore"/>.</summary>
public sealed record ResultLeaf(
    string Code, double? Value, double? Low, double? High, long Sample, bool LowerBound, double? Points, double? PointsLow, double? PointsHigh,
    double EffectiveWeight, double Contribution, string State, string? Reason)
{
    /// <summary>The leaf of a score.</summary>
    public static ResultLeaf Of(LeafScore leaf) => new(
        leaf.Indicator.Code, leaf.Value, leaf.Interval?.Low, leaf.Interval?.High, leaf.Sample, leaf.LowerBound, leaf.Points, leaf.PointsInterval?.Low, leaf.PointsInterval?.High,
        leaf.EffectiveWeight, leaf.Contribution, leaf.State switch { LeafState.Scored => "scored", LeafState.NoData => "no-data", LeafState.Held => "held", LeafState.Neutral => "neutral", _ => "zero" }, leaf.Reason)
    {
        Marks = leaf.Marks.Count == 0 ? null : leaf.Marks,
    };

    /// <summary>Equal in every figure and in its marks, which are a list and so not compared by the record itself.</summary>
    internal bool SaysTheSameAs(ResultLeaf other) =>
        this with { Marks = null, Facts = null } == other with { Marks = null, Facts = null } && (Marks ?? []).SequenceEqual(other.Marks ?? []);

    /// <summary>What a reader must know of the value, by code, for example <c>province-not-sampled</c> (SCO-33, MON-18); null for nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Marks { get; init; }

    /// <summary>The facts that cost it the most, the costliest first; null for none. They explain the figures and are no figures themselves.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ResultFact>? Facts { get; init; }
}

/// <summary>Deductions or bonuses of a rule; see <see cref="AdjustmentScore"/>.</summary>
public sealed record ResultAdjustment(string Rule, string Kind, decimal Points, decimal Counted, int Facts, string? Reason)
{
    /// <summary>The adjustment of a score.</summary>
    public static ResultAdjustment Of(AdjustmentScore score) =>
        new(score.Rule, score.Kind == AdjustmentKind.Bonus ? "bonus" : "deduction", score.Points, score.Counted, score.Facts, score.Reason);
}

/// <summary>A unit that was not scored.</summary>
public sealed record ResultMissing(Guid Unit, string Code, Bilingual Name);

/// <summary>Why a document replaces another.</summary>
/// <param name="Former">Hash of the document that it replaces.</param>
/// <param name="Reason">Why.</param>
/// <param name="Appeal">The appeal that was accepted; null for facts that came late.</param>
/// <param name="Difference">What changed.</param>
public sealed record Restatement(string Former, string Reason, Guid? Appeal, ResultDifference Difference)
{
    /// <summary>The document whose restatement took this one along; null where this one is the cause itself.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RestatementCause? Cause { get; init; }
}

/// <summary>The restated document of another unit that changed this one.</summary>
/// <param name="Unit">The unit.</param>
/// <param name="Code">Its code.</param>
/// <param name="Number">Number of its new document.</param>
/// <param name="Hash">Hash of its new document.</param>
public sealed record RestatementCause(Guid Unit, string Code, int Number, string Hash);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ResultDocument))]
internal sealed partial class ResultJson : JsonSerializerContext;
