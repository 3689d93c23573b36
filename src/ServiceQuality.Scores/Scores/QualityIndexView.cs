using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Scores;

/// <summary>A part of the service-quality index; code: satisfaction, process, result, reliability, or other for indicators that belong to none.</summary>
internal sealed record IndexPartView(string Code, double Weight, double? Points, double Weighted, int Indicators, int Scored)
{
    public static IndexPartView Of(IndexPartScore part) => new(part.Part is { } known ? Codes.Of(known) : "other", part.Weight, part.Points, part.Weighted, part.Indicators, part.Scored);
}

/// <summary>A case that took or gave points: what happened, for people; reason and order only for those who may read facts. Counted, after caps and over units, stands with the rule in the score's adjustments.</summary>
internal sealed record AdjustmentCaseView(UnitView Unit, string Rule, Bilingual? Name, string Kind, decimal Points, string? Reason, string? Order, DateTimeOffset Time);

/// <summary>The service-quality index of the unit and period (SCO-21): value = Σ weight × points of the parts + bonuses − deductions, 0 to 100. It is the score.</summary>
/// <param name="MoreCases">There are more cases than listed: the newest are.</param>
internal sealed record QualityIndexView(IReadOnlyList<IndexPartView> Parts, double? Sum, decimal Bonuses, decimal Deductions, double? Value, IReadOnlyList<AdjustmentCaseView> Cases, bool MoreCases)
{
    public static QualityIndexView Of(UnitScore score, AdjustmentCaseList cases)
    {
        var index = QualityIndex.Of(score.Score);
        return new([.. index.Parts.Select(IndexPartView.Of)], index.Sum, index.Bonuses, index.Deductions, index.Value, cases.Cases, cases.More);
    }
}
