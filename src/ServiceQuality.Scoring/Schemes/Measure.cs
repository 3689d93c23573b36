namespace ServiceQuality.Scoring;

/// <summary>
/// Turns facts into buckets, without an opinion on good or bad (scoring.md §2).
/// <list type="bullet">
/// <item><c>fact</c>: service.completed, measurement, survey.response or fault.</item>
/// <item><c>where</c>: which facts it looks at. By list: channel, outcome, service (service.completed), measure (measurement; required there), survey, kind (survey.response), asset (fault).
/// By range <c>{"min", "max"}</c>, both inclusive: any number of the fact.</item>
/// <item><c>value</c>: the number that is aggregated. waitSeconds, handleSeconds, errors, rating (service.completed); value (measurement);
/// answer = mean of the answers, answers.QUESTION, promoter = 100 for answers 9–10, 0 for 7–8, −100 below (survey.response). A fact without this number is not looked at.</item>
/// <item><c>hit</c>: for ratio, the facts that count in the numerator; same form as <c>where</c>. A fact of the channels, outcomes, services … of <c>hit</c> that lacks a number it asks for counts neither above nor below the line.
/// A ratio over measurements may have a <c>value</c> between 0 and 1 instead: the share among <c>count</c> cases.</item>
/// <item><c>aggregator</c>: mean, ratio, per-thousand, count, sum, percentile, mttr, mtbf, availability, last, gap. mttr, mtbf and availability belong to fault.</item>
/// <item><c>quantile</c>: of percentile, above 0 and below 1.</item>
/// <item><c>base</c>: of per-thousand, the code of the <c>count</c> measure under the line.</item>
/// <item><c>expectation</c>, <c>perception</c>: of gap, the two numbers compared.</item>
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
    public string Definition => Series.Key;

    /// <summary>The buckets it is computed from.</summary>
    internal Series Series { get; init; } = null!;

    /// <summary>Whether the measure looks at a fact, so that a listing of "its" facts can be filtered.</summary>
    public bool Concerns(in Fact fact) => Series.Concerns(fact.Data);
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
}
