using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Monitoring.Metrics;

/// <summary>
/// Turns OTLP metrics into CloudEvents, so that they pass the same checks. A point's id is the hash of its series (unit, metric, attributes)
/// and time: exported again, it is a duplicate.
/// </summary>
internal static class DataPoints
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
    private static readonly string[] NotMeasurements = ["histogram", "exponentialHistogram", "summary"];

    /// <summary>A JSON array of events, and how many points are of kinds that are no measurements.</summary>
    public static (ReadOnlyMemory<byte> Events, int Unsupported) ToEvents(ReadOnlyMemory<byte> export)
    {
        using var document = JsonDocument.Parse(export);
        var events = new ArrayBufferWriter<byte>(export.Length * 2 + 16);
        using var writer = new Utf8JsonWriter(events, Plain);
        var unsupported = 0;
        writer.WriteStartArray();
        foreach (var resource in Items(document.RootElement, "resourceMetrics"))
        {
            var unit = UnitOf(resource);
            foreach (var metric in Items(resource, "scopeMetrics").SelectMany(scope => Items(scope, "metrics")))
            {
                var points = PointsOf(metric, "gauge").Concat(PointsOf(metric, "sum"));
                foreach (var point in points)
                    Write(writer, unit, metric, point);
                unsupported += NotMeasurements.Sum(kind => PointsOf(metric, kind).Count());
            }
        }
        writer.WriteEndArray();
        writer.Flush();
        return (events.WrittenMemory, unsupported);
    }

    private static void Write(Utf8JsonWriter writer, string? unit, JsonElement metric, JsonElement point)
    {
        var name = Text(metric, "name") ?? "";
        var nanoseconds = Number(point, "timeUnixNano");
        writer.WriteStartObject();
        writer.WriteString("specversion"u8, "1.0"u8);
        writer.WriteString("type"u8, FactTypes.Measurement);
        writer.WriteString("source"u8, $"/otlp/{unit}");
        writer.WriteString("id"u8, IdOf(unit, name, point, nanoseconds));
        if (unit is not null)
            writer.WriteString("subject"u8, unit);
        if (TimeOf(nanoseconds) is { } time)
            writer.WriteString("time"u8, time);
        writer.WriteStartObject("data"u8);
        writer.WriteString("measure"u8, name);
        if ((Number(point, "asDouble") ?? Number(point, "asInt")) is { } value)
        {
            writer.WritePropertyName("value"u8);
            writer.WriteRawValue(value, skipInputValidation: true);
        }
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static string? UnitOf(JsonElement resource) =>
        resource.TryGetProperty("resource", out var described) && described.ValueKind == JsonValueKind.Object
            ? Items(described, "attributes").Where(attribute => Text(attribute, "key") == "servicequality.unit")
                .Select(attribute => attribute.TryGetProperty("value", out var value) && value.ValueKind == JsonValueKind.Object ? Text(value, "stringValue") : null).FirstOrDefault()
            : null;

    private static IEnumerable<JsonElement> PointsOf(JsonElement metric, string kind) =>
        metric.TryGetProperty(kind, out var data) && data.ValueKind == JsonValueKind.Object ? Items(data, "dataPoints") : [];

    private static IEnumerable<JsonElement> Items(JsonElement parent, string name)
    {
        if (parent.ValueKind != JsonValueKind.Object)
            throw new JsonException("The request is no OTLP export: an object was expected.");
        if (!parent.TryGetProperty(name, out var items) || items.ValueKind == JsonValueKind.Null)
            return [];
        if (items.ValueKind != JsonValueKind.Array)
            throw new JsonException($"The request is no OTLP export: {name} is no array.");
        return items.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Object ? item : throw new JsonException($"The request is no OTLP export: {name} holds something else than objects."));
    }

    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A number as it was written, whether as a number or as text; null when it is neither or not finite.</summary>
    private static string? Number(JsonElement parent, string name)
    {
        if (!parent.TryGetProperty(name, out var value))
            return null;
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        return decimal.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var whole) ? whole.ToString(CultureInfo.InvariantCulture)
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number.ToString("R", CultureInfo.InvariantCulture)
            : null;
    }

    private static DateTimeOffset? TimeOf(string? nanoseconds) =>
        long.TryParse(nanoseconds, NumberStyles.None, CultureInfo.InvariantCulture, out var time) && time > 0 ? DateTimeOffset.UnixEpoch.AddTicks(time / 100) : null;

    private static string IdOf(string? unit, string name, JsonElement point, string? nanoseconds)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in new[] { unit ?? "", name, nanoseconds ?? "" })
            Append(System.Text.Encoding.UTF8.GetBytes(part));
        foreach (var attribute in Items(point, "attributes").OrderBy(attribute => Text(attribute, "key"), StringComparer.Ordinal))
            Append(JsonMarshal.GetRawUtf8Value(attribute));
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));

        void Append(ReadOnlySpan<byte> part)
        {
            hash.AppendData(part);
            hash.AppendData([0]);
        }
    }
}
