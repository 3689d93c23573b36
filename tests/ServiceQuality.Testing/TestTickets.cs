using System.Security.Cryptography;
using ServiceQuality.Access;

namespace ServiceQuality.Testing;

/// <summary>Tickets as the gateway would sign them, from a key pair of this test run.</summary>
public static class TestTickets
{
    private static readonly ECDsa Pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>PEM public key for <c>Tickets:VerificationKeys</c>.</summary>
    public static string VerificationKeys { get; } = Pair.ExportSubjectPublicKeyInfoPem();

    /// <summary>PEM private key for <c>Tickets:SigningKey</c>.</summary>
    public static string SigningKey { get; } = Pair.ExportPkcs8PrivateKeyPem();

    /// <summary>A ticket of a caller with one role over one subtree.</summary>
    public static string For(string role, string path) => For(new Grant(role, path));

    /// <summary>A ticket of a caller with several grants.</summary>
    public static string For(params Grant[] grants) => For(new Caller(Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), "Test caller", IsMachine: false, grants));

    /// <summary>A ticket of this very caller.</summary>
    public static string For(Caller caller)
    {
        lock (Pair)
            return Ticket.Sign(caller, Pair, TimeProvider.System.GetUtcNow());
    }

    /// <summary>A client that sends the ticket with every request. The ticket lives for <see cref="Ticket.Lifetime"/>.</summary>
    public static HttpClient ClientWith(string address, string ticket)
    {
        var client = new HttpClient { BaseAddress = new Uri(address) };
        client.DefaultRequestHeaders.Add(Ticket.Header, ticket);
        return client;
    }
}
