using System.Security.Cryptography;
using System.Text;
using MassTransit;
using Microsoft.Extensions.Options;
using ServiceQuality.Access;
using ServiceQuality.Contracts.Organisation;
using ServiceQuality.Gateway.SignIn;

namespace ServiceQuality.Gateway.Keys;

/// <summary>The header that carries the key of a branch system.</summary>
internal static class ApiKeyHeader
{
    public const string Name = "X-Api-Key";
}

/// <summary>
/// Knows for two seconds whom a key belongs to, so that a busy branch system costs Organisation one question in that time. While Organisation is away a
/// key that was good a short while ago stays good (<see cref="SignInSettings.TrustedWhileAway"/>), so that branch systems go on reporting.
/// </summary>
internal sealed class ApiKeys(Accounts accounts, IOptions<SignInSettings> settings, TimeProvider clock)
{
    private const int LongestKey = 256;
    private const int MostRemembered = 20_000;
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AskedAgainAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WereGoodFor = TimeSpan.FromHours(1);

    // Keys are remembered as hashes: a memory dump must not hand them out.
    private readonly BriefMemory<string, Caller?> _keys = new(clock, MostRemembered);
    private readonly BriefMemory<string, Verified> _wereGood = new(clock, MostRemembered);

    private sealed record Verified(Caller Machine, DateTimeOffset At);

    /// <summary>The machine behind the key; null when the key is no good.</summary>
    /// <exception cref="TemporarilyUnavailableException">Organisation is away, and the key was not known good within the grace.</exception>
    public async Task<Caller?> FindAsync(string key)
    {
        if (key.Length > LongestKey)
            return null;

        var hash = HashOf(key);
        return await _keys.GetAsync(hash, () => AskAsync(key, hash));
    }

    /// <summary>True when the key was good a while ago: its system is not stopped because another one at the same address sends wrong keys.</summary>
    public bool WasGood(string key) => key.Length <= LongestKey && _wereGood.Peek(HashOf(key)) is not null;

    public void Drop(Guid key)
    {
        _keys.Forget(caller => caller?.Subject == key);
        _wereGood.Forget(verified => verified.Machine.Subject == key);
    }

    private async Task<(Caller? Machine, TimeSpan KeepFor)> AskAsync(string key, string hash)
    {
        using var patience = new CancellationTokenSource(Accounts.Patience, clock);
        try
        {
            var machine = await accounts.FindKeyAsync(key, patience.Token);
            if (machine is null)
                _wereGood.Forget(hash);
            else
                _wereGood.Remember(hash, new(machine, clock.GetUtcNow()), WereGoodFor > settings.Value.TrustedWhileAway ? WereGoodFor : settings.Value.TrustedWhileAway);
            return (machine, KeptFor);
        }
        catch (Exception away) when (away is TemporarilyUnavailableException or OperationCanceledException)
        {
            if (_wereGood.Peek(hash) is not { } known || clock.GetUtcNow() - known.At > settings.Value.TrustedWhileAway)
                throw new TemporarilyUnavailableException("Nobody can say whether this key is still good.", away);
            return (known.Machine, AskedAgainAfter);
        }
    }

    private static string HashOf(string key) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}

/// <summary>A revoked key ends at once, not when it is next asked about (ORG-09).</summary>
internal sealed class DropKeyOnApiKeyRevoked(ApiKeys keys) : IConsumer<ApiKeyRevoked>
{
    public Task Consume(ConsumeContext<ApiKeyRevoked> context)
    {
        keys.Drop(context.Message.Key);
        return Task.CompletedTask;
    }
}
