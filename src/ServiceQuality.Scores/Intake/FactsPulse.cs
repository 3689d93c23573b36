using System.Collections.Concurrent;

namespace ServiceQuality.Scores.Intake;

/// <summary>How many facts came in during the last hour, unit by unit, and how long those that this process took from its queue needed to be scored; since its start.</summary>
internal sealed class FactsPulse(TimeProvider clock)
{
    private const int Minutes = 60;
    private const int Lags = 4_096;
    private readonly ConcurrentDictionary<Guid, Ring> _units = new();
    private readonly double[] _lags = new double[Lags];
    private readonly Lock _lock = new();
    private long _lagCount;

    /// <summary>New facts of a unit are in the journal, through whichever process.</summary>
    public void Written(Guid unit, int facts) => _units.GetOrAdd(unit, static _ => new Ring()).Add(Minute(), facts);

    /// <summary>Facts that were taken from the queue are scored, so long after they were received.</summary>
    public void Scored(TimeSpan lag)
    {
        lock (_lock)
            _lags[_lagCount++ % Lags] = Math.Max(0, lag.TotalSeconds);
    }

    public long LastHour(Guid unit) => _units.TryGetValue(unit, out var ring) ? ring.Sum(Minute()) : 0;

    /// <summary>95th percentile of the newest lags in seconds; null before the first.</summary>
    public double? LagP95()
    {
        double[] lags;
        lock (_lock)
            lags = _lags[..(int)Math.Min(_lagCount, Lags)];
        if (lags.Length == 0)
            return null;
        Array.Sort(lags);
        return lags[(int)Math.Ceiling(0.95 * lags.Length) - 1];
    }

    private long Minute() => clock.GetUtcNow().ToUnixTimeSeconds() / 60;

    private sealed class Ring
    {
        private readonly (long Minute, long Facts)[] _minutes = new (long, long)[Minutes];

        public void Add(long minute, int facts)
        {
            lock (_minutes)
            {
                ref var slot = ref _minutes[minute % Minutes];
                slot = slot.Minute == minute ? (minute, slot.Facts + facts) : (minute, facts);
            }
        }

        public long Sum(long minute)
        {
            lock (_minutes)
            {
                var sum = 0L;
                foreach (var slot in _minutes)
                    sum += slot.Minute > minute - Minutes ? slot.Facts : 0;
                return sum;
            }
        }
    }
}
