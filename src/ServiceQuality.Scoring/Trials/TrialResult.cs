namespace ServiceQuality.Scoring.Trials;

/// <summary>What a trial found (scoring.md §10).</summary>
/// <param name="Present">The scheme that the effect is measured from.</param>
/// <param name="Edited">The scheme that was tried.</param>
/// <param name="Units">Every unit in the order in which it was added.</param>
/// <param name="Totals">Over all of them.</param>
/// <param name="GradeMoves">How many units go from which grade to which, those that stay included: together every unit, once.</param>
/// <param name="Leaves">The indicators whose part in any score changes, those with the largest mean effect first; indicators of either scheme.</param>
/// <param name="NotMeasured">Indicators of the edited scheme that the ledgers do not measure yet: they have no data until the scheme is approved.</param>
/// <param name="Silent">Other indicators of the edited scheme for which no unit has a sufficient sample (SCO-03: a model must be operable).</param>
/// <param name="HeldDays">Days before the window that were there for families that hold values; null when these were enough.</param>
public sealed record TrialResult(
    Scheme Present, Scheme Edited, IReadOnlyList<UnitEffect> Units, TrialTotals Totals, IReadOnlyList<GradeMove> GradeMoves, IReadOnlyList<LeafEffect> Leaves,
    IReadOnlyList<Indicator> NotMeasured, IReadOnlyList<Indicator> Silent, int? HeldDays);

/// <summary>What the edited scheme does to one unit.</summary>
/// <param name="Before">Score under the present scheme, 0–100; null without data.</param>
/// <param name="After">Score under the edited scheme; null without data.</param>
/// <param name="GradeBefore">Grade under the present scheme; null without a score or with too little coverage.</param>
/// <param name="GradeAfter">Grade under the edited scheme, of its own bands.</param>
/// <param name="CoverageBefore">Coverage under the present scheme, 0–1.</param>
/// <param name="CoverageAfter">Coverage under the edited scheme, 0–1.</param>
/// <param name="RankBefore">Place among the graded units of the trial, 1 is best; equal scores share a place. Null when not graded.</param>
/// <param name="RankAfter">The same under the edited scheme.</param>
/// <param name="Leading">The indicator whose contribution changes the most; null when none does.</param>
/// <param name="LeadingEffect">Change of its contribution, in points of the score.</param>
public sealed record UnitEffect(
    double? Before, double? After, GradeBand? GradeBefore, GradeBand? GradeAfter, double CoverageBefore, double CoverageAfter, int? RankBefore, int? RankAfter,
    Indicator? Leading, double LeadingEffect)
{
    /// <summary>Change of the score; null unless there are both scores.</summary>
    public double? Change => After - Before;

    /// <summary>Places won (positive) or lost; null unless ranked under both schemes.</summary>
    public int? RankMove => RankBefore - RankAfter;
}

/// <summary>Figures over all units of a trial.</summary>
/// <param name="Units">Units tried.</param>
/// <param name="Compared">Units with a score under both schemes.</param>
/// <param name="Winners">Units whose score rises.</param>
/// <param name="Losers">Units whose score falls.</param>
/// <param name="MeanChange">Mean change of the score of those compared; null when there are none.</param>
/// <param name="MedianChange">Median of the same.</param>
/// <param name="Ranked">Units graded, and so ranked, under both schemes.</param>
/// <param name="Tau">Kendall's τ-b between the two rankings, −1 to 1; null with fewer than two different ranks on a side.</param>
/// <param name="MovedTwo">Ranked units that move two places or more.</param>
/// <param name="LargestMove">The most places that a ranked unit moves.</param>
/// <param name="GradeChanges">Units that change their grade, gain one or lose it.</param>
public sealed record TrialTotals(
    int Units, int Compared, int Winners, int Losers, double? MeanChange, double? MedianChange, int Ranked, double? Tau, int MovedTwo, int LargestMove, int GradeChanges);

/// <summary>Units that go from one grade to another.</summary>
/// <param name="From">Grade under the present scheme; null for none.</param>
/// <param name="To">Grade under the edited scheme; null for none.</param>
/// <param name="Units">How many.</param>
public sealed record GradeMove(GradeBand? From, GradeBand? To, int Units);

/// <summary>What one indicator does to the scores of the units compared.</summary>
/// <param name="Indicator">The indicator, of the edited scheme where it has it.</param>
/// <param name="MeanPointsEffect">Mean effect of its own points (standard, minimum sample), in points of the score.</param>
/// <param name="MeanWeightEffect">Mean effect of its weight.</param>
/// <param name="Units">Units whose score it changes.</param>
public sealed record LeafEffect(Indicator Indicator, double MeanPointsEffect, double MeanWeightEffect, int Units)
{
    /// <summary>Both effects. Over all indicators they sum to the mean change of the score, but for adjustments and the limits 0 and 100.</summary>
    public double MeanEffect => MeanPointsEffect + MeanWeightEffect;
}
