using ServiceQuality.Scoring;
using ServiceQuality.Scoring.Weights;

namespace ServiceQuality.Scores.Trials;

/// <summary>A child of a family with the weight that the units' present points give it.</summary>
/// <param name="Code">Code of the family or indicator.</param>
/// <param name="Name">Name.</param>
/// <param name="Share">Its present share among its siblings, 0–1.</param>
/// <param name="Entropy">Entropy of its points, 0–1; null when it is left out.</param>
/// <param name="Weight">Entropy weight; the weights of siblings sum to 1. Null when it is left out, or when there are no weights.</param>
/// <param name="Units">How many units have points for it.</param>
internal sealed record PresentWeight(string Code, Bilingual Name, double Share, double? Entropy, double? Weight, int Units);

/// <summary>Objective weights of a family's children from the table units × points (SCO-04, scoring.md §6).</summary>
/// <param name="Family">Code of the family.</param>
/// <param name="Period">Period of the points.</param>
/// <param name="AsOf">Moment of the points.</param>
/// <param name="Units">Units with points for every child that is weighed: the rows.</param>
/// <param name="Left">Other units of the scope, left out.</param>
/// <param name="Reason">Why there are no weights: <c>too-few-units</c> or <c>no-column-varies</c>; null when there are.</param>
/// <param name="Children">In the order of the scheme; one for which fewer than half of the units have points is left out.</param>
internal sealed record PresentWeightsView(string Family, string Period, DateTimeOffset AsOf, int Units, int Left, string? Reason, IReadOnlyList<PresentWeight> Children)
{
    private const int FewestUnits = 3;

    /// <summary>The weights of a family from the scores of units.</summary>
    public static PresentWeightsView Of(Family family, PeriodWindow window, IReadOnlyList<Score> scores)
    {
        var points = scores.Select(score => family.Children.Select(child => Points(score, child)).ToList()).ToList();
        var known = family.Children.Select((_, i) => points.Count(row => row[i] is not null)).ToList();
        var columns = Enumerable.Range(0, known.Count).Where(i => 2 * known[i] >= scores.Count && known[i] > 0).ToList();
        var rows = points.Where(row => columns.TrueForAll(i => row[i] is not null)).ToList();
        var result = rows.Count >= FewestUnits && columns.Count > 0 ? Weigh(rows, columns) : null;
        return new(family.Code, window.Period.ToString(), window.AsOf, rows.Count, scores.Count - rows.Count, result is null ? "too-few-units" : result.Reason, [.. family.Children.Select((child, i) =>
        {
            var column = columns.IndexOf(i) is >= 0 and var place ? result?.Columns[place] : null;
            return new PresentWeight(child.Code, child.Name, child.Weight, column?.Entropy, column?.Weight, known[i]);
        })]);
    }

    private static EntropyResult Weigh(List<List<double?>> rows, List<int> columns)
    {
        var table = new double[rows.Count, columns.Count];
        for (var i = 0; i < rows.Count; i++)
        {
            for (var j = 0; j < columns.Count; j++)
                table[i, j] = rows[i][columns[j]]!.Value;
        }
        // Points rise with quality, whatever the direction of the value.
        return Entropy.Weigh(table, [.. columns.Select(_ => false)], EntropyScale.Range);
    }

    /// <summary>Measured points only: what a missing policy puts in tells units apart by nothing that happened.</summary>
    private static double? Points(Score score, SchemeNode child) => child is Family
        ? score.Families.FirstOrDefault(one => one.Family.Code == child.Code) is { Coverage: > 0 } family ? family.Points : null
        : score.Leaves.FirstOrDefault(one => one.Indicator.Code == child.Code) is { State: LeafState.Scored } leaf ? leaf.Points : null;
}
