using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ServiceQuality.Contracts.Audit;

namespace ServiceQuality.Scoring.Results;

/// <summary>A document with its seal.</summary>
/// <param name="Content">Canonical JSON (<see cref="CanonicalJson"/>) with the member <c>hash</c>.</param>
/// <param name="Hash">SHA-256 over the canonical JSON without <c>hash</c>, 64 hexadecimal digits.</param>
public sealed record SealedResult(string Content, string Hash);

/// <summary>Writes result documents as canonical JSON with their hash, and checks them. Pure; the service writes with it and <c>sq verify-result</c> checks with it.</summary>
public static class ResultSeal
{
    /// <summary>Seals a document: equal documents give equal bytes.</summary>
    public static SealedResult Seal(ResultDocument document)
    {
        var body = JsonSerializer.SerializeToElement(document, ResultJson.Default.ResultDocument);
        var hash = Hash(body);
        var members = body.EnumerateObject().ToDictionary(member => member.Name, member => member.Value);
        members["hash"] = JsonDocument.Parse($"\"{hash}\"").RootElement;
        return new(Encoding.UTF8.GetString(CanonicalJson.Of(JsonSerializer.SerializeToElement(members))), hash);
    }

    /// <summary>Reads a sealed document.</summary>
    /// <exception cref="JsonException">It is no result document.</exception>
    public static ResultDocument Read(string content) =>
        JsonSerializer.Deserialize(content, ResultJson.Default.ResultDocument) is { Format: ResultDocument.CurrentFormat } document
            ? document
            : throw new JsonException($"Not a document of the format {ResultDocument.CurrentFormat}.");

    /// <summary>Whether a document has the content that its hash vouches for.</summary>
    /// <param name="content">A document, however it is indented or ordered.</param>
    /// <exception cref="JsonException">It is no result document.</exception>
    public static ResultVerification Verify(string content)
    {
        var document = Read(content);
        using var json = JsonDocument.Parse(content);
        var stated = json.RootElement.TryGetProperty("hash", out var hash) && hash.ValueKind == JsonValueKind.String ? hash.GetString()! : "";
        return new(document, stated, Hash(json.RootElement), AddsUp(document));
    }

    /// <summary>The parts add up: contributions and adjustments to the score, the sum to the official points (SCO-26).</summary>
    private static bool AddsUp(ResultDocument document)
    {
        if (document.Sum is { } sum && (sum.Base + sum.Bonuses - sum.Deductions + sum.Limit != sum.Official || sum.Official != document.Official))
            return false;
        if (document.Annual is { } annual && AnnualResult.Of(annual.Quarters, annual.OrdersNotHeld, annual.Orders).Official != document.Official)
            return false;
        if (document.Exact is not { } exact)
            return true;
        var parts = 100 + document.Leaves.Sum(leaf => leaf.Contribution) + (double)document.Adjustments.Sum(a => a.Kind == "bonus" ? a.Counted : -a.Counted);
        return Math.Abs(parts - exact.Unclamped) <= 1e-9 && Math.Abs(exact.Value - (double)document.Official!.Value) <= 0.01;
    }

    private static string Hash(JsonElement body) => Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Of(body, without: "hash")));
}

/// <summary>What a check of a document found.</summary>
/// <param name="Document">The document.</param>
/// <param name="Stated">The hash that it states; empty when it states none.</param>
/// <param name="Computed">The hash of what it says.</param>
/// <param name="AddsUp">Whether its parts add up to its total.</param>
public sealed record ResultVerification(ResultDocument Document, string Stated, string Computed, bool AddsUp)
{
    /// <summary>The content is what the hash vouches for.</summary>
    public bool Holds => string.Equals(Stated, Computed, StringComparison.OrdinalIgnoreCase);
}
