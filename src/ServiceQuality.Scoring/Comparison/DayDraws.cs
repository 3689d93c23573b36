namespace ServiceQuality.Scoring.Comparison;

/// <summary>The scores of a unit in all draws.</summary>
/// <param name="Score">Its score over the period.</param>
/// <param name="Present">Days that say something about it.</param>
/// <param name="Drawn">Its score in each draw.</param>
public sealed record DrawnScores(double Score, int Present, double[] Drawn);

/// <summary>
/// Draws of days, the same for every unit: the draws of one unit need nothing of the others', so that no more than the buckets of one unit have to be held at a time. Safe to
/// use from several threads at once.
/// </summary>
public sealed class DayDraws
{
    private const double Z = 1.959963984540054;
    private readonly double[][] times;
    private readonly int days;

    /// <summary>Draws as many days as there are, with replacement, so many times.</summary>
    /// <param name="days">Days of the period.</param>
    /// <param name="seed">Seed of the draws: the same seed gives the same draws.</param>
    /// <param name="draws">Number of draws, 100 at least.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are too few draws.</exception>
    public DayDraws(int days, int seed, int draws = RankDraws.Draws)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 100);
        this.days = days;
        var random = new Charts.NormalStream(seed);
        times = new double[draws][];
        for (var draw = 0; draw < draws; draw++)
        {
            times[draw] = new double[DayBuckets.Padded(days)];
            for (var i = 0; i < days; i++)
                times[draw][random.Below(days)]++;
        }
    }

    /// <summary>Draws the scores of a unit's days.</summary>
    /// <param name="score">Its score over the period.</param>
    /// <param name="scores">Its score on each day; null for a day without one.</param>
    /// <exception cref="ArgumentException">There are more or fewer days than are drawn.</exception>
    public DrawnScores OfScores(double score, IReadOnlyList<double?> scores)
    {
        Check(scores.Count);
        var mean = scores.Average() ?? 0;
        return Of(score, scores.Count(day => day is not null), drawn =>
        {
            var (sum, n) = (0.0, 0.0);
            for (var day = 0; day < scores.Count; day++)
            {
                if (drawn[day] == 0 || scores[day] is not { } own)
                    continue;
                sum += drawn[day] * (own - mean);
                n += drawn[day];
            }
            return n == 0 ? 0 : sum / n;
        });
    }

    /// <summary>Draws the buckets of a unit's days: each draw is merged and scored again.</summary>
    /// <param name="scheme">The scheme that scores them; the catalogue of the readings covers it.</param>
    /// <param name="score">The unit's score over the period.</param>
    /// <param name="readings">Readings of each day; null for a day without facts.</param>
    /// <exception cref="ArgumentException">There are more or fewer days than are drawn.</exception>
    public DrawnScores OfBuckets(Scheme scheme, double score, IReadOnlyList<Readings?> readings)
    {
        Check(readings.Count);
        var buckets = new DayBuckets(scheme, readings);
        var once = new double[DayBuckets.Padded(days)];
        Array.Fill(once, 1, 0, days);
        var whole = buckets.Score(once);
        return Of(score, readings.Count(day => day is not null), drawn => buckets.Score(drawn) - whole ?? 0);
    }

    /// <summary>The score plus the deviation of the drawn days, widened for their number.</summary>
    private DrawnScores Of(double score, int present, Func<double[], double> deviation)
    {
        var wider = present < 2 ? 0 : Math.Sqrt(present / (present - 1.0)) * Statistics.StudentQuantile(present - 1) / Z;
        return new(score, present, Array.ConvertAll(times, drawn => score + (wider * deviation(drawn))));
    }

    private void Check(int count)
    {
        if (count != days)
            throw new ArgumentException($"There are {count} days, {days} are drawn.", nameof(count));
    }
}
