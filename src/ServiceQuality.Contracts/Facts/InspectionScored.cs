using System.Text.Json.Serialization;

namespace ServiceQuality.Contracts.Facts;

/// <summary>An inspection was scored and published (MON-28 … MON-33, MON-36).</summary>
/// <param name="Inspection">
/// Code of the inspection programme, 1–100 characters: mystery-visit, service-test, crew-check, manager-check, full-service, short-board …
/// The single inspection is named by CloudEvents <c>source</c> and <c>id</c>.
/// </param>
/// <param name="Level">Who inspected.</param>
/// <param name="Inspected">JSON <c>object</c>: the service that was inspected.</param>
/// <param name="Score">0–100.</param>
/// <param name="CriticalFailures">Veto items that failed, 0–1,000.</param>
public sealed record InspectionScored(
    string Inspection, InspectionLevel Level, [property: JsonPropertyName("object")] Channel Inspected, double Score, int CriticalFailures) : FactData;

/// <summary>Who inspected.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<InspectionLevel>))]
public enum InspectionLevel
{
    /// <summary>Head office (省).</summary>
    [JsonStringEnumMemberName("province")] Province,

    /// <summary>The region (市).</summary>
    [JsonStringEnumMemberName("city")] City,

    /// <summary>The unit itself.</summary>
    [JsonStringEnumMemberName("internal")] Internal,
}

/// <summary>How grave a complaint or a risk event is; the levels of the risk matrix (RSK-05).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Severity>))]
public enum Severity
{
    /// <summary>Weight 1.</summary>
    [JsonStringEnumMemberName("low")] Low,

    /// <summary>Weight 2.</summary>
    [JsonStringEnumMemberName("medium")] Medium,

    /// <summary>Weight 3.</summary>
    [JsonStringEnumMemberName("high")] High,

    /// <summary>Weight 4.</summary>
    [JsonStringEnumMemberName("extreme")] Extreme,
}
