namespace ServiceQuality.Scoring.Weights;

/// <summary>What is wrong with one cell of a pairwise matrix.</summary>
/// <param name="Row">Row, from 0.</param>
/// <param name="Column">Column, from 0.</param>
/// <param name="Kind">What is wrong.</param>
/// <param name="Value">What the cell holds.</param>
/// <param name="Expected">What it would have to hold; null when any number in range would do.</param>
public sealed record CellFault(int Row, int Column, CellFaultKind Kind, double Value, double? Expected);

/// <summary>Kinds of <see cref="CellFault"/>.</summary>
public enum CellFaultKind
{
    /// <summary>Not within 1/1000 … 1000: judgements compare what is of one order of magnitude (Saaty's scale is 1/9 … 9).</summary>
    OutOfRange,

    /// <summary>An element compared with itself is not 1.</summary>
    DiagonalNotOne,

    /// <summary>Not one over the cell that compares the same two elements the other way round.</summary>
    NotReciprocal,
}

/// <summary>
/// A reciprocal matrix of pairwise judgements (scoring.md §6; Saaty 1980): cell (i, j) says how many times as important element i is as element j, and a_ji = 1 / a_ij.
/// One to ten elements, since the random index is known for no more.
/// </summary>
public sealed class PairwiseMatrix
{
    /// <summary>Most elements.</summary>
    public const int Largest = 10;

    /// <summary>How far a_ij · a_ji may be from 1, so that reciprocals may be written with three decimals (3 and 0.333, 6 and 0.167).</summary>
    public const double Tolerance = 0.0025;

    private const double Range = 1000;
    private readonly double[,] judgements;

    private PairwiseMatrix(double[,] judgements) => this.judgements = judgements;

    /// <summary>How many elements are compared.</summary>
    public int Size => judgements.GetLength(0);

    /// <summary>How many times as important element <paramref name="i"/> is as element <paramref name="j"/>.</summary>
    public double this[int i, int j] => judgements[i, j];

    /// <summary>Takes a square matrix. Where a_ij · a_ji is 1 only within <see cref="Tolerance"/>, both are set to the geometric mean of what they say, so that order does not matter.</summary>
    /// <exception cref="ArgumentException">The matrix is not square, too large, or <see cref="Faults"/> finds something; the message names the first.</exception>
    public static PairwiseMatrix Of(double[,] cells)
    {
        if (Faults(cells) is [var fault, ..])
            throw new ArgumentException($"Row {fault.Row + 1}, column {fault.Column + 1} holds {fault.Value}: {fault.Kind}.", nameof(cells));
        var size = cells.GetLength(0);
        var exact = new double[size, size];
        for (var i = 0; i < size; i++)
        {
            exact[i, i] = 1;
            for (var j = i + 1; j < size; j++)
            {
                exact[i, j] = cells[i, j] * cells[j, i] == 1 ? cells[i, j] : Math.Sqrt(cells[i, j] / cells[j, i]);
                exact[j, i] = 1 / exact[i, j];
            }
        }
        return new(exact);
    }

    /// <summary>Takes the judgements above the diagonal, row by row: a_12, a_13 … a_1n, a_23 …</summary>
    /// <exception cref="ArgumentException">Their number is not n (n − 1) / 2, or one is not within 1/1000 … 1000.</exception>
    public static PairwiseMatrix OfUpper(int size, IReadOnlyList<double> upper)
    {
        if (size is < 1 or > Largest || upper.Count != size * (size - 1) / 2)
            throw new ArgumentException($"{size} elements (1 to {Largest}) take {size * (size - 1) / 2} judgements, not {upper.Count}.", nameof(upper));
        var cells = new double[size, size];
        var next = 0;
        for (var i = 0; i < size; i++)
        {
            cells[i, i] = 1;
            for (var j = i + 1; j < size; j++)
                (cells[i, j], cells[j, i]) = (upper[next], 1 / upper[next++]);
        }
        return Of(cells);
    }

    /// <summary>Every offending cell of a square matrix, row by row. Of two cells that contradict each other the one below the diagonal is named.</summary>
    /// <exception cref="ArgumentException">The matrix is not square, or has no or more than <see cref="Largest"/> rows.</exception>
    public static IReadOnlyList<CellFault> Faults(double[,] cells)
    {
        var size = cells.GetLength(0);
        if (size != cells.GetLength(1))
            throw new ArgumentException($"A pairwise matrix is square, not {size} × {cells.GetLength(1)}.", nameof(cells));
        if (size is < 1 or > Largest)
            throw new ArgumentException($"A pairwise matrix compares 1 to {Largest} elements, not {size}.", nameof(cells));
        var faults = new List<CellFault>();
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < size; j++)
            {
                var cell = cells[i, j];
                if (!(cell is >= 1 / Range and <= Range))
                    faults.Add(new(i, j, CellFaultKind.OutOfRange, cell, null));
                else if (i == j && cell != 1)
                    faults.Add(new(i, j, CellFaultKind.DiagonalNotOne, cell, 1));
                else if (j < i && cells[j, i] is >= 1 / Range and <= Range && Math.Abs((cell * cells[j, i]) - 1) > Tolerance)
                    faults.Add(new(i, j, CellFaultKind.NotReciprocal, cell, 1 / cells[j, i]));
            }
        }
        return faults;
    }

    /// <summary>The judgement of a group: cell by cell the geometric mean, the only mean that keeps the matrix reciprocal (Aczél and Saaty 1983).</summary>
    /// <exception cref="ArgumentException">There is no matrix, or they differ in size.</exception>
    public static PairwiseMatrix Group(IReadOnlyList<PairwiseMatrix> experts)
    {
        if (experts.Count == 0 || experts.Any(expert => expert.Size != experts[0].Size))
            throw new ArgumentException("A group judges the same elements, and has at least one expert.", nameof(experts));
        if (experts.Count == 1)
            return experts[0];
        var size = experts[0].Size;
        var cells = new double[size, size];
        for (var i = 0; i < size; i++)
        {
            for (var j = i; j < size; j++)
            {
                // Sorted, so that the order of the experts changes not one bit.
                cells[i, j] = i == j ? 1 : Math.Exp(experts.Select(expert => Math.Log(expert[i, j])).Order().Average());
                cells[j, i] = 1 / cells[i, j];
            }
        }
        return new(cells);
    }
}
