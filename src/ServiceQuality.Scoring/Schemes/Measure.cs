using System.Globalization;

namespace ServiceQuality.Scoring;

/// <summary>
/// Turns facts into buckets, without an opinion on good or bad (scoring.md §2).
/// <list type="bullet">
/// <item><c>fact</c>: service.completed, measurement, survey.response, fault, inspection, complaint, training or risk.</item>
/// <item><c>where</c>: which facts it looks at. By list: channel, outcome, service (service.completed), measure (measurement; required there), survey, kind, group, flag (survey.response),
/// asset (fault), inspection, level, object (inspection), event, severity, channel, category, rootCause (complaint), event, course (training), event, risk, severity (risk); event is the last
/// word of the fact type: received, acknowledged, resolved, reopened, overdue, closed; completed, coverage; assessed, event.
/// By range <c>{"min", "max"}</c>, both inclusive: any number of the fact; of withinTarget, accepted and passed also <c>true</c> or <c>false</c>.
/// A survey answer with flags is no valid one: it is looked at only where <c>flag</c> asks for it (MON-26).</item>
/// <item><c>value</c>: the number that is aggregated. waitSeconds, handleSeconds, errors, rating (service.completed); value (measurement);
/// answer = mean of the answers, answers.QUESTION, promoter = 100 for answers 9–10, 0 for 7–8, −100 below, expectation, perception, attainment = perception ÷ expectation,
/// each over all pairs or .DIMENSION or .DIMENSION.ITEM (survey.response); score, criticalFailures (inspection); ackSeconds, resolveSeconds, withinTarget, accepted (1 or 0),
/// severityWeight = 1 low … 4 extreme (complaint); passed (1 or 0), score, hours, qualified, required (training); inherent, residual, severityWeight (risk).
/// A fact without this number is not looked at.</item>
/// <item><c>hit</c>: for ratio, the facts that count in the numerator; same form as <c>where</c>. A fact of the channels, outcomes, services … of <c>hit</c> that lacks a number it asks for counts neither above nor below the line.
/// A ratio over measurements may have a <c>value</c> between 0 and 1 instead: the share among <c>count</c> cases.</item>
/// <item><c>aggregator</c>: mean, ratio, per-thousand, count, sum, percentile, last, gap; mttr, mtbf, availability, failure-rate belong to fault, latest to training and risk;
/// blend mixes other measures.</item>
/// <item><c>quantile</c>: of percentile, above 0 and below 1.</item>
/// <item><c>base</c>: of per-thousand, the code of the <c>count</c> measure under the line.</item>
/// <item><c>expectation</c>, <c>perception</c>: of gap, the two numbers compared.</item>
/// <item><c>parts</c>, <c>each</c>: of blend, see <see cref="BlendPart"/> and <see cref="Aggregator.Blend"/>; a blend has no <c>fact</c> of its own.</item>
/// </list>
/// Numbers are kept as millionths, limited to ±1,000,000,000; sums are exact, so the order of facts never matters.
/// A measurement that stands for <c>count</c> readings counts as that many equal readings.
/// </summary>
public sealed class Measure
{
    internal Measure() { }

    /// <summary>Code, unique in the scheme.</summary>
    public required string Code { get; init; }

    /// <summary>Name.</summary>
    public required Bilingual Name { get; init; }

    /// <summary>Unit of the value: s, min, h, share, per-thousand, points, count …</summary>
    public required string Unit { get; init; }

    /// <summary>The aggregator.</summary>
    public required Aggregator Aggregator { get; init; }

    /// <summary>Quantile of a percentile; 0 for the others.</summary>
    public double Quantile { get; init; }

    /// <summary>The count measure under the line of a per-thousand; null for the others.</summary>
    public Measure? Base { get; init; }

