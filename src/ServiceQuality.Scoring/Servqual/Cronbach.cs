namespace ServiceQuality.Scoring.Servqual;

/// <summary>Cronbach's α of a group of items.</summary>
/// <param name="Alpha">k / (k − 1) · (1 − Σ s² of the items / s² of their sum), at most 1; below 0 items contradict each other. Null when it cannot be told.</param>
/// <param name="Items">k.</param>
/// <param name="Respondents">Respondents who answered every item; only these count.</param>
/// <param name="Reason">Why there is no α: <c>one-item</c>, <c>few-respondents</c> (fewer than 2), <c>no-variance</c>.</param>
public sealed record Reliability(double? Alpha, int Items, int Respondents, string? Reason)
{
    /// <summary>From 0.7 on, items are usually taken to ask for the same thing (Nunnally 1978).</summary>
    public const double Sufficient = 0.7;
}

/// <summary>Reliability of a questionnaire: whether the items of a dimension ask for the same thing (Cronbach 1951).</summary>
public static class Cronbach
{
    /// <summary>α of a table of answers.</summary>
    /// <param name="answers">Respondents × items, finite; every respondent has as many answers as there are items.</param>
    /// <exception cref="ArgumentException">Rows differ in length, or an answer is not finite.</exception>
    public static Reliability Alpha(IReadOnlyList<IReadOnlyList<double>> answers)
    {
        var k = answers.Count == 0 ? 0 : answers[0].Count;
        if (answers.Any(row => row.Count != k || !row.All(double.IsFinite)))
            throw new ArgumentException("Every respondent has one finite answer to every item.", nameof(answers));
        if (k < 2)
            return new(null, k, answers.Count, answers.Count == 0 ? "few-respondents" : "one-item");
        if (answers.Count < 2)
            return new(null, k, answers.Count, "few-respondents");
        var items = Enumerable.Range(0, k).Sum(item => Variance([.. answers.Select(row => row[item])]));
        var total = Variance([.. answers.Select(row => row.Sum())]);
        return total > 0 ? new(Alpha(k, items, total), k, answers.Count, null) : new(null, k, answers.Count, "no-variance");
    }

    /// <summary>α from variances.</summary>
    /// <param name="items">k, at least 2.</param>
    /// <param name="itemVariances">Σ of the items' variances.</param>
    /// <param name="totalVariance">Variance of the sum of the items, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public static double Alpha(int items, double itemVariances, double totalVariance)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(items, 2);
        ArgumentOutOfRangeException.ThrowIfNegative(itemVariances);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(totalVariance);
        return (double)items / (items - 1) * (1 - (itemVariances / totalVariance));
    }

    private static double Variance(List<double> values)
    {
        var mean = values.Average();
        return values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1);
    }
}
