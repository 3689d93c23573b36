using System.Runtime.InteropServices;
using ServiceQuality.Scoring.Comparison;

namespace ServiceQuality.Scoring.Trials;

/// <summary>
/// A scheme tried on units without taking effect (scoring.md §10, SCO-34): what every unit scores under the present version and would score under the edited one, from the
/// same readings. Units are added one after the other and only their figures are kept, so that thousands of them need little memory. Both scores are those of
/// <see cref="Scorer.Evaluate"/>, bit for bit. Not safe for several threads at once.
/// </summary>
/// <remarks>
/// Weights, breakpoints, bands, missing policies, minimum samples and caps can be tried on any readings. What the edited scheme newly measures has no data in them and is
/// treated as its missing policy says; <see cref="TrialResult.NotMeasured"/> names these indicators. A family that holds values for more days than the readings bring along holds
/// what they have; <see cref="TrialResult.HeldDays"/> says how many.
/// </remarks>
public sealed class Trial
{
    /// <summary>Smaller differences are the noise of sums, not a change of the score.</summary>
    public const double Noise = 1e-9;

    private readonly (Indicator Indicator, int Before, int After)[] leaves;
    private readonly LeafTotal[] totals;
    private readonly List<UnitEffect> units = [];
    private MeasureCatalogue? catalogue;
    private int? heldDays;

    /// <summary>A trial of one scheme against another.</summary>
    /// <param name="present">What the effect is measured from, mostly the version in force.</param>
    /// <param name="edited">What is tried.</param>
    public Trial(Scheme present, Scheme edited)
    {
        (Present, Edited) = (present, edited);
        var before = present.Indicators.Select((leaf, i) => (leaf.Code, i)).ToDictionary(leaf => leaf.Code, leaf => leaf.i, StringComparer.Ordinal);
        var after = edited.Indicators.Select(leaf => leaf.Code).ToHashSet(StringComparer.Ordinal);
        leaves =
        [
            .. edited.Indicators.Select((leaf, i) => (leaf, before.GetValueOrDefault(leaf.Code, -1), i)),
            .. present.Indicators.Select((leaf, i) => (leaf, i, -1)).Where(leaf => !after.Contains(leaf.leaf.Code)),
        ];
        totals = new LeafTotal[leaves.Length];
    }

    /// <summary>The scheme that the effect is measured from.</summary>
    public Scheme Present { get; }

    /// <summary>The scheme that is tried.</summary>
    public Scheme Edited { get; }

    /// <summary>Adds a unit; <see cref="TrialResult.Units"/> keeps the order.</summary>
    /// <param name="readings">What the unit's ledger says.</param>
    public void Add(Readings readings) => Add(readings, readings);

    /// <summary>Adds a unit that is itself a roll-up of others.</summary>
    /// <param name="before">Readings for the present scheme.</param>
    /// <param name="after">Readings for the edited scheme: others than <paramref name="before"/> where the two roll up differently.</param>
    public void Add(Readings before, Readings after)
    {
        var (present, edited) = (Scorer.Points(Present, before), Scorer.Points(Edited, after));
        catalogue ??= after.Catalogue;
        heldDays = Math.Min(heldDays ?? int.MaxValue, after.Before.Length);
        for (var i = 0; i < edited.Leaves.Length; i++)
            totals[i].Scored |= edited.Leaves[i].State == LeafState.Scored;
        units.Add(Compare(present, edited, count: true));
    }

    /// <summary>The effect on one unit, or on many merged, without adding it.</summary>
    /// <param name="before">Readings for the present scheme.</param>
    /// <param name="after">Readings for the edited scheme: others than <paramref name="before"/> where many units were merged and the schemes roll up differently.</param>
    public UnitEffect EffectOn(Readings before, Readings after) => Compare(Scorer.Points(Present, before), Scorer.Points(Edited, after), count: false);

    /// <summary>What the trial found on the units added so far.</summary>
    public TrialResult Result()
    {
        var ranked = Ranked(units);
        var both = ranked.Where(unit => unit is { RankBefore: not null, RankAfter: not null }).ToList();
        var changes = ranked.Where(unit => unit.Change is not null).Select(unit => unit.Change!.Value).Order().ToList();
        var notMeasured = catalogue is { } known ? Edited.Indicators.Where(leaf => !known.Holds(leaf.Measure)).ToList() : [];
        var wanted = Edited.Families.Prepend(Edited.Root).Max(family => family.Missing.Days);
        var silent = Edited.Indicators.Where((leaf, i) => units.Count > 0 && !totals[i].Scored && !notMeasured.Contains(leaf)).ToList();
        return new(
            Present, Edited, ranked, Totals(ranked, both, changes), Moves(ranked), LeafEffects(changes.Count), notMeasured, silent, wanted > heldDays ? heldDays : null);
    }

