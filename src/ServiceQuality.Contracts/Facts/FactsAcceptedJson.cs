using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ServiceQuality.Contracts.Facts;

/// <summary>
/// The JSON of <see cref="FactsAccepted"/>, written and read by hand because every fact of the suite passes through it: the data of a fact is handed on byte for
/// byte, and neighbours share their texts. The shape is the one that the records have by themselves.
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
        try
        {
            return Batch(ref reader);
        }
        catch (Exception broken) when (broken is InvalidOperationException or FormatException)
        {
            throw new JsonException("A batch of facts has a field of another kind.", broken);
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

    private static FactsAccepted Batch(ref Utf8JsonReader reader)
    {
        Guid? batch = null, key = null;
        string? trace = null;
        DateTimeOffset? received = null;
        List<AcceptedFact>? facts = null;
        Begin(reader, JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (Is(ref reader, "batch"u8))
                batch = reader.GetGuid();
            else if (Is(ref reader, "key"u8))
                key = reader.TokenType == JsonTokenType.Null ? null : reader.GetGuid();
            else if (Is(ref reader, "traceParent"u8))
                trace = reader.GetString();
            else if (Is(ref reader, "received"u8))
                received = reader.GetDateTimeOffset();
            else if (Is(ref reader, "facts"u8))
                facts = Facts(ref reader);
            else
                reader.Skip();
        }
        return new(batch ?? throw Lacks("batch"), key, trace, received ?? throw Lacks("received"), facts ?? throw Lacks("facts"));
    }

    private static List<AcceptedFact> Facts(ref Utf8JsonReader reader)
    {
        var facts = new List<AcceptedFact>();
        var (source, type) = ("", FactTypes.ServiceCompleted);
        Begin(reader, JsonTokenType.StartArray);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var fact = Fact(ref reader, source, type);
            facts.Add(fact);
            (source, type) = (fact.Source, fact.Type);
        }
        return facts;
    }

    /// <summary>Neighbours mostly share source and type: then they share the text as well.</summary>
    private static AcceptedFact Fact(ref Utf8JsonReader reader, string lastSource, string lastType)
    {
        Guid? unit = null;
        string? source = null, id = null, type = null;
        DateTimeOffset? time = null;
        JsonElement? data = null;
        Begin(reader, JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (Is(ref reader, UnitName.EncodedUtf8Bytes))
                unit = reader.GetGuid();
            else if (Is(ref reader, SourceName.EncodedUtf8Bytes))
                source = Text(ref reader, lastSource);
            else if (Is(ref reader, IdName.EncodedUtf8Bytes))
                id = reader.GetString();
            else if (Is(ref reader, TypeName.EncodedUtf8Bytes))
                type = Text(ref reader, lastType);
            else if (Is(ref reader, TimeName.EncodedUtf8Bytes))
                time = reader.GetDateTimeOffset();
            else if (Is(ref reader, DataName.EncodedUtf8Bytes))
                data = JsonElement.ParseValue(ref reader);
            else
                reader.Skip();
        }
        return new(unit ?? throw Lacks("unit"), source ?? throw Lacks("source"), id ?? throw Lacks("id"), type ?? throw Lacks("type"), time ?? throw Lacks("time"), data ?? throw Lacks("data"));
    }

    /// <summary>Whether the member is called so; then the reader stands on its value.</summary>
    private static bool Is(ref Utf8JsonReader reader, ReadOnlySpan<byte> name) => reader.ValueTextEquals(name) && reader.Read();

    private static string? Text(ref Utf8JsonReader reader, string last) => reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(last) ? last : reader.GetString();

    private static void Begin(in Utf8JsonReader reader, JsonTokenType token)
    {
        if (reader.TokenType != token)
            throw new JsonException("A batch is an object with a list of facts, each an object.");
    }

    private static JsonException Lacks(string field) => new($"A batch of facts, or one of its facts, lacks its {field}.");
}
