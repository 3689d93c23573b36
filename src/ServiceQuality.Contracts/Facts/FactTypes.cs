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
}
