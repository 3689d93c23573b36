namespace ServiceQuality.Scoring.Weights;

/// <summary>How the columns of a table become comparable before their entropy is taken.</summary>
public enum EntropyScale
{
    /// <summary>
    /// (x − min) / (max − min), turned round for columns where less is better: units, zeros and negative numbers do not matter. Scaled values become shares of their column. The default.
    /// </summary>
    Range,

    /// <summary>x / Σ x as it stands, with 1 / x for columns where less is better (Hwang and Yoon 1981): values must not be negative, and above 0 where less is better.</summary>
    Share,
}

/// <summary>One column's part in entropy weights.</summary>
/// <param name="Entropy">e = −Σ p ln p / ln m, 0–1; 1 when every row is alike.</param>
/// <param name="Divergence">1 − e: how much the column tells rows apart.</param>
/// <param name="Weight">Divergence over the sum of all; 0 for a constant column; null when every column is constant.</param>
/// <param name="Constant">Every row has the same value.</param>
public sealed record EntropyColumn(double Entropy, double Divergence, double? Weight, bool Constant);

/// <summary>Objective weights of a table.</summary>
/// <param name="Columns">In the order of the table.</param>
/// <param name="Reason">Why there are no weights: <c>no-column-varies</c>; null when there are.</param>
public sealed record EntropyResult(IReadOnlyList<EntropyColumn> Columns, string? Reason)
{
    /// <summary>Weights summing to 1; null when there are none.</summary>
    public IReadOnlyList<double>? Weights => Reason is null ? [.. Columns.Select(column => column.Weight!.Value)] : null;
}

/// <summary>A cell that entropy weights cannot use.</summary>
/// <param name="Row">Row, from 0.</param>
/// <param name="Column">Column, from 0.</param>
/// <param name="Value">What it holds.</param>
/// <param name="NeedsPositive">It would have to be above 0; otherwise 0 would do too.</param>
public sealed record EntropyFault(int Row, int Column, double Value, bool NeedsPositive);

/// <summary>Entropy weights (scoring.md §6; Shannon 1948, Hwang and Yoon 1981): a column weighs the more, the more it tells the rows apart.</summary>
public static class Entropy
{
    /// <summary>Weights of the columns of a table of rows (branches) × columns (indicators).</summary>
    /// <param name="table">At least two rows and one column, all finite.</param>
    /// <param name="lowerIsBetter">For each column whether less is better.</param>
    /// <param name="scale">How columns become comparable.</param>
    /// <exception cref="ArgumentException">Shape or a value is not as asked for; <see cref="Faults"/> names the cells.</exception>
    public static EntropyResult Weigh(double[,] table, IReadOnlyList<bool> lowerIsBetter, EntropyScale scale = EntropyScale.Range)
    {
        var (rows, width) = (table.GetLength(0), table.GetLength(1));
        if (rows < 2 || width < 1 || lowerIsBetter.Count != width)
            throw new ArgumentException($"A table has at least 2 rows, 1 column and a direction for each, not {rows} rows, {width} columns and {lowerIsBetter.Count} directions.", nameof(table));
        if (Faults(table, lowerIsBetter, scale) is [var fault, ..])
            throw new ArgumentException($"Row {fault.Row + 1}, column {fault.Column + 1} holds {fault.Value}.", nameof(table));

        var entropies = new (double Entropy, bool Constant)[width];
        for (var column = 0; column < width; column++)
        {
            var values = Enumerable.Range(0, rows).Select(row => table[row, column]).ToArray();
            entropies[column] = values.All(value => value == values[0]) ? (1, true) : (Of(Shares(values, lowerIsBetter[column], scale)), false);
        }
        var total = entropies.Sum(one => 1 - one.Entropy);
        return new(
            [.. entropies.Select(one => new EntropyColumn(one.Entropy, 1 - one.Entropy, total > 0 ? (1 - one.Entropy) / total : null, one.Constant))],
            total > 0 ? null : "no-column-varies");
    }

    /// <summary>Every cell that cannot be used, row by row.</summary>
    public static IReadOnlyList<EntropyFault> Faults(double[,] table, IReadOnlyList<bool> lowerIsBetter, EntropyScale scale)
    {
        var faults = new List<EntropyFault>();
        for (var row = 0; row < table.GetLength(0); row++)
        {
            for (var column = 0; column < table.GetLength(1); column++)
            {
                var (value, positive) = (table[row, column], scale == EntropyScale.Share && lowerIsBetter[column]);
                if (!double.IsFinite(value) || (scale == EntropyScale.Share && (value < 0 || (positive && value == 0))))
                    faults.Add(new(row, column, value, positive));
            }
        }
        return faults;
    }

    private static double[] Shares(double[] values, bool lowerIsBetter, EntropyScale scale)
    {
        var (low, high) = (values.Min(), values.Max());
        // Halved before subtracting: the range of finite values may not be finite.
        var scaled = scale == EntropyScale.Range
            ? values.Select(value => lowerIsBetter ? ((high / 2) - (value / 2)) / ((high / 2) - (low / 2)) : ((value / 2) - (low / 2)) / ((high / 2) - (low / 2)))
            : values.Select(value => lowerIsBetter ? low / value : value / high);
        var sum = scaled.Sum();
        return [.. scaled.Select(value => value / sum)];
    }

    /// <summary>0 ln 0 counts as 0; the shares of values that differ give less than 1 but for rounding.</summary>
    private static double Of(double[] shares) => Math.Clamp(-shares.Sum(share => share > 0 ? share * Math.Log(share) : 0) / Math.Log(shares.Length), 0, 1);
}
