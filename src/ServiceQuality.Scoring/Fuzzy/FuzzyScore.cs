namespace ServiceQuality.Scoring.Fuzzy;

/// <summary>A family as the fuzzy evaluation sees it: the second level (SCO-08).</summary>
/// <param name="Family">The family.</param>
/// <param name="Weight">Share among the children of its parent that have data, 0–1.</param>
/// <param name="Result">Its evaluation.</param>
public sealed record FuzzyFamily(Family Family, double Weight, FuzzyResult Result);

/// <summary>One reason why the verdict is another grade than the score's.</summary>
/// <param name="Code">
/// <c>doubtful</c>: the largest membership is hardly larger than the second (<paramref name="Number"/>: validity). <c>near-limit</c>: the score lies within the half-width of the limit between the grades
/// (<paramref name="Number"/>: its distance in points). <c>adjustments</c>: without bonuses and deductions the score would have the verdict's grade (<paramref name="Number"/>: their sum).
/// <c>uneven</c>: the largest membership counts how much weight lies in one grade, the score how far the rest lies from it (<paramref name="Number"/>: weight of the families whose own verdict is the verdict).
/// </param>
/// <param name="Number">See the codes.</param>
public sealed record FuzzyReason(string Code, double Number);

/// <summary>The fuzzy evaluation of a score, beside it and never instead of it (scoring.md §7).</summary>
/// <param name="Total">Evaluation of the whole; null when nothing has data.</param>
/// <param name="Verdict">Grade with the largest membership.</param>
/// <param name="MeanGrade">Grade of the mean of the mid-points.</param>
/// <param name="Families">Every family that has data, in the order of the tree.</param>
/// <param name="Differs">The verdict is another grade than the score's: then the score's decides (requirements G-15).</param>
/// <param name="Reasons">Why it differs; empty when it does not.</param>
public sealed record FuzzyScore(FuzzyResult? Total, GradeBand? Verdict, GradeBand? MeanGrade, IReadOnlyList<FuzzyFamily> Families, bool Differs, IReadOnlyList<FuzzyReason> Reasons)
{
    /// <summary>
    /// Evaluates a score on all levels of its tree: the memberships of the indicators' points make up the R of their family, the results of families that of the family above. Weights are those with
    /// which the children took part in the score, so that missing data are treated alike; bonuses and deductions take no part.
    /// </summary>
    /// <param name="score">The score.</param>
    /// <param name="composition">The operator, on every level.</param>
    /// <param name="halfWidth">Half-width of the passage between grades, 0–50 points.</param>
    /// <exception cref="ArgumentOutOfRangeException">The half-width is not within 0–50.</exception>
    public static FuzzyScore Of(Score score, FuzzyOperator composition = FuzzyOperator.WeightedMean, double halfWidth = Membership.DefaultHalfWidth)
    {
        var membership = new Membership(score.Scheme.Bands, halfWidth);
        var families = new List<FuzzyFamily>();
        var leaves = score.Leaves.ToDictionary(leaf => leaf.Indicator.Code);
        var total = Evaluate(score.Scheme.Root)?.Result;
        if (total is null)
            return new(null, null, null, [], Differs: false, []);
        var verdict = score.Scheme.Bands[total.Verdict];
        var order = score.Scheme.Families.Select((family, i) => (family.Code, i)).ToDictionary(pair => pair.Code, pair => pair.i);
        families.Sort((one, other) => order[one.Family.Code].CompareTo(order[other.Family.Code]));
        var differs = score.Grade is { } grade && grade.Code != verdict.Code;
        return new(total, verdict, score.Scheme.GradeOf(Math.Clamp(total.Mean, 0, 100)), families, differs, differs ? [.. Why(score, total, verdict, families, halfWidth)] : []);

        (FuzzyResult Result, double Weight)? Evaluate(Family family)
        {
            var rows = new List<(IReadOnlyList<double> Row, double Weight)>();
            var own = new List<(Family Family, FuzzyResult Result, double Weight)>();
            foreach (var child in family.Children)
            {
                if (child is Indicator indicator && leaves[indicator.Code] is { Points: { } points, EffectiveWeight: > 0 } leaf)
                    rows.Add((membership.Of(points), leaf.EffectiveWeight));
                else if (child is Family inner && Evaluate(inner) is var (result, weight))
                {
                    rows.Add((result.Memberships, weight));
                    own.Add((inner, result, weight));
                }
            }
            if (rows.Count == 0)
                return null;
            var sum = rows.Sum(row => row.Weight);
            families.AddRange(own.Select(one => new FuzzyFamily(one.Family, one.Weight / sum, one.Result)));
            var matrix = new double[rows.Count, membership.Bands.Count];
            for (var i = 0; i < rows.Count; i++)
            {
                for (var j = 0; j < membership.Bands.Count; j++)
                    matrix[i, j] = rows[i].Row[j];
            }
            return (FuzzyEvaluation.Compose(matrix, [.. rows.Select(row => row.Weight)], membership.MidPoints, composition), sum);
        }
    }

    private static IEnumerable<FuzzyReason> Why(Score score, FuzzyResult total, GradeBand verdict, List<FuzzyFamily> families, double halfWidth)
    {
        if (total.Doubtful)
            yield return new("doubtful", total.Validity!.Value);
        var limit = Math.Max(verdict.From, score.Grade!.From);
        if (Math.Abs(score.Value!.Value - limit) <= halfWidth)
            yield return new("near-limit", score.Value.Value - limit);
        var adjustments = (double)score.Adjustments.Sum(one => one.Kind == AdjustmentKind.Bonus ? one.Counted : -one.Counted);
        if (adjustments != 0 && score.Scheme.GradeOf(Math.Clamp(score.Unclamped!.Value - adjustments, 0, 100)).Code == verdict.Code)
            yield return new("adjustments", adjustments);
        yield return new("uneven", families.Where(family => family.Family.Parent == score.Scheme.Root.Code && family.Result.Verdict == total.Verdict).Sum(family => family.Weight));
    }
}
