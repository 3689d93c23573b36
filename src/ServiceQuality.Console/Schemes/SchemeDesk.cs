using System.Text.Json;
using System.Text.Json.Nodes;
using ServiceQuality.Clients;
using ServiceQuality.Console.Suite;

namespace ServiceQuality.Console.Schemes;

/// <summary>What the service answered to a change or a trial.</summary>
/// <param name="Refusal">Code of the refusal; null when it was done.</param>
/// <param name="Errors">Errors of the scheme, when these are the reason.</param>
public sealed record Said(string? Refusal, IReadOnlyList<SchemeError> Errors)
{
    public bool Done => Refusal is null;
}

/// <summary>Sends what people decide on the scheme pages, in their name.</summary>
public sealed class SchemeDesk(SuiteWriter writer)
{
    // A trial of an edit costs nothing to repeat, and the editor sends another one soon.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Tries a document on today's units; nothing is saved.</summary>
    public async Task<(Said Said, Trial? Trial)> TryAsync(JsonNode scheme, string? axis, CancellationToken ct)
    {
        var question = new HttpRequestMessage(HttpMethod.Post, "api/what-if") { Content = JsonContent.Create(new { scheme, order = "move", limit = 24, axis }) };
        question.Options.Set(ServiceClients.ChangesNothing, true);
        question.Options.Set(ServiceClients.Patience, Patience);
        var answer = await writer.SendAsync("scores", question, ct);
        return (SaidBy(answer), answer.Refusal is null ? answer.Body.Deserialize<Trial>(JsonSerializerOptions.Web) : null);
    }

    /// <summary>Everything that is wrong with a document; <c>away</c> when nobody answers.</summary>
    public async Task<IReadOnlyList<SchemeError>> CheckAsync(JsonNode scheme, CancellationToken ct)
    {
        var question = new HttpRequestMessage(HttpMethod.Post, "api/schemes/validate") { Content = JsonContent.Create(scheme) };
        question.Options.Set(ServiceClients.ChangesNothing, true);
        question.Options.Set(ServiceClients.Patience, Patience);
        var answer = await writer.SendAsync("scores", question, ct);
        return answer.Refusal is null ? answer.Body.Deserialize<SchemeCheck>(JsonSerializerOptions.Web)!.Errors : [new("", answer.Refusal, "The score service does not answer.")];
    }

    public Task<Said> WriteAsync(JsonNode scheme, CancellationToken ct) => SendAsync(HttpMethod.Post, "api/schemes", scheme, null, ct);

    public Task<Said> ReplaceAsync(string id, int version, JsonNode scheme, string hash, CancellationToken ct) => SendAsync(HttpMethod.Put, Address(id, version), scheme, hash, ct);

    public Task<Said> ApproveAsync(string id, int version, string hash, CancellationToken ct) => SendAsync(HttpMethod.Post, $"{Address(id, version)}/approve", null, hash, ct);

    public Task<Said> RejectAsync(string id, int version, string? reason, string hash, CancellationToken ct) => SendAsync(HttpMethod.Post, $"{Address(id, version)}/reject", new { reason }, hash, ct);

    public Task<Said> WithdrawAsync(string id, int version, string hash, CancellationToken ct) => SendAsync(HttpMethod.Post, $"{Address(id, version)}/withdraw", null, hash, ct);

    public Task<Said> TryOutAsync(string id, int version, IReadOnlyList<string> periods, string knowledge, string hash, CancellationToken ct) =>
        SendAsync(HttpMethod.Post, $"{Address(id, version)}/try-outs", new { periods, knowledge }, hash, ct);

    private static string Address(string id, int version) => FormattableString.Invariant($"api/schemes/{Uri.EscapeDataString(id)}/versions/{version}");

    private async Task<Said> SendAsync(HttpMethod method, string address, object? body, string? hash, CancellationToken ct)
    {
        var question = new HttpRequestMessage(method, address) { Content = body is null ? null : JsonContent.Create(body, body.GetType()) };
        if (hash is not null)
            question.Headers.TryAddWithoutValidation("If-Match", $"\"{hash}\"");
        return SaidBy(await writer.SendAsync("scores", question, ct));
    }

    /// <summary>Errors of a scheme come as a list; every other refusal has a code.</summary>
    private static Said SaidBy(Answered answer) => answer switch
    {
        { Refusal: null } => new(null, []),
        { Refusal: not "away", Body.ValueKind: JsonValueKind.Object } when answer.Body.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Array =>
            new("scheme-invalid", errors.Deserialize<List<SchemeError>>(JsonSerializerOptions.Web)!),
        _ => new(answer.Refusal, []),
    };
}
