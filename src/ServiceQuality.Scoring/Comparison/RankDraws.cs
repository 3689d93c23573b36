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
/// the score of the drawn days' merged buckets minus that of all days'; of scores of days (<see cref="RankedUnit"/>, many times faster), the difference of their means. The deviation
/// is widened by √(n/(n − 1)) · t/z, because few days understate it (Hesterberg, The American Statistician 69, 2015: the expanded percentile interval).
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
        Check([.. units.Select(unit => (unit.Score, unit.Days.Count))]);
        if (units.SelectMany(unit => unit.Days).Any(score => score is { } number && !double.IsFinite(number)))
            throw new ArgumentException("A score of a day is not finite.", nameof(units));
        return Place([.. units.Select(unit => unit.Score is null ? null : new ScoresOfDays(unit.Score.Value, unit.Days))], seed, draws, ct);
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
        return Place([.. units.Select(unit => unit.Score is null ? null : new BucketsOfDays(scheme, unit.Score.Value, unit.Days))], seed, draws, ct);
    }

    private static Placing[] Place(DrawnUnit?[] units, int seed, int draws, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 100);
        var scored = Enumerable.Range(0, units.Length).Where(i => units[i] is not null).ToArray();
        var placed = new Placing[units.Length];
        Array.Fill(placed, new(null, null, null, null));
        if (scored.Length == 0)
            return placed;

        var scores = Array.ConvertAll(scored, i => units[i]!.Score);
        var order = scores.Order().ToArray();
        var intervals = Intervals(Array.ConvertAll(scored, i => units[i]!), new Charts.NormalStream(seed), draws, ct);
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

    private static (RankInterval Rank, Interval Score)[] Intervals(DrawnUnit[] units, Charts.NormalStream random, int draws, CancellationToken ct)
    {
        var days = units[0].Count;
        var times = new int[draws][];
        for (var draw = 0; draw < draws; draw++)
        {
            times[draw] = new int[days];
            for (var i = 0; i < days; i++)
                times[draw][random.Below(days)]++;
        }
        // A unit's draws need nothing of the others'.
        var drawn = new double[units.Length][];
        Parallel.For(0, units.Length, new() { CancellationToken = ct }, i => drawn[i] = Array.ConvertAll(times, units[i].Draw));

        var ranks = Array.ConvertAll(units, _ => new int[draws]);
        var (scores, order) = (new double[units.Length], new int[units.Length]);
        for (var draw = 0; draw < draws; draw++)
        {
            for (var i = 0; i < units.Length; i++)
                (scores[i], order[i]) = (-drawn[i][draw], i);
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

    /// <summary>A unit whose days are drawn.</summary>
    private abstract class DrawnUnit
    {
        private readonly double wider;

        protected DrawnUnit(double score, int days, int present)
        {
            (Score, Count, Present) = (score, days, present);
            wider = present < 2 ? 0 : Math.Sqrt(present / (present - 1.0)) * Statistics.StudentQuantile(present - 1) / Z;
        }

        /// <summary>The score over the period.</summary>
        public double Score { get; }

        /// <summary>Days of the period.</summary>
        public int Count { get; }

        /// <summary>Days that say something about the unit.</summary>
        public int Present { get; }

        /// <summary>The score when each day is taken so many times.</summary>
        public double Draw(int[] times) => Score + (wider * Deviation(times));

        /// <summary>How far the drawn days are from the days as they were; 0 when none of them says anything.</summary>
        protected abstract double Deviation(int[] times);
    }

    private sealed class ScoresOfDays : DrawnUnit
    {
        private readonly double[] deviations;
        private readonly bool[] present;

        public ScoresOfDays(double score, IReadOnlyList<double?> days)
            : base(score, days.Count, days.Count(day => day is not null))
        {
            present = [.. days.Select(day => day is not null)];
            var mean = days.Average() ?? 0;
            deviations = [.. days.Select(day => day is { } value ? value - mean : 0)];
        }

        protected override double Deviation(int[] times)
        {
            var (sum, n) = (0.0, 0);
            for (var day = 0; day < times.Length; day++)
            {
                sum += times[day] * deviations[day];
                n += present[day] ? times[day] : 0;
            }
            return n == 0 ? 0 : sum / n;
        }
    }

    private sealed class BucketsOfDays : DrawnUnit
    {
        private readonly Scheme scheme;
        private readonly Readings?[] days;
        private readonly double? whole;

        public BucketsOfDays(Scheme scheme, double score, IReadOnlyList<Readings?> days)
            : base(score, days.Count, days.Count(day => day is not null))
        {
            (this.scheme, this.days) = (scheme, [.. days]);
            whole = Evaluate(_ => 1);
        }

        protected override double Deviation(int[] times) => Evaluate(day => times[day]) - whole ?? 0;

        private double? Evaluate(Func<int, int> times)
        {
            var drawn = days.SelectMany((day, i) => day is null ? [] : Enumerable.Repeat(day, times(i))).ToList();
            return drawn.Count == 0 ? null : Scorer.Points(scheme, Readings.MergeDays(drawn)).Value;
        }
    }
}
