namespace ServiceQuality.Scoring.Results;

/// <summary>A quarter's part in an annual result.</summary>
/// <param name="Period">The quarter: <c>2026-Q1</c>.</param>
/// <param name="Number">Which document: 0 the result, 1, 2, 3 … a restatement; null when the quarter has none.</param>
/// <param name="Official">Its official points; null when the quarter was not closed or the unit not scored.</param>
/// <param name="Hash">Hash of the document.</param>
public sealed record QuarterResult(string Period, int? Number, decimal? Official, string? Hash);

/// <summary>
/// The annual result (SCO-20): mean of the official points of the four quarters, less the points for orders whose hold check failed in the year.
/// The formula is assumed in the requirements; quarters without a result are left out of the mean and lower the coverage (a quarter each).
/// </summary>
/// <param name="Quarters">The four quarters.</param>
/// <param name="Mean">Their mean, two decimals, half to even; null when no quarter has a result.</param>
/// <param name="OrdersNotHeld">Points for orders not held, ≥ 0, two decimals.</param>
/// <param name="Orders">How many orders.</param>
/// <param name="Official">Mean − points for orders, limited to 0–100; null without a mean.</param>
/// <param name="Coverage">Share of quarters that have a result, 0–1.</param>
public sealed record AnnualResult(IReadOnlyList<QuarterResult> Quarters, decimal? Mean, decimal OrdersNotHeld, int Orders, decimal? Official, double Coverage)
{
    /// <summary>The annual result of four quarters.</summary>
    /// <param name="quarters">Exactly four.</param>
    /// <param name="ordersNotHeld">Points for orders not held.</param>
    /// <param name="orders">How many orders.</param>
    /// <exception cref="ArgumentException">There are not four quarters, or the points are negative.</exception>
    public static AnnualResult Of(IReadOnlyList<QuarterResult> quarters, decimal ordersNotHeld, int orders)
    {
        if (quarters.Count != 4)
            throw new ArgumentException("A year has four quarters.", nameof(quarters));
        ArgumentOutOfRangeException.ThrowIfNegative(ordersNotHeld);
        var known = quarters.Where(quarter => quarter.Official is not null).Select(quarter => quarter.Official!.Value).ToList();
        var deducted = decimal.Round(ordersNotHeld, OfficialPoints.Digits) + 0.00m;
        if (known.Count == 0)
            return new(quarters, null, deducted, orders, null, 0);
        var mean = decimal.Round(known.Sum() / known.Count, OfficialPoints.Digits, MidpointRounding.ToEven) + 0.00m;
        return new(quarters, mean, deducted, orders, Math.Clamp(mean - deducted, 0.00m, 100.00m), known.Count / 4.0);
    }

    /// <summary>The sum that leads to it; null without a result.</summary>
    public OfficialSum? Sum => Official is { } official ? new(Mean!.Value, 0.00m, OrdersNotHeld, official - (Mean.Value - OrdersNotHeld), official) : null;
}
