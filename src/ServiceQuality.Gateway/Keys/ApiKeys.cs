using System.Security.Cryptography;
using System.Text;
using MassTransit;
using ServiceQuality.Access;
using ServiceQuality.Contracts.Organisation;
using ServiceQuality.Gateway.SignIn;

namespace ServiceQuality.Gateway.Keys;

/// <summary>The header that carries the key of a branch system.</summary>
internal static class ApiKeyHeader
{
    public const string Name = "X-Api-Key";
}

/// <summary>Knows for two seconds whom a key belongs to, so that a busy branch system costs Organisation one question in that time.</summary>
internal sealed class ApiKeys(Accounts accounts, TimeProvider clock)
{
    private const int LongestKey = 256;
    private const int MostRemembered = 20_000;
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan WereGoodFor = TimeSpan.FromHours(1);

    // Keys are remembered as hashes: a memory dump must not hand them out.
    private readonly BriefMemory<string, Caller?> _keys = new(clock, MostRemembered);

    /// <summary>The machine behind the key; null when the key is no good.</summary>
    private readonly BriefMemory<string, Guid> _wereGood = new(clock, MostRemembered);

    public async Task<Caller?> FindAsync(string key)
    {
        if (key.Length > LongestKey)
            return null;

        var hash = HashOf(key);
        return await _keys.GetAsync(hash, async () =>
        {
            var machine = await accounts.FindKeyAsync(key, CancellationToken.None);
            if (machine is not null)
                _wereGood.Remember(hash, machine.Subject, WereGoodFor);
            return (machine, KeptFor);
        });
    }

    /// <summary>True when the key was good a while ago: its system is not stopped because another one at the same address sends wrong keys.</summary>
    public bool WasGood(string key) => key.Length <= LongestKey && _wereGood.Peek(HashOf(key)) != Guid.Empty;

    public void Drop(Guid key)
    {
        _keys.Forget(caller => caller?.Subject == key);
        _wereGood.Forget(subject => subject == key);
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
