using System.Buffers;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ServiceQuality.Cli.Telemetry;

/// <summary>One item that the suite did not take.</summary>
/// <param name="Index">Place in the batch that was sent.</param>
/// <param name="Code">Stable code of the reason.</param>
/// <param name="Field">JSON pointer to the field at fault, when there is one.</param>
/// <param name="Retryable">True when the same item may be taken later.</param>
public sealed record TelemetryRefusal(int Index, string Code, string? Field, bool Retryable);

/// <summary>What became of a batch: every item was accepted, was known already, or was refused.</summary>
public sealed record TelemetryAnswer(int Accepted, int Duplicate, IReadOnlyList<TelemetryRefusal> Refused);

/// <summary>
/// Posts batches of facts to <c>POST /api/telemetry</c> as a branch system does: CloudEvents batch, gzip, API key.
/// Repeating is safe, since a fact is known by its source and id; so whatever may pass later is tried again.
/// </summary>
/// <param name="http">Client whose base address is the gateway's.</param>
/// <param name="key">API key of the branch system.</param>
/// <param name="clock">Measures waits.</param>
/// <param name="patience">How long to go on trying.</param>
public sealed class TelemetrySender(HttpClient http, string key, TimeProvider clock, Patience? patience = null)
{
    /// <summary>Most items in one request.</summary>
    public const int LargestBatch = 1_000;

    /// <summary>Most bytes in one request before compression.</summary>
    public const int LargestBody = 4 * 1024 * 1024;

    private const int TriesPerItem = 4;

    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly ServiceClient client = new(http, clock, patience);

    /// <summary>How often a request had to be tried again.</summary>
    public long Retries => client.Retries;

    /// <summary>Sends up to <see cref="LargestBatch"/> facts and returns when each has a final answer.</summary>
    /// <exception cref="ServiceCallException">The suite is away for too long, the key is not valid, or the request as a whole was refused.</exception>
    public async Task<TelemetryAnswer> SendAsync(IReadOnlyList<CloudEvent> batch, CancellationToken ct)
    {
        var (accepted, duplicate) = (0, 0);
        var refused = new List<TelemetryRefusal>();
        var open = Enumerable.Range(0, batch.Count).ToList();
        for (var attempt = 1; open.Count > 0; attempt++)
        {
            var answer = await PostAsync([.. open.Select(index => batch[index])], ct);
            accepted += answer.Accepted;
            duplicate += answer.Duplicate;
            var placed = answer.Refused.Select(refusal => refusal with { Index = open[refusal.Index] }).ToList();
            var again = attempt < TriesPerItem ? placed.Where(refusal => refusal.Retryable).Select(refusal => refusal.Index).ToList() : [];
            refused.AddRange(placed.Where(refusal => !again.Contains(refusal.Index)));
            open = again;
            if (open.Count > 0)
                await Task.Delay((patience ?? Patience.Default).Wait(attempt, null, clock.GetUtcNow()), clock, ct);
        }

        return new TelemetryAnswer(accepted, duplicate, [.. refused.OrderBy(refusal => refusal.Index)]);
    }

    private async Task<TelemetryAnswer> PostAsync(IReadOnlyList<CloudEvent> batch, CancellationToken ct)
    {
        var body = Body(batch);
        if (body.WrittenCount > LargestBody && batch.Count > 1)
        {
            var half = batch.Count / 2;
            var first = await PostAsync([.. batch.Take(half)], ct);
            var second = await PostAsync([.. batch.Skip(half)], ct);
            return new TelemetryAnswer(first.Accepted + second.Accepted, first.Duplicate + second.Duplicate,
                [.. first.Refused, .. second.Refused.Select(refusal => refusal with { Index = refusal.Index + half })]);
        }

        var packed = Pack(body.WrittenSpan);
        using var answer = await client.SendAsync(() => Request(packed), repeatable: true, ct);
        await using var stream = await answer.Content.ReadAsStreamAsync(ct);
        using var document = await JsonDocument.ParseAsync(stream, cancellationToken: ct);
        return Read(document.RootElement, batch.Count);
    }

    private HttpRequestMessage Request(byte[] packed)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "api/telemetry") { Content = new ByteArrayContent(packed) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/cloudevents-batch+json") { CharSet = "utf-8" };
        request.Content.Headers.ContentEncoding.Add("gzip");
        request.Headers.Add("X-Api-Key", key);
        return request;
    }

    private static ArrayBufferWriter<byte> Body(IReadOnlyList<CloudEvent> batch)
    {
        var buffer = new ArrayBufferWriter<byte>(batch.Count * 400 + 16);
        using var json = new Utf8JsonWriter(buffer, Writing);
        json.WriteStartArray();
        foreach (var fact in batch)
            fact.WriteTo(json);
        json.WriteEndArray();
        return buffer;
    }

    private static byte[] Pack(ReadOnlySpan<byte> body)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(body);
        return packed.ToArray();
    }

    private static TelemetryAnswer Read(JsonElement answer, int sent)
    {
        var refused = new List<TelemetryRefusal>();
        foreach (var item in answer.TryGetProperty("items", out var items) ? items.EnumerateArray() : default)
        {
            var code = item.GetProperty("code").GetString() ?? "";
            var index = item.GetProperty("index").GetInt32();
            if (code == "duplicate")
                continue;
            if (index < 0 || index >= sent)
                throw new ServiceCallException(CallFailure.Refused, $"The answer speaks of item {index} of a batch of {sent}.", code: "not-understood");
            refused.Add(new TelemetryRefusal(index, code,
                item.TryGetProperty("pointer", out var pointer) ? pointer.GetString() : null,
                item.TryGetProperty("retryable", out var retryable) && retryable.ValueKind == JsonValueKind.True));
        }

        var (accepted, duplicate) = (answer.GetProperty("accepted").GetInt32(), answer.GetProperty("duplicate").GetInt32());
        return accepted + duplicate + refused.Count == sent
            ? new TelemetryAnswer(accepted, duplicate, refused)
            : throw new ServiceCallException(CallFailure.Refused, $"The answer accounts for {accepted + duplicate + refused.Count} items of a batch of {sent}.", code: "not-understood");
    }
}
