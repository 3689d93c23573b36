using System.Net.Http.Json;
using System.Text.Json;
using ServiceQuality.Clients;

namespace ServiceQuality.Console.Suite;

/// <summary>What a service said to a change.</summary>
/// <param name="Status">HTTP status; 503 when it did not answer.</param>
/// <param name="Refusal">Code of the refusal; null when it was done.</param>
/// <param name="Fields">Fields at fault.</param>
/// <param name="Body">What it answered.</param>
public sealed record Answered(int Status, string? Refusal, IReadOnlyList<string> Fields, JsonElement Body);

/// <summary>Sends what people decide on the pages, in their name. A change is never sent twice by itself.</summary>
public sealed class SuiteWriter(IHttpClientFactory clients, ILogger<SuiteWriter> logger)
{
    public Task<Answered> PostAsync(string service, string path, object body, CancellationToken ct) =>
        SendAsync(service, new(HttpMethod.Post, path) { Content = JsonContent.Create(body, body.GetType()) }, ct);

    public async Task<Answered> SendAsync(string service, HttpRequestMessage change, CancellationToken ct)
    {
        using var sent = change;
        try
        {
            using var answer = await clients.CreateClient(service).SendAsync(sent, ct);
            var said = answer.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true ? await answer.Content.ReadFromJsonAsync<JsonElement>(ct) : default;
            return answer.IsSuccessStatusCode
                ? new((int)answer.StatusCode, null, [], said)
                : new((int)answer.StatusCode, (int)answer.StatusCode >= 500 ? "away" : Code(said), Fields(said), said);
        }
        catch (Exception failure) when (failure is TemporarilyUnavailableException or HttpRequestException or IOException or JsonException)
        {
            logger.LogWarning(failure, "{Service} did not answer {Method} {Path}", service, sent.Method, sent.RequestUri);
            return new(StatusCodes.Status503ServiceUnavailable, "away", [], default);
        }
    }

    private static string Code(JsonElement problem) =>
        problem.ValueKind == JsonValueKind.Object && problem.TryGetProperty("type", out var type) && type.GetString() is { } code ? code[(code.LastIndexOf(':') + 1)..] : "other";

    private static IReadOnlyList<string> Fields(JsonElement problem) =>
        problem.ValueKind == JsonValueKind.Object && problem.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Object ? [.. errors.EnumerateObject().Select(field => field.Name)] : [];
}
