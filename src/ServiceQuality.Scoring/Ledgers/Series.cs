using System.Collections.Frozen;
using System.Runtime.InteropServices;
using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Scoring;

/// <summary>Which facts a series looks at.</summary>
internal enum FactKind
{
    Service,
    Measurement,
    Survey,
    Fault,
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
}

/// <summary>A number of a fact. The first four are those of service.completed, by position.</summary>
internal enum FieldKind
{
    Wait,
    Handle,
    Errors,
    Rating,
    Value,
    Answer,
    Question,
    Promoter,
}

/// <param name="Kind">Which number.</param>
/// <param name="Question">The question of <see cref="FieldKind.Question"/>.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Field(FieldKind Kind, string? Question = null)
{
    /// <summary>The number in millionths, or <see cref="Number.Missing"/>.</summary>
    public long Of(FactData data) => data switch
    {
        ServiceCompleted service => Kind switch
        {
            FieldKind.Wait => Of(service.WaitSeconds),
            FieldKind.Handle => Of(service.HandleSeconds),
            FieldKind.Errors => service.Errors * Number.One,
            FieldKind.Rating => service.Rating * Number.One ?? Number.Missing,
            _ => Number.Missing,
        },
        Measurement measurement when Kind == FieldKind.Value => Number.Of(measurement.Value),
        SurveyResponse { Answers.Count: > 0 } survey => Kind switch
        {
            FieldKind.Question => survey.Answers.TryGetValue(Question!, out var answer) ? Number.Of(answer) : Number.Missing,
            FieldKind.Answer => Mean(survey),
            FieldKind.Promoter => Mean(survey) switch { >= 9 * Number.One => 100 * Number.One, >= 7 * Number.One => 0, _ => -100 * Number.One },
            _ => Number.Missing,
        },
        _ => Number.Missing,
    };

    private static long Of(double? value) => value is { } number ? Number.Of(number) : Number.Missing;

    private static long Mean(SurveyResponse survey)
    {
        Int128 sum = 0;
        foreach (var answer in survey.Answers.Values)
            sum += Number.Of(answer);
        return (long)Number.Scale(sum, 1, survey.Answers.Count);
    }
}

/// <summary>A number must lie between two bounds, in millionths, both inclusive.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Bounds(Field Field, long Min, long Max);

/// <summary>Conditions on a fact; all must hold.</summary>
internal sealed record Filter
{
    public static readonly Filter All = new();

    /// <summary>Channels by bit.</summary>
    public int Channels { get; init; } = -1;

    /// <summary>Outcomes by bit.</summary>
    public int Outcomes { get; init; } = -1;

    /// <summary>Kinds of survey by bit.</summary>
    public int Kinds { get; init; } = -1;

    public FrozenSet<string>? Services { get; init; }

    public FrozenSet<string>? Measures { get; init; }

    public FrozenSet<string>? Surveys { get; init; }

    public FrozenSet<string>? Assets { get; init; }

    public Bounds[] Ranges { get; init; } = [];

    public bool Holds(FactData data) => Verdict(data) == true;

    /// <summary>
    /// True or false; null when only a missing number could tell. A fact of another channel, outcome, service … is no hit whatever its numbers:
    /// a call that was abandoned was not answered within 20 seconds, though it has no wait.
    /// </summary>
    public bool? Verdict(FactData data)
    {
        var fits = data switch
        {
            ServiceCompleted s => (Channels >> (int)s.Channel & 1) != 0 && (Outcomes >> (int)s.Outcome & 1) != 0 && (Services is null || Services.Contains(s.Service)),
            Measurement m => Measures is null || Measures.Contains(m.Measure),
            SurveyResponse s => (Kinds >> (int)s.Kind & 1) != 0 && (Surveys is null || Surveys.Contains(s.Survey)),
            FaultOpened f => Assets is null || Assets.Contains(f.Asset),
            FaultRestored f => Assets is null || Assets.Contains(f.Asset),
            _ => false,
        };
        if (!fits)
            return false;
        foreach (var range in Ranges)
        {
            var number = range.Field.Of(data);
            if (number == Number.Missing)
                return null;
            fits &= number >= range.Min && number <= range.Max;
        }
        return fits;
    }
}

/// <summary>One series of buckets: what several measures can share.</summary>
internal sealed class Series
{
    /// <summary>The definition in canonical form; equal definitions are one series.</summary>
    public required string Key { get; init; }

    public required FactKind Fact { get; init; }

    public required Shape Shape { get; init; }

    public required Filter Where { get; init; }

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
