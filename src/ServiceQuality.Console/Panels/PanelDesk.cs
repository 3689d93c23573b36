using System.Text.Json;
using ServiceQuality.Console.Suite;

namespace ServiceQuality.Console.Panels;

/// <summary>Sends what people typed to the score service, in their name.</summary>
public sealed class PanelDesk(SuiteWriter writer)
{
    /// <summary>The answer, or why there is none.</summary>
    public async Task<(T? Answer, Refused? Refused)> PostAsync<T>(string path, object body, CancellationToken ct) where T : class
    {
        var answer = await writer.PostAsync("scores", path, body, ct);
        if (answer.Refusal is { } code)
            return (null, new(code, Detail(answer.Body), answer.Status));
        return (answer.Body.ValueKind == JsonValueKind.Undefined ? null : answer.Body.Deserialize<T>(JsonSerializerOptions.Web), null);
    }

    private static string Detail(JsonElement problem) =>
        problem.ValueKind == JsonValueKind.Object && problem.TryGetProperty("detail", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString()! : "";
}
