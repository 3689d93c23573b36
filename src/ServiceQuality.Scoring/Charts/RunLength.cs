using System.Collections.Concurrent;
using MathNet.Numerics.Integration;
using MathNet.Numerics.LinearAlgebra;

namespace ServiceQuality.Scoring.Charts;

/// <summary>
/// Average run lengths: how many points pass until a signal, on the average (scoring.md §9). All for independent normal points with known parameters; estimated limits,
/// discrete or dependent data shorten them.
/// </summary>
public static class RunLength
{
    /// <summary>Points of the simulation behind <see cref="InControl"/>: its standard error is about √(length / points), 1.1 % for a length of 1,000.</summary>
    private const int Simulated = 8_000_000;

    private static readonly ConcurrentDictionary<string, double> known = new(StringComparer.Ordinal)
    {
        ["three-sigma"] = 1 / SignalEvidence.TwoSided(3),
        ["nelson:1"] = 1 / SignalEvidence.TwoSided(3),
        ["western-electric:1"] = 1 / SignalEvidence.TwoSided(3),
        // Champ and Woodall, Technometrics 29 (1987), table 1: rules C1; C1 and C4; C1 to C4.
        ["western-electric:1,4"] = 152.73,
        ["western-electric"] = 91.75,
        ["nelson"] = 73.4,
    };

    /// <summary>The run length in control of a Shewhart chart read by the rules: published where it is, otherwise from a simulation with a fixed seed, kept for the next time.</summary>
    /// <param name="rules">The rules.</param>
    /// <returns>Points between false alarms.</returns>
    public static double InControl(RuleSet rules) => known.GetOrAdd(rules.Name, _ => Simulate(rules, Simulated, seed: 20_011_984).Mean);

    /// <summary>Simulates a chart that starts afresh after every signal.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="points">Points to draw.</param>
    /// <param name="seed">Seed of the random numbers; the same seed gives the same result.</param>
    /// <param name="shift">Shift of the mean in σ.</param>
    /// <returns>The mean length of the runs that ended, with its standard error; when none ended, the number of points and an error as large.</returns>
    public static (double Mean, double Error) Simulate(RuleSet rules, int points, int seed, double shift = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(points);
        var (random, watch) = (new NormalStream(seed), new RuleWatch(rules));
        var (runs, length, sum, squares) = (0L, 0L, 0.0, 0.0);
        for (var i = 0; i < points; i++)
        {
            length++;
            if (watch.Add(random.Next() + shift) == 0)
                continue;
            (sum, squares, runs) = (sum + length, squares + ((double)length * length), runs + 1);
            watch.Reset();
            length = 0;
        }
        if (runs < 2)
            return (points, points);
        var mean = sum / runs;
        return (mean, Math.Sqrt(Math.Max(0, (squares / runs) - (mean * mean)) / runs));
    }

    /// <summary>The run length of an EWMA chart with its limits at their final width, from Crowder's integral equation (Technometrics 29, 1987).</summary>
    /// <param name="lambda">λ, above 0, at most 1.</param>
    /// <param name="width">L in σ of the average.</param>
    /// <param name="shift">Shift of the mean in σ.</param>
    public static double Ewma(double lambda, double width, double shift = 0)
    {
        if (lambda == 1)
            return 1 / (SignalEvidence.Normal(-width - shift) + SignalEvidence.Normal(shift - width));
        var limit = width * Math.Sqrt(lambda / (2 - lambda));
        var rule = new GaussLegendreRule(-limit, limit, Nodes(2 * limit / lambda));
        double Kernel(double from, double to) => Density(((to - ((1 - lambda) * from)) / lambda) - shift) / lambda;
        var lengths = Solve(rule, Kernel);
        return 1 + Enumerable.Range(0, rule.Order).Sum(i => rule.GetWeight(i) * lengths[i] * Kernel(0, rule.GetAbscissa(i)));
    }

    /// <summary>The run length of a two-sided CUSUM, from the integral equation of either side (Page 1954); 1/ARL = 1/ARL⁺ + 1/ARL⁻.</summary>
    /// <param name="slack">k in σ.</param>
    /// <param name="decision">h in σ.</param>
    /// <param name="shift">Shift of the mean in σ.</param>
    public static double Cusum(double slack, double decision, double shift = 0) => 1 / ((1 / OneSided(slack, decision, shift)) + (1 / OneSided(slack, decision, -shift)));

    private static double OneSided(double slack, double decision, double shift)
    {
        // The sum stays at 0 with a probability of its own, which joins the equations as one more unknown.
        var rule = new GaussLegendreRule(0, decision, Nodes(decision));
        double Kernel(double from, double to) => Density(to - from + slack - shift);
        double ToZero(double from) => SignalEvidence.Normal(slack - shift - from);
        var n = rule.Order;
        var matrix = Matrix<double>.Build.Dense(n + 1, n + 1, (i, j) =>
        {
            var from = i == n ? 0 : rule.GetAbscissa(i);
            return (i == j ? 1 : 0) - (j == n ? ToZero(from) : rule.GetWeight(j) * Kernel(from, rule.GetAbscissa(j)));
        });
        return matrix.Solve(Vector<double>.Build.Dense(n + 1, 1))[n];
    }

    private static Vector<double> Solve(GaussLegendreRule rule, Func<double, double, double> kernel) =>
        Matrix<double>.Build.Dense(rule.Order, rule.Order, (i, j) => (i == j ? 1 : 0) - (rule.GetWeight(j) * kernel(rule.GetAbscissa(i), rule.GetAbscissa(j))))
            .Solve(Vector<double>.Build.Dense(rule.Order, 1));

    /// <summary>Enough nodes for a kernel that is one σ wide, over so many σ.</summary>
    private static int Nodes(double span) => Math.Clamp((int)Math.Ceiling(4 * span), 32, 400);

    private static double Density(double z) => Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);
}
