namespace ServiceQuality.Scoring;

/// <summary>The change between two scores, taken apart (scoring.md §5). The parts sum to <see cref="Total"/> within 1e-9.</summary>
/// <param name="From">The earlier score.</param>
/// <param name="To">The later score.</param>
/// <param name="Total">Change of the score; null when one of the two has none, and then there are no parts.</param>
/// <param name="Leaves">What each leaf did, in the order of the later tree; leaves that only the earlier tree had come last.</param>
/// <param name="Adjustments">Change of bonuses less deductions.</param>
/// <param name="Clamping">What limiting to 0–100 changed.</param>
public sealed record ScoreChange(Score From, Score To, double? Total, IReadOnlyList<LeafChange> Leaves, double Adjustments, double Clamping)
{
    /// <summary>
    /// Takes a change apart. A leaf's contribution w·(p − 100) changes by mean weight × change of points (points effect) plus change of weight × mean of points − 100
    /// (weight effect: coverage or scheme version): exact, and the same backwards with opposite sign. A leaf that took no part on one side has only a weight effect.
    /// </summary>
    public static ScoreChange Between(Score from, Score to)
    {
        if (from is not { Value: { } before, Unclamped: { } beforeClamping } || to is not { Value: { } after, Unclamped: { } afterClamping })
            return new(from, to, null, [], 0, 0);
        var earlier = from.Leaves.ToDictionary(l => l.Indicator.Code, StringComparer.Ordinal);
        var leaves = to.Leaves.Select(l => Of(earlier.GetValueOrDefault(l.Indicator.Code), l)).ToList();
        var later = to.Leaves.Select(l => l.Indicator.Code).ToHashSet(StringComparer.Ordinal);
        leaves.AddRange(from.Leaves.Where(l => !later.Contains(l.Indicator.Code)).Select(l => Of(l, null)));
        return new(from, to, after - before, leaves, Adjusted(to) - Adjusted(from), after - afterClamping - (before - beforeClamping));
    }

    private static double Adjusted(Score score) =>
        (double)score.Adjustments.Sum(a => a.Kind == AdjustmentKind.Bonus ? a.Counted : -a.Counted);

    /// <summary>The effects of a leaf's own points and of its weight; points are null where it took no part.</summary>
    internal static (double Points, double Weight) Effects(double? pointsBefore, double weightBefore, double? pointsAfter, double weightAfter)
    {
        var (before, after) = (pointsBefore - 100, pointsAfter - 100);
        var (loss, gain) = (before ?? after ?? 0, after ?? before ?? 0);
        return ((weightBefore + weightAfter) / 2 * (gain - loss), (weightAfter - weightBefore) * ((gain + loss) / 2));
    }

    private static LeafChange Of(LeafScore? from, LeafScore? to)
    {
        var (points, weight) = Effects(from?.Points, from?.EffectiveWeight ?? 0, to?.Points, to?.EffectiveWeight ?? 0);
        return new((to ?? from)!.Indicator, points, weight, from, to);
    }
}

/// <summary>What one leaf did to the score.</summary>
/// <param name="Indicator">The indicator, of the later scheme where both have it.</param>
/// <param name="PointsEffect">Effect of its own points.</param>
/// <param name="WeightEffect">Effect of its weight.</param>
/// <param name="From">The leaf before; null when the tree had it not.</param>
/// <param name="To">The leaf after; null when the tree has it no longer.</param>
public sealed record LeafChange(Indicator Indicator, double PointsEffect, double WeightEffect, LeafScore? From, LeafScore? To)
{
    /// <summary>Both effects.</summary>
    public double Total => PointsEffect + WeightEffect;
}
