namespace ServiceQuality.Contracts.Facts;

/// <summary>A risk was assessed on the 5 × 5 matrix (RSK-04, RSK-05); the newest assessment of a risk replaces the ones before.</summary>
/// <param name="Risk">Code of the risk in the register, 1–100 characters.</param>
/// <param name="Inherent">Probability × impact without controls, 1–25.</param>
/// <param name="Residual">Probability × impact with the controls in place, 1–25.</param>
public sealed record RiskAssessed(string Risk, int Inherent, int Residual) : FactData;

/// <summary>Something happened that a risk had foreseen, or should have (RSK-14).</summary>
/// <param name="Severity">How grave it is.</param>
/// <param name="Risk">Code of the risk, 1–100 characters, when it is in the register.</param>
public sealed record RiskEvent(Severity Severity, string? Risk = null) : FactData;
