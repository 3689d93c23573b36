using ServiceQuality.Scoring.Weights;

namespace ServiceQuality.Scores.Weights;

/// <summary>A contradiction among three elements, by their places from 0; <see cref="Consistent"/> is what the judgement of <see cref="From"/> over <see cref="To"/> would have to be.</summary>
internal sealed record TriadView(int From, int Via, int To, double Judged, double Consistent, double Inconsistency);

/// <summary>One matrix or the geometric mean of several; weights are null when they are refused.</summary>
internal sealed record JudgementView(
    IReadOnlyList<double>? Weights, double LambdaMax, double ConsistencyIndex, double RandomIndex, double ConsistencyRatio, bool Accepted, IReadOnlyList<TriadView> WorstTriads)
{
    public static JudgementView Of(AhpResult result) => new(
        result.Accepted ? result.Eigenvector : null, result.LambdaMax, result.ConsistencyIndex, result.RandomIndex, result.ConsistencyRatio, result.Accepted,
        [.. result.WorstTriads.Select(triad => new TriadView(triad.From, triad.Via, triad.To, triad.Judged, triad.Consistent, triad.Inconsistency))]);
}

/// <summary>Weights from pairwise judgements.</summary>
internal sealed record AhpView(IReadOnlyList<string>? Elements, double Threshold, JudgementView Group, IReadOnlyList<JudgementView> Experts)
{
    public static AhpView Of(GroupAhpResult result, IReadOnlyList<string>? elements) => new(elements, result.Group.Threshold, JudgementView.Of(result.Group), [.. result.Experts.Select(JudgementView.Of)]);
}

/// <summary>One column's entropy.</summary>
internal sealed record EntropyColumnView(string? Name, bool LowerIsBetter, double Entropy, double Divergence, bool Constant, double? Weight);

/// <summary>Weights from data; reason: <c>no-column-varies</c> when there are none.</summary>
internal sealed record EntropyView(string Scale, string? Reason, IReadOnlyList<EntropyColumnView> Columns)
{
    public static EntropyView Of(EntropyResult result, EntropyBody body) => new(
        body.Scale ?? "range", result.Reason,
        [.. result.Columns.Select((column, i) => new EntropyColumnView(body.Columns?[i], body.LowerIsBetter?[i] ?? false, column.Entropy, column.Divergence, column.Constant, column.Weight))]);
}

/// <summary>Joined weights, summing to 1.</summary>
internal sealed record CombinedView(IReadOnlyList<double> Weights);
