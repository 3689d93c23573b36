using System.Collections.Concurrent;

namespace ServiceQuality.Gateway;

/// <summary>Remembers answers for a moment. Who asks while the question is under way waits for the same answer; failures are not remembered.</summary>
/// <param name="clock">The time.</param>
/// <param name="most">Bound of what is remembered, whatever strangers send.</param>
internal sealed class BriefMemory<TKey, TValue>(TimeProvider clock, int most) where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, Entry> _entries = new();

    public async Task<TValue> GetAsync(TKey key, Func<Task<(TValue Value, TimeSpan KeepFor)>> ask)
    {
        while (true)
        {
            if (_entries.TryGetValue(key, out var entry) && !entry.IsOver(clock.GetUtcNow()))
                return (await entry.Answer.Value).Value;

            var fresh = new Entry(new(() => AskAsync(ask)));
            if (entry is null ? _entries.TryAdd(key, fresh) : _entries.TryUpdate(key, fresh, entry))
            {
                MakeRoom();
                try
                {
                    return (await fresh.Answer.Value).Value;
                }
                catch
                {
                    _entries.TryRemove(new(key, fresh));
                    throw;
                }
            }
        }
    }

    public void Remember(TKey key, TValue value, TimeSpan keepFor)
    {
        _entries[key] = new Entry(new(Task.FromResult((value, clock.GetUtcNow() + keepFor))));
        MakeRoom();
    }

    /// <summary>What is remembered, or the default; asks nobody.</summary>
    public TValue? Peek(TKey key) =>
        _entries.TryGetValue(key, out var entry) && entry.Answer is { IsValueCreated: true, Value: { IsCompletedSuccessfully: true } answer } && !entry.IsOver(clock.GetUtcNow())
            ? answer.GetAwaiter().GetResult().Value
            : default;

    public void Forget(TKey key) => _entries.TryRemove(key, out _);

    /// <summary>Forgets every answer that is known and fits.</summary>
    public void Forget(Func<TValue, bool> fits)
    {
        foreach (var (key, entry) in _entries)
        {
            // An answer still under way may be older than the event that asks to forget it.
            if (entry.Answer is not { IsValueCreated: true, Value: { IsCompletedSuccessfully: true } answer } || fits(answer.GetAwaiter().GetResult().Value))
                _entries.TryRemove(new(key, entry));
        }
    }

    private async Task<(TValue Value, DateTimeOffset Until)> AskAsync(Func<Task<(TValue Value, TimeSpan KeepFor)>> ask)
    {
        var (value, keepFor) = await ask();
        return (value, clock.GetUtcNow() + keepFor);
    }

    private void MakeRoom()
    {
        if (_entries.Count <= most)
            return;

        var now = clock.GetUtcNow();
        foreach (var (key, entry) in _entries)
        {
            if (entry.IsOver(now))
                _entries.TryRemove(new(key, entry));
        }

        if (_entries.Count > most)
            _entries.Clear();
    }

    private sealed class Entry(Lazy<Task<(TValue Value, DateTimeOffset Until)>> answer)
    {
        public Lazy<Task<(TValue Value, DateTimeOffset Until)>> Answer => answer;

        public bool IsOver(DateTimeOffset now) =>
            answer is { IsValueCreated: true, Value.IsCompleted: true } && (!answer.Value.IsCompletedSuccessfully || answer.Value.GetAwaiter().GetResult().Until <= now);
    }
}
