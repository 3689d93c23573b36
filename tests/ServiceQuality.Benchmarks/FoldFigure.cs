using System.Diagnostics;
using System.Globalization;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Scoring;

namespace ServiceQuality.Benchmarks;

/// <summary>Folding facts that are parsed already into a ledger of the delivered scheme, on one core.</summary>
internal static class FoldFigure
{
    private const int Count = 500_000;
    private static readonly TimeSpan Warming = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Measuring = TimeSpan.FromSeconds(4);

    public static IReadOnlyList<Figure> Measure()
    {
        var source = new BranchFacts(Count);
        var facts = Enumerable.Range(0, Count).Select(number => source.Fact(0, number)).ToArray();
        var catalogue = MeasureCatalogue.Of(DefaultSchemes.Telecom);
        var both = MeasureCatalogue.Of(DefaultSchemes.Telecom, DefaultSchemes.TelecomDraft(new DateOnly(2027, 1, 1)));
        var fold = Best(() => Fold(facts, catalogue));
        var wide = Best(() => Fold(facts, both));
        var add = Best(() => Add(facts));
        return
        [
            new("fold", "≥ 5 M facts/s/core", string.Create(CultureInfo.InvariantCulture, $"{fold / 1e6:0.0} M facts/s into {catalogue.Count} series"),
                string.Create(CultureInfo.InvariantCulture, $"adding the same values to one array: {add / 1e6:0.0} M facts/s"), fold / add, fold >= 5_000_000),
            new("fold, with version 2 of the delivered scheme beside version 1", "≥ 5 M facts/s/core", string.Create(CultureInfo.InvariantCulture, $"{wide / 1e6:0.0} M facts/s into {both.Count} series"),
                string.Create(CultureInfo.InvariantCulture, $"version 1 alone: {fold / 1e6:0.0} M facts/s"), wide / fold, wide >= 5_000_000),
        ];
    }

    /// <summary>The best round, after the compiler has had time for its last word.</summary>
    private static double Best(Action round)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Warming;)
            round();
        var best = TimeSpan.MaxValue;
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Measuring;)
        {
            var started = clock.Elapsed;
            round();
            best = clock.Elapsed - started < best ? clock.Elapsed - started : best;
        }
        return Count / best.TotalSeconds;
    }

    private static void Fold(Fact[] facts, MeasureCatalogue catalogue)
    {
        var ledger = new Ledger(catalogue, BranchFacts.Zone);
        foreach (ref readonly var fact in facts.AsSpan())
            ledger.Fold(fact);
        if (ledger.Seq != facts.Length)
            throw new InvalidOperationException("Facts were lost.");
    }

    private static void Add(Fact[] facts)
    {
        var sums = new double[8];
        foreach (ref readonly var fact in facts.AsSpan())
        {
            switch (fact.Data)
            {
                case ServiceCompleted service:
                    sums[0] += service.WaitSeconds ?? 0;
                    sums[1] += service.HandleSeconds ?? 0;
                    sums[2] += service.Errors;
                    sums[3] += service.Rating ?? 0;
                    break;
                case Measurement measurement:
                    sums[4] += measurement.Value;
                    break;
                default:
                    sums[5]++;
                    break;
            }
        }
        GC.KeepAlive(sums);
    }
}
