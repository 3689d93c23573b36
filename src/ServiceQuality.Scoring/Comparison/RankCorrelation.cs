namespace ServiceQuality.Scoring.Comparison;

/// <summary>How far two rankings of the same units agree (scoring.md §10).</summary>
public static class RankCorrelation
{
    /// <summary>
    /// Kendall's τ-b: (concordant − discordant pairs) / √((pairs not tied in the first) × (pairs not tied in the second)); 1 for the same order, −1 for the reverse one.
    /// Knight's method (JASA 61, 1966): n log n.
    /// </summary>
    /// <param name="first">A number of each unit; only the order counts.</param>
    /// <param name="second">Another number of each unit, in the same order of units.</param>
    /// <returns>−1 to 1; null when there are fewer than two units or one of the lists has a single value throughout.</returns>
    /// <exception cref="ArgumentException">The lists are not of one length, or a number is not finite.</exception>
    public static double? KendallTauB(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        if (first.Count != second.Count)
            throw new ArgumentException($"One list has {first.Count} numbers, the other {second.Count}.", nameof(second));
        for (var i = 0; i < first.Count; i++)
        {
            if (!double.IsFinite(first[i]) || !double.IsFinite(second[i]))
                throw new ArgumentException($"The number at {i} is not finite.", double.IsFinite(first[i]) ? nameof(second) : nameof(first));
        }

        var pairs = first.Select((x, i) => (X: x, Y: second[i])).Order().ToArray();
        var all = Pairs(pairs.Length);
        var tiedFirst = Tied(pairs, (a, b) => a.X == b.X);
        var tiedBoth = Tied(pairs, (a, b) => a == b);
        var values = Array.ConvertAll(pairs, pair => pair.Y);
        var discordant = Inversions(values, new double[values.Length]);
        var tiedSecond = Tied(values, (a, b) => a == b);
        if (all == tiedFirst || all == tiedSecond)
            return null;
        var balance = all - tiedFirst - tiedSecond + tiedBoth - (2 * discordant);
        return Math.Clamp(balance / (Math.Sqrt(all - tiedFirst) * Math.Sqrt(all - tiedSecond)), -1, 1);
    }

    private static long Pairs(long n) => n * (n - 1) / 2;

    /// <summary>Pairs of equal elements in a sorted list.</summary>
    private static long Tied<T>(T[] sorted, Func<T, T, bool> equal)
    {
        long tied = 0, run = 1;
        for (var i = 1; i < sorted.Length; i++)
        {
            run = equal(sorted[i], sorted[i - 1]) ? run + 1 : 1;
            tied += run - 1;
        }
        return tied;
    }

    /// <summary>Sorts by merging and counts how many pairs stood in the wrong order.</summary>
    private static long Inversions(Span<double> values, Span<double> spare)
    {
        if (values.Length < 2)
            return 0;
        var half = values.Length / 2;
        var count = Inversions(values[..half], spare[..half]) + Inversions(values[half..], spare[half..]);
        for (int left = 0, right = half, to = 0; to < values.Length; to++)
        {
            if (right == values.Length || (left < half && values[left] <= values[right]))
            {
                spare[to] = values[left++];
                continue;
            }
            spare[to] = values[right++];
            count += half - left;
        }
        spare.CopyTo(values);
        return count;
    }
}
