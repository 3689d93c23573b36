namespace ServiceQuality.Scoring.Results;

/// <summary>What changed between two documents of a unit and period. Without a score on one side there are no parts.</summary>
/// <param name="Official">Change of the official points; null when one of the two has none.</param>
/// <param name="Exact">Change of the score with all its bits; the parts sum to it within 1e-9.</param>
/// <param name="Leaves">Leaves that changed.</param>
/// <param name="Adjustments">Change of bonuses less deductions.</param>
/// <param name="Limit">What limiting to 0–100 changed.</param>
public sealed record ResultDifference(decimal? Official, double? Exact, IReadOnlyList<LeafDifference> Leaves, decimal Adjustments, double Limit)
{
    /// <summary>
    /// Takes the difference apart as <see cref="ScoreChange.Between"/> does: per leaf mean weight × change of points, plus change of weight × mean of points − 100.
    /// </summary>
    public static ResultDifference Between(ResultDocument from, ResultDocument to)
    {
        var (before, after) = (Net(from), Net(to));
        if (from.Exact is not { } earlier || to.Exact is not { } later)
            return new(to.Official - from.Official, null, [], after - before, 0);
        var codes = to.Leaves.Select(leaf => leaf.Code).Union(from.Leaves.Select(leaf => leaf.Code), StringComparer.Ordinal);
        var leaves = codes.Select(code => LeafDifference.Between(code, from.Leaves.FirstOrDefault(leaf => leaf.Code == code), to.Leaves.FirstOrDefault(leaf => leaf.Code == code)));
        return new(to.Official - from.Official, later.Value - earlier.Value, [.. leaves.Where(leaf => leaf.HasChanged)], after - before,
            later.Value - later.Unclamped - (earlier.Value - earlier.Unclamped));
    }

    private static decimal Net(ResultDocument document) => document.Adjustments.Sum(a => a.Kind == "bonus" ? a.Counted : -a.Counted);
}

/// <summary>What one leaf did to the difference.</summary>
/// <param name="Code">The indicator.</param>
/// <param name="FromPoints">Points before; null when it took no part.</param>
/// <param name="ToPoints">Points after.</param>
/// <param name="FromSample">Sample before.</param>
/// <param name="ToSample">Sample after.</param>
/// <param name="PointsEffect">Effect of its own points.</param>
/// <param name="WeightEffect">Effect of its weight.</param>
public sealed record LeafDifference(string Code, double? FromPoints, double? ToPoints, long FromSample, long ToSample, double PointsEffect, double WeightEffect)
{
    internal bool HasChanged => FromSample != ToSample || FromPoints != ToPoints || PointsEffect != 0 || WeightEffect != 0;

    internal static LeafDifference Between(string code, ResultLeaf? from, ResultLeaf? to)
    {
        var (before, after) = (from?.Points - 100, to?.Points - 100);
        var (loss, gain) = (before ?? after ?? 0, after ?? before ?? 0);
        var (lighter, heavier) = (from?.EffectiveWeight ?? 0, to?.EffectiveWeight ?? 0);
        return new(code, from?.Points, to?.Points, from?.Sample ?? 0, to?.Sample ?? 0, (lighter + heavier) / 2 * (gain - loss), (heavier - lighter) * ((gain + loss) / 2));
    }
}
