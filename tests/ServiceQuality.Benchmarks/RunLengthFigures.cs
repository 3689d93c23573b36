using System.Globalization;
using ServiceQuality.Scoring.Charts;

namespace ServiceQuality.Benchmarks;

/// <summary>Average run lengths of the control charts' rules in control, simulated with a fixed seed (scoring.md §9: within 1 %).</summary>
internal static class RunLengthFigures
{
    private const int Points = 60_000_000;
    private const int Seed = 1924;
    private static readonly (string Rules, double Length)[] Published = [("three-sigma", 370.4), ("western-electric:1,4", 152.7), ("western-electric", 91.75), ("nelson", 73.4)];

    public static IReadOnlyList<Figure> Measure(CancellationToken ct) => [.. Published.Select(published =>
    {
        ct.ThrowIfCancellationRequested();
        var (mean, error) = RunLength.Simulate(RuleSet.Parse(published.Rules), Points, Seed);
        var ratio = mean / published.Length;
        return new Figure(
            $"average run length in control, {published.Rules}", string.Create(CultureInfo.InvariantCulture, $"{published.Length} ± 1 %"),
            string.Create(CultureInfo.InvariantCulture, $"{mean:0.00} (standard error {error:0.00}, {Points / mean / 1000:0} thousand runs)"),
            string.Create(CultureInfo.InvariantCulture, $"scoring.md §9: {published.Length}"), ratio, Math.Abs(ratio - 1) <= 0.01);
    })];
}
