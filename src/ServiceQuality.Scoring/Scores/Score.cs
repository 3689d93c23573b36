using System.Runtime.InteropServices;

namespace ServiceQuality.Scoring;

/// <summary>A 95 % confidence interval in points.</summary>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Interval(double Low, double High);

/// <summary>A 95 % confidence interval of a value, in its unit; an end that the data do not bound is null.</summary>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ValueInterval(double? Low, double? High);

/// <summary>A score with everything that explains it (scoring.md §§ 4, 5). No number in it is ever NaN or infinite.</summary>
/// <param name="Scheme">The scheme version.</param>
/// <param name="Window">The period as of a moment.</param>
/// <param name="Value">0–100; null when no indicator has data.</param>
/// <param name="Unclamped">The same before it is limited to 0–100; Σ contributions + adjustments + 100.</param>
/// <param name="Interval">95 % interval: on either side the root of the sum of squares of effective weight × half interval in points of the leaves, which takes them as independent; limited to 0–100.</param>
/// <param name="Grade">Grade; null when there is no score or <see cref="Coverage"/> is under one half.</param>
/// <param name="Coverage">Share of leaf weight that had data, 0–1.</param>
/// <param name="Units">Units merged.</param>
/// <param name="Families">Every family but the root, in the order of the tree.</param>
/// <param name="Leaves">Every indicator, in the order of the tree.</param>
/// <param name="Adjustments">Deductions and bonuses of the period, by rule.</param>
public sealed record Score(
    Scheme Scheme, PeriodWindow Window, double? Value, double? Unclamped, Interval? Interval, GradeBand? Grade, double Coverage, int Units,
    IReadOnlyList<FamilyScore> Families, IReadOnlyList<LeafScore> Leaves, IReadOnlyList<AdjustmentScore> Adjustments);

/// <summary>A family's part in a score.</summary>
/// <param name="Family">The family.</param>
/// <param name="Points">Points, null without data.</param>
/// <param name="Weight">Share among its siblings, 0–1.</param>
/// <param name="EffectiveWeight">Share of the score that its leaves had: the sum of theirs.</param>
/// <param name="Contribution">What the family cost against a perfect score, ≤ 0.</param>
/// <param name="Coverage">Share of its own leaf weight that had data.</param>
public sealed record FamilyScore(Family Family, double? Points, double Weight, double EffectiveWeight, double Contribution, double Coverage);

/// <summary>An indicator's part in a score.</summary>
/// <param name="Indicator">The indicator, with measure, standard and minimum sample.</param>
/// <param name="Value">Value in the unit of the measure; null without a sample. Shown also when the sample is under the minimum.</param>
/// <param name="Interval">95 % interval of the value.</param>
/// <param name="Sample">Size of the sample: facts (mean, percentile, ratio, …), repairs, failures.</param>
/// <param name="LowerBound">The value is only a lower bound (time between failures without a failure).</param>
/// <param name="Points">Points that count; null when the leaf takes no part in the score.</param>
/// <param name="PointsInterval">The interval mapped through the standard; null unless scored.</param>
/// <param name="Grade">Grade of the points.</param>
/// <param name="Weight">Share among its siblings, 0–1.</param>
/// <param name="EffectiveWeight">Share of the score.</param>
/// <param name="Contribution">Effective weight × (points − 100), ≤ 0.</param>
/// <param name="State">Whether and why it takes part.</param>
/// <param name="Reason">Why it is not scored: no-facts, small-sample, no-base, not-assessed, insufficient-sample; null when scored.</param>
public sealed record LeafScore(
    Indicator Indicator, double? Value, ValueInterval? Interval, long Sample, bool LowerBound, double? Points, Interval? PointsInterval, GradeBand? Grade,
    double Weight, double EffectiveWeight, double Contribution, LeafState State, string? Reason)
{
    /// <summary>
    /// What a reader must know of the value, by code: the marks of a blend whose parts were absent (<c>province-not-sampled</c>, SCO-33), and <c>insufficient-sample</c> when
    /// something was left out of it (MON-18). Empty for nothing.
    /// </summary>
    public IReadOnlyList<string> Marks { get; init; } = [];

    /// <summary>
    /// Whether the value reaches the target of its indicator (for satisfaction 80 %, SCO-32): on the target is reached, but for the noise of a sum. Null without a target, without
    /// a sample large enough, or where better is inside and not beyond.
    /// </summary>
    public bool? MeetsTarget => (Value, Indicator.Target, Indicator.Direction) is ({ } value, { } target, Direction.Higher or Direction.Lower) && Sample >= Indicator.MinimumSample
        ? Math.Round(Indicator.Direction == Direction.Higher ? value - target : target - value, 9) >= 0
        : null;
}

/// <summary>How a leaf takes part in a score.</summary>
public enum LeafState
{
    /// <summary>It had data.</summary>
    Scored,

    /// <summary>It had none, and its weight went to others.</summary>
    NoData,

    /// <summary>It had none and holds its last value.</summary>
    Held,

    /// <summary>It had none and counts as the policy's points.</summary>
    Neutral,

    /// <summary>It had none and counts as 0.</summary>
    Zero,
}

/// <summary>Deductions or bonuses of a rule in the period. In a roll-up the unit's own count in full, those of the units below it as the mean over the merged units, each capped by itself.</summary>
/// <param name="Rule">Code of the rule.</param>
/// <param name="Kind">Deduction or bonus.</param>
/// <param name="Points">Points of the facts.</param>
/// <param name="Counted">Points that count, after the cap; 0 for a rule that the scheme does not know.</param>
/// <param name="Facts">How many facts, withdrawn ones not counted.</param>
/// <param name="Reason">capped, unknown-rule, or null.</param>
public sealed record AdjustmentScore(string Rule, AdjustmentKind Kind, decimal Points, decimal Counted, int Facts, string? Reason);
