using ServiceQuality.Scoring.Charts;

namespace ServiceQuality.Scoring.UnitTests.Charts;

/// <summary>Average run lengths (scoring.md §9). The simulation to 1 % is in the benchmarks (<c>--only run-length</c>); this one is as exact as a second allows.</summary>
public sealed class RunLengthTests
{
    [Theory]
    [InlineData("three-sigma", 370.4)]
    [InlineData("western-electric:1,4", 152.73)] // Champ and Woodall 1987, table 1
    [InlineData("western-electric", 91.75)] // Champ and Woodall 1987, table 1
    [InlineData("nelson", 73.4)] // scoring.md §9
    public void A_chart_in_control_runs_as_long_as_the_specification_says(string rules, double length)
    {
        var (mean, error) = RunLength.Simulate(RuleSet.Parse(rules), 2_000_000, seed: 9);

        // Four standard errors of the simulation: a right rule fails here once in 16,000 seeds, and the seed is fixed.
        Assert.True(error < 0.015 * length, $"standard error {error}");
        Assert.Equal(length, mean, 4 * error);
        Assert.Equal(length, RunLength.InControl(RuleSet.Parse(rules)), 0.01 * length);
    }

    [Theory]
    [InlineData("nelson:2", 511)] // 2⁹ − 1: the first run of nine of a fair coin, either side
    [InlineData("western-electric:4", 255)] // 2⁸ − 1
    [InlineData("nelson:7", 966.5)] // (1 − p¹⁵) / ((1 − p) p¹⁵), p = 0.682689
    public void A_run_rule_alone_has_the_length_of_success_runs(string rules, double length)
    {
        var (mean, error) = RunLength.Simulate(RuleSet.Parse(rules), 2_000_000, seed: 11);
        Assert.Equal(length, mean, 4 * error);
    }

    [Fact]
    public void What_is_not_published_is_simulated_once_and_stays_the_same()
    {
        var rules = RuleSet.Nelson(1, 2);
        Assert.Equal(RunLength.InControl(rules), RunLength.InControl(RuleSet.Parse("nelson:2,1")));
        // Rule 1 and a run of nine: longer than with a run of eight (152.7), shorter than rule 1 alone.
        Assert.InRange(RunLength.InControl(rules), 153, 370);
    }

    [Fact]
    public void Zones_and_runs_of_western_electric_give_the_length_of_their_markov_chain() => Assert.Equal(91.75, WesternElectricChain(), 0.01);

    [Theory]
    [InlineData(0.05, 2.615)]
    [InlineData(0.10, 2.814)]
    [InlineData(0.20, 2.962)]
    [InlineData(0.25, 2.998)]
    [InlineData(0.40, 3.054)]
    [InlineData(1.00, 3.090)]
    public void An_ewma_runs_500_points_with_the_designs_of_lucas_and_saccucci(double lambda, double width) =>
        // Lucas and Saccucci 1990, also Montgomery, table 9.11: ARL 500 in control.
        Assert.Equal(500, RunLength.Ewma(lambda, width), 500 * 0.01);

    [Theory]
    [InlineData(0.05, 2.615, 0.25, 84.1)]
    [InlineData(0.05, 2.615, 0.50, 28.8)]
    [InlineData(0.10, 2.814, 0.25, 106)]
    [InlineData(0.10, 2.814, 0.50, 31.3)]
    [InlineData(0.10, 2.814, 1.00, 10.3)]
    [InlineData(0.25, 2.998, 0.50, 48.2)]
    [InlineData(0.25, 2.998, 1.00, 11.1)]
    [InlineData(0.40, 3.054, 0.50, 71.2)]
    [InlineData(0.40, 3.054, 2.00, 3.5)]
    public void An_ewma_finds_shifts_as_fast_as_the_published_table(double lambda, double width, double shift, double length) =>
        // Lucas and Saccucci 1990, also Montgomery, table 9.11; printed with three digits.
        Assert.Equal(length, RunLength.Ewma(lambda, width, shift), 0.015 * length);

    [Theory]
    [InlineData(0.25, 8.01)]
    [InlineData(0.50, 4.77)]
    [InlineData(0.75, 3.34)]
    [InlineData(1.00, 2.52)]
    [InlineData(1.25, 1.99)]
    [InlineData(1.50, 1.61)]
    public void A_cusum_runs_370_points_with_hawkins_designs(double slack, double decision) =>
        // Hawkins 1993, also Montgomery, table 9.4: values of h, to two decimals, that give an ARL of 370.
        Assert.InRange(370, RunLength.Cusum(slack, decision - 0.01), RunLength.Cusum(slack, decision + 0.01));

    [Theory]
    [InlineData(4, 0, 168)]
    [InlineData(4, 0.25, 74.2)]
    [InlineData(4, 0.50, 26.6)]
    [InlineData(4, 1.00, 8.38)]
    [InlineData(4, 2.00, 3.34)]
    [InlineData(5, 0, 465)]
    [InlineData(5, 0.25, 139)]
    [InlineData(5, 0.50, 38.0)]
    [InlineData(5, 1.00, 10.4)]
    [InlineData(5, 2.00, 4.01)]
    public void A_cusum_finds_shifts_as_fast_as_montgomerys_table(double decision, double shift, double length) =>
        // Montgomery, table 9.3: k = 1/2, h = 4 or 5.
        Assert.Equal(length, RunLength.Cusum(0.5, decision, shift), 0.01 * length);

    /// <summary>The slow way: all last four zones and the run on one side as states, their expected lengths by repeated substitution.</summary>
    private static double WesternElectricChain()
    {
        // Zones −3 (beyond 2σ below) … 3 without 0; beyond 3σ ends the run at once.
        var zones = new[] { -3, -2, -1, 1, 2, 3 };
        double Probability(int zone) => Math.Abs(zone) switch { 1 => 0.341344746, 2 => 0.135905122, _ => 0.021400234 };
        var states = new Dictionary<(int, int, int, int, int), int>();
        var queue = new Queue<(int A, int B, int C, int D, int Run)>([(0, 0, 0, 0, 0)]);
        states[(0, 0, 0, 0, 0)] = 0;
        var moves = new List<List<(double P, int To)>>();
        while (queue.TryDequeue(out var state))
        {
            var next = new List<(double, int)>();
            foreach (var zone in zones)
            {
                var run = Math.Sign(state.Run) == Math.Sign(zone) ? state.Run + Math.Sign(zone) : Math.Sign(zone);
                int[] five = [state.A, state.B, state.C, state.D, zone];
                var two = Math.Abs(zone) == 3 && five.TakeLast(3).Count(z => z == zone) >= 2;
                var four = Math.Abs(zone) >= 2 && five.Count(z => Math.Abs(z) >= 2 && Math.Sign(z) == Math.Sign(zone)) >= 4;
                if (two || four || Math.Abs(run) == 8)
                    continue;
                var to = (state.B, state.C, state.D, zone, run);
                if (states.TryAdd(to, states.Count))
                    queue.Enqueue(to);
                next.Add((Probability(zone), states[to]));
            }
            moves.Add(next);
        }
        var lengths = new double[states.Count];
        for (var round = 0; round < 1500; round++)
        {
            for (var i = lengths.Length - 1; i >= 0; i--)
                lengths[i] = 1 + moves[i].Sum(move => move.P * lengths[move.To]);
        }
        return lengths[0];
    }
}
