using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ServiceQuality.Contracts.Audit;

/// <summary>
/// One spelling per JSON value, so that a hash over it means something: members in ordinal order of their names, no white space,
/// strings with the fewest escapes, numbers exactly as they were written.
/// </summary>
public static class CanonicalJson
{
    private static readonly JsonWriterOptions Spelling = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = false, SkipValidation = true };

    /// <summary>The canonical UTF-8 form of a value; of an object, without the member named <paramref name="without"/>.</summary>
    public static byte[] Of(JsonElement value, string? without = null)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Spelling))
            Write(writer, value, without);
        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, JsonElement value, string? without)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject().Where(member => member.Name != without).OrderBy(member => member.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value, without: null);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                    Write(writer, item, without: null);
                writer.WriteEndArray();
                break;
            case JsonValueKind.Number:
                writer.WriteRawValue(value.GetRawText(), skipInputValidation: true);
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }
}
