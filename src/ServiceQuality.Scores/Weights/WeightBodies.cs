using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceQuality.Scoring.Weights;

namespace ServiceQuality.Scores.Weights;

/// <summary>Pairwise judgements.</summary>
/// <param name="Matrices">One matrix per expert, 1 to 100, all of the same size.</param>
/// <param name="Elements">Names of the elements, in the order of rows and columns; may be left out.</param>
/// <param name="Threshold">Largest consistency ratio that is accepted, 0–1; default 0.10.</param>
internal sealed record AhpBody(IReadOnlyList<IReadOnlyList<IReadOnlyList<double>>>? Matrices, IReadOnlyList<string>? Elements = null, double? Threshold = null)
{
    private const int MostExperts = 100;

    /// <summary>The matrices; or what is wrong, with the place of the cell.</summary>
    public ProblemHttpResult? Read(out IReadOnlyList<PairwiseMatrix> matrices)
    {
        var read = new List<PairwiseMatrix>();
        matrices = read;
        if (Matrices is not { Count: > 0 and <= MostExperts })
            return WeightProblems.Of("matrices-invalid", $"'matrices' holds 1 to {MostExperts} matrices.", "/matrices");
        if (Threshold is not (null or (>= 0 and <= 1)))
            return WeightProblems.Of("threshold-invalid", "'threshold' is within 0–1.", "/threshold");
        var size = Matrices[0]?.Count ?? 0;
        if (size is < 1 or > PairwiseMatrix.Largest || (Elements is not null && Elements.Count != size))
            return WeightProblems.Of("matrix-size", $"A matrix compares 1 to {PairwiseMatrix.Largest} elements, as many as 'elements' names.", "/matrices/0");
        for (var k = 0; k < Matrices.Count; k++)
        {
            var rows = Matrices[k];
            if (rows is null || rows.Count != size || rows.Any(row => row is null || row.Count != size))
                return WeightProblems.Of("matrix-size", $"Every matrix has {size} rows of {size} numbers.", $"/matrices/{k}");
            var cells = WeightProblems.Table(rows);
            if (PairwiseMatrix.Faults(cells) is [var fault, ..])
                return WeightProblems.Of("judgement-invalid", Words(fault), $"/matrices/{k}/{fault.Row}/{fault.Column}");
            read.Add(PairwiseMatrix.Of(cells));
        }
        return null;
    }

    private static string Words(CellFault fault) => fault.Kind switch
    {
        CellFaultKind.DiagonalNotOne => "An element compared with itself is 1.",
        CellFaultKind.NotReciprocal => FormattableString.Invariant($"{fault.Value} is not one over row {fault.Column + 1}, column {fault.Row + 1}: {fault.Expected} would be."),
        _ => "A judgement is within 1/1000 to 1000.",
    };
}

/// <summary>A table of rows × columns.</summary>
/// <param name="Rows">2 to 5,000 rows, each with a number per column.</param>
/// <param name="LowerIsBetter">For each column whether less is better; when left out, more is better in all.</param>
/// <param name="Columns">Names of the columns; may be left out.</param>
/// <param name="Scale">range (default) or share.</param>
internal sealed record EntropyBody(IReadOnlyList<IReadOnlyList<double>>? Rows, IReadOnlyList<bool>? LowerIsBetter = null, IReadOnlyList<string>? Columns = null, string? Scale = null)
{
    private const int MostRows = 5_000;
    private const int MostColumns = 200;

    /// <summary>The table; or what is wrong, with the place of the cell.</summary>
    public ProblemHttpResult? Read(out double[,] table, out IReadOnlyList<bool> lower, out EntropyScale scale)
    {
        (table, lower, scale) = (new double[0, 0], [], Scale == "share" ? EntropyScale.Share : EntropyScale.Range);
        if (Scale is not (null or "range" or "share"))
            return WeightProblems.Of("scale-invalid", "'scale' is range or share.", "/scale");
        if (Rows is not { Count: >= 2 and <= MostRows } || Rows[0] is not { Count: >= 1 and <= MostColumns })
            return WeightProblems.Of("table-size", $"'rows' holds 2 to {MostRows} rows of 1 to {MostColumns} numbers.", "/rows");
        var width = Rows[0].Count;
        for (var i = 0; i < Rows.Count; i++)
        {
            if (Rows[i] is null || Rows[i].Count != width)
                return WeightProblems.Of("table-size", $"Every row has {width} numbers.", $"/rows/{i}");
        }
        if ((LowerIsBetter is not null && LowerIsBetter.Count != width) || (Columns is not null && Columns.Count != width))
            return WeightProblems.Of("columns-invalid", $"'lowerIsBetter' and 'columns' have an entry for each of the {width} columns.", LowerIsBetter?.Count != width ? "/lowerIsBetter" : "/columns");
        lower = LowerIsBetter ?? [.. Enumerable.Repeat(false, width)];
        table = WeightProblems.Table(Rows);
        return Entropy.Faults(table, lower, scale) is [var fault, ..]
            ? WeightProblems.Of("value-invalid", fault.NeedsPositive ? "With scale share a number where less is better is above 0." : "With scale share no number is negative.", $"/rows/{fault.Row}/{fault.Column}")
            : null;
    }
}

/// <summary>Weights to be joined, each of the same elements in the same order.</summary>
/// <param name="Judged">1 to 200 weights by judgement.</param>
/// <param name="Objective">As many weights by data.</param>
internal sealed record CombinedBody(IReadOnlyList<double>? Judged, IReadOnlyList<double>? Objective)
{
    private const int MostWeights = 200;

    public ProblemHttpResult? Read(out IReadOnlyList<double> judged, out IReadOnlyList<double> objective)
    {
        (judged, objective) = (Judged ?? [], Objective ?? []);
        if (judged.Count is < 1 or > MostWeights || judged.Count != objective.Count)
            return WeightProblems.Of("weights-invalid", $"'judged' and 'objective' hold as many weights, 1 to {MostWeights}.", "/judged");
        if (Fault(judged) is { } left)
            return WeightProblems.Of("weights-invalid", "Weights are finite, not negative, and not all 0.", $"/judged/{left}");
        if (Fault(objective) is { } right)
            return WeightProblems.Of("weights-invalid", "Weights are finite, not negative, and not all 0.", $"/objective/{right}");
        return judged.Zip(objective).All(pair => pair.First == 0 || pair.Second == 0)
            ? WeightProblems.Of("weights-disjoint", "No element has weight in both.", "/objective")
            : null;
    }

    private static int? Fault(IReadOnlyList<double> weights)
    {
        for (var i = 0; i < weights.Count; i++)
        {
            if (!double.IsFinite(weights[i]) || weights[i] < 0)
                return i;
        }
        return weights.All(weight => weight == 0) ? 0 : null;
    }
}

/// <summary>Problems that say where in the body they are.</summary>
internal static class WeightProblems
{
    /// <summary>A problem with the JSON pointer of its place.</summary>
    public static ProblemHttpResult Of(string code, string detail, string pointer) => TypedResults.Problem(
        $"{detail} ({pointer})", statusCode: StatusCodes.Status400BadRequest, type: Problems.Type(code), extensions: new Dictionary<string, object?> { ["retryable"] = false, ["pointer"] = pointer });

    public static double[,] Table(IReadOnlyList<IReadOnlyList<double>> rows)
    {
        var table = new double[rows.Count, rows[0].Count];
        for (var i = 0; i < rows.Count; i++)
        {
            for (var j = 0; j < rows[0].Count; j++)
                table[i, j] = rows[i][j];
        }
        return table;
    }
}