    /// <summary>
    /// The definition in canonical form, without code, name and unit: two measures with equal definitions share their buckets.
    /// </summary>
    public string Definition => Aggregator != Aggregator.Blend ? Series.Key
        : $"blend|{Each}|{string.Join('|', Parts.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Weight}*{p.By}>={p.MinimumSample}:{p.Series.Key}{string.Join(',', p.GroupSeries.Select(g => g.Key))}")))}";

    /// <summary>Of a blend, what it is made of; empty for the others.</summary>
    public IReadOnlyList<BlendPart> Parts { get; init; } = [];

    /// <summary>Of a blend, whether it is made for the period as a whole or month by month.</summary>
    internal Step Each { get; init; }

    /// <summary>The buckets it is computed from; of a blend those of its first part.</summary>
    internal Series Series { get; init; } = null!;

    /// <summary>All series that a ledger must keep for it.</summary>
    internal IEnumerable<Series> Needs => Aggregator != Aggregator.Blend ? [Series] : Parts.SelectMany(p => p.GroupSeries.Prepend(p.Series));

    /// <summary>Whether the measure looks at a fact, so that a listing of "its" facts can be filtered.</summary>
    public bool Concerns(in Fact fact)
    {
        var data = fact.Data;
        return Aggregator == Aggregator.Blend ? Parts.Any(p => p.Series.Concerns(data)) : Series.Concerns(data);
    }
}

/// <summary>One part of a blend (SCO-14 … SCO-17, SCO-33).</summary>
public sealed class BlendPart
{
    internal BlendPart() { }

    /// <summary>JSON <c>measure</c>: the code of a mean, ratio or gap.</summary>
    public required Measure Measure { get; init; }

    /// <summary>Weight among the parts, above 0.</summary>
    public required double Weight { get; init; }

    /// <summary>JSON <c>minimumSample</c>: a month, a week, or all, with fewer facts is left out with the mark <c>insufficient-sample</c> (MON-18); 1 when not given.</summary>
    public required long MinimumSample { get; init; }

    /// <summary>JSON <c>absent</c>: the mark of the value when this part has no data and the others count for it (SCO-33), for example <c>province-not-sampled</c>; null for none.</summary>
    public required string? Absent { get; init; }

    /// <summary>JSON <c>groups</c>: quota groups each of which must have answered, else the month, week or all is left out as under <see cref="MinimumSample"/> (MON-18).</summary>
    public required IReadOnlyList<string> Groups { get; init; }

    /// <summary>JSON <c>mean</c>: the value is that of all <c>facts</c>, or the mean of the <c>months</c>, or of the months each of which is the mean of its <c>weeks</c>.</summary>
    internal Step By { get; init; }

    internal Series Series { get; init; } = null!;

    internal IReadOnlyList<Series> GroupSeries { get; init; } = [];
}

/// <summary>Aggregators of scoring.md §2.</summary>
public enum Aggregator
{
    /// <summary>Σx / n.</summary>
    Mean,

    /// <summary>k / n.</summary>
    Ratio,

    /// <summary>1000 k / n, n of another measure.</summary>
    PerThousand,

    /// <summary>n.</summary>
    Count,

    /// <summary>Σx.</summary>
    Sum,

    /// <summary>Quantile, relative error at most 1 %.</summary>
    Percentile,

    /// <summary>Mean time to repair, seconds: over the repairs ended in the window.</summary>
    Mttr,

    /// <summary>Mean time between failures, seconds: up-time / failures begun in the window; without a failure the up-time, as a lower bound.</summary>
    Mtbf,

    /// <summary>1 − down / period.</summary>
    Availability,

    /// <summary>Newest by event time, then journal position.</summary>
    Last,

    /// <summary>Mean perception − mean expectation.</summary>
    Gap,

    /// <summary>Failures begun in the window per hour of up-time (SCO-27).</summary>
    FailureRate,

    /// <summary>
    /// The states that hold at the end of the window, whenever they were told (at most 400 days ago): mean over the risks, each by its newest assessment; for coverage, heads qualified
    /// ÷ heads required by the newest count. Newest by event time, then journal position. Over units sums are merged: every risk and every head counts once. It is a full
    /// count, no sample: its interval is the value itself.
    /// </summary>
    Latest,

    /// <summary>
    /// Weighted mean of the parts that have data, their weights taken in proportion; made for the period as a whole or, with <c>"each": "month"</c>, month by month, the value then being the mean
    /// of the months. Months are calendar months and weeks Monday to Sunday cut at the ends of the month, in the unit's time zone, as far as they lie in the window, rolling
    /// ones included. In a roll-up the facts of the units are merged month by month and week by week before any mean is taken. Without any part there is no data: <c>not-assessed</c>,
    /// or <c>insufficient-sample</c> when there were some facts but too few. Interval: a mean of two or more months (weeks) by Student over the months (weeks),
    /// of one by Student over its facts; parts are added as independent with Welch and Satterthwaite's degrees of freedom. A part with a single fact is bounded by nothing.
    /// </summary>
    Blend,
}
