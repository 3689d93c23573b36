using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ServiceQuality.Scores;

/// <summary>Meter and activity source <c>ServiceQuality.Scores</c>.</summary>
internal static class ScoresTelemetry
{
    public const string Name = "ServiceQuality.Scores";

    public static readonly ActivitySource Activities = new(Name);
    private static readonly Meter Meter = new(Name);

    public static readonly Counter<long> FactsAppended = Meter.CreateCounter<long>("scores.facts.appended", "{fact}", "Facts written to a journal.");
    public static readonly Counter<long> Duplicates = Meter.CreateCounter<long>("scores.facts.duplicates", "{fact}", "Facts that were in the journal already.");
    public static readonly Counter<long> Refused = Meter.CreateCounter<long>("scores.facts.refused", "{fact}", "Facts of services that were not taken; their messages are in the error queue.");
    public static readonly Counter<long> Late = Meter.CreateCounter<long>("scores.facts.late", "{fact}", "Facts older than any bucket.");
    public static readonly Counter<long> GapsClosed = Meter.CreateCounter<long>("scores.gaps.closed", "{gap}", "Times an owner caught up with rows that it had not written.");
    public static readonly Counter<long> StaleRefusals = Meter.CreateCounter<long>("scores.appends.stale", "{append}", "Appends refused because the journal had moved on.");
    public static readonly Histogram<double> CommitDuration = Meter.CreateHistogram<double>("scores.commit.duration", "ms", "Time of one group commit.");
    public static readonly Histogram<long> GroupSize = Meter.CreateHistogram<long>("scores.commit.facts", "{fact}", "Facts in one group commit.");
    public static readonly Histogram<double> FoldDuration = Meter.CreateHistogram<double>("scores.fold.duration", "ms", "Time of folding one append.");
    public static readonly Histogram<double> Lag = Meter.CreateHistogram("scores.lag", "s", "From received to visible in the score.", advice: new InstrumentAdvice<double>
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600],
    });
    public static readonly Gauge<long> Behind = Meter.CreateGauge<long>("scores.behind", "{fact}", "Facts in the journals that are not in the scores of this process yet.");
}
