namespace ServiceQuality.Messaging;

/// <summary>Where messages end that could not be handled.</summary>
/// <param name="Queue">Name: <c>{service}_error</c> at the broker, <c>{service}_outbox</c> for messages set aside before they left.</param>
/// <param name="Messages">How many there are.</param>
public sealed record FailedBacklog(string Queue, long Messages);

/// <summary>A message that could not be handled.</summary>
/// <param name="Id">Its message id.</param>
/// <param name="Type">Message type.</param>
/// <param name="Origin">Queue that it came from, and to which a replay returns it.</param>
/// <param name="Failure">What went wrong the last time.</param>
/// <param name="At">When, if known.</param>
/// <param name="Body">The first 4,000 characters of its JSON.</param>
public sealed record FailedMessage(string Id, string? Type, string? Origin, string? Failure, string? At, string Body);

/// <summary>What a replay did.</summary>
/// <param name="Replayed">Messages handed out again.</param>
/// <param name="Left">Messages that remain.</param>
public sealed record ReplayResult(long Replayed, long Left);

/// <summary>What a deletion did.</summary>
/// <param name="Deleted">Messages that are gone for good.</param>
/// <param name="Left">Messages that remain.</param>
public sealed record DeletionResult(long Deleted, long Left);

/// <summary>One kind of place where failed messages wait. Every answer is bounded, and whatever is done to a message leaves an audit record.</summary>
internal interface IFailedMessages
{
    /// <summary>Longest text of a body that is shown.</summary>
    const int BodyLimit = 4_000;

    Task<IReadOnlyList<FailedBacklog>> ListAsync(CancellationToken ct);

    /// <summary>The oldest messages of a queue; null when it is none of these queues.</summary>
    Task<IReadOnlyList<FailedMessage>?> ShowAsync(string queue, int limit, CancellationToken ct);

    /// <summary>Hands messages out again, all or those with the ids; null when it is none of these queues.</summary>
    Task<ReplayResult?> ReplayAsync(string queue, IReadOnlySet<string>? ids, AuditEntry record, CancellationToken ct);

    /// <summary>Gives messages up; null when it is none of these queues.</summary>
    Task<DeletionResult?> DeleteAsync(string queue, IReadOnlySet<string> ids, AuditEntry record, CancellationToken ct);
}
