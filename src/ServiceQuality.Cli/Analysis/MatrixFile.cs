using ServiceQuality.Scoring.Weights;

namespace ServiceQuality.Cli.Analysis;

/// <summary>A pairwise matrix from a file.</summary>
internal sealed record MatrixFile(string Name, IReadOnlyList<string> Elements, PairwiseMatrix Matrix)
{
    /// <summary>Reads a square table with or without names of the elements; cells on or below the diagonal may be empty.</summary>
    /// <exception cref="UsageException">The table is not square or a cell is no judgement; the message names the cell.</exception>
    public static MatrixFile Read(Surroundings surroundings, string path)
    {
        var table = AnalysisTable.Read(surroundings, path, new TableForm(Heading.WhereNotNumbers, PairwiseMatrix.Largest, PairwiseMatrix.Largest + 1));
        var labels = table.Width == table.Rows.Count + 1 ? 1 : 0;
        var size = table.Width - labels;
        if (size != table.Rows.Count || size > PairwiseMatrix.Largest)
        {
            throw new UsageException(surroundings.Say(
                $"{table.Name} has {table.Rows.Count} rows and {size} columns of judgements: a matrix is square and at most {PairwiseMatrix.Largest} × {PairwiseMatrix.Largest}",
                $"{table.Name} 有 {table.Rows.Count} 行、{size} 列判断：判断矩阵须为方阵，最大 {PairwiseMatrix.Largest} × {PairwiseMatrix.Largest}"));
        }
        List<string> elements = table.HasHeading ? [.. table.Columns.Skip(labels)] : labels == 1 ? [.. table.Rows.Select(row => row.Cells[0])] : [.. Enumerable.Range(1, size).Select(number => $"{number}")];
        for (var i = 0; i < size; i++)
        {
            if (labels == 1 && table.Rows[i].Cells[0] != elements[i])
                throw table.Fault(table.Rows[i], 0, surroundings.Say($"'{table.Rows[i].Cells[0]}' stands where column {i + 2} says '{elements[i]}'", $"此处为 '{table.Rows[i].Cells[0]}'，而第 {i + 2} 列为 '{elements[i]}'"));
        }
        return new(table.Name, elements, PairwiseMatrix.Of(Cells(surroundings, table, labels, size)));
    }

    private static double[,] Cells(Surroundings surroundings, AnalysisTable table, int labels, int size)
    {
        var cells = new double[size, size];
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < size; j++)
                cells[i, j] = j > i ? table.Number(table.Rows[i], labels + j) : table.NumberOrNone(table.Rows[i], labels + j) ?? (i == j ? 1 : 1 / cells[j, i]);
        }
        if (PairwiseMatrix.Faults(cells) is not [var fault, ..])
            return cells;
        // Where the one above the diagonal is out of range, the one computed below it is too: the one that was written is named.
        throw table.Fault(table.Rows[fault.Row], labels + fault.Column, fault.Kind switch
        {
            CellFaultKind.DiagonalNotOne => surroundings.Say($"an element compared with itself is 1, not {fault.Value}", $"要素与自身相比为 1，而不是 {fault.Value}"),
            CellFaultKind.NotReciprocal => surroundings.Say(
                $"{fault.Value} is not one over row {fault.Column + 1}, column {fault.Row + 1} of the matrix: {fault.Expected} would be; leave it empty to have it follow, or write the fraction",
                $"{fault.Value} 与矩阵第 {fault.Column + 1} 行第 {fault.Row + 1} 列不互为倒数：应为 {fault.Expected}；可留空由系统补出，或写成分数"),
            _ => surroundings.Say($"{fault.Value} is no judgement: 1/1000 to 1000, usually 1/9 to 9", $"{fault.Value} 不是有效判断：须在 1/1000 至 1000 之间，通常为 1/9 至 9"),
        });
    }
}
