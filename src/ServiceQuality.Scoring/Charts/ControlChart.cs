using System.Runtime.InteropServices;

namespace ServiceQuality.Scoring.Charts;

/// <summary>The kinds of control chart (scoring.md §9).</summary>
public enum ChartType
{
    /// <summary>Individual values with the moving range of two: σ = mean moving range / d₂, d₂ = 2/√π.</summary>
    IMr,

    /// <summary>Share k / n with binomial 3σ limits of each point's n.</summary>
    P,

    /// <summary>Rate count / exposure with Poisson 3σ limits of each point's exposure.</summary>
    U,

    /// <summary>Laney's p′: the p chart with its σ multiplied by what the standardised shares vary by from point to point (Quality Engineering 14, 2002).</summary>
    PPrime,

    /// <summary>Exponentially weighted moving average with exact, widening limits.</summary>
    Ewma,

    /// <summary>Tabular two-sided cumulative sum.</summary>
    Cusum,
}

/// <summary>A point of the data.</summary>
/// <param name="Value">The value; for p, p′ and u the count of the event. Null when the point is missing.</param>
/// <param name="Size">For p and p′ the number inspected, for u the exposure; not read by the others. A point with a size of 0 is missing.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Observation(double? Value, double? Size = null);

/// <summary>How a chart is drawn.</summary>
/// <param name="Type">Its kind.</param>
/// <param name="Rules">Rules for the Shewhart charts; EWMA and CUSUM have only their own limit, because their successive points depend on each other.</param>
public sealed record ChartDesign(ChartType Type, RuleSet? Rules = null)
{
    /// <summary>Points from the first that the parameters are estimated from; null for all.</summary>
    public int? Baseline { get; init; }

    /// <summary>The centre line, if it is given instead of estimated: mean, share (0–1), rate or target.</summary>
    public double? Center { get; init; }

    /// <summary>σ of a point, if it is given: I-MR, EWMA, CUSUM; for p′ the factor on the binomial σ.</summary>
    public double? Sigma { get; init; }

    /// <summary>λ of an EWMA, above 0 and at most 1; Montgomery's 0.1 to 0.25 find small shifts.</summary>
    public double Lambda { get; init; } = 0.2;

    /// <summary>L of an EWMA in its σ; 2.962 with λ = 0.2 gives a false alarm in 500 points.</summary>
    public double Width { get; init; } = 2.962;

    /// <summary>k of a CUSUM in σ: half the shift to be found.</summary>
    public double Slack { get; init; } = 0.5;

    /// <summary>h of a CUSUM in σ; 4.77 with k = 0.5 gives a false alarm in 370 points.</summary>
    public double Decision { get; init; } = 4.77;
}

/// <summary>Where a signal lies.</summary>
public enum SignalSide
{
    /// <summary>Above the centre line, or going up.</summary>
    Upper,

    /// <summary>Below the centre line, or going down.</summary>
    Lower,

    /// <summary>On both sides: alternating, within, outside.</summary>
    Both,
}

/// <summary>A point at which a rule was met.</summary>
/// <param name="Point">The point that completed the pattern, from 0.</param>
/// <param name="Rule">Code of the rule: <c>nelson-5</c>; <c>limit</c> for EWMA and CUSUM.</param>
/// <param name="Number">The rule's number, as it stands on the chart.</param>
/// <param name="Side">Where.</param>
/// <param name="Points">The points that make up the pattern, oldest first.</param>
/// <param name="Evidence">How likely such a point is in control; see <see cref="SignalEvidence"/>. 0–1.</param>
public sealed record Signal(int Point, string Rule, int Number, SignalSide Side, IReadOnlyList<int> Points, double Evidence);

