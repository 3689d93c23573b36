using ServiceQuality.Scoring.Weights;

namespace ServiceQuality.Scoring.Fuzzy;

/// <summary>How weights W and memberships R are composed to B (scoring.md §7).</summary>
public enum FuzzyOperator
{
    /// <summary>M(·, +): b = Σ w r. Every factor counts by its weight; the default.</summary>
    WeightedMean,

    /// <summary>M(∧, ∨): b = max min(w, r). The leading factor decides.</summary>
    MinMax,

    /// <summary>M(·, ∨): b = max w r. The leading factor stands out.</summary>
    ProductMax,

    /// <summary>M(∧, ⊕): b = min(1, Σ min(w, r)). Bounded sum.</summary>
    BoundedSum,
}

/// <summary>Result of a composition.</summary>
/// <param name="Memberships">B, normalised: belonging to each grade, summing to 1.</param>
/// <param name="Verdict">Place of the grade with the largest membership. Among equals the one whose value is nearest to <paramref name="Mean"/>, then the later (lower) one.</param>
/// <param name="Tied">More than one grade has the largest membership.</param>
/// <param name="Validity">(n β − 1) / (2 γ (n − 1)), β the largest and γ the second largest membership of n grades; null when γ is 0, that is when everything belongs to one grade.</param>
/// <param name="Mean">Σ b v: the mean of the grades' values, weighted by membership, in points.</param>
public sealed record FuzzyResult(IReadOnlyList<double> Memberships, int Verdict, bool Tied, double? Validity, double Mean)
{
    /// <summary>Below this validity the largest membership says little (scoring.md §7).</summary>
    public const double LowValidity = 0.5;

    /// <summary>The largest membership says little: it is hardly larger than the second or than an even spread.</summary>
    public bool Doubtful => Validity < LowValidity;
}

/// <summary>A row of memberships that is none.</summary>
/// <param name="Row">Row, from 0.</param>
/// <param name="Column">Column, from 0; null when the row as a whole is wrong.</param>
/// <param name="Value">The cell, or the sum of the row.</param>
public sealed record MembershipFault(int Row, int? Column, double Value);

/// <summary>Fuzzy comprehensive evaluation (模糊综合评价, SCO-08, scoring.md §7).</summary>
public static class FuzzyEvaluation
{
    /// <summary>How far the sum of a row of memberships may be from 1, for tables with rounded numbers; the row is then normalised.</summary>
    public const double RowTolerance = 0.005;

    private const double Equal = 1e-12;

    /// <summary>Composes weights and memberships.</summary>
    /// <param name="memberships">R: factors × grades, at least one row and two columns; cells 0–1, rows summing to 1 within <see cref="RowTolerance"/>.</param>
    /// <param name="weights">W: one per factor, ≥ 0, normalised here.</param>
    /// <param name="values">What each grade is worth in points, for <see cref="FuzzyResult.Mean"/>; finite.</param>
    /// <param name="composition">The operator.</param>
    /// <exception cref="ArgumentException">Shapes do not agree, or a weight or a membership is none; <see cref="Faults"/> names the memberships.</exception>
    public static FuzzyResult Compose(double[,] memberships, IReadOnlyList<double> weights, IReadOnlyList<double> values, FuzzyOperator composition = FuzzyOperator.WeightedMean)
    {
        var (factors, grades) = (memberships.GetLength(0), memberships.GetLength(1));
        if (factors < 1 || grades < 2 || weights.Count != factors || values.Count != grades || !values.All(double.IsFinite))
            throw new ArgumentException($"{factors} × {grades} memberships take {factors} weights and {grades} finite values of at least 2 grades, not {weights.Count} and {values.Count}.", nameof(memberships));
        if (Faults(memberships) is [var fault, ..])
            throw new ArgumentException($"Row {fault.Row + 1} of the memberships is wrong: {fault.Value}.", nameof(memberships));

        var shares = WeightVector.Normalised(weights);
        var composed = new double[grades];
        for (var grade = 0; grade < grades; grade++)
        {
            for (var factor = 0; factor < factors; factor++)
            {
                var (w, r) = (shares[factor], memberships[factor, grade] / RowSum(memberships, factor));
                composed[grade] = composition switch
                {
                    FuzzyOperator.WeightedMean => composed[grade] + (w * r),
                    FuzzyOperator.MinMax => Math.Max(composed[grade], Math.Min(w, r)),
                    FuzzyOperator.ProductMax => Math.Max(composed[grade], w * r),
                    FuzzyOperator.BoundedSum => Math.Min(1, composed[grade] + Math.Min(w, r)),
                    _ => throw new ArgumentOutOfRangeException(nameof(composition), composition, "Not an operator."),
                };
            }
        }
        return Judge(WeightVector.Normalised(composed), values);
    }

    /// <summary>Every cell that is no membership, and every row that does not sum to 1.</summary>
    public static IReadOnlyList<MembershipFault> Faults(double[,] memberships)
    {
        var faults = new List<MembershipFault>();
        for (var row = 0; row < memberships.GetLength(0); row++)
        {
            var sound = true;
            for (var column = 0; column < memberships.GetLength(1); column++)
            {
                if (memberships[row, column] is >= 0 and <= 1)
                    continue;
                sound = false;
                faults.Add(new(row, column, memberships[row, column]));
            }
            if (sound && Math.Abs(RowSum(memberships, row) - 1) > RowTolerance)
                faults.Add(new(row, null, RowSum(memberships, row)));
        }
        return faults;
    }

    /// <summary>Memberships from a questionnaire: votes of a row over the voters of that row.</summary>
    /// <param name="votes">Factors × grades, each ≥ 0 and finite; every row with at least one vote.</param>
    /// <exception cref="ArgumentException">A cell is negative or not finite, or a row has no votes.</exception>
    public static double[,] OfVotes(double[,] votes)
    {
        var shares = new double[votes.GetLength(0), votes.GetLength(1)];
        for (var row = 0; row < votes.GetLength(0); row++)
        {
            var voters = RowSum(votes, row);
            for (var column = 0; column < votes.GetLength(1); column++)
            {
                if (!(votes[row, column] >= 0) || !(voters is > 0 and < double.PositiveInfinity))
                    throw new ArgumentException($"Row {row + 1} of the votes has {votes[row, column]} of {voters}.", nameof(votes));
                shares[row, column] = votes[row, column] / voters;
            }
        }
        return shares;
    }

    private static FuzzyResult Judge(IReadOnlyList<double> b, IReadOnlyList<double> values)
    {
        var mean = b.Zip(values, (membership, value) => membership * value).Sum();
        var sorted = b.OrderDescending().ToList();
        var leading = Enumerable.Range(0, b.Count).Where(i => sorted[0] - b[i] <= Equal).ToList();
        var verdict = leading.OrderBy(i => Math.Abs(values[i] - mean)).ThenByDescending(i => i).First();
        var n = b.Count;
        // Rounding that is left over in the second grade is none.
        double? validity = sorted[1] <= Equal ? null : Math.Max(0, ((n * sorted[0]) - 1) / (2 * sorted[1] * (n - 1)));
        return new(b, verdict, leading.Count > 1, validity, mean);
    }

    private static double RowSum(double[,] cells, int row) => Enumerable.Range(0, cells.GetLength(1)).Sum(column => cells[row, column]);
}
