using System.Text.Json;
using System.Text.Json.Nodes;
using ServiceQuality.Clients;

namespace ServiceQuality.Console.Schemes;

/// <summary>What the service answered to a change or a trial.</summary>
/// <param name="Refusal">Code of the refusal; null when it was done.</param>
/// <param name="Errors">Errors of the scheme, when these are the reason.</param>
public sealed record Said(string? Refusal, IReadOnlyList<SchemeError> Errors)
{
    public bool Done => Refusal is null;
}

/// <summary>Sends what people decide on the scheme pages, in their name.</summary>
public sealed class SchemeDesk(IHttpClientFactory clients, ILogger<SchemeDesk> logger)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    // A trial of an edit costs nothing to repeat, and the editor sends another one soon.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Tries a document on today's units; nothing is saved.</summary>
    public async Task<(Said Said, Trial? Trial)> TryAsync(JsonNode scheme, string? axis, CancellationToken ct)
    {
        var question = new HttpRequestMessage(HttpMethod.Post, "api/what-if") { Content = JsonContent.Create(new { scheme, order = "move", limit = 24, axis }) };
        question.Options.Set(ServiceClients.ChangesNothing, true);
        question.Options.Set(ServiceClients.Patience, Patience);
        return await SendAsync<Trial>(question, ct);
    }

    public Task<Said> WriteAsync(JsonNode scheme, CancellationToken ct) => SendAsync(HttpMethod.Post, "api/schemes", scheme, null, ct);

    public Task<Said> ReplaceAsync(string id, int version, JsonNode scheme, string hash, CancellationToken ct) => SendAsync(HttpMethod.Put, Address(id, version), scheme, hash, ct);

    public Task<Said> ApproveAsync(string id, int version, string hash, CancellationToken ct) => SendAsync(HttpMethod.Post, $"{Address(id, version)}/approve", null, hash, ct);

    public Task<Said> RejectAsync(string id, int version, string? reason, string hash, CancellationToken ct) => SendAsync(HttpMethod.Post, $"{Address(id, version)}/reject", new { reason }, hash, ct);

    public Task<Said> WithdrawAsync(string id, int version, string hash, CancellationToken ct) => SendAsync(HttpMethod.Post, $"{Address(id, version)}/withdraw", null, hash, ct);

    public Task<Said> TryOutAsync(string id, int version, IReadOnlyList<string> periods, string hash, CancellationToken ct) =>
        SendAsync(HttpMethod.Post, $"{Address(id, version)}/try-outs", new { periods }, hash, ct);

    private static string Address(string id, int version) => FormattableString.Invariant($"api/schemes/{Uri.EscapeDataString(id)}/versions/{version}");

    private async Task<Said> SendAsync(HttpMethod method, string address, object? body, string? hash, CancellationToken ct)
    {
        var question = new HttpRequestMessage(method, address) { Content = body is null ? null : JsonContent.Create(body, body.GetType()) };
        if (hash is not null)
            question.Headers.TryAddWithoutValidation("If-Match", $"\"{hash}\"");
        return (await SendAsync<Nothing>(question, ct)).Said;
    }

    private async Task<(Said Said, T? Answer)> SendAsync<T>(HttpRequestMessage question, CancellationToken ct)
    {
        try
        {
            using (question)
            {
                using var answer = await clients.CreateClient("scores").SendAsync(question, ct);
                if (answer.IsSuccessStatusCode)
                    return (new(null, []), typeof(T) == typeof(Nothing) ? default : await answer.Content.ReadFromJsonAsync<T>(Json, ct));
                return (await RefusalAsync(answer, ct), default);
            }
        }
        catch (Exception failure) when (failure is TemporarilyUnavailableException or HttpRequestException or IOException or JsonException)
        {
            logger.LogWarning(failure, "Scores did not answer {Method} {Path}", question.Method, question.RequestUri);
            return (new("away", []), default);
        }
    }

    /// <summary>Changes answer with what is known already.</summary>
    private sealed record Nothing;

    private static async Task<Said> RefusalAsync(HttpResponseMessage answer, CancellationToken ct)
    {
        if ((int)answer.StatusCode >= 500)
            return new("away", []);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>(Json, ct);
        if (body.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Array)
            return new("scheme-invalid", errors.Deserialize<List<SchemeError>>(Json)!);
        return new(body.TryGetProperty("type", out var type) && type.GetString() is { } code ? code[(code.LastIndexOf(':') + 1)..] : "other", []);
    }
}
