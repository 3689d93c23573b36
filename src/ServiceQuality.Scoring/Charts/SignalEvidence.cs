using MathNet.Numerics;

namespace ServiceQuality.Scoring.Charts;

/// <summary>
/// How likely a pattern is to be complete at a given point while nothing has changed, both sides taken together; the p-value behind a signal, for the control of
/// false discoveries across units (scoring.md §9).
/// </summary>
/// <remarks>
/// A point beyond its limit: 2 Φ(−|z|). k of m beyond Lσ on one side: twice the binomial tail. A run of r points: on one side 2 · ½ʳ, monotone 2/r!, alternating 2 Eᵣ/r!
/// (Eᵣ the zigzag numbers), within 1σ 0.6827ʳ, outside 1σ 0.3173ʳ; the longer the run, the smaller. EWMA: 2 Φ(−|z|) of the average. CUSUM: one in the average run length.
/// All hold for independent normal points with known parameters and are approximations otherwise.
/// </remarks>
public static class SignalEvidence
{
    private static readonly double Outer = 2 * Normal(-1);

    /// <summary>
    /// The p-value of a chart at one point: the smallest evidence of its signals there times the number of rules that were read (Bonferroni), at most 1;
    /// 1 without a signal, which overstates it and so keeps the control of false discoveries.
    /// </summary>
    /// <param name="chart">The chart.</param>
    /// <param name="point">The point, from 0.</param>
    /// <returns>0–1; null when the chart has no limits or the point is missing.</returns>
    public static double? AtPoint(ControlChart chart, int point)
    {
        if (chart.Reason is not null || chart.Points[point].Value is null)
            return null;
        var rules = chart.Design.Type is ChartType.Ewma or ChartType.Cusum ? 1 : chart.Design.Rules?.Rules.Count ?? 1;
        return Math.Min(1, rules * chart.Signals.Where(signal => signal.Point == point).Select(signal => signal.Evidence).DefaultIfEmpty(1).Min());
    }

    internal static double Of(Rule rule, double z, int span) => Math.Min(1, rule.Kind switch
    {
        RuleKind.Beyond => TwoSided(z),
        RuleKind.Several => 2 * Enumerable.Range(rule.Points, rule.Of - rule.Points + 1)
            .Sum(k => SpecialFunctions.Binomial(rule.Of, k) * Math.Pow(Normal(-rule.Limit), k) * Math.Pow(1 - Normal(-rule.Limit), rule.Of - k)),
        RuleKind.SameSide => 2 * Math.Pow(0.5, span),
        RuleKind.Monotone => 2 * Math.Exp(-SpecialFunctions.FactorialLn(span)),
        RuleKind.Alternating => Alternating(span),
        RuleKind.Within => Math.Pow(1 - Outer, span),
        _ => Math.Pow(Outer, span),
    });

    internal static double TwoSided(double z) => 2 * Normal(-Math.Abs(z));

    internal static double Normal(double z) => SpecialFunctions.Erfc(-z / Constants.Sqrt2) / 2;

    /// <summary>2 Eᵣ / r!: Eᵣ/r! is the coefficient of xʳ in sec x + tan x, from (sec + tan)′ = (1 + (sec + tan)²)/2.</summary>
    private static double Alternating(int length)
    {
        var series = new double[length + 1];
        series[0] = 1;
        for (var n = 0; n < length; n++)
        {
            var square = 0.0;
            for (var i = 0; i <= n; i++)
                square += series[i] * series[n - i];
            series[n + 1] = (square + (n == 0 ? 1 : 0)) / (2 * (n + 1));
        }
        return 2 * series[length];
    }
}
