using System.ComponentModel.DataAnnotations;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using ServiceQuality.Access;

namespace ServiceQuality.Gateway.SignIn;

/// <summary>The gateway's half of the ticket keys. Section <c>Tickets</c>.</summary>
internal sealed class TicketSigning : IValidatableObject
{
    public const string Section = "Tickets";

    /// <summary>PEM private key (EC P-256, PKCS#8).</summary>
    public string SigningKey { get; set; } = "";

    public ECDsa Read()
    {
        var key = ECDsa.Create();
        key.ImportFromPem(SigningKey);
        return key;
    }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        ValidationResult? failure = null;
        try
        {
            using var key = Read();
            _ = key.SignData([], HashAlgorithmName.SHA256);
        }
        catch (Exception refused) when (refused is ArgumentException or CryptographicException)
        {
            failure = new ValidationResult("must hold a PEM private key (EC P-256) with which the gateway signs its tickets.", [nameof(SigningKey)]);
        }

        return failure is null ? [] : [failure];
    }
}

/// <summary>Signs tickets. A caller's ticket is used again while most of its life is left: signing costs more than everything else on the way.</summary>
internal sealed class TicketBooth(IOptions<TicketSigning> signing, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan UsedAgainFor = Ticket.Lifetime / 3;
    private static readonly Caller Gateway = new(Guid.Empty, "gateway", IsMachine: true, [new Grant(Roles.Gateway, "")]);

    private readonly ConditionalWeakTable<Caller, Signed> _signed = [];
    private readonly ECDsa _key = signing.Value.Read();
    private readonly Lock _turn = new();

    /// <summary>The ticket of a caller who was recognised at the front door.</summary>
    public string For(Caller caller)
    {
        var now = clock.GetUtcNow();
        if (_signed.TryGetValue(caller, out var signed) && now - signed.At < UsedAgainFor)
            return signed.Ticket;

        lock (_turn)
        {
            var ticket = Ticket.Sign(caller, _key, now);
            _signed.AddOrUpdate(caller, new Signed(ticket, now));
            return ticket;
        }
    }

    /// <summary>The ticket with which the gateway speaks for itself.</summary>
    public string ForGateway() => For(Gateway);

    public void Dispose() => _key.Dispose();

    private sealed record Signed(string Ticket, DateTimeOffset At);
}
