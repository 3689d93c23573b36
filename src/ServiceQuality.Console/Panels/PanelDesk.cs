using System.Text.Json;
using ServiceQuality.Clients;

namespace ServiceQuality.Console.Panels;

/// <summary>Sends what people typed to the score service, in their name.</summary>
public sealed class PanelDesk(IHttpClientFactory clients)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>The answer, or why there is none.</summary>
    public async Task<(T? Answer, Refused? Refused)> PostAsync<T>(string path, object body, CancellationToken ct) where T : class
    {
        try
        {
            using var answer = await clients.CreateClient("scores").PostAsJsonAsync(path, body, Json, ct);
            if (answer.IsSuccessStatusCode)
                return (await answer.Content.ReadFromJsonAsync<T>(Json, ct), null);
            var status = (int)answer.StatusCode;
            if (answer.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) != true)
                return (null, new("away", "", status));
            var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Json, ct);
            return (null, new(Text(problem, "type").Split(':')[^1], Text(problem, "detail"), status));
        }
        catch (Exception failure) when (failure is TemporarilyUnavailableException or HttpRequestException or IOException or JsonException)
        {
            return (null, new("away", "", StatusCodes.Status503ServiceUnavailable));
        }
    }

    private static string Text(JsonElement problem, string name) => problem.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString()! : "";
}
