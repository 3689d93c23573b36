using System.Runtime.InteropServices;

namespace ServiceQuality.Scoring.Comparison;

/// <summary>A unit that is ranked.</summary>
/// <param name="Score">Its score over the period; higher is better. Null when it is not scored: it is listed, and has no rank (SCO-29, RPT-08).</param>
/// <param name="Days">Its score on each day of the period, the same days for every unit; null for a day without one.</param>
public sealed record RankedUnit(double? Score, IReadOnlyList<double?> Days);

/// <summary>Ranks from the first to the last that the draws leave possible.</summary>
/// <param name="Best">The better end, from 1.</param>
/// <param name="Worst">The worse end.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct RankInterval(int Best, int Worst)
{
    /// <summary>Whether two units may have changed places by chance: they are tied within noise.</summary>
    public bool Overlaps(RankInterval other) => Best <= other.Worst && other.Best <= Worst;
}

/// <summary>A unit's place. All null for a unit without a score; the intervals also with fewer than two days.</summary>
/// <param name="Rank">1 is best; equal scores share the better rank (1, 2, 2, 4).</param>
/// <param name="Interval">95 % of the draws put it between these ranks.</param>
/// <param name="Score">95 % of the draws put its score between these.</param>
/// <param name="Tied">How many other units are tied with it within noise.</param>
public sealed record Placing(int? Rank, RankInterval? Interval, Interval? Score, int? Tied);

/// <summary>
/// Ranks with their uncertainty (scoring.md §8): a bootstrap over days. A draw takes as many days as there are, with replacement and the same days for every unit, so that
/// what hits all (a holiday, a storm) is no noise between them; a unit's score in the draw is its score plus the mean of the drawn days minus the mean of its days,
/// this deviation widened by √(n/(n − 1)) · t/z, because few days understate it (Hesterberg, The American Statistician 69, 2015: the expanded percentile interval).
/// </summary>
public static class RankDraws
{
    /// <summary>Draws of scoring.md §8.</summary>
    public const int Draws = 2_000;

    private const double Tail = 0.025;
    private const double Z = 1.959963984540054;

    /// <summary>Ranks the units.</summary>
    /// <param name="units">The units; every list of days has the same length.</param>
    /// <param name="seed">Seed of the draws, stored with the result: the same seed and data give the same intervals.</param>
    /// <param name="draws">Number of draws, 100 at least.</param>
    /// <param name="ct">Cancellation.</param>
    /// <returns>One for every unit, in their order.</returns>
    /// <exception cref="ArgumentException">Lists of days differ in length, a score is not finite, or there are too few draws.</exception>
    public static IReadOnlyList<Placing> Place(IReadOnlyList<RankedUnit> units, int seed, int draws = Draws, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 100);
        Check(units);
        var scored = Enumerable.Range(0, units.Count).Where(i => units[i].Score is not null).ToArray();
        var placed = new Placing[units.Count];
        Array.Fill(placed, new(null, null, null, null));
        if (scored.Length == 0)
            return placed;

        var scores = Array.ConvertAll(scored, i => units[i].Score!.Value);
        var order = scores.Order().ToArray();
        var intervals = Intervals(Array.ConvertAll(scored, i => new DaySeries(units[i])), new Charts.NormalStream(seed), draws, ct);
        var bests = Array.ConvertAll(intervals, interval => interval.Rank.Best).Order().ToArray();
        var worsts = Array.ConvertAll(intervals, interval => interval.Rank.Worst).Order().ToArray();
        for (var i = 0; i < scored.Length; i++)
        {
            var (rank, score) = intervals[i];
            // Not tied are those whose best is after its worst, and those whose worst is before its best; a unit is tied with itself, which does not count.
            var tied = scored.Length - (bests.Length - Below(bests, rank.Worst + 1)) - Below(worsts, rank.Best) - 1;
            var telling = units[scored[i]].Days.Count(day => day is not null) > 1;
            placed[scored[i]] = new(1 + order.Length - Below(order, Math.BitIncrement(scores[i])), telling ? rank : null, telling ? score : null, telling ? tied : null);
        }
        return placed;
    }

    private static (RankInterval Rank, Interval Score)[] Intervals(DaySeries[] units, Charts.NormalStream random, int draws, CancellationToken ct)
    {
        var days = units[0].Count;
        var (ranks, drawn) = (new int[units.Length][], new double[units.Length][]);
        for (var i = 0; i < units.Length; i++)
            (ranks[i], drawn[i]) = (new int[draws], new double[draws]);
        var (times, scores, order) = (new int[days], new double[units.Length], new int[units.Length]);
        for (var draw = 0; draw < draws; draw++)
        {
            ct.ThrowIfCancellationRequested();
            Array.Clear(times);
            for (var i = 0; i < days; i++)
                times[random.Below(days)]++;
            for (var i = 0; i < units.Length; i++)
            {
                drawn[i][draw] = units[i].Draw(times);
                (scores[i], order[i]) = (-drawn[i][draw], i);
            }
            Array.Sort(scores, order);
            for (int place = 0, shared = 0; place < order.Length; place++)
            {
                shared = place > 0 && scores[place] == scores[place - 1] ? shared : place;
                ranks[order[place]][draw] = shared + 1;
            }
        }
        var (low, high) = ((int)(Tail * draws), draws - 1 - (int)(Tail * draws));
        return [.. units.Select((_, i) =>
        {
            Array.Sort(ranks[i]);
            Array.Sort(drawn[i]);
            return (new RankInterval(ranks[i][low], ranks[i][high]), new Interval(drawn[i][low], drawn[i][high]));
        })];
    }

    private static int Below<T>(T[] sorted, T value)
        where T : IComparable<T>
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = sorted[middle].CompareTo(value) < 0 ? (middle + 1, high) : (low, middle);
        }
        return low;
    }

    private static void Check(IReadOnlyList<RankedUnit> units)
    {
        for (var i = 0; i < units.Count; i++)
        {
            if (units[i].Days.Count != units[0].Days.Count)
                throw new ArgumentException($"The unit at {i} has {units[i].Days.Count} days, the first has {units[0].Days.Count}.", nameof(units));
            if (units[i].Days.Append(units[i].Score).Any(score => score is { } number && !double.IsFinite(number)))
                throw new ArgumentException($"A score of the unit at {i} is not finite.", nameof(units));
        }
    }

    /// <summary>A unit's days as deviations from their mean, already widened.</summary>
    private sealed class DaySeries
    {
        private readonly double score;
        private readonly double[] deviations;
        private readonly bool[] present;

        public DaySeries(RankedUnit unit)
        {
            score = unit.Score!.Value;
            present = [.. unit.Days.Select(day => day is not null)];
            var n = present.Count(day => day);
            var mean = n == 0 ? 0 : unit.Days.Where(day => day is not null).Average(day => day!.Value);
            var wider = n < 2 ? 0 : Math.Sqrt(n / (n - 1.0)) * Statistics.StudentQuantile(n - 1) / Z;
            deviations = [.. unit.Days.Select(day => day is { } value ? (value - mean) * wider : 0)];
        }

        public int Count => deviations.Length;

        public double Draw(int[] times)
        {
            var (sum, n) = (0.0, 0);
            for (var day = 0; day < times.Length; day++)
            {
                sum += times[day] * deviations[day];
                n += present[day] ? times[day] : 0;
            }
            return n == 0 ? score : score + (sum / n);
        }
    }
}
