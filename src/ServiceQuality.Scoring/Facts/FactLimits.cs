using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Scoring;

/// <summary>The ranges of the contract (scoring.md §1), for facts that did not come through the checks of telemetry.</summary>
public static class FactLimits
{
    private const int MostText = 100;
    private const int MostReason = 1_000;
    private const int MostIdentity = 256;
    private const double Day = 86_400;
    private const double Year = 365 * Day;

    private static readonly (double Min, double Max)[] Scales = [(1, 5), (0, 10), (1, 7), (1, 7)];

    /// <summary>JSON pointer of the first field that is out of its range; null when the data fit.</summary>
    public static string? Broken(FactData data) => data switch
    {
        ServiceCompleted service => First(
            ("channel", Known(service.Channel)), ("service", IsText(service.Service)), ("agent", IsTextOrNone(service.Agent)), ("waitSeconds", Within(service.WaitSeconds, 0, Day)),
            ("handleSeconds", Within(service.HandleSeconds, 0, 7 * Day)), ("outcome", Known(service.Outcome)), ("errors", Within(service.Errors, 0, 1_000_000)),
            ("rating", Within(service.Rating, 1, 5)), ("customer", IsTextOrNone(service.Customer))),
        FaultOpened fault => First(("asset", IsText(fault.Asset)), ("fault", IsText(fault.Fault)), ("cause", IsTextOrNone(fault.Cause, MostReason))),
        FaultRestored fault => First(("asset", IsText(fault.Asset)), ("fault", IsText(fault.Fault)), ("cause", IsTextOrNone(fault.Cause, MostReason))),
        Measurement one => First(("measure", IsText(one.Measure)), ("value", Within(one.Value, -1e15, 1e15)), ("count", Within(one.Count, 1, 1_000_000_000))),
        SurveyResponse survey => Survey(survey),
        Deduction one => Adjustment(one.Rule, one.Points, one.Reason, one.Order),
        Bonus one => Adjustment(one.Rule, one.Points, one.Reason, one.Order),
        AdjustmentWithdrawn one => First(("source", IsText(one.Source, MostIdentity)), ("id", IsText(one.Id, MostIdentity)), ("reason", IsText(one.Reason, MostReason))),
        InspectionScored one => First(
            ("inspection", IsText(one.Inspection)), ("level", Known(one.Level)), ("object", Known(one.Inspected)), ("score", Within(one.Score, 0, 100)),
            ("criticalFailures", Within(one.CriticalFailures, 0, 1_000))),
        ComplaintData one => First(
            ("complaint", IsText(one.Complaint)), ("severity", Known(one.Severity)), ("channel", Known(one.Channel)), ("category", IsText(one.Category)),
            ("rootCause", IsTextOrNone(one.RootCause)), ("ackSeconds", Within(one.AckSeconds, 0, Year)), ("resolveSeconds", Within(one.ResolveSeconds, 0, Year))),
        TrainingCompleted one => First(
            ("course", IsText(one.Course)), ("staff", IsText(one.Staff)), ("score", Within(one.Score, 0, 100)), ("hours", Within(one.Hours, 0, 10_000))),
        TrainingCoverage one => First(("required", Within(one.Required, 0, 1_000_000)), ("qualified", Within(one.Qualified, 0, one.Required))),
        RiskAssessed one => First(("risk", IsText(one.Risk)), ("inherent", Within(one.Inherent, 1, 25)), ("residual", Within(one.Residual, 1, 25))),
        RiskEvent one => First(("severity", Known(one.Severity)), ("risk", IsTextOrNone(one.Risk))),
        _ => throw new NotSupportedException($"Fact data '{data.GetType().Name}' is not known."),
    };

    private static string? Survey(SurveyResponse survey)
    {
        if (First(("survey", IsText(survey.Survey)), ("kind", Known(survey.Kind)), ("group", IsTextOrNone(survey.Group))) is { } broken)
            return broken;
        var (min, max) = Scales[(int)survey.Kind];
        if (survey.Flags?.Any(flag => !IsText(flag)) == true)
            return "/data/flags";
        if (survey.Kind == SurveyKind.Servqual)
        {
            return survey.Pairs is { Count: > 0 } pairs && pairs.All(p => ServqualPair.IsKey(p.Key) && Within(p.Value?.Expectation ?? 0, min, max) && Within(p.Value?.Perception ?? 0, min, max))
                ? null : "/data/pairs";
        }
        return survey.Answers.Count > 0 && survey.Answers.Values.All(answer => Within(answer, min, max)) ? null : "/data/answers";
    }

    private static string? Adjustment(string rule, decimal points, string reason, string? order) =>
        First(("rule", IsText(rule)), ("points", points is > 0 and <= 100), ("reason", IsText(reason, MostReason)), ("order", IsTextOrNone(order)));

    private static string? First(params ReadOnlySpan<(string Name, bool Fits)> fields)
    {
        foreach (var (name, fits) in fields)
        {
            if (!fits)
                return "/data/" + name;
        }
        return null;
    }

    private static bool IsText(string? text, int most = MostText) => text is { Length: > 0 } && text.Length <= most;

    private static bool IsTextOrNone(string? text, int most = MostText) => text is null || IsText(text, most);

    private static bool Within(double? value, double min, double max) => value is null || (value >= min && value <= max);

    /// <summary>JSON allows numbers for the names of enumerations, also those that have no name.</summary>
    private static bool Known<T>(T value) where T : struct, Enum => Enum.IsDefined(value);
}
