namespace ServiceQuality.Scoring.Results;

/// <summary>A unit's rank among the units with the same parent.</summary>
/// <param name="Place">1 is best; equal official points share a place, and the next place is left out (1, 2, 2, 4).</param>
/// <param name="Of">How many are ranked; units without a result are not.</param>
public sealed record SiblingRank(int Place, int Of)
{
    /// <summary>The ranks of siblings, in their order; null for whom there is no result.</summary>
    public static IReadOnlyList<SiblingRank?> Among(IReadOnlyList<decimal?> official)
    {
        var ranked = official.Count(points => points is not null);
        return [.. official.Select(points => points is { } own ? new SiblingRank(1 + official.Count(other => other > own), ranked) : null)];
    }
}
