using ServiceQuality.Scoring.Charts;

namespace ServiceQuality.Scoring.Comparison;

/// <summary>What the days of a period say of where a unit goes.</summary>
public enum TrendVerdict
{
    /// <summary>Too few days to bound the slope.</summary>
    FewDays,

    /// <summary>The interval of the slope holds 0: no change can be told from chance.</summary>
    Steady,

    /// <summary>The slope is above 0, its interval too.</summary>
    Improving,

    /// <summary>The slope is below 0, its interval too.</summary>
    Worsening,
}

/// <summary>How steady a unit was over a quarter or year, and where it goes (SCO-30).</summary>
/// <param name="Range">Highest less lowest score of a month; null with fewer than two months scored.</param>
/// <param name="Deviation">Standard deviation of the months' scores (n − 1); null with fewer than two.</param>
/// <param name="Slope">Trend of the days' scores in points per day; null with fewer than two days.</param>
/// <param name="Chart">The days' scores on an I-MR chart.</param>
public sealed record Stability(double? Range, double? Deviation, Slope? Slope, ControlChart Chart)
{
    /// <summary>Days of a month on the average, to turn a slope per day into one per month.</summary>
    public const double DaysOfMonth = 365.25 / 12;

    /// <summary>What the slope says.</summary>
    public TrendVerdict Verdict => Slope?.Interval is not { } interval ? TrendVerdict.FewDays : interval.Low > 0 ? TrendVerdict.Improving : interval.High < 0 ? TrendVerdict.Worsening : TrendVerdict.Steady;

    /// <summary>Looks at a period.</summary>
    /// <param name="months">The months' scores; null for a month without one.</param>
    /// <param name="days">The days' scores in order; null for a day without one.</param>
    /// <param name="rules">Rules of the chart; 3σ limits alone when null (SCO-30).</param>
    /// <exception cref="ArgumentException">A score is not finite.</exception>
    public static Stability Of(IReadOnlyList<double?> months, IReadOnlyList<double?> days, RuleSet? rules = null)
    {
        var scored = months.Where(month => month is not null).Select(month => month!.Value).ToList();
        if (scored.Any(month => !double.IsFinite(month)))
            throw new ArgumentException("Every score must be finite.", nameof(months));
        var mean = scored.Count == 0 ? 0 : scored.Average();
        var chart = ControlChart.Of(new(ChartType.IMr, rules), [.. days.Select(day => new Observation(day))]);
        var slope = Comparison.Slope.Of([.. days.Select((day, i) => (X: (double)i, Y: day)).Where(day => day.Y is not null).Select(day => (day.X, day.Y!.Value))]);
        return scored.Count < 2
            ? new(null, null, slope, chart)
            : new(scored.Max() - scored.Min(), Math.Sqrt(scored.Sum(month => (month - mean) * (month - mean)) / (scored.Count - 1)), slope, chart);
    }
}
