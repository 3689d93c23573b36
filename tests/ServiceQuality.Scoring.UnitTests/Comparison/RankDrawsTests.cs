using FsCheck;
using FsCheck.Fluent;
using ServiceQuality.Scoring.Comparison;
using ServiceQuality.Scoring.UnitTests.Charts;

namespace ServiceQuality.Scoring.UnitTests.Comparison;

/// <summary>Ranks with bootstrap intervals (scoring.md §8, RPT-08).</summary>
public sealed class RankDrawsTests
{
    [Fact]
    public void Equal_scores_share_the_better_rank_and_who_is_not_scored_has_none()
    {
        var placed = Place([Unit(80, 79, 81), Unit(90, 89, 91), Unit(null), Unit(80, 78, 82), Unit(70, 69, 71)], seed: 1);
        Assert.Equal([2, 1, null, 2, 4], placed.Select(unit => unit.Rank));
        Assert.Equal(new Placing(null, null, null, null), placed[2]);
    }

    [Fact]
    public void Units_far_apart_keep_their_places_and_units_close_together_are_tied()
    {
        var placed = Place([Noisy(90, 1, 1), Noisy(89.9, 1, 2), Noisy(70, 1, 3)], seed: 7);
        Assert.Equal(new RankInterval(1, 2), placed[0].Interval);
        Assert.Equal(new RankInterval(1, 2), placed[1].Interval);
        Assert.Equal(new RankInterval(3, 3), placed[2].Interval);
        Assert.Equal([1, 1, 0], placed.Select(unit => unit.Tied));
    }

    [Fact]
    public void What_hits_everybody_on_a_day_is_no_noise_between_them()
    {
        double[] storm = [0, 0, -30, 0, 5, 0, -20, 0, 0, 0];
        var placed = Place([Unit(80, [.. storm.Select(s => (double?)(82 + s))]), Unit(79, [.. storm.Select(s => (double?)(81 + s))])], seed: 3);
        Assert.Equal([new RankInterval(1, 1), new RankInterval(2, 2)], placed.Select(unit => unit.Interval!.Value));
    }

    [Fact]
    public void A_unit_with_a_single_day_has_a_rank_and_no_interval()
    {
        var placed = Place([Unit(80, null, 80, null), Unit(70, 70, 71, 69)], seed: 3);
        Assert.Equal(1, placed[0].Rank);
        Assert.Null(placed[0].Interval);
        Assert.NotNull(placed[1].Interval);
    }

    [Fact]
    public void The_seed_is_all_that_chance_has_to_say()
    {
        var units = Enumerable.Range(0, 30).Select(i => Noisy(80 + (i / 10.0), 3, i)).ToList();
        Assert.Equal(Place(units, seed: 5), Place(units, seed: 5));
        Assert.NotEqual(Place(units, seed: 5), Place(units, seed: 6));
    }

    /// <summary>Against the obvious way: fold the drawn days' facts as if each had happened so often, and score them.</summary>
    [Fact]
    public void Drawn_day_buckets_are_merged_and_scored_again()
    {
        var scheme = Schemes.Of(("""{"fact":"measurement","where":{"measure":["m"]},"value":"value","aggregator":"mean"}""", 1, "[[0,0],[100,100]]"));
        // A busy bad day and a calm good one: the mean over facts is 20, the mean of the two days' scores 50.
        (double Value, int Count)[] days = [(10, 90), (90, 10), (20, 30), (60, 20), (40, 50)];
        var readings = days.Select((day, i) => Day(scheme, i, day.Value, day.Count)).ToList();
        var score = days.Sum(day => day.Value * day.Count) / days.Sum(day => day.Count);

        var placed = RankDraws.Place(scheme, [(score, readings), (null, new Readings?[days.Length])], seed: 3, draws: 500, TestContext.Current.CancellationToken);

        var random = new ServiceQuality.Scoring.Charts.NormalStream(3);
        var wider = Math.Sqrt(5 / 4.0) * 2.7764451051977987 / 1.959963984540054; // Student's t for 4 degrees of freedom
        var drawn = Enumerable.Range(0, 500).Select(_ => Enumerable.Range(0, 5).Select(_ => days[random.Below(5)]).ToList())
            .Select(taken => score + (wider * ((taken.Sum(day => day.Value * day.Count) / taken.Sum(day => day.Count)) - score))).Order().ToList();
        Assert.Equal(drawn[12], placed[0].Score!.Value.Low, 6);
        Assert.Equal(drawn[487], placed[0].Score!.Value.High, 6);
        Assert.Null(placed[1].Rank);
    }

    /// <summary>Flat rows against the obvious way: the drawn days' buckets merged and scored by the scorer, with every kind of measure of the delivered schemes.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Products_of_rows_score_as_merged_buckets_do(int version)
    {
        var scheme = version == 1 ? DefaultSchemes.Telecom : DefaultSchemes.TelecomDraft(new DateOnly(2026, 1, 1));
        var (compared, catalogue) = (0, MeasureCatalogue.Of(scheme));
        for (var seed = 1; seed <= 6; seed++)
        {
            var ledger = new Ledger(catalogue, TimeZoneInfo.Utc);
            foreach (var fact in Journals.WithDomain(seed, 400 * seed))
                ledger.Fold(fact);
            var last = DateOnly.FromDateTime(Journals.End.UtcDateTime).AddDays(-1);
            List<Readings?> days = [.. Enumerable.Range(-20, 21).Select(i => ledger.Read(Period.Whole(PeriodKind.Day, last.AddDays(i)).Window(Journals.End, TimeZoneInfo.Utc))).Select((day, i) => i % 7 == 3 ? null : day)];
            var buckets = new DayBuckets(scheme, days);
            var random = new Random(seed);
            for (var draw = 0; draw < 60; draw++)
            {
                var times = new double[DayBuckets.Padded(days.Count)];
                // From a single day to all of them.
                for (var i = 0; i <= draw; i++)
                    times[random.Next(days.Count)]++;
                List<Readings> taken = [.. days.SelectMany((day, i) => day is null ? [] : Enumerable.Repeat(day, (int)times[i]))];
                var expected = taken.Count == 0 ? null : Scorer.Points(scheme, Readings.MergeDays(taken)).Value;
                Assert.Equal(expected is null, buckets.Score(times) is null);
                if (expected is not { } score)
                    continue;
                Assert.Equal(score, buckets.Score(times)!.Value, 9);
                compared++;
            }
        }
        Assert.InRange(compared, 300, 360);
    }

