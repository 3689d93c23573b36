using System.Text.Json;
using System.Text.Json.Serialization;

namespace ServiceQuality.Contracts.Facts;

/// <summary>
/// A batch of facts that Monitoring, or a service on behalf of its domain events, hands to the score tier (MON-05).
/// Once this message is durable every fact in it counts as accepted; the tier writes each to the journal of its unit exactly once.
/// </summary>
/// <param name="Batch">Identifies the batch; the correlation id that leads from a journal row back to the POST (PLT-07).</param>
/// <param name="Key">The API key that posted it; null for domain events.</param>
/// <param name="TraceParent">W3C trace context of the POST, when there was one.</param>
/// <param name="Received">When the batch reached the suite.</param>
/// <param name="Facts">1 to 1,000 facts, in the order of the request.</param>
[JsonConverter(typeof(FactsAcceptedJson))]
public sealed record FactsAccepted(Guid Batch, Guid? Key, string? TraceParent, DateTimeOffset Received, IReadOnlyList<AcceptedFact> Facts);

/// <summary>One fact as it was reported: validated, but not yet in a journal (scoring.md §1).</summary>
/// <param name="Unit">The organisation unit at which it happened.</param>
/// <param name="Source">CloudEvents <c>source</c>; together with <paramref name="Id"/> it identifies the fact.</param>
/// <param name="Id">CloudEvents <c>id</c>.</param>
/// <param name="Type">One of <see cref="FactTypes"/>.</param>
/// <param name="Time">When it happened (event time).</param>
/// <param name="Data">The fact's data, the JSON form of the record that belongs to <paramref name="Type"/>.</param>
public sealed record AcceptedFact(Guid Unit, string Source, string Id, string Type, DateTimeOffset Time, JsonElement Data);
