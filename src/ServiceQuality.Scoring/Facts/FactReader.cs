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
    }.ToFrozenDictionary(StringComparer.Ordinal);

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
    public static string TypeOf(FactData data) => data switch
    {
        ServiceCompleted => FactTypes.ServiceCompleted,
        FaultOpened => FactTypes.FaultOpened,
        FaultRestored => FactTypes.FaultRestored,
        Measurement => FactTypes.Measurement,
        SurveyResponse => FactTypes.SurveyResponse,
        Deduction => FactTypes.Deduction,
        Bonus => FactTypes.Bonus,
        AdjustmentWithdrawn => FactTypes.AdjustmentWithdrawn,
        _ => throw new NotSupportedException($"Fact data '{data.GetType().Name}' is not known."),
    };

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
