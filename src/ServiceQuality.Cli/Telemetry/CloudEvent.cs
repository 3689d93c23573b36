using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Cli.Telemetry;

/// <summary>A fact as a branch system reports it: a CloudEvent 1.0 whose <c>subject</c> is the code of the unit.</summary>
/// <param name="Id">Together with <paramref name="Source"/> it identifies the fact; the same pair again is the same fact.</param>
/// <param name="Source">URI of the system that reports.</param>
/// <param name="Type">One of <see cref="FactTypes"/>.</param>
/// <param name="Subject">Code of the unit at which it happened.</param>
/// <param name="Time">When it happened.</param>
/// <param name="Data">What happened.</param>
public sealed record CloudEvent(string Id, string Source, string Type, string Subject, DateTimeOffset Time, FactData Data)
{
    /// <summary>Form of the data: camelCase names, optional fields left out when they have no value.</summary>
    public static JsonSerializerOptions DataForm { get; } = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.Strict,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>Writes the event in the structured JSON form of CloudEvents.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("specversion", "1.0");
        json.WriteString("id", Id);
        json.WriteString("source", Source);
        json.WriteString("type", Type);
        json.WriteString("subject", Subject);
        json.WriteString("time", Time);
        json.WriteString("datacontenttype", "application/json");
        json.WritePropertyName("data");
        JsonSerializer.Serialize(json, Data, Data.GetType(), DataForm);
        json.WriteEndObject();
    }
}
