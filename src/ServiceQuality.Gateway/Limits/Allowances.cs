using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ServiceQuality.Gateway.Limits;

/// <summary>What is counted, and for whom.</summary>
internal enum AllowanceKind
{
    /// <summary>Requests of an API key; a large batch counts as several.</summary>
    Key,

    /// <summary>Requests of a person.</summary>
    Account,

    /// <summary>Requests of an address without a sign-in.</summary>
    Address,

    /// <summary>Sign-in attempts of an address.</summary>
    SignIn,

    /// <summary>Failed sign-ins of a user name.</summary>
    WrongPasswords,

    /// <summary>Wrong API keys from an address.</summary>
    WrongKeys,
}

/// <summary>So many in so long.</summary>
internal sealed class Quota
{
    [Range(1, 100_000_000)]
    public int Count { get; set; }

    [Range(1, 86_400)]
    public int Seconds { get; set; }
}

/// <summary>Limits of the gateway. Section <c>RateLimits</c>, as <c>RateLimits:Key:Count</c>.</summary>
internal sealed class RateLimits : IValidatableObject
{
    public const string Section = "RateLimits";

    public Quota Key { get; set; } = new() { Count = 10_000, Seconds = 10 };
    public Quota Account { get; set; } = new() { Count = 3_000, Seconds = 60 };
    public Quota Address { get; set; } = new() { Count = 1_200, Seconds = 60 };
    public Quota SignIn { get; set; } = new() { Count = 120, Seconds = 60 };
    public Quota WrongPasswords { get; set; } = new() { Count = 10, Seconds = 60 };
    public Quota WrongKeys { get; set; } = new() { Count = 60, Seconds = 60 };

    /// <summary>A body counts once for every begun piece of so many bytes.</summary>
    [Range(1024, 1 << 30)]
    public int BytesPerCount { get; set; } = 256 << 10;

    public Quota Of(AllowanceKind kind) => kind switch
    {
        AllowanceKind.Key => Key,
        AllowanceKind.Account => Account,
        AllowanceKind.Address => Address,
        AllowanceKind.SignIn => SignIn,
        AllowanceKind.WrongPasswords => WrongPasswords,
        AllowanceKind.WrongKeys => WrongKeys,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        Enum.GetValues<AllowanceKind>().SelectMany(kind =>
        {
            var results = new List<ValidationResult>();
            var quota = Of(kind);
            Validator.TryValidateObject(quota, new ValidationContext(quota), results, validateAllProperties: true);
            return results.Select(result => new ValidationResult(result.ErrorMessage, result.MemberNames.Select(member => $"{kind}:{member}")));
        });
}

/// <summary>What is left of an allowance.</summary>
/// <param name="Left">Requests that may follow now.</param>
/// <param name="FullIn">Until the whole quota is there again.</param>
/// <param name="NextIn">Until the next request is taken; zero when it is taken now.</param>
/// <param name="Taken">False when the request was not taken.</param>
internal readonly record struct Allowance(int Left, TimeSpan FullIn, TimeSpan NextIn, bool Taken)
{
    public bool IsUsedUp => Left <= 0;
}

/// <summary>Counts, by the token bucket: a quota refills evenly, so that a burst may use it at once and a steady sender is never stopped below its rate.</summary>
internal sealed class Allowances(IOptions<RateLimits> limits, TimeProvider clock)
{
    private const int MostRemembered = 50_000;

    private readonly ConcurrentDictionary<(AllowanceKind, string), Bucket> _buckets = new();

    /// <summary>Takes from an allowance if enough is left.</summary>
    public Allowance Take(AllowanceKind kind, string who, int count)
    {
        if (_buckets.Count > MostRemembered)
            ForgetFull();
        var quota = limits.Value.Of(kind);
        return _buckets.GetOrAdd((kind, who), static (_, full) => new Bucket(full), quota.Count).Take(count, quota, clock.GetTimestamp(), clock);
    }

    /// <summary>Looks at an allowance and takes nothing.</summary>
    public Allowance Of(AllowanceKind kind, string who)
    {
        var quota = limits.Value.Of(kind);
        if (!_buckets.TryGetValue((kind, who), out var bucket))
            return new(quota.Count, TimeSpan.Zero, TimeSpan.Zero, Taken: true);

        var allowance = bucket.Take(0, quota, clock.GetTimestamp(), clock);
        return allowance.IsUsedUp ? allowance with { NextIn = TimeSpan.FromSeconds((double)quota.Seconds / quota.Count), Taken = false } : allowance;
    }

    /// <summary>Gives an allowance back: a right password clears the wrong ones before it.</summary>
    public void Restore(AllowanceKind kind, string who) => _buckets.TryRemove((kind, who), out _);

    private void ForgetFull()
    {
        foreach (var (key, bucket) in _buckets)
        {
            if (bucket.Take(0, limits.Value.Of(key.Item1), clock.GetTimestamp(), clock).FullIn == TimeSpan.Zero)
                _buckets.TryRemove(new(key, bucket));
        }

        if (_buckets.Count > MostRemembered)
            _buckets.Clear();
    }

    private sealed class Bucket(int full)
    {
        private readonly Lock _turn = new();
        private double _tokens = full;
        private long _at;

        public Allowance Take(int count, Quota quota, long now, TimeProvider clock)
        {
            var perSecond = (double)quota.Count / quota.Seconds;
            lock (_turn)
            {
                if (_at != 0)
                    _tokens = Math.Min(quota.Count, _tokens + Math.Max(0, clock.GetElapsedTime(_at, now).TotalSeconds) * perSecond);
                _at = Math.Max(_at, now);

                // What costs more than the whole quota is let through when the quota is whole; else it could never pass.
                var price = Math.Min(count, quota.Count);
                var taken = _tokens >= price;
                if (taken)
                    _tokens -= price;
                return new Allowance(
                    (int)_tokens,
                    TimeSpan.FromSeconds((quota.Count - _tokens) / perSecond),
                    taken ? TimeSpan.Zero : TimeSpan.FromSeconds((price - _tokens) / perSecond),
                    taken);
            }
        }
    }
}
