using System.Globalization;
using ServiceQuality.Scoring;
using ServiceQuality.Scoring.Comparison;

namespace ServiceQuality.Benchmarks;

/// <summary>A ranking of every branch by 2,000 draws of its day buckets, as the score service computes it once an hour (scoring.md §8).</summary>
internal static class RankingFigure
{
    private const int Seed = 20_261_121;
    private static readonly TimeSpan Goal = TimeSpan.FromSeconds(60);

    public static IReadOnlyList<Figure> Measure()
    {
        var scheme = MemoryFigure.Enlarged();
        var ledgers = BranchMonth.Fill(MeasureCatalogue.Of(scheme));
        var window = Period.Of(PeriodKind.ThirtyDays).Window(BranchFacts.Today.AddTicks(-1), BranchFacts.Zone);
        var scores = Array.ConvertAll(ledgers, ledger => Scorer.Evaluate(scheme, ledger.Read(window)).Value ?? throw new InvalidOperationException("Not every unit was scored."));

        var reading = BranchMonth.Watch(() => Parallel.ForEach(ledgers, ledger => GC.KeepAlive(BranchMonth.Read(ledger))));
        IReadOnlyList<Placing> placed = [];
        var (took, megabytes) = BranchMonth.Watch(() =>
        {
            var (drawing, drawn) = (new DayDraws(BranchMonth.Days, Seed), new DrawnScores?[ledgers.Length]);
            Parallel.For(0, ledgers.Length, i => drawn[i] = drawing.OfBuckets(scheme, scores[i], BranchMonth.Read(ledgers[i])));
            placed = RankDraws.Place(drawn);
        });
        if (placed.Any(unit => unit.Interval is null))
            throw new InvalidOperationException("Not every unit has an interval.");
        return
        [
            new($"ranking of {BranchMonth.Units:N0} units × {scheme.Indicators.Count} indicators × {BranchMonth.Days} days by {RankDraws.Draws:N0} draws of day buckets", string.Create(CultureInfo.InvariantCulture, $"< {Goal.TotalSeconds:0} s, once an hour"),
                string.Create(CultureInfo.InvariantCulture, $"{took.TotalSeconds:0.0} s, {megabytes:N0} MiB more at the most"), string.Create(CultureInfo.InvariantCulture, $"reading the days alone: {reading.Took.TotalSeconds:0.0} s"), took / reading.Took, took < Goal),
        ];
    }
}
