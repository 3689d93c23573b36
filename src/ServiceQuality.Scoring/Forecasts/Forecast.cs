namespace ServiceQuality.Scoring.Forecasts;

/// <summary>How a series is carried forward.</summary>
public enum ForecastMethod
{
    /// <summary>Simple exponential smoothing: the level of late, the same for every period ahead.</summary>
    Level,

    /// <summary>Holt's linear trend, damped (Gardner and McKenzie 1985): the level and a trend that fades.</summary>
    DampedTrend,
}

/// <summary>What is expected of one period ahead, in the unit of the series.</summary>
/// <param name="Ahead">Periods after the newest of the series, from 1.</param>
/// <param name="Value">The point forecast.</param>
/// <param name="Interval">95 % prediction interval: where the period's own value will lie, not its mean.</param>
/// <param name="Error">Standard error of the prediction, before limits.</param>
public sealed record ForecastStep(int Ahead, double Value, Interval Interval, double Error);

/// <summary>
/// A forecast of a short series of periods (RPT-11) by exponential smoothing in its state-space form (Hyndman, Koehler, Ord and Snyder 2008; Hyndman and Athanasopoulos, Forecasting:
/// Principles and Practice, ch. 7 and 8). Smoothing parameters and beginning are those with the least sum of squared one-step errors, which for normal errors is the likeliest; of the two methods the
/// one with the smaller AICc is taken, so that a short series has a trend only where it leaves little doubt. Intervals are Student's, with the degrees of freedom that the estimates leave, and hold
/// the uncertainty of the beginning and of α, which matters in short series; that of the other smoothing parameters is not in them. Seasons are not modelled: they would need three years at least.
/// </summary>
/// <param name="Method">The method; null when nothing can be said.</param>
/// <param name="Alpha">Weight of the newest error in the level, 0–1.</param>
/// <param name="Beta">Weight of the newest error in the trend, 0 to α; null without a trend.</param>
/// <param name="Phi">What is left of the trend after each period, 0.8–0.98; null without a trend.</param>
/// <param name="Level">The level at the end of the series.</param>
/// <param name="Trend">The trend at the end, per period; null without a trend.</param>
/// <param name="Deviation">Standard deviation of the one-step errors.</param>
/// <param name="Criterion">AICc, up to a constant of the series: less is better.</param>
/// <param name="Points">Values that the series has.</param>
/// <param name="Steps">The periods ahead; empty when nothing can be said.</param>
/// <param name="Reason"><c>few-points</c>: fewer than <see cref="Fewest"/> values, or than <see cref="FewestForTrend"/> where a trend was asked for; <c>many-gaps</c>: less than two thirds of the periods have one; <c>zero-variance</c>: the series does not vary, so nothing
/// says how far it may; null when there is a forecast.</param>
public sealed record Forecast(
    ForecastMethod? Method, double? Alpha, double? Beta, double? Phi, double? Level, double? Trend, double? Deviation, double? Criterion, int Points, IReadOnlyList<ForecastStep> Steps, string? Reason)
{
    /// <summary>Values that a series needs.</summary>
    public const int Fewest = 6;

    /// <summary>Values that a trend needs: it has six parameters, and with fewer AICc has no meaning.</summary>
    public const int FewestForTrend = Smoothing.DampedParameters + 2;

    /// <summary>Most periods ahead (RPT-11).</summary>
    public const int MostAhead = 3;

    private const int MostPoints = 1_000;

    /// <summary>Forecasts a series.</summary>
    /// <param name="series">Values of periods of equal length, oldest first; null for a period without one. Periods before the first value are left out, periods without one at the end are forecast over.</param>
    /// <param name="ahead">Periods ahead of the newest of the series, 1 to <see cref="MostAhead"/>.</param>
    /// <param name="within">Limits that no value can pass, 0–100 for scores; null for none.</param>
    /// <param name="method">The method; null for the one that AICc prefers.</param>
    /// <exception cref="ArgumentException">A value is not finite or beyond the limits, there are more than 1,000, or <paramref name="ahead"/> is out of range.</exception>
    public static Forecast Of(IReadOnlyList<double?> series, int ahead = MostAhead, Interval? within = null, ForecastMethod? method = null)
    {
        if (ahead is < 1 or > MostAhead)
            throw new ArgumentOutOfRangeException(nameof(ahead), $"Forecasts reach 1 to {MostAhead} periods ahead.");
        if (series.Count > MostPoints)
            throw new ArgumentException($"At most {MostPoints} periods.", nameof(series));
        if (series.Any(value => value is { } known && (!double.IsFinite(known) || known < within?.Low || known > within?.High)))
            throw new ArgumentException("Every value must be finite and within the limits.", nameof(series));
        var known = series.SkipWhile(value => value is null).ToArray();
        var points = known.Count(value => value is not null);
        if (points < Fewest)
            return Nothing(points, "few-points");
        if (3 * points < 2 * known.Length)
            return Nothing(points, "many-gaps");

        var fits = new List<Smoothing>();
        if (method is null or ForecastMethod.Level)
            fits.Add(Smoothing.Level(known));
        if (method is not ForecastMethod.Level && points >= FewestForTrend)
            fits.Add(Smoothing.Damped(known));
        if (fits.Count == 0)
            return Nothing(points, "few-points");
        var best = fits.MinBy(fit => fit.Criterion)!;
        return best.Varies ? Of(best, ahead, within ?? new(double.NegativeInfinity, double.PositiveInfinity)) : Nothing(points, "zero-variance");
    }

    private static Forecast Of(Smoothing fit, int ahead, Interval within)
    {
        var quantile = Statistics.StudentQuantile(fit.Freedom);
        double Limited(double value) => Math.Clamp(value, within.Low, within.High);
        var steps = Enumerable.Range(1, ahead).Select(step =>
        {
            var (value, error) = fit.Ahead(step);
            return new ForecastStep(step, Limited(value), new(Limited(value - (quantile * error)), Limited(value + (quantile * error))), error);
        });
        return fit.IsDamped
            ? new(ForecastMethod.DampedTrend, fit.Alpha, fit.Beta, fit.Phi, fit.End.Level, fit.End.Trend, fit.Deviation, fit.Criterion, fit.Points, [.. steps], null)
            : new(ForecastMethod.Level, fit.Alpha, null, null, fit.End.Level, null, fit.Deviation, fit.Criterion, fit.Points, [.. steps], null);
    }

    private static Forecast Nothing(int points, string reason) => new(null, null, null, null, null, null, null, null, points, [], reason);
}
