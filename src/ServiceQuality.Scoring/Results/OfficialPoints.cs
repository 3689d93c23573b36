namespace ServiceQuality.Scoring.Results;

/// <summary>Official points: two decimals, exact from there on, so that deductions and means add up to the last digit (E-07, E-13).</summary>
public static class OfficialPoints
{
    /// <summary>Digits after the point.</summary>
    public const int Digits = 2;

    /// <summary>Rounds a score to two decimals, half to even, and never across a band limit: 89.996 is 89.99, not the 90.00 of a better grade.</summary>
    /// <param name="score">0–100.</param>
    /// <param name="bands">Bands of the scheme.</param>
    public static decimal Of(double score, IReadOnlyList<GradeBand> bands) => (decimal)Display.Round(score, bands, Digits) + 0.00m;

    /// <summary>
    /// The sum that leads to the official points, every number with two decimals: <c>base + bonuses − deductions + limiting = official</c>, exactly.
    /// The base is what the indicators gave; limiting is what the limits 0 and 100 changed.
    /// </summary>
    /// <param name="score">A score with a value.</param>
    /// <exception cref="ArgumentException">The score has none.</exception>
    public static OfficialSum SumOf(Score score)
    {
        if (score is not { Value: { } value, Unclamped: { } unclamped })
            throw new ArgumentException("A unit without a score has no sum.", nameof(score));
        var official = Of(value, score.Scheme.Bands);
        var bonuses = Counted(score, AdjustmentKind.Bonus);
        var deductions = Counted(score, AdjustmentKind.Deduction);
        var within = unclamped is >= 0 and <= 100;
        var limit = within ? 0.00m : official - (decimal)Math.Round(unclamped, Digits);
        return new(official - limit - bonuses + deductions, bonuses, deductions, limit + 0.00m, official);
    }

    private static decimal Counted(Score score, AdjustmentKind kind) => decimal.Round(score.Adjustments.Where(a => a.Kind == kind).Sum(a => a.Counted), Digits) + 0.00m;
}

/// <summary>How official points come about; see <see cref="OfficialPoints.SumOf"/>.</summary>
/// <param name="Base">Points of the indicators; of an annual result the mean of the quarters.</param>
/// <param name="Bonuses">Added.</param>
/// <param name="Deductions">Taken; of an annual result for orders not held.</param>
/// <param name="Limit">What limiting to 0–100 changed.</param>
/// <param name="Official">The official points.</param>
public sealed record OfficialSum(decimal Base, decimal Bonuses, decimal Deductions, decimal Limit, decimal Official);
