namespace ServiceQuality.Contracts.Facts;

/// <summary>CloudEvents <c>type</c> of every kind of fact that can enter a journal (scoring.md §1).</summary>
public static class FactTypes
{
    /// <summary>Data: <see cref="Facts.ServiceCompleted"/>.</summary>
    public const string ServiceCompleted = "servicequality.service.completed.v1";

    /// <summary>Data: <see cref="Facts.FaultOpened"/>.</summary>
    public const string FaultOpened = "servicequality.fault.opened.v1";

    /// <summary>Data: <see cref="Facts.FaultRestored"/>.</summary>
    public const string FaultRestored = "servicequality.fault.restored.v1";

    /// <summary>Data: <see cref="Facts.Measurement"/>.</summary>
    public const string Measurement = "servicequality.measurement.v1";

    /// <summary>Data: <see cref="Facts.SurveyResponse"/>.</summary>
    public const string SurveyResponse = "servicequality.survey.response.v1";

    /// <summary>Data: <see cref="Facts.Deduction"/>.</summary>
    public const string Deduction = "servicequality.deduction.v1";

    /// <summary>Data: <see cref="Facts.Bonus"/>.</summary>
    public const string Bonus = "servicequality.bonus.v1";

    /// <summary>Data: <see cref="Facts.AdjustmentWithdrawn"/>.</summary>
    public const string AdjustmentWithdrawn = "servicequality.adjustment.withdrawn.v1";

    /// <summary>Data: <see cref="Facts.InspectionScored"/>. A domain event of a service.</summary>
    public const string InspectionScored = "servicequality.inspection.scored.v1";

    /// <summary>Data: <see cref="Facts.ComplaintReceived"/>. A domain event of a service.</summary>
    public const string ComplaintReceived = "servicequality.complaint.received.v1";

    /// <summary>Data: <see cref="Facts.ComplaintAcknowledged"/>. A domain event of a service.</summary>
    public const string ComplaintAcknowledged = "servicequality.complaint.acknowledged.v1";

    /// <summary>Data: <see cref="Facts.ComplaintResolved"/>. A domain event of a service.</summary>
    public const string ComplaintResolved = "servicequality.complaint.resolved.v1";

    /// <summary>Data: <see cref="Facts.ComplaintReopened"/>. A domain event of a service.</summary>
    public const string ComplaintReopened = "servicequality.complaint.reopened.v1";

    /// <summary>Data: <see cref="Facts.ComplaintOverdue"/>. A domain event of a service.</summary>
    public const string ComplaintOverdue = "servicequality.complaint.overdue.v1";

    /// <summary>Data: <see cref="Facts.ComplaintClosed"/>. A domain event of a service.</summary>
    public const string ComplaintClosed = "servicequality.complaint.closed.v1";

    /// <summary>Data: <see cref="Facts.TrainingCompleted"/>. A domain event of a service.</summary>
    public const string TrainingCompleted = "servicequality.training.completed.v1";

    /// <summary>Data: <see cref="Facts.TrainingCoverage"/>. A domain event of a service.</summary>
    public const string TrainingCoverage = "servicequality.training.coverage.v1";

    /// <summary>Data: <see cref="Facts.RiskAssessed"/>. A domain event of a service.</summary>
    public const string RiskAssessed = "servicequality.risk.assessed.v1";

    /// <summary>Data: <see cref="Facts.RiskEvent"/>. A domain event of a service.</summary>
    public const string RiskEvent = "servicequality.risk.event.v1";

    /// <summary>
    /// The types that only services of the suite report, as <see cref="FactsAccepted"/> over the message bus. As telemetry they are refused:
    /// nobody outside scores inspections, closes complaints or assesses risks.
    /// </summary>
    public static IReadOnlyList<string> Domain { get; } =
    [
        InspectionScored, ComplaintReceived, ComplaintAcknowledged, ComplaintResolved, ComplaintReopened, ComplaintOverdue, ComplaintClosed,
        TrainingCompleted, TrainingCoverage, RiskAssessed, RiskEvent,
    ];
}
