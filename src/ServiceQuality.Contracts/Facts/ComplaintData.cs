namespace ServiceQuality.Contracts.Facts;

/// <summary>What every event in the life of a complaint says, as far as it is known by then.</summary>
/// <param name="Complaint">Number of the complaint, the same in all its events, 1–100 characters.</param>
/// <param name="Severity">How grave it is.</param>
/// <param name="Channel">The service that the customer complains about.</param>
/// <param name="Category">Code in the classification tree (CMP-05), 1–100 characters.</param>
/// <param name="RootCause">Code of the confirmed cause (CMP-06), 1–100 characters.</param>
/// <param name="AckSeconds">From reception to the first answer, seconds, 0–31,536,000.</param>
/// <param name="ResolveSeconds">From reception to the solution, seconds, 0–31,536,000.</param>
/// <param name="WithinTarget">Whether what the event reports came within its time limit (CMP-04).</param>
/// <param name="Accepted">Whether the customer took the solution (CMP-09).</param>
public abstract record ComplaintData(
    string Complaint, Severity Severity, Channel Channel, string Category, string? RootCause,
    double? AckSeconds, double? ResolveSeconds, bool? WithinTarget, bool? Accepted) : FactData;

/// <summary>A complaint was taken in (CMP-01). Fields as in <see cref="ComplaintData"/>.</summary>
public sealed record ComplaintReceived(
    string Complaint, Severity Severity, Channel Channel, string Category, string? RootCause = null,
    double? AckSeconds = null, double? ResolveSeconds = null, bool? WithinTarget = null, bool? Accepted = null)
    : ComplaintData(Complaint, Severity, Channel, Category, RootCause, AckSeconds, ResolveSeconds, WithinTarget, Accepted);

/// <summary>The customer got the first answer (CMP-04); <c>ackSeconds</c> and <c>withinTarget</c> say how fast. Fields as in <see cref="ComplaintData"/>.</summary>
public sealed record ComplaintAcknowledged(
    string Complaint, Severity Severity, Channel Channel, string Category, string? RootCause = null,
    double? AckSeconds = null, double? ResolveSeconds = null, bool? WithinTarget = null, bool? Accepted = null)
    : ComplaintData(Complaint, Severity, Channel, Category, RootCause, AckSeconds, ResolveSeconds, WithinTarget, Accepted);

/// <summary>The complaint was solved (CMP-04); <c>resolveSeconds</c> and <c>withinTarget</c> say how fast. Fields as in <see cref="ComplaintData"/>.</summary>
public sealed record ComplaintResolved(
    string Complaint, Severity Severity, Channel Channel, string Category, string? RootCause = null,
    double? AckSeconds = null, double? ResolveSeconds = null, bool? WithinTarget = null, bool? Accepted = null)
    : ComplaintData(Complaint, Severity, Channel, Category, RootCause, AckSeconds, ResolveSeconds, WithinTarget, Accepted);

/// <summary>The customer was not satisfied, and the complaint is open again (CMP-09). Fields as in <see cref="ComplaintData"/>.</summary>
public sealed record ComplaintReopened(
    string Complaint, Severity Severity, Channel Channel, string Category, string? RootCause = null,
    double? AckSeconds = null, double? ResolveSeconds = null, bool? WithinTarget = null, bool? Accepted = null)
    : ComplaintData(Complaint, Severity, Channel, Category, RootCause, AckSeconds, ResolveSeconds, WithinTarget, Accepted);

/// <summary>A time limit passed before it was met (CMP-04). Fields as in <see cref="ComplaintData"/>.</summary>
public sealed record ComplaintOverdue(
    string Complaint, Severity Severity, Channel Channel, string Category, string? RootCause = null,
    double? AckSeconds = null, double? ResolveSeconds = null, bool? WithinTarget = null, bool? Accepted = null)
    : ComplaintData(Complaint, Severity, Channel, Category, RootCause, AckSeconds, ResolveSeconds, WithinTarget, Accepted);

/// <summary>The complaint was closed; <c>accepted</c> says whether the customer took the solution, <c>rootCause</c> why it arose (CMP-06). Fields as in <see cref="ComplaintData"/>.</summary>
public sealed record ComplaintClosed(
    string Complaint, Severity Severity, Channel Channel, string Category, string? RootCause = null,
    double? AckSeconds = null, double? ResolveSeconds = null, bool? WithinTarget = null, bool? Accepted = null)
    : ComplaintData(Complaint, Severity, Channel, Category, RootCause, AckSeconds, ResolveSeconds, WithinTarget, Accepted);
