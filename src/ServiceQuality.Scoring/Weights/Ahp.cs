namespace ServiceQuality.Scoring.Weights;

/// <summary>Three judgements that contradict each other, and what would mend the most doubtful of them.</summary>
/// <param name="From">The element i, from 0; below <paramref name="To"/>.</param>
/// <param name="Via">The element j between them.</param>
/// <param name="To">The element k.</param>
/// <param name="Judged">a_ik as it was judged.</param>
/// <param name="Consistent">a_ij · a_jk: what a_ik would have to be to agree with the two others.</param>
/// <param name="Inconsistency">0 for a consistent triad, up to 1: 1 − min(a_ik / (a_ij a_jk), a_ij a_jk / a_ik) (Koczkodaj 1993).</param>
public sealed record Triad(int From, int Via, int To, double Judged, double Consistent, double Inconsistency);

/// <summary>Weights from pairwise judgements, with their consistency (scoring.md §6, SCO-04).</summary>
/// <param name="Eigenvector">The principal eigenvector, summing to 1: the weights, if <see cref="Accepted"/>.</param>
/// <param name="LambdaMax">The principal eigenvalue, ≥ n; n exactly when the judgements are consistent.</param>
/// <param name="ConsistencyIndex">CI = (λmax − n) / (n − 1); 0 for n = 1.</param>
/// <param name="RandomIndex">Saaty's RI of that size; 0 up to n = 2, whose matrices are always consistent.</param>
/// <param name="ConsistencyRatio">CR = CI / RI; 0 up to n = 2.</param>
/// <param name="Threshold">The largest CR that is accepted.</param>
/// <param name="WorstTriads">The three most inconsistent triads, worst first; fewer where fewer are inconsistent.</param>
public sealed record AhpResult(
    IReadOnlyList<double> Eigenvector, double LambdaMax, double ConsistencyIndex, double RandomIndex, double ConsistencyRatio, double Threshold, IReadOnlyList<Triad> WorstTriads)
{
    /// <summary>Whether the judgements agree well enough with each other to be used.</summary>
    public bool Accepted => ConsistencyRatio <= Threshold;
}

/// <summary>A group's weights and each expert's own.</summary>
/// <param name="Group">Result of the geometric mean of all matrices.</param>
/// <param name="Experts">Result of each expert's matrix, in the order given.</param>
public sealed record GroupAhpResult(AhpResult Group, IReadOnlyList<AhpResult> Experts);

/// <summary>The analytic hierarchy process (scoring.md §6; Saaty 1977, 1980).</summary>
public static class Ahp
{
    /// <summary>Judgements with a larger consistency ratio are refused (SCO-04, assumed; Saaty's rule of thumb).</summary>
    public const double DefaultThreshold = 0.10;

    private const double Precision = 1e-12;
    private const int Named = 3;

    private static readonly double[] RandomIndices = [0, 0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49];

    /// <summary>Weights of one matrix.</summary>
    /// <param name="matrix">The judgements.</param>
    /// <param name="threshold">Largest consistency ratio that is accepted, 0–1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The threshold is not within 0–1.</exception>
    public static AhpResult Weigh(PairwiseMatrix matrix, double threshold = DefaultThreshold)
    {
        if (!(threshold is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "A threshold of the consistency ratio is within 0–1.");
        var n = matrix.Size;
        var weights = PrincipalEigenvector(matrix);
        var lambda = Math.Max(n, Enumerable.Range(0, n).Average(i => Enumerable.Range(0, n).Sum(j => matrix[i, j] * weights[j]) / weights[i]));
        // Rounding of the sums is no inconsistency.
        if (lambda - n < 1e-12 * n)
            lambda = n;
        var ci = n == 1 ? 0 : (lambda - n) / (n - 1);
        var ri = RandomIndices[n - 1];
        return new(weights, lambda, ci, ri, ri == 0 ? 0 : ci / ri, threshold, Worst(matrix, weights));
    }

    /// <summary>Weights of several experts' matrices of the same elements.</summary>
    /// <param name="experts">At least one matrix.</param>
    /// <param name="threshold">Largest consistency ratio that is accepted, 0–1.</param>
    /// <exception cref="ArgumentException">There is no matrix, they differ in size, or the threshold is not within 0–1.</exception>
    public static GroupAhpResult Weigh(IReadOnlyList<PairwiseMatrix> experts, double threshold = DefaultThreshold) =>
        new(Weigh(PairwiseMatrix.Group(experts), threshold), [.. experts.Select(expert => Weigh(expert, threshold))]);

    /// <summary>Power iteration with the matrix squared each time: step k stands for 2^k plain steps, so that it ends also where plain steps crawl. All cells are positive: nothing cancels.</summary>
    private static double[] PrincipalEigenvector(PairwiseMatrix matrix)
    {
        var n = matrix.Size;
        var power = new double[n, n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
                power[i, j] = matrix[i, j];
        }
        var weights = RowShares(power);
        while (true)
        {
            power = Squared(power);
            var next = RowShares(power);
            var moved = Enumerable.Range(0, n).Max(i => Math.Abs(next[i] - weights[i]));
            weights = next;
            if (moved <= Precision)
                return weights;
        }
    }

    private static double[,] Squared(double[,] matrix)
    {
        var n = matrix.GetLength(0);
        var square = new double[n, n];
        var largest = 0.0;
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
            {
                for (var k = 0; k < n; k++)
                    square[i, j] += matrix[i, k] * matrix[k, j];
                largest = Math.Max(largest, square[i, j]);
            }
        }
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
                square[i, j] /= largest;
        }
        return square;
    }

    private static double[] RowShares(double[,] matrix)
    {
        var n = matrix.GetLength(0);
        var sums = Enumerable.Range(0, n).Select(i => Enumerable.Range(0, n).Sum(j => matrix[i, j])).ToArray();
        var total = sums.Sum();
        return [.. sums.Select(sum => sum / total)];
    }

    /// <summary>Of the three judgements of a triad the one furthest from the weights is the doubtful one; among equals, as in a matrix of three, that of the first element over the last.</summary>
    private static List<Triad> Worst(PairwiseMatrix matrix, double[] weights)
    {
        var triads = new List<Triad>();
        for (var i = 0; i < matrix.Size; i++)
        {
            for (var j = i + 1; j < matrix.Size; j++)
            {
                for (var k = j + 1; k < matrix.Size; k++)
                {
                    var circle = Math.Abs(Math.Log(matrix[i, j] * matrix[j, k] * matrix[k, i]));
                    if (circle < 1e-9)
                        continue;
                    var (from, via, to) = new[] { (i, j, k), (i, k, j), (j, i, k) }.MaxBy(way => Math.Round(Math.Abs(Math.Log(matrix[way.Item1, way.Item3] * weights[way.Item3] / weights[way.Item1])), 9));
                    triads.Add(new(from, via, to, matrix[from, to], matrix[from, via] * matrix[via, to], 1 - Math.Exp(-circle)));
                }
            }
        }
        return [.. triads.OrderByDescending(triad => triad.Inconsistency).ThenBy(triad => triad.From).ThenBy(triad => triad.To).Take(Named)];
    }
}
