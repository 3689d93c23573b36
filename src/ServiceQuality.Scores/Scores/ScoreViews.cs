using System.Text.Json;
using ServiceQuality.Scores.Evaluations;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Scores;

/// <summary>A unit as it stands beside a score.</summary>
internal sealed record UnitView(Guid Id, string Code, Bilingual Name, string Kind, string Path, Guid? Parent)
{
    public static UnitView Of(OrgUnit unit) => new(unit.Id, unit.Code, new Bilingual(unit.NameZh, unit.NameEn), unit.Kind, unit.Path, unit.Parent);
}

/// <summary>A unit under which nothing happened in the period.</summary>
internal sealed record NotScoredView(Guid Id, string Code, Bilingual Name)
{
    public static NotScoredView Of(OrgUnit unit) => new(unit.Id, unit.Code, new Bilingual(unit.NameZh, unit.NameEn));
}

/// <summary>Ends of a 95 % interval; an end that the data do not bound is null.</summary>
internal sealed record IntervalView(double? Low, double? High)
{
    public static IntervalView? Of(Interval? interval) => interval is { } one ? new(one.Low, one.High) : null;

    public static IntervalView? Of(ValueInterval? interval) => interval is { } one ? new(one.Low, one.High) : null;
}

/// <summary>A grade.</summary>
internal sealed record GradeView(string Code, Bilingual Name)
{
    public static GradeView? Of(GradeBand? band) => band is null ? null : new(band.Code, band.Name);
}

/// <summary>A scheme version.</summary>
internal sealed record SchemeReference(string Id, int Version)
{
    public static SchemeReference Of(Scheme scheme) => new(scheme.Id, scheme.Version);
}

/// <summary>A unit's journal position.</summary>
internal sealed record UnitPosition(Guid Unit, long Seq);

/// <summary>The journal positions behind a score: their sum, the newest received, and each unit's own.</summary>
internal sealed record PositionView(long Seq, DateTimeOffset? Received, IReadOnlyList<UnitPosition> Units)
{
    public static PositionView Of(UnitScore score) => new(score.Seq, score.Received, [.. score.Parts.Select(part => new UnitPosition(part.Unit, part.Seq))]);
}

/// <summary>How new the facts are; state: live, late (nothing for 15 minutes) or silent (nothing for a day).</summary>
internal sealed record FreshnessView(DateTimeOffset? Newest, DateTimeOffset? Received, string State)
{
    private static readonly TimeSpan LateAfter = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan SilentAfter = TimeSpan.FromDays(1);

    public static FreshnessView Of(DateTimeOffset? newest, DateTimeOffset? received, DateTimeOffset now) =>
        new(newest, received, received is not { } last || now - last > SilentAfter ? "silent" : now - last > LateAfter ? "late" : "live");
}

/// <summary>Deductions or bonuses of a rule.</summary>
internal sealed record AdjustmentView(string Rule, string Kind, decimal Points, decimal Counted, int Facts, string? Reason)
{
    public static AdjustmentView Of(AdjustmentScore score) => new(score.Rule, Codes.Of(score.Kind), score.Points, score.Counted, score.Facts, score.Reason);
}

/// <summary>A family's part in a score.</summary>
internal sealed record FamilyView(
    string Code, Bilingual Name, string? Parent, double? Points, double Weight, double EffectiveWeight, double Contribution, double Coverage)
{
    public static FamilyView Of(FamilyScore score) => new(
        score.Family.Code, score.Family.Name, score.Family.Parent, score.Points, score.Weight, score.EffectiveWeight, score.Contribution, score.Coverage);
}

/// <summary>A fact that cost the score; data only for those who may read facts.</summary>
internal sealed record CostlyFactView(Guid Unit, long Seq, string Source, string Id, DateTimeOffset Time, double Cost, double? Value, JsonElement? Data);

/// <summary>An indicator's part in a score.</summary>
internal sealed record LeafView(
    string Code, Bilingual Name, string? Family, string Measure, string Unit, double? Value, IntervalView? Interval, long Sample, bool LowerBound,
    double? Points, IntervalView? PointsInterval, string? Grade, double Weight, double EffectiveWeight, double Contribution, string State, string? Reason,
    IReadOnlyList<string> Marks, string Tag, IReadOnlyList<double[]> Breakpoints, double? Target, bool? MeetsTarget, IReadOnlyList<CostlyFactView>? Worst)
{
    public static LeafView Of(LeafScore leaf, IReadOnlyList<CostlyFactView>? worst = null) => new(
        leaf.Indicator.Code, leaf.Indicator.Name, leaf.Indicator.Parent, leaf.Indicator.Measure.Code, leaf.Indicator.Measure.Unit, leaf.Value,
        IntervalView.Of(leaf.Interval), leaf.Sample, leaf.LowerBound, leaf.Points, IntervalView.Of(leaf.PointsInterval), leaf.Grade?.Code, leaf.Weight,
        leaf.EffectiveWeight, leaf.Contribution, Codes.Of(leaf.State), leaf.Reason, leaf.Marks, leaf.Indicator.Tag,
        [.. leaf.Indicator.Standard.Breakpoints.Select(point => new[] { point.Value, point.Points })], leaf.Indicator.Target, leaf.MeetsTarget, worst);
}

