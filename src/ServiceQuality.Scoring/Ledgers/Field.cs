using System.Runtime.InteropServices;
using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Scoring;

/// <summary>A number of a fact. The first four are those of service.completed, by position. The names are part of a series' key: they never change.</summary>
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
    Expectation,
    Perception,
    Attainment,
    Score,
    CriticalFailures,
    AckSeconds,
    ResolveSeconds,
    WithinTarget,
    Accepted,
    SeverityWeight,
    Passed,
    Hours,
    Qualified,
    Required,
    Coverage,
    Inherent,
    Residual,
}

/// <param name="Kind">Which number.</param>
/// <param name="Question">The question of <see cref="FieldKind.Question"/>; the dimension or item of expectation, perception and attainment, null for all.</param>
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
        SurveyResponse survey => OfSurvey(survey),
        InspectionScored inspection => Kind switch
        {
            FieldKind.Score => Number.Of(inspection.Score),
            FieldKind.CriticalFailures => inspection.CriticalFailures * Number.One,
            _ => Number.Missing,
        },
        ComplaintData complaint => Kind switch
        {
            FieldKind.AckSeconds => Of(complaint.AckSeconds),
            FieldKind.ResolveSeconds => Of(complaint.ResolveSeconds),
            FieldKind.WithinTarget => Of(complaint.WithinTarget),
            FieldKind.Accepted => Of(complaint.Accepted),
            FieldKind.SeverityWeight => Weight(complaint.Severity),
            _ => Number.Missing,
        },
        TrainingCompleted training => Kind switch
        {
            FieldKind.Passed => Of((bool?)training.Passed),
            FieldKind.Score => Number.Of(training.Score),
            FieldKind.Hours => Number.Of(training.Hours),
            _ => Number.Missing,
        },
        TrainingCoverage heads => Kind switch
        {
            FieldKind.Qualified or FieldKind.Coverage => heads.Qualified * Number.One,
            FieldKind.Required => heads.Required * Number.One,
            _ => Number.Missing,
        },
        RiskAssessed risk => Kind switch
        {
            FieldKind.Inherent => risk.Inherent * Number.One,
            FieldKind.Residual => risk.Residual * Number.One,
            _ => Number.Missing,
        },
        RiskEvent happened when Kind == FieldKind.SeverityWeight => Weight(happened.Severity),
        _ => Number.Missing,
    };

    /// <summary>What stands under the line of a latest state, in millionths: the heads required for coverage, else one for each state.</summary>
    public long WholeOf(FactData data) => Kind == FieldKind.Coverage && data is TrainingCoverage heads ? heads.Required * Number.One : Number.One;

    private long OfSurvey(SurveyResponse survey) => Kind switch
    {
        FieldKind.Question => survey.Answers.TryGetValue(Question!, out var answer) ? Number.Of(answer) : Number.Missing,
        FieldKind.Answer => Mean(survey.Answers),
        FieldKind.Promoter => Mean(survey.Answers) switch
        {
            Number.Missing => Number.Missing,
            >= 9 * Number.One => 100 * Number.One,
            >= 7 * Number.One => 0,
            _ => -100 * Number.One,
        },
        FieldKind.Expectation => Sides(survey) is { Items: > 0 } sides ? (long)Number.Scale(sides.Expectation, 1, sides.Items) : Number.Missing,
        FieldKind.Perception => Sides(survey) is { Items: > 0 } sides ? (long)Number.Scale(sides.Perception, 1, sides.Items) : Number.Missing,
        FieldKind.Attainment => Sides(survey) is { Expectation: var expected, Perception: var perceived } && expected > 0
            ? (long)Number.Scale(perceived, Number.One, expected) : Number.Missing,
        _ => Number.Missing,
    };

    private static long Of(double? value) => value is { } number ? Number.Of(number) : Number.Missing;

    private static long Of(bool? value) => value is { } yes ? yes ? Number.One : 0 : Number.Missing;

    private static long Weight(Severity severity) => ((int)severity + 1) * Number.One;

    private static long Mean(IReadOnlyDictionary<string, double> answers)
    {
        if (answers.Count == 0)
            return Number.Missing;
        Int128 sum = 0;
        foreach (var answer in answers.Values)
            sum += Number.Of(answer);
        return (long)Number.Scale(sum, 1, answers.Count);
    }

    /// <summary>The sums over the pairs of a dimension: those under its own name and those of its items.</summary>
    private (Int128 Expectation, Int128 Perception, int Items) Sides(SurveyResponse survey)
    {
        (Int128 Expectation, Int128 Perception, int Items) sides = default;
        foreach (var (key, pair) in survey.Pairs ?? new Dictionary<string, ServqualPair>())
        {
            if (pair is null || !Names(key))
                continue;
            sides.Expectation += Number.Of(pair.Expectation);
            sides.Perception += Number.Of(pair.Perception);
            sides.Items++;
        }
        return sides;
    }

    private bool Names(string key) => Question is not { } asked
        || (key.StartsWith(asked, StringComparison.Ordinal) && (key.Length == asked.Length || key[asked.Length] == '.'));
}
