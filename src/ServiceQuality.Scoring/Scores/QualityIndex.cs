namespace ServiceQuality.Scoring;

/// <summary>The parts that the service-quality index is combined from (SCO-21).</summary>
public enum IndexPart
{
    /// <summary>What customers say.</summary>
    Satisfaction,

    /// <summary>How the service is rendered: waiting, conduct, inspections, staff.</summary>
    Process,

    /// <summary>What comes of it: solved or not, errors, complaints.</summary>
    Result,

    /// <summary>Whether it can be relied on: availability, repairs, risks.</summary>
    Reliability,
}

/// <summary>A part of the index.</summary>
/// <param name="Part">The part; null for indicators that belong to none.</param>
/// <param name="Weight">w: share of the score with which the part took part, 0–1.</param>
/// <param name="Points">s: weighted mean of the points of its indicators, 0–100; null when none of them took part.</param>
/// <param name="Weighted">w · s, in points of the index.</param>
/// <param name="Indicators">Indicators of the part.</param>
/// <param name="Scored">Those of them that took part.</param>
public sealed record IndexPartScore(IndexPart? Part, double Weight, double? Points, double Weighted, int Indicators, int Scored);

/// <summary>
/// The service-quality index of a unit and period (SCO-21): SQI = Σ wᵢ sᵢ over the parts − deductions + bonuses, never below 0 or above 100. It is the score itself, its indicators gathered by part:
/// the weights are those with which they counted, so that nothing is weighed twice and <see cref="Value"/> is the score within 1e-9.
/// </summary>
/// <param name="Parts">The parts that the scheme knows, in the order of <see cref="IndexPart"/>; indicators without a part at the end.</param>
/// <param name="Sum">Σ wᵢ sᵢ; null without any data.</param>
/// <param name="Bonuses">Points of bonuses that count.</param>
/// <param name="Deductions">Points of deductions that count.</param>
/// <param name="Value">The index, 0–100; null without any data.</param>
public sealed record QualityIndex(IReadOnlyList<IndexPartScore> Parts, double? Sum, decimal Bonuses, decimal Deductions, double? Value)
{
    /// <summary>What families and indicators of the delivered schemes belong to, by code: their versions were written before schemes could say it.</summary>
    private static readonly Dictionary<string, IndexPart> Usual = new(StringComparer.Ordinal)
    {
        ["attitude"] = IndexPart.Satisfaction, ["satisfaction"] = IndexPart.Satisfaction, ["satisfaction-rate"] = IndexPart.Satisfaction, ["ces-mean"] = IndexPart.Satisfaction,
        ["efficiency"] = IndexPart.Process, ["innovation"] = IndexPart.Process, ["inspections"] = IndexPart.Process, ["staff"] = IndexPart.Process, ["transfer-rate"] = IndexPart.Process,
        ["quality"] = IndexPart.Result, ["complaints"] = IndexPart.Result,
        ["reliability"] = IndexPart.Reliability, ["risk"] = IndexPart.Reliability,
    };

    /// <summary>The index of a score.</summary>
    public static QualityIndex Of(Score score)
    {
        var parts = score.Leaves.GroupBy(leaf => PartOf(score.Scheme, leaf.Indicator)).OrderBy(part => part.Key is { } known ? (int)known : int.MaxValue).Select(part =>
        {
            var counted = part.Where(leaf => leaf is { Points: not null, EffectiveWeight: > 0 }).ToList();
            var (weight, weighted) = (counted.Sum(leaf => leaf.EffectiveWeight), counted.Sum(leaf => leaf.EffectiveWeight * leaf.Points!.Value));
            return new IndexPartScore(part.Key, weight, weight > 0 ? weighted / weight : null, weighted, part.Count(), counted.Count);
        }).ToList();
        var (bonuses, deductions) = (Counted(AdjustmentKind.Bonus), Counted(AdjustmentKind.Deduction));
        double? sum = score.Value is null ? null : parts.Sum(part => part.Weighted);
        return new(parts, sum, bonuses, deductions, sum is { } known ? Math.Clamp(known + (double)(bonuses - deductions), 0, 100) : null);

        decimal Counted(AdjustmentKind kind) => score.Adjustments.Where(one => one.Kind == kind).Sum(one => one.Counted);
    }

    /// <summary>The part of an indicator: what the scheme says of it or of the nearest family above; where it says nothing at all, what is usual for their codes; null when nothing is known.</summary>
    public static IndexPart? PartOf(Scheme scheme, Indicator indicator)
    {
        var line = new List<SchemeNode> { indicator };
        while (line[^1].Parent is { } above)
            line.Add(scheme.Families.FirstOrDefault(family => family.Code == above) ?? scheme.Root);
        return line.FirstOrDefault(node => node.Part is not null)?.Part ?? line.Where(node => Usual.ContainsKey(node.Code)).Select(node => (IndexPart?)Usual[node.Code]).FirstOrDefault();
    }
}