/// <summary>A score with everything that explains it; index and fuzzy stand in explanations only.</summary>
internal sealed record ScoreView(
    UnitView Unit, string Period, DateTimeOffset From, DateTimeOffset To, DateTimeOffset AsOf, double? Score, double? Unclamped, IntervalView? Interval, GradeView? Grade,
    double Coverage, SchemeReference Scheme, PositionView Position, string Weighting, int ScoredUnits, IReadOnlyList<NotScoredView> NotScored,
    IReadOnlyList<AdjustmentView> Adjustments, IReadOnlyList<FamilyView> Families, IReadOnlyList<LeafView> Leaves, FreshnessView Freshness, string Hash)
{
    /// <summary>The score by part of the service-quality index, with its cases (SCO-21).</summary>
    public QualityIndexView? Index { get; init; }

    /// <summary>The fuzzy evaluation of the same readings, beside the score and never instead of it (scoring.md §7).</summary>
    public FuzzySummaryView? Fuzzy { get; init; }

    public static ScoreView Of(UnitScore unit, IReadOnlyDictionary<string, IReadOnlyList<CostlyFactView>>? worst = null)
    {
        var score = unit.Score;
        return new(
            UnitView.Of(unit.Unit), score.Window.Period.ToString(), score.Window.From, score.Window.To, unit.AsOf, score.Value, score.Unclamped,
            IntervalView.Of(score.Interval), GradeView.Of(score.Grade), score.Coverage, SchemeReference.Of(score.Scheme), PositionView.Of(unit),
            Codes.Of(score.Scheme.RollUp), unit.ScoredUnits, [.. unit.NotScored.Select(NotScoredView.Of)], [.. score.Adjustments.Select(AdjustmentView.Of)],
            [.. score.Families.Select(FamilyView.Of)],
            [.. score.Leaves.Select(leaf => LeafView.Of(leaf, worst is null ? null : worst.GetValueOrDefault(leaf.Indicator.Code) ?? []))],
            FreshnessView.Of(unit.Newest, unit.Received, unit.AsOf), unit.Hash());
    }
}

/// <summary>What one indicator did to the score between two moments.</summary>
internal sealed record LeafChangeView(
    string Code, Bilingual Name, double PointsEffect, double WeightEffect, double Total, double? FromValue, double? ToValue, double? FromPoints, double? ToPoints)
{
    public static LeafChangeView Of(LeafChange change) => new(
        change.Indicator.Code, change.Indicator.Name, change.PointsEffect, change.WeightEffect, change.Total,
        change.From?.Value, change.To?.Value, change.From?.Points, change.To?.Points);
}

/// <summary>The change between two moments, taken apart; leaves, adjustments and clamping sum to the total.</summary>
internal sealed record ChangesView(ScoreView From, ScoreView To, double? Total, IReadOnlyList<LeafChangeView> Leaves, double Adjustments, double Clamping)
{
    public static ChangesView Of(UnitScore from, UnitScore to)
    {
        var change = ScoreChange.Between(from.Score, to.Score);
        return new(ScoreView.Of(from), ScoreView.Of(to), change.Total, [.. change.Leaves.Select(LeafChangeView.Of)], change.Adjustments, change.Clamping);
    }
}

/// <summary>The score of a window that ended at a full hour.</summary>
internal sealed record HistoryPoint(DateTimeOffset At, double? Score, double? Low, double? High, double? Coverage, string? Grade, string? Scheme)
{
    public static HistoryPoint Of(DateTimeOffset at, Score? score) =>
        new(at, score?.Value, score?.Interval?.Low, score?.Interval?.High, score?.Coverage, score?.Grade?.Code, score?.Scheme.Reference);
}

/// <summary>Scores over time, with today's knowledge.</summary>
internal sealed record HistoryView(UnitView Unit, string Period, string Step, IReadOnlyList<HistoryPoint> Points);

/// <summary>Codes of enumerations as they stand in JSON.</summary>
internal static class Codes
{
    public static string Of<T>(T value) where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

}
