using System.Globalization;
using ServiceQuality.Scores.Signals;
using ServiceQuality.Scoring;
using ServiceQuality.Scoring.Charts;
using ServiceQuality.Scoring.Comparison;

namespace ServiceQuality.Benchmarks;

/// <summary>The signals of a day over every branch and indicator, with the control of false discoveries (scoring.md §9).</summary>
internal static class SignalsFigure
{
    private static readonly TimeSpan Goal = TimeSpan.FromSeconds(60);

    public static IReadOnlyList<Figure> Measure()
    {
        var scheme = MemoryFigure.Enlarged();
        var ledgers = BranchMonth.Fill(MeasureCatalogue.Of(scheme));
        var reading = BranchMonth.Watch(() =>
        {
            foreach (var ledger in ledgers)
                GC.KeepAlive(Days(ledger));
        });
        var (charts, kept) = (0, 0);
        var (took, megabytes) = BranchMonth.Watch(() =>
        {
            // One unit after the other, as the service reads them.
            var values = new List<double>();
            foreach (var ledger in ledgers)
                values.AddRange(DaySignals.ChartsOf(scheme.Indicators, Days(ledger), RuleSet.WesternElectric()).Select(one => one.Signals.Count > 0 ? one.P : 1));
            charts = values.Count;
            kept = FalseDiscovery.BenjaminiHochberg(values).Count(one => one.Kept);
        });
        return
        [
            new($"signals of a day of {BranchMonth.Units:N0} units × {scheme.Indicators.Count} indicators, Western Electric 1–4", string.Create(CultureInfo.InvariantCulture, $"< {Goal.TotalSeconds:0} s on one core, once an hour"),
                string.Create(CultureInfo.InvariantCulture, $"{took.TotalSeconds:0.0} s, {megabytes:N0} MiB more at the most; {charts:N0} charts, {kept:N0} signals kept"),
                string.Create(CultureInfo.InvariantCulture, $"reading the days alone: {reading.Took.TotalSeconds:0.0} s"), took / reading.Took, took < Goal),
        ];
    }

    private static Readings?[] Days(Ledger ledger) => BranchMonth.Read(ledger)[^(DaySignals.BaselineDays + 1)..];
}
