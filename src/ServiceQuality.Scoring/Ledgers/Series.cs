using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Scoring;

/// <summary>Which facts a series looks at.</summary>
internal enum FactKind
{
    Service,
    Measurement,
    Survey,
    Fault,
    Inspection,
    Complaint,
    Training,
    Risk,
}

/// <summary>What a bucket of a series holds.</summary>
internal enum Shape
{
    /// <summary>n, k.</summary>
    Tally,

    /// <summary>n, Σx, Σx².</summary>
    Moments,

    /// <summary>n and counts by bin.</summary>
    Sketch,

    /// <summary>n and the newest (time, seq, value).</summary>
    Last,

    /// <summary>Nothing: faults are kept whole, because an outage has two ends.</summary>
    Faults,

    /// <summary>Nothing: states are kept whole, because the newest one holds until the next, however long ago it was told.</summary>
    Latest,
}

/// <summary>One series of buckets: what several measures can share.</summary>
internal sealed class Series
{
    /// <summary>The definition in canonical form; equal definitions are one series.</summary>
    public required string Key { get; init; }

    public required FactKind Fact { get; init; }

    public required Shape Shape { get; init; }

    public required Filter Where { get; init; }

    /// <summary>Whether readings also give the calendar months, or the weeks of each, within the window; only sums can be taken apart so (tally, moments).</summary>
    public Step Step { get; init; }

    /// <summary>The number aggregated; null for a tally by <see cref="Hit"/> and for faults.</summary>
    public Field? Value { get; init; }

    /// <summary>Subtracted from <see cref="Value"/> (gap: the expectation).</summary>
    public Field? Less { get; init; }

    /// <summary>Numerator of a ratio; null when every fact counts (count) or when the share is in <see cref="Value"/>.</summary>
    public Filter? Hit { get; init; }

    public bool Concerns(FactData data) => data switch
    {
        ServiceCompleted => Fact == FactKind.Service,
        Measurement => Fact == FactKind.Measurement,
        SurveyResponse => Fact == FactKind.Survey,
        FaultOpened or FaultRestored => Fact == FactKind.Fault,
        InspectionScored => Fact == FactKind.Inspection,
        ComplaintData => Fact == FactKind.Complaint,
        TrainingCompleted or TrainingCoverage => Fact == FactKind.Training,
        RiskAssessed or RiskEvent => Fact == FactKind.Risk,
        _ => false,
    } && Where.Holds(data);

    /// <summary>The number of a fact that the series looks at, or <see cref="Number.Missing"/>.</summary>
    public long NumberOf(FactData data)
    {
        if (Value is not { } value)
            return Number.Missing;
        var number = value.Of(data);
        if (Less is not { } less || number == Number.Missing)
            return number;
        var other = less.Of(data);
        return other == Number.Missing ? Number.Missing : number - other;
    }
}
