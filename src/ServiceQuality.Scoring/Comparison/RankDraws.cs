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
/// what hits all (a holiday, a storm) is no noise between them. A unit's score in the draw is its score plus the drawn days' deviation from its days as they were: of day buckets,
/// the score of the drawn days' merged buckets minus that of all days' (<see cref="DayDraws"/>); of scores of days (<see cref="RankedUnit"/>), the difference of their means. The deviation
/// is widened by √(n/(n − 1)) · t/z, because few days understate it (Hesterberg, The American Statistician 69, 2015: the expanded percentile interval).
/// </summary>
public static class RankDraws
{
    /// <summary>Draws of scoring.md §8.</summary>
    public const int Draws = 2_000;

    private const double Tail = 0.025;

    /// <summary>Ranks the units by the scores of their days.</summary>
    /// <param name="units">The units; every list of days has the same length.</param>
    /// <param name="seed">Seed of the draws, stored with the result: the same seed and data give the same intervals.</param>
    /// <param name="draws">Number of draws, 100 at least.</param>
    /// <param name="ct">Cancellation.</param>
    /// <returns>One for every unit, in their order.</returns>
    /// <exception cref="ArgumentException">Lists of days differ in length, a score is not finite, or there are too few draws.</exception>
    public static IReadOnlyList<Placing> Place(IReadOnlyList<RankedUnit> units, int seed, int draws = Draws, CancellationToken ct = default)
    {
        Check([.. units.Select(unit => (unit.Score, unit.Days.Count))]);
        if (units.SelectMany(unit => unit.Days).Any(score => score is { } number && !double.IsFinite(number)))
            throw new ArgumentException("A score of a day is not finite.", nameof(units));
        if (units.Count == 0)
            return [];
        var drawing = new DayDraws(units[0].Days.Count, seed, draws);
        return Place([.. units.Select(unit => unit.Score is { } score ? drawing.OfScores(score, unit.Days) : null)], ct);
    }

    /// <summary>Ranks the units by drawing their day buckets: each draw is merged and scored again.</summary>
    /// <param name="scheme">The scheme that scores them; the catalogue of the readings covers it.</param>
    /// <param name="units">Score over the period and readings of each day, the same days for every unit; null for a day without facts.</param>
    /// <param name="seed">Seed of the draws, stored with the result.</param>
    /// <param name="draws">Number of draws, 100 at least.</param>
    /// <param name="ct">Cancellation.</param>
    /// <returns>One for every unit, in their order.</returns>
    /// <exception cref="ArgumentException">Lists of days differ in length, a score is not finite, or there are too few draws.</exception>
    public static IReadOnlyList<Placing> Place(
        Scheme scheme, IReadOnlyList<(double? Score, IReadOnlyList<Readings?> Days)> units, int seed, int draws = Draws, CancellationToken ct = default)
    {
        Check([.. units.Select(unit => (unit.Score, unit.Days.Count))]);
        if (units.Count == 0)
            return [];
        var drawing = new DayDraws(units[0].Days.Count, seed, draws);
        var drawn = new DrawnScores?[units.Count];
        Parallel.For(0, drawn.Length, new() { CancellationToken = ct }, i => drawn[i] = units[i].Score is { } score ? drawing.OfBuckets(scheme, score, units[i].Days) : null);
        return Place(drawn, ct);
    }

    /// <summary>Ranks units whose draws were made one by one; sorts the draws in place.</summary>
    /// <param name="units">Draws of the same <see cref="DayDraws"/>; null for a unit without a score.</param>
    /// <param name="ct">Cancellation.</param>
    /// <returns>One for every unit, in their order.</returns>
    public static IReadOnlyList<Placing> Place(IReadOnlyList<DrawnScores?> units, CancellationToken ct = default)
    {
        var scored = Enumerable.Range(0, units.Count).Where(i => units[i] is not null).ToArray();
        var placed = new Placing[units.Count];
        Array.Fill(placed, new(null, null, null, null));
        if (scored.Length == 0)
            return placed;

        var scores = Array.ConvertAll(scored, i => units[i]!.Score);
        var order = scores.Order().ToArray();
        var intervals = Intervals(Array.ConvertAll(scored, i => units[i]!.Drawn), ct);
        var bests = Array.ConvertAll(intervals, interval => interval.Rank.Best).Order().ToArray();
        var worsts = Array.ConvertAll(intervals, interval => interval.Rank.Worst).Order().ToArray();
        for (var i = 0; i < scored.Length; i++)
        {
            var (rank, score) = intervals[i];
            // Not tied are those whose best is after its worst, and those whose worst is before its best; a unit is tied with itself, which does not count.
            var tied = scored.Length - (bests.Length - Below(bests, rank.Worst + 1)) - Below(worsts, rank.Best) - 1;
            var telling = units[scored[i]]!.Present > 1;
            placed[scored[i]] = new(1 + order.Length - Below(order, Math.BitIncrement(scores[i])), telling ? rank : null, telling ? score : null, telling ? tied : null);
        }
        return placed;
    }

    private static (RankInterval Rank, Interval Score)[] Intervals(double[][] drawn, CancellationToken ct)
    {
        var draws = drawn[0].Length;
        var ranks = Array.ConvertAll(drawn, _ => new int[draws]);
        Parallel.For(0, draws, new() { CancellationToken = ct }, () => (Scores: new double[drawn.Length], Order: new int[drawn.Length]), (draw, _, room) =>
        {
            var (scores, order) = room;
            for (var i = 0; i < drawn.Length; i++)
                (scores[i], order[i]) = (-drawn[i][draw], i);
            Array.Sort(scores, order);
            for (int place = 0, shared = 0; place < order.Length; place++)
            {
                shared = place > 0 && scores[place] == scores[place - 1] ? shared : place;
                ranks[order[place]][draw] = shared + 1;
            }
            return room;
        }, _ => { });
        var (low, high) = ((int)(Tail * draws), draws - 1 - (int)(Tail * draws));
        var intervals = new (RankInterval, Interval)[drawn.Length];
        Parallel.For(0, drawn.Length, new() { CancellationToken = ct }, i =>
        {
            Array.Sort(ranks[i]);
            Array.Sort(drawn[i]);
            intervals[i] = (new(ranks[i][low], ranks[i][high]), new(drawn[i][low], drawn[i][high]));
        });
        return intervals;
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

    private static void Check(IReadOnlyList<(double? Score, int Days)> units)
    {
        for (var i = 0; i < units.Count; i++)
        {
            if (units[i].Days != units[0].Days)
                throw new ArgumentException($"The unit at {i} has {units[i].Days} days, the first has {units[0].Days}.", nameof(units));
            if (units[i].Score is { } score && !double.IsFinite(score))
                throw new ArgumentException($"The score of the unit at {i} is not finite.", nameof(units));
        }
    }
}
