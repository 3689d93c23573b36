using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace ServiceQuality.EndToEnd;

/// <summary>What a branch system sends.</summary>
internal static class BranchSystem
{
    /// <summary>A CloudEvent of now, or of <paramref name="time"/>.</summary>
    public static Dictionary<string, object?> Event(string unit, string source, string id, string type, object data, DateTimeOffset? time = null) => new()
    {
        ["specversion"] = "1.0",
        ["id"] = id,
        ["source"] = source,
        ["type"] = $"servicequality.{type}.v1",
        ["subject"] = unit,
        ["time"] = (time ?? TimeProvider.System.GetUtcNow()).ToString("O", CultureInfo.InvariantCulture),
        ["data"] = data,
    };

    /// <summary>A visit to a hall.</summary>
    public static Dictionary<string, object?> Visit(string unit, string source, string id, int waitSeconds, string outcome, int rating) =>
        Event(unit, source, id, "service.completed", new { channel = "hall", service = "enquiry", waitSeconds, handleSeconds = 300, outcome, errors = 0, rating });

    /// <summary>A reading that no indicator uses: it stands in the journal and moves no score.</summary>
    public static Dictionary<string, object?> Marker(string unit, string source, string id) =>
        Event(unit, source, id, "measurement", new { measure = "end-to-end-marker", value = 1 });

    /// <summary>Posts a batch.</summary>
    public static async Task<HttpResponseMessage> PostAsync(this HttpClient client, IEnumerable<Dictionary<string, object?>> events, string? traceParent = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/telemetry")
        {
            Content = JsonContent.Create(events, new MediaTypeHeaderValue("application/cloudevents-batch+json")),
        };
        if (traceParent is not null)
            request.Headers.Add("traceparent", traceParent);
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Posts a batch of which every fact must be accepted.</summary>
    public static async Task AcceptedAsync(this HttpClient client, IReadOnlyCollection<Dictionary<string, object?>> events, string? traceParent = null)
    {
        using var answer = await client.PostAsync(events, traceParent);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == System.Net.HttpStatusCode.Accepted, $"{answer.StatusCode}: {text}");
        Assert.True(JsonDocument.Parse(text).RootElement.GetProperty("accepted").GetInt32() == events.Count, text);
    }
}
