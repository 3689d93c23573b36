using System.Numerics;

namespace ServiceQuality.Scoring.Charts;

/// <summary>
/// Reads standardised points one after the other and says which rules the newest point completes. It holds counters only, so that the same code reads a chart
/// and simulates millions of points.
/// </summary>
internal sealed class RuleWatch(RuleSet set)
{
    private readonly Rule[] rules = [.. set.Rules];
    private readonly Tail[] tails = [.. set.Rules.Where(rule => rule.Kind == RuleKind.Several).Select(rule => rule.Limit).Distinct().Order().Select(limit => new Tail(limit))];
    private double previous;
    private int points;
    private int sameSide;
    private int monotone;
    private int alternating;
    private int within;
    private int outside;

    /// <summary>Forgets everything, as after a missing point or a signal.</summary>
    public void Reset()
    {
        (points, sameSide, monotone, alternating, within, outside) = (0, 0, 0, 0, 0, 0);
        foreach (var tail in tails)
            tail.Above = tail.Below = 0;
    }

    /// <summary>Takes the next point.</summary>
    /// <param name="z">Distance from the centre line in σ, signed.</param>
    /// <returns>Bit i is set when rule i of the set is completed by this point.</returns>
    public int Add(double z)
    {
        var side = Math.Sign(z);
        sameSide = side == 0 ? 0 : side == Math.Sign(sameSide) ? sameSide + side : side;
        var distance = Math.Abs(z);
        within = distance < 1 ? within + 1 : 0;
        outside = distance > 1 ? outside + 1 : 0;
        Turn(z);
        foreach (var tail in tails)
        {
            tail.Above = (tail.Above << 1) | (z > tail.Limit ? 1u : 0u);
            tail.Below = (tail.Below << 1) | (z < -tail.Limit ? 1u : 0u);
        }

        var completed = 0;
        for (var i = 0; i < rules.Length; i++)
            completed |= Completes(rules[i], distance) ? 1 << i : 0;
        return completed;
    }

    /// <summary>How many points, the newest among them, make up the pattern: for a run all of it, otherwise the m of k-of-m as far as there are as many.</summary>
    public int Span(Rule rule) => rule.Kind switch
    {
        RuleKind.SameSide => Math.Abs(sameSide),
        RuleKind.Monotone => Math.Abs(monotone) + 1,
        RuleKind.Alternating => Math.Abs(alternating) + 1,
        RuleKind.Within => within,
        RuleKind.Outside => outside,
        _ => Math.Min(rule.Of, points),
    };

    private bool Completes(Rule rule, double distance) => rule.Kind switch
    {
        RuleKind.Beyond => distance > rule.Limit,
        RuleKind.Several => Completes(TailOf(rule.Limit), rule),
        _ => Span(rule) >= rule.Points,
    };

    private static bool Completes(Tail tail, Rule rule)
    {
        var newest = (1u << rule.Of) - 1;
        return ((tail.Above & 1) == 1 && BitOperations.PopCount(tail.Above & newest) >= rule.Points)
            || ((tail.Below & 1) == 1 && BitOperations.PopCount(tail.Below & newest) >= rule.Points);
    }

    private Tail TailOf(double limit) => Array.Find(tails, tail => tail.Limit == limit)!;

    /// <summary>Counts steps: of one direction (signed), and of directions that take turns (signed by the newest).</summary>
    private void Turn(double z)
    {
        var step = points == 0 ? 0 : Math.Sign(z - previous);
        monotone = step == 0 ? 0 : step == Math.Sign(monotone) ? monotone + step : step;
        alternating = step == 0 ? 0 : step == -Math.Sign(alternating) ? step * (Math.Abs(alternating) + 1) : step;
        previous = z;
        points++;
    }

    private sealed class Tail(double limit)
    {
        public double Limit { get; } = limit;

        public uint Above { get; set; }

        public uint Below { get; set; }
    }
}
