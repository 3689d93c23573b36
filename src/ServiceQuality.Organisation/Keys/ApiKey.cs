using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ServiceQuality.Organisation.Keys;

/// <summary>
/// The right of a branch system to post for a unit and everything below it. The key itself, <c>sq_id_secret</c>, is shown once; only the SHA-256 of its
/// secret is kept. A fast hash is right here: the secret is 256 random bits and cannot be guessed, whatever the hash costs.
/// </summary>
internal sealed class ApiKey
{
    /// <summary>How long the former secret may go on after a rotation.</summary>
    public static readonly TimeSpan LongestOverlap = TimeSpan.FromDays(30);

    private const int SecretBytes = 32;

    private ApiKey() { } // EF

    public Guid Id { get; private init; }
    public string Name { get; private init; } = "";
    public Guid UnitId { get; private init; }
    public byte[] Hash { get; private set; } = [];
    public byte[]? FormerHash { get; private set; }

    /// <summary>The former secret is good until then.</summary>
    public DateTimeOffset? FormerUntil { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }
    public string CreatedBy { get; private init; } = "";
    public DateTimeOffset? RotatedAt { get; private set; }
    public DateTimeOffset? ExpiresAt { get; private init; }
    public DateTimeOffset? RevokedAt { get; private set; }

    /// <summary>Coarse: written at most once a minute.</summary>
    public DateTimeOffset? LastUsedAt { get; private set; }

    public static (ApiKey Key, string Shown) Issue(string name, Guid unit, DateTimeOffset? expires, string by, DateTimeOffset now)
    {
        var id = Guid.CreateVersion7(now);
        var (shown, hash) = Draw(id);
        return (new ApiKey { Id = id, Name = name, UnitId = unit, Hash = hash, ExpiresAt = expires, CreatedAt = now, CreatedBy = by }, shown);
    }

    /// <summary>Draws a new secret; the present one goes on for <paramref name="overlap"/>. Without overlap every earlier secret ends at once.</summary>
    public Outcome Rotate(TimeSpan overlap, DateTimeOffset now, out string shown)
    {
        shown = "";
        if (Unusable(now) is { } reason)
            return reason;
        if (overlap < TimeSpan.Zero || overlap > LongestOverlap)
            return Outcome.Refused("overlap-out-of-range", $"The former key may go on for at most {LongestOverlap.TotalDays:0} days.");
        if (overlap > TimeSpan.Zero && FormerUntil > now)
            return Outcome.Refused("rotation-running", $"The key before this one is good until {FormerUntil:O}. Rotate without overlap to end both at once.");

        var goesOn = overlap > TimeSpan.Zero;
        FormerHash = goesOn ? Hash : null;
        FormerUntil = goesOn ? now + overlap : null;
        (shown, Hash) = Draw(Id);
        RotatedAt = now;
        return Outcome.Done;
    }

    public Outcome Revoke(DateTimeOffset now)
    {
        if (RevokedAt is not null)
            return Outcome.Refused("key-revoked", "The key has been revoked already.");
        RevokedAt = now;
        return Outcome.Done;
    }

    /// <summary>True when the secret is the key's own and the key may be used now.</summary>
    public bool Accepts(ReadOnlySpan<char> secret, DateTimeOffset now)
    {
        var hash = HashOf(secret);
        var present = CryptographicOperations.FixedTimeEquals(hash, Hash);
        var former = FormerHash is not null && FormerUntil > now && CryptographicOperations.FixedTimeEquals(hash, FormerHash);
        return (present || former) && Unusable(now) is null;
    }

    /// <summary>Takes a key apart; false when it does not have the form <c>sq_id_secret</c>.</summary>
    public static bool TryRead(string? key, out Guid id, [NotNullWhen(true)] out string? secret)
    {
        (id, secret) = (Guid.Empty, null);
        if (key?.Split('_', 3) is not ["sq", var first, { Length: > 0 and <= 128 } rest] || !Guid.TryParseExact(first, "N", out id))
            return false;
        secret = rest;
        return true;
    }

    private Outcome? Unusable(DateTimeOffset now) =>
        RevokedAt is not null ? Outcome.Refused("key-revoked", "The key has been revoked.")
        : ExpiresAt <= now ? Outcome.Refused("key-expired", string.Create(CultureInfo.InvariantCulture, $"The key expired at {ExpiresAt:O}."))
        : null;

    private static (string Shown, byte[] Hash) Draw(Guid id)
    {
        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        return ($"sq_{id:N}_{secret}", HashOf(secret));
    }

    private static byte[] HashOf(ReadOnlySpan<char> secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret.ToString()));
}
