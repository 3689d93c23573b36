using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Scoring;

/// <summary>The words of a fact that a scheme can ask for by list, as they stand in its JSON.</summary>
internal static class Words
{
    public const string Flag = "flag";

    private static readonly string[] Channels = Names<Channel>();
    private static readonly string[] Severities = Names<Severity>();
    private static readonly string[] Levels = Names<InspectionLevel>();
    private static readonly string[] Complaints = ["received", "acknowledged", "resolved", "reopened", "overdue", "closed"];
    private static readonly string[] Trainings = ["completed", "coverage"];
    private static readonly string[] Risks = ["assessed", "event"];
    private static readonly string[] Free = [];

    /// <summary>The words that can be asked for; an empty list for free ones, null when facts of the kind have none of that name.</summary>
    public static string[]? Choices(FactKind fact, string name) => (fact, name) switch
    {
        (FactKind.Survey, "group" or Flag) => Free,
        (FactKind.Inspection, "inspection") => Free,
        (FactKind.Inspection, "level") => Levels,
        (FactKind.Inspection, "object") => Channels,
        (FactKind.Complaint, "event") => Complaints,
        (FactKind.Complaint, "severity") => Severities,
        (FactKind.Complaint, "channel") => Channels,
        (FactKind.Complaint, "category" or "rootCause") => Free,
        (FactKind.Training, "event") => Trainings,
        (FactKind.Training, "course") => Free,
        (FactKind.Risk, "event") => Risks,
        (FactKind.Risk, "risk") => Free,
        (FactKind.Risk, "severity") => Severities,
        _ => null,
    };

    /// <summary>Whether a fact's word of that name is in the list; a fact without it has none of them.</summary>
    public static bool Of(FactData data, string name, IReadOnlySet<string> items) => (data, name) switch
    {
        (SurveyResponse survey, Flag) => survey.Flags?.Any(items.Contains) == true,
        (SurveyResponse survey, "group") => Has(items, survey.Group),
        (InspectionScored one, "inspection") => Has(items, one.Inspection),
        (InspectionScored one, "level") => Has(items, At(Levels, (int)one.Level)),
        (InspectionScored one, "object") => Has(items, At(Channels, (int)one.Inspected)),
        (ComplaintData one, "event") => Has(items, EventOf(one)),
        (ComplaintData one, "severity") => Has(items, At(Severities, (int)one.Severity)),
        (ComplaintData one, "channel") => Has(items, At(Channels, (int)one.Channel)),
        (ComplaintData one, "category") => Has(items, one.Category),
        (ComplaintData one, "rootCause") => Has(items, one.RootCause),
        (TrainingCompleted, "event") => Has(items, "completed"),
        (TrainingCoverage, "event") => Has(items, "coverage"),
        (TrainingCompleted one, "course") => Has(items, one.Course),
        (RiskAssessed, "event") => Has(items, "assessed"),
        (RiskEvent, "event") => Has(items, "event"),
        (RiskAssessed one, "risk") => Has(items, one.Risk),
        (RiskEvent one, "risk") => Has(items, one.Risk),
        (RiskEvent one, "severity") => Has(items, At(Severities, (int)one.Severity)),
        _ => false,
    };

    private static bool Has(IReadOnlySet<string> items, string? word) => word is not null && items.Contains(word);

    private static string EventOf(ComplaintData data) => data switch
    {
        ComplaintReceived => "received",
        ComplaintAcknowledged => "acknowledged",
        ComplaintResolved => "resolved",
        ComplaintReopened => "reopened",
        ComplaintOverdue => "overdue",
        _ => "closed",
    };

    private static string[] Names<T>() where T : struct, Enum => [.. Enum.GetNames<T>().Select(name => name.ToLowerInvariant())];

    private static string? At(string[] names, int value) => (uint)value < names.Length ? names[value] : null;
}
