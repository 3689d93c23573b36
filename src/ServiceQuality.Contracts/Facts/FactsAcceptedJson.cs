using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ServiceQuality.Contracts.Facts;

/// <summary>
/// The JSON of <see cref="FactsAccepted"/>, written and read by hand because every fact of the suite passes through it: the data of a fact is handed on byte for
/// byte, and all facts of a batch share one parsed document. The shape is the one that the records have by themselves.
/// </summary>
internal sealed class FactsAcceptedJson : JsonConverter<FactsAccepted>
{
    private static readonly JsonEncodedText UnitName = JsonEncodedText.Encode("unit");
    private static readonly JsonEncodedText SourceName = JsonEncodedText.Encode("source");
    private static readonly JsonEncodedText IdName = JsonEncodedText.Encode("id");
    private static readonly JsonEncodedText TypeName = JsonEncodedText.Encode("type");
    private static readonly JsonEncodedText TimeName = JsonEncodedText.Encode("time");
    private static readonly JsonEncodedText DataName = JsonEncodedText.Encode("data");

    /// <inheritdoc/>
    public override FactsAccepted Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var batch = JsonElement.ParseValue(ref reader);
        if (batch.ValueKind != JsonValueKind.Object)
            throw new JsonException("A batch of facts is an object.");
        try
        {
            var list = batch.GetProperty("facts"u8);
            var facts = new AcceptedFact[list.GetArrayLength()];
            var (at, source, type) = (0, "", FactTypes.ServiceCompleted);
            foreach (var fact in list.EnumerateArray())
                facts[at++] = Fact(fact, ref source, ref type);
            return new(
                batch.GetProperty("batch"u8).GetGuid(),
                batch.TryGetProperty("key"u8, out var key) && key.ValueKind != JsonValueKind.Null ? key.GetGuid() : null,
                batch.TryGetProperty("traceParent"u8, out var trace) ? trace.GetString() : null,
                batch.GetProperty("received"u8).GetDateTimeOffset(),
                facts);
        }
        catch (Exception broken) when (broken is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new JsonException("A batch of facts lacks a field, or has one of another kind.", broken);
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, FactsAccepted value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString("batch"u8, value.Batch);
        if (value.Key is { } key)
            writer.WriteString("key"u8, key);
        else
            writer.WriteNull("key"u8);
        writer.WriteString("traceParent"u8, value.TraceParent);
        writer.WriteString("received"u8, value.Received);
        writer.WriteStartArray("facts"u8);
        foreach (var fact in value.Facts)
        {
            writer.WriteStartObject();
            writer.WriteString(UnitName, fact.Unit);
            writer.WriteString(SourceName, fact.Source);
            writer.WriteString(IdName, fact.Id);
            writer.WriteString(TypeName, fact.Type);
            writer.WriteString(TimeName, fact.Time);
            writer.WritePropertyName(DataName);
            writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(fact.Data), skipInputValidation: true);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static AcceptedFact Fact(JsonElement fact, ref string source, ref string type) => new(
        fact.GetProperty(UnitName.EncodedUtf8Bytes).GetGuid(),
        Text(fact.GetProperty(SourceName.EncodedUtf8Bytes), ref source),
        Text(fact.GetProperty(IdName.EncodedUtf8Bytes)),
        Text(fact.GetProperty(TypeName.EncodedUtf8Bytes), ref type),
        fact.GetProperty(TimeName.EncodedUtf8Bytes).GetDateTimeOffset(),
        fact.GetProperty(DataName.EncodedUtf8Bytes));

    /// <summary>Neighbours mostly share source and type: then they share the text as well.</summary>
    private static string Text(JsonElement value, ref string last) => value.ValueEquals(last) ? last : last = Text(value);

    private static string Text(JsonElement value) => value.GetString() ?? throw new JsonException("A fact lacks a text.");
}
