using System.Security.Cryptography;

namespace ServiceQuality.Standalone;

/// <summary>The key pair of the gateway's tickets, made anew at each start: tickets live for a minute, so nothing is lost with it.</summary>
internal sealed record TicketKeyPair(string PrivatePem, string PublicPem)
{
    public static TicketKeyPair Create()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new TicketKeyPair(key.ExportPkcs8PrivateKeyPem(), key.ExportSubjectPublicKeyInfoPem());
    }
}
