using System.Globalization;
using ServiceQuality.Scores.Scores;
using ServiceQuality.Scoring;
using ServiceQuality.Scoring.Fuzzy;

namespace ServiceQuality.Scores.Evaluations;

/// <summary>A grade, what it is worth in points, and how far it holds.</summary>
internal sealed record MembershipView(string Code, Bilingual Name, double Worth, double Membership);

/// <summary>One evaluation; a validity of null says that everything belongs to one grade.</summary>
internal sealed record FuzzyResultView(IReadOnlyList<MembershipView> Grades, GradeView Verdict, bool Tied, double? Validity, bool Doubtful, double Mean)
{
    public static FuzzyResultView Of(FuzzyResult result, Membership membership) => new(
        [.. membership.Bands.Select((band, i) => new MembershipView(band.Code, band.Name, membership.MidPoints[i], result.Memberships[i]))],
        GradeView.Of(membership.Bands[result.Verdict])!, result.Tied, result.Validity, result.Doubtful, result.Mean);
}

/// <summary>A family's evaluation; parent is null under the root.</summary>
internal sealed record FuzzyFamilyView(string Code, Bilingual Name, string? Parent, double Weight, FuzzyResultView Result);

/// <summary>Why the verdict is another grade than the score's; codes: <see cref="FuzzyReason"/>.</summary>
internal sealed record FuzzyReasonView(string Code, double Number, Bilingual Text)
{
    public static FuzzyReasonView Of(FuzzyReason reason, double halfWidth)
    {
        var number = reason.Number;
        var text = reason.Code switch
        {
            "doubtful" => (string.Create(CultureInfo.InvariantCulture, $"有效度只有 {number:0.00}，最大隶属度与其次者相差不大"), string.Create(CultureInfo.InvariantCulture, $"The validity is only {number:0.00}: the largest membership is hardly larger than the next")),
            "near-limit" => (string.Create(CultureInfo.InvariantCulture, $"得分距两个等级的界限 {Math.Abs(number):0.0} 分，在 {halfWidth:0.#} 分的过渡区内"), string.Create(CultureInfo.InvariantCulture, $"The score is {Math.Abs(number):0.0} points from the limit between the two grades, within the passage of {halfWidth:0.#}")),
            "adjustments" => (string.Create(CultureInfo.InvariantCulture, $"加分扣分合计 {number:+0.00;−0.00}，不参与模糊评价"), string.Create(CultureInfo.InvariantCulture, $"Bonuses and deductions make {number:+0.00;−0.00} and take no part in the fuzzy evaluation")),
            _ => (string.Create(CultureInfo.InvariantCulture, $"权重的 {number:P0} 落在该等级的类别上；最大隶属度只看占比最大的等级，得分还计入其余类别相差多远"), string.Create(CultureInfo.InvariantCulture, $"Families with {number:P0} of the weight have this grade; the largest membership counts only how much lies in one grade, the score also how far the rest lies from it")),
        };
        return new(reason.Code, number, new(text.Item1, text.Item2));
    }
}

/// <summary>The fuzzy evaluation of a unit's score. <see cref="Total"/> is null without data; <see cref="Differs"/> says that the verdict is another grade than the score's, which decides.</summary>
internal sealed record FuzzyView(
    UnitView Unit, string Period, DateTimeOffset AsOf, SchemeReference Scheme, string Operator, double HalfWidth, double? Score, GradeView? Grade,
    FuzzyResultView? Total, GradeView? MeanGrade, bool Differs, IReadOnlyList<FuzzyReasonView> Reasons, IReadOnlyList<FuzzyFamilyView> Families)
{
    /// <summary>The operators by code.</summary>
    public static IReadOnlyDictionary<string, FuzzyOperator> Operators { get; } = new Dictionary<string, FuzzyOperator>(StringComparer.OrdinalIgnoreCase)
    {
        ["weighted-mean"] = FuzzyOperator.WeightedMean, ["min-max"] = FuzzyOperator.MinMax, ["product-max"] = FuzzyOperator.ProductMax, ["bounded-sum"] = FuzzyOperator.BoundedSum,
    };

    public static FuzzyView Of(UnitScore unit, FuzzyScore fuzzy, FuzzyOperator composition, double halfWidth)
    {
        var (score, membership) = (unit.Score, new Membership(unit.Score.Scheme.Bands, halfWidth));
        return new(
            UnitView.Of(unit.Unit), score.Window.Period.ToString(), unit.AsOf, SchemeReference.Of(score.Scheme), Operators.Single(one => one.Value == composition).Key, halfWidth, score.Value, GradeView.Of(score.Grade),
            fuzzy.Total is null ? null : FuzzyResultView.Of(fuzzy.Total, membership), GradeView.Of(fuzzy.MeanGrade), fuzzy.Differs, [.. fuzzy.Reasons.Select(reason => FuzzyReasonView.Of(reason, halfWidth))],
            [.. fuzzy.Families.Select(family => new FuzzyFamilyView(
                family.Family.Code, family.Family.Name, family.Family.Parent == score.Scheme.Root.Code ? null : family.Family.Parent, family.Weight, FuzzyResultView.Of(family.Result, membership)))]);
    }
}

/// <summary>The whole's fuzzy evaluation with the usual operator and half-width, as it stands beside a score; the full one with its families is a page and a route of its own. Total is null without data.</summary>
internal sealed record FuzzySummaryView(FuzzyResultView? Total, bool Differs, IReadOnlyList<FuzzyReasonView> Reasons)
{
    public static FuzzySummaryView Of(Score score)
    {
        var fuzzy = FuzzyScore.Of(score);
        return new(
            fuzzy.Total is null ? null : FuzzyResultView.Of(fuzzy.Total, new Membership(score.Scheme.Bands)), fuzzy.Differs,
            [.. fuzzy.Reasons.Select(reason => FuzzyReasonView.Of(reason, Membership.DefaultHalfWidth))]);
    }
}
