using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Scoring;

/// <summary>Turns the stored JSON of a fact into its record, and back. The JSON was validated when the fact was accepted.</summary>
public static class FactReader
{
    private static readonly FrozenDictionary<string, JsonTypeInfo> Types = new Dictionary<string, JsonTypeInfo>
    {
        [FactTypes.ServiceCompleted] = FactJson.Default.ServiceCompleted,
        [FactTypes.FaultOpened] = FactJson.Default.FaultOpened,
        [FactTypes.FaultRestored] = FactJson.Default.FaultRestored,
        [FactTypes.Measurement] = FactJson.Default.Measurement,
        [FactTypes.SurveyResponse] = FactJson.Default.SurveyResponse,
        [FactTypes.Deduction] = FactJson.Default.Deduction,
        [FactTypes.Bonus] = FactJson.Default.Bonus,
        [FactTypes.AdjustmentWithdrawn] = FactJson.Default.AdjustmentWithdrawn,
        [FactTypes.InspectionScored] = DomainFactJson.Default.InspectionScored,
        [FactTypes.ComplaintReceived] = DomainFactJson.Default.ComplaintReceived,
        [FactTypes.ComplaintAcknowledged] = DomainFactJson.Default.ComplaintAcknowledged,
        [FactTypes.ComplaintResolved] = DomainFactJson.Default.ComplaintResolved,
        [FactTypes.ComplaintReopened] = DomainFactJson.Default.ComplaintReopened,
        [FactTypes.ComplaintOverdue] = DomainFactJson.Default.ComplaintOverdue,
        [FactTypes.ComplaintClosed] = DomainFactJson.Default.ComplaintClosed,
        [FactTypes.TrainingCompleted] = DomainFactJson.Default.TrainingCompleted,
        [FactTypes.TrainingCoverage] = DomainFactJson.Default.TrainingCoverage,
        [FactTypes.RiskAssessed] = DomainFactJson.Default.RiskAssessed,
        [FactTypes.RiskEvent] = DomainFactJson.Default.RiskEvent,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<Type, string> Names = Types.ToFrozenDictionary(pair => pair.Value.Type, pair => pair.Key);

    /// <summary>Every fact type that can be read.</summary>
    public static IReadOnlyList<string> Known { get; } = [.. Types.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Reads the data of a fact.</summary>
    /// <param name="type">One of <see cref="FactTypes"/>.</param>
    /// <param name="utf8Json">The data as JSON.</param>
    /// <exception cref="NotSupportedException">The type is unknown.</exception>
    /// <exception cref="JsonException">The JSON does not fit the type.</exception>
    public static FactData Read(string type, ReadOnlySpan<byte> utf8Json)
    {
        // The usual fact first: no look-up, no cast.
        if (ReferenceEquals(type, FactTypes.ServiceCompleted) || type == FactTypes.ServiceCompleted)
            return JsonSerializer.Deserialize(utf8Json, FactJson.Default.ServiceCompleted) ?? throw NoData(type);
        if (!Types.TryGetValue(type, out var info))
            throw new NotSupportedException($"Fact type '{type}' is not known.");
        return (FactData?)JsonSerializer.Deserialize(utf8Json, info) ?? throw NoData(type);
    }

    /// <summary>The fact type that a record belongs to.</summary>
    /// <exception cref="NotSupportedException">It belongs to none.</exception>
    public static string TypeOf(FactData data) => Names.TryGetValue(data.GetType(), out var type) ? type
        : throw new NotSupportedException($"Fact data '{data.GetType().Name}' is not known.");

    /// <summary>Whether a record belongs to a fact type; one that stands for unreadable data does not, and bears on nothing.</summary>
    internal static bool Knows(FactData data) => Names.ContainsKey(data.GetType());

    /// <summary>Writes the data of a fact as JSON, in the form that <see cref="Read"/> takes.</summary>
    public static byte[] Write(FactData data) => JsonSerializer.SerializeToUtf8Bytes(data, Types[TypeOf(data)]);

    private static JsonException NoData(string type) => new($"A fact of type '{type}' has no data.");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ServiceCompleted))]
[JsonSerializable(typeof(FaultOpened))]
[JsonSerializable(typeof(FaultRestored))]
[JsonSerializable(typeof(Measurement))]
[JsonSerializable(typeof(SurveyResponse))]
[JsonSerializable(typeof(Deduction))]
[JsonSerializable(typeof(Bonus))]
[JsonSerializable(typeof(AdjustmentWithdrawn))]
internal sealed partial class FactJson : JsonSerializerContext;

/// <summary>Domain events: nobody checks their fields before they come, so a required one that is missing must not read as 0.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(InspectionScored))]
[JsonSerializable(typeof(ComplaintReceived))]
[JsonSerializable(typeof(ComplaintAcknowledged))]
[JsonSerializable(typeof(ComplaintResolved))]
[JsonSerializable(typeof(ComplaintReopened))]
[JsonSerializable(typeof(ComplaintOverdue))]
[JsonSerializable(typeof(ComplaintClosed))]
[JsonSerializable(typeof(TrainingCompleted))]
[JsonSerializable(typeof(TrainingCoverage))]
[JsonSerializable(typeof(RiskAssessed))]
[JsonSerializable(typeof(RiskEvent))]
internal sealed partial class DomainFactJson : JsonSerializerContext;
