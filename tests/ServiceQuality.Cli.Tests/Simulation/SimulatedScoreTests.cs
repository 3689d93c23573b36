using ServiceQuality.Cli.Simulation;
using ServiceQuality.Scoring;

namespace ServiceQuality.Cli.Tests.Simulation;

/// <summary>What head office sees of simulated branches under the delivered scheme.</summary>
public sealed class SimulatedScoreTests(ITestOutputHelper output)
{
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 12, 0, 0, TimeSpan.FromHours(8));

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void Scores_spread_from_poor_to_excellent_and_nearly_every_indicator_has_data(int seed)
    {
        var branches = new[] { "n", "c", "s" }.SelectMany(region => Enumerable.Range(1, 8).Select(number => $"{region}{number:00}")).ToList();
        var scores = branches.Select(branch => Score(seed, branch)).ToList();
        foreach (var (branch, score) in branches.Zip(scores).OrderBy(pair => pair.Second.Value))
            output.WriteLine($"{branch} {score.Value:0.0} {score.Coverage:P1} {score.Grade?.Code}");

        Assert.All(scores, score => Assert.InRange(score.Coverage, 0.899, 1));
        Assert.InRange(scores.Min(score => score.Value!.Value), 50, 72);
        Assert.InRange(scores.Max(score => score.Value!.Value), 86, 98);
        Assert.True(scores.Select(score => score.Grade!.Code).Distinct().Count() >= 4);
    }

    private static Score Score(int seed, string branch)
    {
        var catalogue = MeasureCatalogue.Of(DefaultSchemes.Telecom);
        var units = BranchSimulatorTests.Branch(branch);
        var zone = units[0].TimeZone;
        var ledgers = units.ToDictionary(unit => unit.Code, _ => new Ledger(catalogue, zone));
        foreach (var fact in new BranchSimulator(seed, units).Between(Now.AddDays(-8), Now))
        {
            var ledger = ledgers[fact.Subject];
            ledger.Fold(new Fact(ledger.Seq + 1, fact.Source, fact.Id, fact.Time, fact.Time, fact.Data));
        }

        var window = Period.Default.Window(Now, zone);
        return Scorer.Evaluate(DefaultSchemes.Telecom, Scoring.Readings.Merge(ledgers.Values.Select(ledger => ledger.Read(window)), RollUp.Volume));
    }
}