    private static TrialTotals Totals(List<UnitEffect> ranked, List<UnitEffect> both, List<double> changes) => new(
        ranked.Count, changes.Count, changes.Count(change => change > Noise), changes.Count(change => change < -Noise),
        changes.Count == 0 ? null : changes.Average(), changes.Count == 0 ? null : Median(changes),
        both.Count, RankCorrelation.KendallTauB([.. both.Select(unit => (double)unit.RankBefore!.Value)], [.. both.Select(unit => (double)unit.RankAfter!.Value)]), both.Count(unit => Math.Abs(unit.RankMove!.Value) >= 2), both.Count == 0 ? 0 : both.Max(unit => Math.Abs(unit.RankMove!.Value)),
        ranked.Count(unit => unit.GradeBefore?.Code != unit.GradeAfter?.Code));

    /// <summary>Effects and leading leaf of a unit; the leaves' totals count units that have both scores.</summary>
    private UnitEffect Compare(ScorePoints before, ScorePoints after, bool count)
    {
        var comparable = before.Value is not null && after.Value is not null;
        var (leading, largest) = (default(Indicator), Noise);
        for (var i = 0; comparable && i < leaves.Length; i++)
        {
            var (indicator, from, to) = leaves[i];
            var (earlier, later) = (from < 0 ? default : before.Leaves[from], to < 0 ? default : after.Leaves[to]);
            var effect = later.Contribution - earlier.Contribution;
            if (Math.Abs(effect) > Math.Abs(largest))
                (leading, largest) = (indicator, effect);
            if (!count || (earlier == later))
                continue;
            var (points, weight) = ScoreChange.Effects(earlier.Points, earlier.EffectiveWeight, later.Points, later.EffectiveWeight);
            ref var total = ref totals[i];
            (total.Points, total.Weight) = (total.Points + points, total.Weight + weight);
            total.Units += Math.Abs(effect) > Noise ? 1 : 0;
        }
        return new(before.Value, after.Value, before.Grade, after.Grade, before.Coverage, after.Coverage, null, null, leading, leading is null ? 0 : largest);
    }

    /// <summary>Graded units have a rank, 1 is best; equal scores share the better one.</summary>
    private static List<UnitEffect> Ranked(List<UnitEffect> units)
    {
        var (before, after) = (Ranks(units, unit => unit.GradeBefore is null ? null : unit.Before), Ranks(units, unit => unit.GradeAfter is null ? null : unit.After));
        return [.. units.Select((unit, i) => unit with { RankBefore = before[i], RankAfter = after[i] })];
    }

    private static int?[] Ranks(List<UnitEffect> units, Func<UnitEffect, double?> score)
    {
        var ranks = new int?[units.Count];
        var sorted = units.Select((unit, i) => (Score: score(unit), i)).Where(one => one.Score is not null).Select(one => (Score: Math.Round(one.Score!.Value, 9), one.i)).OrderByDescending(one => one.Score).ToList();
        for (var i = 0; i < sorted.Count; i++)
            ranks[sorted[i].i] = i > 0 && sorted[i].Score == sorted[i - 1].Score ? ranks[sorted[i - 1].i] : i + 1;
        return ranks;
    }

    private static List<GradeMove> Moves(List<UnitEffect> ranked) =>
        [.. ranked.GroupBy(unit => (unit.GradeBefore, unit.GradeAfter)).Select(move => new GradeMove(move.Key.GradeBefore, move.Key.GradeAfter, move.Count()))
            .OrderByDescending(move => move.From?.From ?? -1).ThenByDescending(move => move.To?.From ?? -1)];

    private List<LeafEffect> LeafEffects(int compared) =>
        [.. leaves.Select((leaf, i) => new LeafEffect(leaf.Indicator, totals[i].Points / Math.Max(1, compared), totals[i].Weight / Math.Max(1, compared), totals[i].Units))
            .Where(leaf => leaf.Units > 0).OrderByDescending(leaf => Math.Abs(leaf.MeanEffect)).ThenBy(leaf => leaf.Indicator.Code, StringComparer.Ordinal)];

    private static double Median(List<double> sorted) => (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;

    [StructLayout(LayoutKind.Auto)]
    private struct LeafTotal
    {
        public double Points;
        public double Weight;
        public int Units;
        public bool Scored;
    }
}
