using System.Text.Json;
using System.Text.Json.Serialization;

namespace ServiceQuality.Contracts.Audit;

/// <summary>One entry of a service's audit trail (PLT-07). One line of NDJSON in an export; times are RFC 3339.</summary>
/// <param name="Seq">Number in the trail of the service, from 1 without gaps.</param>
/// <param name="At">When it was done.</param>
/// <param name="Who">Who did it: account or key id, with a name where one is known.</param>
/// <param name="Action">What was done, past tense: <c>unit.closed</c>.</param>
/// <param name="Subject">What it was done to.</param>
/// <param name="Unit">Path of the unit concerned; null for what belongs to the organisation as a whole.</param>
/// <param name="Before">The state before; null when there was none.</param>
/// <param name="After">The state after; null when there is none.</param>
/// <param name="Correlation">Trace or correlation id of the request.</param>
/// <param name="Previous">Hash of the record before, 64 hexadecimal digits; <see cref="AuditChain.Origin"/> for the first.</param>
public sealed record AuditRecord(
    [property: JsonPropertyName("seq")] long Seq,
    [property: JsonPropertyName("at")] DateTimeOffset At,
    [property: JsonPropertyName("who")] string Who,
    [property: JsonPropertyName("action")] string Action,
    [property: JsonPropertyName("subject")] string Subject,
    [property: JsonPropertyName("unit")] string? Unit,
    [property: JsonPropertyName("before")] JsonElement? Before,
    [property: JsonPropertyName("after")] JsonElement? After,
    [property: JsonPropertyName("correlation")] string? Correlation,
    [property: JsonPropertyName("previous")] string Previous);

/// <summary>A record with its seal: the line as exported and the hash that the next record refers to.</summary>
/// <param name="Line">Canonical JSON of the record including its <c>hash</c>.</param>
/// <param name="Hash">SHA-256 over the canonical JSON of the record without <c>hash</c>, 64 hexadecimal digits.</param>
public sealed record SealedAuditRecord(string Line, string Hash);
