using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ServiceQuality.Access;

/// <summary>
/// The short-lived signed statement of the gateway about who is asking. Services trust it and nothing else.
/// Form: <c>base64url(payload JSON).base64url(ECDSA P-256 signature)</c>, in the header <see cref="Header"/>.
/// The gateway holds the private key; services hold public keys only, so that no service can speak for a caller.
/// </summary>
public static class Ticket
{
    /// <summary>Name of the HTTP header.</summary>
    public const string Header = "X-Service-Ticket";

    /// <summary>How long a ticket lives; long enough for one request, short enough that a revoked right ends at once.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);

    private sealed record Payload(Caller Caller, long Expires);

    /// <summary>Signs a ticket for <paramref name="caller"/>, good from now for <see cref="Lifetime"/>.</summary>
    public static string Sign(Caller caller, ECDsa key, DateTimeOffset now)
    {
        var payload = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(new Payload(caller, (now + Lifetime).ToUnixTimeMilliseconds())));
        return $"{payload}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(payload), HashAlgorithmName.SHA256))}";
    }

    /// <summary>The caller, or null when the ticket is malformed, expired or not signed by one of the keys.</summary>
    public static Caller? Verify(string ticket, IEnumerable<ECDsa> keys, DateTimeOffset now)
    {
        var dot = ticket.IndexOf('.', StringComparison.Ordinal);
        if (dot <= 0 || !Base64Url.IsValid(ticket.AsSpan(0, dot)) || !Base64Url.IsValid(ticket.AsSpan(dot + 1)))
            return null;

        var signed = Encoding.ASCII.GetBytes(ticket[..dot]);
        var signature = Base64Url.DecodeFromChars(ticket.AsSpan(dot + 1));
        if (!keys.Any(key => key.VerifyData(signed, signature, HashAlgorithmName.SHA256)))
            return null;

        var payload = JsonSerializer.Deserialize<Payload>(Base64Url.DecodeFromChars(ticket.AsSpan(0, dot)));
        return payload is not null && payload.Expires > now.ToUnixTimeMilliseconds() ? payload.Caller : null;
    }
}
