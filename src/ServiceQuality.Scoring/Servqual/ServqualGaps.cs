using System.Runtime.InteropServices;
using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Scoring.Servqual;

/// <summary>Pairs summed up; sums of units add up to those of their region.</summary>
/// <param name="Count">How many pairs.</param>
/// <param name="Expectation">Σ expectation.</param>
/// <param name="Perception">Σ perception.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ServqualSum(long Count, double Expectation, double Perception)
{
    /// <summary>With one pair more.</summary>
    public ServqualSum With(ServqualPair pair) => new(Count + 1, Expectation + pair.Expectation, Perception + pair.Perception);

    /// <summary>Both together.</summary>
    public static ServqualSum operator +(ServqualSum one, ServqualSum other) => new(one.Count + other.Count, one.Expectation + other.Expectation, one.Perception + other.Perception);

    /// <summary>Both together.</summary>
    public static ServqualSum Add(ServqualSum left, ServqualSum right) => left + right;
}

/// <summary>One dimension's gap (SCO-11).</summary>
/// <param name="Dimension">The dimension.</param>
/// <param name="Count">Pairs.</param>
/// <param name="Expectation">Mean expectation; null without pairs.</param>
/// <param name="Perception">Mean perception; null without pairs.</param>
/// <param name="Gap">Mean perception − mean expectation; below 0 the service falls short.</param>
/// <param name="Weight">Share among the dimensions with pairs, 0–1.</param>
/// <param name="Weighted">Weight × gap: the dimension's part in the total.</param>
public sealed record DimensionGap(ServqualDimension Dimension, long Count, double? Expectation, double? Perception, double? Gap, double Weight, double? Weighted);

/// <summary>One item's gap.</summary>
/// <param name="Key"><c>dimension</c> for answers about the dimension as a whole, or <c>dimension.item</c>.</param>
/// <param name="Dimension">The dimension.</param>
/// <param name="Count">Pairs.</param>
/// <param name="Expectation">Mean expectation.</param>
/// <param name="Perception">Mean perception.</param>
/// <param name="Gap">Mean perception − mean expectation.</param>
/// <param name="Weighted">The item's part in the weighted total: weight of the dimension × its share of the dimension's pairs × gap. The parts of all items sum to the total.</param>
public sealed record ItemGap(string Key, ServqualDimension Dimension, long Count, double Expectation, double Perception, double Gap, double Weighted);

/// <summary>SERVQUAL gaps of a set of answers (SCO-11, MON-22, XR-34).</summary>
/// <param name="Dimensions">All five, in their order.</param>
/// <param name="Items">Items with pairs, in the order of dimension and key.</param>
/// <param name="Total">SQ = Σ w · gap over the dimensions with pairs, whose weights are re-normalised; null without pairs.</param>
/// <param name="Coverage">Share of weight that had pairs, 0–1.</param>
public sealed record ServqualGaps(IReadOnlyList<DimensionGap> Dimensions, IReadOnlyList<ItemGap> Items, double? Total, double Coverage)
{
    /// <summary>Items from the widest shortfall, by size.</summary>
    public IReadOnlyList<ItemGap> WorstBySize => [.. Items.OrderBy(item => item.Gap).ThenBy(item => item.Key, StringComparer.Ordinal)];

    /// <summary>Items from the widest shortfall, by their part in the weighted total.</summary>
    public IReadOnlyList<ItemGap> WorstByWeight => [.. Items.OrderBy(item => item.Weighted).ThenBy(item => item.Key, StringComparer.Ordinal)];

    /// <summary>Gaps of sums by key.</summary>
    /// <param name="sums">Sums by <c>dimension</c> or <c>dimension.item</c>; sums without pairs are passed over.</param>
    /// <exception cref="ArgumentException">A key names none of the five dimensions, or a sum is not finite or of fewer than no pairs.</exception>
    public static ServqualGaps Of(IReadOnlyDictionary<string, ServqualSum> sums)
    {
        foreach (var (key, sum) in sums)
        {
            if (ServqualDimension.OfKey(key) is null || sum.Count < 0 || !double.IsFinite(sum.Expectation) || !double.IsFinite(sum.Perception))
                throw new ArgumentException($"'{key}' with {sum} is no sum of pairs of a dimension.", nameof(sums));
        }
        var known = sums.Where(pair => pair.Value.Count > 0).Select(pair => (pair.Key, Sum: pair.Value, Dimension: ServqualDimension.OfKey(pair.Key)!)).OrderBy(item => item.Key, StringComparer.Ordinal).ToList();
        var totals = ServqualDimension.All.ToDictionary(dimension => dimension, dimension => known.Where(item => item.Dimension == dimension).Aggregate(default(ServqualSum), (sum, item) => sum + item.Sum));
        var covered = ServqualDimension.All.Where(dimension => totals[dimension].Count > 0).Sum(dimension => dimension.Weight);
        var dimensions = ServqualDimension.All.Select(dimension => Gap(dimension, totals[dimension], covered)).ToList();
        var items = ServqualDimension.All.SelectMany(dimension => known.Where(item => item.Dimension == dimension)).Select(item =>
        {
            var (n, gap) = (item.Sum.Count, (item.Sum.Perception - item.Sum.Expectation) / item.Sum.Count);
            return new ItemGap(item.Key, item.Dimension, n, item.Sum.Expectation / n, item.Sum.Perception / n, gap, item.Dimension.Weight / covered * ((double)n / totals[item.Dimension].Count) * gap);
        }).ToList();
        return new(dimensions, items, covered > 0 ? dimensions.Sum(dimension => dimension.Weighted ?? 0) : null, Math.Min(1, covered));
    }

    private static DimensionGap Gap(ServqualDimension dimension, ServqualSum sum, double covered)
    {
        if (sum.Count == 0)
            return new(dimension, 0, null, null, null, 0, null);
        var (gap, weight) = ((sum.Perception - sum.Expectation) / sum.Count, dimension.Weight / covered);
        return new(dimension, sum.Count, sum.Expectation / sum.Count, sum.Perception / sum.Count, gap, weight, weight * gap);
    }
}
