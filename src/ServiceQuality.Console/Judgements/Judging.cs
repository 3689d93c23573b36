using System.Globalization;
using ServiceQuality.Console.Panels;
using ServiceQuality.Console.Schemes;
using ServiceQuality.Console.Suite;

namespace ServiceQuality.Console.Judgements;

/// <summary>POST /api/weights/ahp, with each expert's own consistency.</summary>
public sealed record GroupJudged(double Threshold, Judged Group, IReadOnlyList<Judged> Experts);

/// <summary>A child of a family with its entropy weight.</summary>
public sealed record PresentWeight(string Code, LocalName? Name, double Share, double? Entropy, double? Weight, int Units);

/// <summary>POST /api/what-if/weights.</summary>
public sealed record PresentWeights(string Period, DateTimeOffset AsOf, int Units, int Left, string? Reason, IReadOnlyList<PresentWeight> Children);

/// <summary>Why judgements could not be read: a code, the expert and line from 1.</summary>
public sealed record JudgementFault(string Code, int Expert = 0, int Line = 0);

/// <summary>What is said about the weights of a family's children, and what could be taken over.</summary>
/// <param name="Family">The family.</param>
/// <param name="Children">What is weighed.</param>
/// <param name="Typed">The grid.</param>
/// <param name="Pasted">Matrices of further experts, as text.</param>
/// <param name="Panel">The signed panel whose weights are taken; null for judgements by pairs.</param>
/// <param name="Panels">Signed panels that weighed these children.</param>
/// <param name="Judged">What the judgements say.</param>
/// <param name="ByJudgement">Weights by judgement: of pairs or of a panel; null when there are none, or they are refused.</param>
/// <param name="Present">What the present points say.</param>
/// <param name="Combined">Both joined.</param>
/// <param name="Fault">What is wrong with the judgements.</param>
public sealed record Judging(
    SchemePart Family, IReadOnlyList<SchemePart> Children, MatrixTyped Typed, string Pasted, Guid? Panel, IReadOnlyList<ExpertPanel> Panels, GroupJudged? Judged, IReadOnlyList<double>? ByJudgement,
    PresentWeights? Present, IReadOnlyList<double>? Combined, JudgementFault? Fault)
{
    /// <summary>Entropy weights of all children; null when one of them cannot be weighed.</summary>
    public IReadOnlyList<double>? ByEntropy => Present is { Reason: null } present && present.Children.Count == Children.Count && present.Children.All(child => child.Weight is not null) ? [.. present.Children.Select(child => child.Weight!.Value)] : null;

    /// <summary>The weights of a proposal.</summary>
    public IReadOnlyList<double>? Proposal(string source) => source switch { "judged" => ByJudgement, "entropy" => ByEntropy, "combined" => Combined, _ => null };
}

/// <summary>Matrices as people paste them: one row a line, an empty line between experts.</summary>
internal static class PastedMatrices
{
    private const int MostExperts = 50;
    private static readonly char[] Between = [',', ';', '\t', '，', '；'];

    /// <summary>The matrices, or the first fault.</summary>
    /// <param name="text">Cells separated by commas, semicolons, tabs or blanks; numbers or fractions like 1/3. A line without any number is a heading.</param>
    /// <param name="size">Rows and columns of each.</param>
    public static (IReadOnlyList<double[][]> Matrices, JudgementFault? Fault) Read(string text, int size)
    {
        var matrices = new List<double[][]>();
        var rows = new List<double[]>();
        foreach (var (number, line) in text.ReplaceLineEndings("\n").Split('\n').Append("").Index())
        {
            var cells = Cells(line);
            if (cells.Count == 0)
            {
                if (rows.Count > 0 && rows.Count != size)
                    return ([], new("matrix-rows", matrices.Count + 1, number));
                if (rows.Count > 0)
                    matrices.Add([.. rows]);
                rows.Clear();
                continue;
            }
            var values = cells.ConvertAll(Value);
            // A heading, or the name of the row before its numbers.
            if (values.TrueForAll(value => value is null))
                continue;
            if (values.Count == size + 1 && values[0] is null)
                values.RemoveAt(0);
            if (values.Count != size || values.Contains(null))
                return ([], new(values.Contains(null) ? "matrix-cell" : "matrix-columns", matrices.Count + 1, number + 1));
            rows.Add([.. values.Select(value => value!.Value)]);
        }
        return matrices.Count > MostExperts ? ([], new("matrix-many")) : (matrices, null);
    }

    private static List<string> Cells(string line) =>
        [.. (line.IndexOfAny(Between) >= 0 ? line.Split(Between, StringSplitOptions.TrimEntries) : line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Where(cell => cell.Length > 0)];

    private static double? Value(string cell)
    {
        var parts = cell.Split('/');
        return parts.Length <= 2 && Number(parts[0]) is { } above && (parts.Length == 1 ? 1 : Number(parts[1])) is { } below && below != 0 ? above / below : null;
    }

    private static double? Number(string text) => double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null;
}