/// <summary>A point as drawn. Every number is finite or null.</summary>
/// <param name="Value">What is drawn: value, share, rate, EWMA; for a CUSUM the upper sum. Null for a missing point.</param>
/// <param name="Lower">Lower limit: for a CUSUM null.</param>
/// <param name="Upper">Upper limit.</param>
/// <param name="Z">Distance from the centre line in σ of this point; what the rules read. Null without limits and for a CUSUM.</param>
/// <param name="MovingRange">I-MR: distance from the point before, null after a gap.</param>
/// <param name="LowerSum">CUSUM: the lower sum, ≥ 0, compared with the same limit.</param>
public sealed record ChartPoint(double? Value, double? Lower, double? Upper, double? Z, double? MovingRange = null, double? LowerSum = null);

/// <summary>A control chart: points, limits, signals.</summary>
/// <param name="Design">How it was drawn.</param>
/// <param name="Points">One for every observation, in their order.</param>
/// <param name="Center">Centre line; for a CUSUM the target. Null when there was nothing to estimate it from.</param>
/// <param name="Sigma">σ: of a value (I-MR, EWMA, CUSUM), or the factor on the binomial σ (p′); null for p and u, whose σ differs by point, and where there is none.</param>
/// <param name="MovingRangeLimit">I-MR: upper limit of the moving ranges, D₄ times their mean.</param>
/// <param name="Signals">By point, then rule.</param>
/// <param name="Reason">Why there are no limits: no-data, few-points (fewer than two points, or no two in a row, to estimate from), zero-variance; null when there are limits.</param>
/// <param name="Estimated">Points that the parameters were estimated from; 0 when they were given.</param>
public sealed record ControlChart(
    ChartDesign Design, IReadOnlyList<ChartPoint> Points, double? Center, double? Sigma, double? MovingRangeLimit,
    IReadOnlyList<Signal> Signals, string? Reason, int Estimated)
{
    /// <summary>Fewer points than this make the limits preliminary (Montgomery, Introduction to Statistical Quality Control, §6.2: 20 to 25 samples).</summary>
    public const int SettledAt = 20;

    /// <summary>Whether the limits rest on fewer than <see cref="SettledAt"/> points.</summary>
    public bool Preliminary => Reason is null && Estimated is > 0 and < SettledAt;

    /// <summary>Average number of points between false alarms while nothing changes; null without limits. The first call for an unusual choice of rules simulates for a second.</summary>
    public double? FalseAlarmEvery => Reason is not null ? null : Design.Type switch
    {
        ChartType.Ewma => RunLength.Ewma(Design.Lambda, Design.Width),
        ChartType.Cusum => RunLength.Cusum(Design.Slack, Design.Decision),
        _ => RunLength.InControl(Design.Rules ?? RuleSet.ThreeSigma),
    };

    /// <summary>
    /// Draws a chart. A missing point is a gap: no moving range, run or pattern is carried over it, and EWMA and CUSUM start afresh after it.
    /// </summary>
    /// <param name="design">How.</param>
    /// <param name="data">The points in the order of time.</param>
    /// <exception cref="ArgumentException">The design does not fit together, or a point is no number, a count is negative or more than inspected.</exception>
    public static ControlChart Of(ChartDesign design, IReadOnlyList<Observation> data)
    {
        ChartGuard.Check(design, data);
        return design.Type switch
        {
            ChartType.Ewma => MovingAverage.Draw(design, data),
            ChartType.Cusum => CumulativeSum.Draw(design, data),
            _ => Shewhart.Draw(design, data),
        };
    }

    /// <summary>How many false alarms a day to expect when nothing has changed anywhere.</summary>
    /// <param name="charts">Number of charts read: units × indicators.</param>
    /// <param name="pointsPerDay">New points of each on a day.</param>
    /// <param name="falseAlarmEvery">Average run length in control of one chart, in points: <see cref="FalseAlarmEvery"/>.</param>
    public static double FalseAlarmsPerDay(int charts, double pointsPerDay, double falseAlarmEvery)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(charts);
        ArgumentOutOfRangeException.ThrowIfNegative(pointsPerDay);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(falseAlarmEvery);
        return charts * pointsPerDay / falseAlarmEvery;
    }
}
