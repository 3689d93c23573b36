using System.Collections.Concurrent;
using ServiceQuality.Scores.Units;

namespace ServiceQuality.Scores.Comparison;

/// <summary>Results that are dear to compute: each is computed once an hour, whoever asks at the same time waits for the same one. A failure is not kept.</summary>
/// <param name="clock">The clock.</param>
/// <param name="mostKept">Results of an hour that are kept.</param>
internal sealed class HourMemory<TKey, TResult>(TimeProvider clock, int mostKept = 64) where TKey : notnull
{
    private readonly ConcurrentDictionary<(TKey Key, DateTimeOffset Hour), Lazy<Task<TResult>>> _kept = new();

    /// <summary>The result of this hour. The computation goes on when one who waits gives up: others may wait too.</summary>
    public async Task<TResult> GetAsync(TKey key, Func<Task<TResult>> compute, CancellationToken ct)
    {
        var hour = TimeZoneInfo.Utc.HourAt(clock.GetUtcNow());
        foreach (var old in _kept.Keys.Where(known => known.Hour != hour || _kept.Count > mostKept))
            _kept.TryRemove(old, out _);
        var kept = _kept.GetOrAdd((key, hour), _ => new(() => Task.Run(compute, CancellationToken.None)));
        try
        {
            return await kept.Value.WaitAsync(ct);
        }
        catch when (kept.Value.IsFaulted)
        {
            _kept.TryRemove(new((key, hour), kept));
            throw;
        }
    }
}