    private static Readings Day(Scheme scheme, int day, double value, int count)
    {
        var ledger = new Ledger(MeasureCatalogue.Of(scheme), TimeZoneInfo.Utc);
        var time = new DateTimeOffset(2026, 11, 1 + day, 12, 0, 0, TimeSpan.Zero);
        ledger.Fold(new(1, "s", "1", time, time, new ServiceQuality.Contracts.Facts.Measurement("m", value, count)));
        return ledger.Read(Period.Whole(PeriodKind.Day, new DateOnly(2026, 11, 1 + day)).Window(time.AddDays(1), TimeZoneInfo.Utc));
    }

    [Fact]
    public void Lists_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Place([Unit(1, 1, 2), Unit(1, 1)], 1));
        Assert.Throws<ArgumentException>(() => Place([Unit(double.NaN, 1, 2)], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Place([Unit(1, 1, 2)], 1, draws: 10));
        Assert.Empty(Place([], 1));
        Assert.Throws<ArgumentException>(() => new DayDraws(3, 1, 100).OfScores(80, [80, 81]));
    }

    [Fact]
    public void The_order_of_the_units_changes_nothing_and_ranks_lie_in_their_intervals() => Prop.ForAll(Gen.Choose(1, 1_000_000).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        var units = Enumerable.Range(0, random.Next(1, 12)).Select(i => random.Next(6) == 0 ? Unit(null, new double?[10]) : Noisy(random.Next(60, 90), random.Next(1, 6), seed + i, 10)).ToList();
        var places = Enumerable.Range(0, units.Count).ToArray();
        random.Shuffle(places);
        var (plain, shuffled) = (Place(units, seed, 200), Place([.. places.Select(i => units[i])], seed, 200));
        for (var i = 0; i < places.Length; i++)
            Assert.Equal(plain[places[i]], shuffled[i]);
        foreach (var (unit, other) in plain.SelectMany(unit => plain.Select(other => (unit, other))).Where(pair => pair.unit.Interval is not null && pair.other.Interval is not null))
            Assert.True(unit.Interval!.Value.Best <= unit.Interval.Value.Worst && unit.Interval.Value.Worst <= units.Count);
        foreach (var unit in plain.Where(unit => unit.Interval is not null))
            Assert.Equal(plain.Count(other => other.Interval is { } interval && interval.Overlaps(unit.Interval!.Value)) - 1, unit.Tied);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    [Fact]
    public void Score_intervals_cover_the_truth_in_95_of_100_months()
    {
        // 400 rounds of 5 units with 28 days each: 2,000 intervals, standard error 0.5 %; skewed days, as scores are.
        var (covered, rounds) = (0, 400);
        for (var round = 0; round < rounds; round++)
        {
            var random = new Normals(round);
            var units = Enumerable.Range(0, 5).Select(_ => Enumerable.Range(0, 28).Select(_ => (double?)(90 - Math.Abs(4 * random.Next()))).ToArray()).Select(days => new RankedUnit(days.Average(), days)).ToList();
            var truth = 90 - (4 * Math.Sqrt(2 / Math.PI));
            covered += Place(units, round, 400).Count(unit => unit.Score!.Value.Low <= truth && truth <= unit.Score.Value.High);
        }
        Assert.InRange(covered / (5.0 * rounds), 0.93, 0.97);
    }

    [Fact]
    public void Rank_intervals_cover_the_true_rank_in_95_of_100_months_at_least()
    {
        var (covered, rounds) = (0, 200);
        for (var round = 0; round < rounds; round++)
            covered += Place([.. Enumerable.Range(0, 10).Select(i => Noisy(80 - i, 4, (round * 100) + i, 28))], round, 400).Select((unit, i) => unit.Interval!.Value.Best <= i + 1 && i + 1 <= unit.Interval.Value.Worst ? 1 : 0).Sum();
        // 2,000 intervals, standard error 0.5 %; ranks are whole, so that they cover more often.
        Assert.InRange(covered / (10.0 * rounds), 0.94, 1);
    }

    private static IReadOnlyList<Placing> Place(IReadOnlyList<RankedUnit> units, int seed, int draws = RankDraws.Draws) => RankDraws.Place(units, seed, draws, TestContext.Current.CancellationToken);

    private static RankedUnit Unit(double? score, params double?[] days) => new(score, score is null && days.Length == 0 ? [null, null] : days);

    private static RankedUnit Noisy(double mean, double sigma, int seed, int days = 28)
    {
        var random = new Normals(seed);
        double?[] scores = [.. Enumerable.Range(0, days).Select(_ => (double?)(mean + (sigma * random.Next())))];
        return new(scores.Average(), scores);
    }
}
