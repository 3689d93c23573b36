using System.Collections.Concurrent;
using ServiceQuality.Console.Suite;

namespace ServiceQuality.Console.Overview;

/// <summary>The indicator behind most of a change, and its share of it in points of the score.</summary>
public sealed record Cause(string Code, double Effect)
{
    /// <summary>Stands for deductions and bonuses where an indicator's code is expected.</summary>
    public const string Adjustments = "adjustments";
}

/// <summary>
/// Main causes of 24-hour changes. A decomposition is dear and its largest part seldom changes, so each is kept for a minute.
/// Callers ask only for units that the score service has just shown them.
/// </summary>
public sealed class MainCauses(TimeProvider clock)
{
    private const int Most = 4096;
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(Guid Unit, string Period), (DateTimeOffset At, Cause? Cause)> _known = new();

    public async Task<Cause?> OfAsync(BoardRow row, string period, SuiteReader suite, CancellationToken ct)
    {
        var key = (row.Unit.Id, period);
        if (_known.TryGetValue(key, out var known) && clock.GetUtcNow() - known.At < Kept)
            return known.Cause;

        var reading = await suite.DayChangesAsync(row.Unit.Code, period, ct);
        if (reading.Value is not { } changes)
            return known.Cause;

        if (_known.Count >= Most)
            _known.Clear();
        var cause = Of(changes, row.Change24h ?? 0);
        _known[key] = (clock.GetUtcNow(), cause);
        return cause;
    }

    /// <summary>The largest part that points in the direction of the change.</summary>
    internal static Cause? Of(ScoreChanges changes, double change)
    {
        var parts = (changes.Leaves ?? []).Select(leaf => new Cause(leaf.Code, leaf.Total)).Append(new Cause(Cause.Adjustments, changes.AdjustmentsTotal));
        return parts.Where(part => Math.Sign(part.Effect) == Math.Sign(change) && part.Effect != 0).MaxBy(part => Math.Abs(part.Effect));
    }
}
