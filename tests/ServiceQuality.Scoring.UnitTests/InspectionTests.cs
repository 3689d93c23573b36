using System.Buffers;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Scoring.Results;
using static ServiceQuality.Scoring.UnitTests.Tell;

namespace ServiceQuality.Scoring.UnitTests;

/// <summary>Inspection components (SCO-14 … SCO-17, SCO-33) by the worked examples of requirements §2.2, over the delivered scheme's version 2.</summary>
public sealed class InspectionTests
{
    private static readonly Scheme Scheme = DefaultSchemes.TelecomDraft(new DateOnly(2026, 10, 1));

    /// <summary>The quarter is over.</summary>
    private static readonly DateTimeOffset After = new(2027, 1, 5, 9, 0, 0, TimeSpan.FromHours(8));

    [Fact]
    public void E_02_The_hall_quarter_is_half_province_and_half_the_mean_of_the_city_months()
    {
        var leaf = Leaf("hall-inspection", "2026-Q4", Hall(10, InspectionLevel.City, 90), Hall(11, InspectionLevel.City, 84), Hall(11, InspectionLevel.Province, 86), Hall(12, InspectionLevel.City, 88));
        Assert.Equal(86.67, leaf.Value!.Value, 2);
        Assert.Equal(0.5 * 86 + 0.5 * (90 + 84 + 88) / 3, leaf.Value.Value, 12);
        Assert.Empty(leaf.Marks);
        Assert.Equal(4, leaf.Sample);
    }

    [Fact]
    public void SCO_14_Each_city_month_counts_once_however_many_visits_it_had()
    {
        var leaf = Leaf("hall-inspection", "2026-Q4",
            Hall(10, InspectionLevel.City, 100), Hall(10, InspectionLevel.City, 80), Hall(10, InspectionLevel.City, 90), Hall(11, InspectionLevel.City, 84), Hall(12, InspectionLevel.City, 88),
            Hall(10, InspectionLevel.Province, 92), Hall(12, InspectionLevel.Province, 80), Hall(10, InspectionLevel.Internal, 0));
        Assert.Equal(0.5 * 86 + 0.5 * (90 + 84 + 88) / 3, leaf.Value!.Value, 12);
    }

    [Fact]
    public void E_03_A_hall_that_the_province_did_not_sample_has_the_city_part_in_full_with_a_mark()
    {
        var leaf = Leaf("hall-inspection", "2026-Q4", Hall(10, InspectionLevel.City, 90), Hall(11, InspectionLevel.City, 84), Hall(12, InspectionLevel.City, 88));
        Assert.Equal(87.33, leaf.Value!.Value, 2);
        Assert.Equal(["province-not-sampled"], leaf.Marks);
        Assert.Equal(LeafState.Scored, leaf.State);
    }

    [Fact]
    public void SCO_33_Where_the_city_is_absent_the_province_counts_fully_with_a_mark_and_where_both_are_it_is_not_assessed()
    {
        var alone = Leaf("hall-inspection", "2026-Q4", Hall(10, InspectionLevel.Province, 86));
        Assert.Equal(86, alone.Value);
        Assert.Equal(["city-not-sampled"], alone.Marks);

        var none = Leaf("hall-inspection", "2026-Q4", Hall(9, InspectionLevel.Province, 86), Hall(10, InspectionLevel.Internal, 70));
        Assert.Equal((null, "not-assessed", LeafState.NoData), (none.Value, none.Reason, none.State));
    }

    [Fact]
    public void SCO_33_An_official_result_carries_the_mark_and_others_are_written_as_ever()
    {
        var score = Schemes.Score(Scheme, Numbered(Hall(10, InspectionLevel.City, 90), Full(11, 80)), Period.Parse("2026-Q4"), After);
        var unit = new ResultUnit(Guid.Empty, "n01", new("青砚", "Qingyan"), "hq/n01/", "Asia/Shanghai");
        var document = ResultDocument.Of(unit, score, [], []);
        Assert.Equal(["province-not-sampled"], document.Leaves.Single(l => l.Code == "hall-inspection").Marks!);
        Assert.Null(document.Leaves.Single(l => l.Code == "full-service-inspection").Marks);
        var (content, _) = ResultSeal.Seal(document);
        Assert.Equal(2, content.Split("\"marks\"").Length);
    }

    [Fact]
    public void E_04_The_online_desk_is_half_and_half_each_month()
    {
        Assert.Equal(84, Leaf("online-inspection", "2026-11", Test(11, Channel.Online, InspectionLevel.Province, 78), Test(11, Channel.Online, InspectionLevel.City, 90)).Value);

        // A month without the province counts by the city alone (SCO-33); the quarter is the mean of its months.
        var quarter = Leaf("online-inspection", "2026-Q4",
            Test(10, Channel.Online, InspectionLevel.Province, 78), Test(10, Channel.Online, InspectionLevel.City, 90), Test(12, Channel.Online, InspectionLevel.City, 60));
        Assert.Equal((84 + 60) / 2, quarter.Value);
        Assert.Equal(["province-not-sampled"], quarter.Marks);
    }

    [Fact]
    public void E_05_The_hotline_counts_the_province_alone_and_the_city_is_only_shown()
    {
        Fact[] facts = [Test(11, Channel.Hotline, InspectionLevel.Province, 78), Test(11, Channel.Hotline, InspectionLevel.City, 95)];
        Assert.Equal(78, Leaf("hotline-inspection", "2026-11", facts).Value);
        var shown = Leaf("hotline-city", "2026-11", facts);
        Assert.Equal((95, 0), (shown.Value, shown.EffectiveWeight));
    }

    [Fact]
    public void E_06_The_VIP_quarter_takes_weeks_to_months_first()
    {
        // October 2026 begins on a Thursday; its Mondays are the 5th, 12th, 19th and 26th.
        var leaf = Leaf("vip-inspection", "2026-Q4",
            Vip(10, 5, 80), Vip(10, 13, 90), Vip(10, 20, 80), Vip(10, 22, 90), Vip(10, 28, 95), Vip(11, 3, 88), Vip(12, 9, 92));
        Assert.Equal(89.17, leaf.Value!.Value, 2);
        Assert.Equal((87.5 + 88 + 92) / 3, leaf.Value.Value, 12);
    }

    [Fact]
    public void SCO_16_A_week_is_cut_at_the_end_of_the_month()
    {
        // Monday, 28 September, to Sunday, 4 October: its days belong to two months.
        var leaf = Leaf("vip-inspection", "2026-H2", Vip(9, 29, 60), Vip(10, 2, 90));
        Assert.Equal(75, leaf.Value);
        Assert.Equal(90, Leaf("vip-inspection", "2026-Q4", Vip(9, 29, 60), Vip(10, 2, 90)).Value);
    }

    [Fact]
    public void SCO_17_Monthly_check_results_have_equal_shares_in_the_quarter()
    {
        var leaf = Leaf("full-service-inspection", "2026-Q4",
            Inspect("full-service", 10, 3, Channel.Hall, InspectionLevel.City, 70), Inspect("full-service", 10, 9, Channel.Field, InspectionLevel.City, 90),
            Inspect("full-service", 11, 3, Channel.Hall, InspectionLevel.City, 95), Inspect("full-service", 12, 3, Channel.Hall, InspectionLevel.City, 85));
        Assert.Equal((80 + 95 + 85) / 3.0, leaf.Value!.Value, 12);
    }

    [Fact]
    public void Months_are_those_of_the_units_time_zone()
    {
        // 31 October, 17:00 UTC, is 1 November in Shanghai: one visit in October, two in November.
        DateTimeOffset turn = new(2026, 10, 31, 17, 0, 0, TimeSpan.Zero);
        Fact[] facts = [Hall(10, InspectionLevel.City, 60), Hall(11, InspectionLevel.City, 100), Fact(0, turn, new InspectionScored("mystery-visit", InspectionLevel.City, Channel.Hall, 80, 0))];
        Assert.Equal((60 + 90) / 2, Leaf("hall-inspection", "2026-Q4", facts).Value);
    }

    [Fact]
    public void A_rolling_window_takes_the_part_of_each_month_that_lies_in_it()
    {
        // 30 days up to 5 January: from 7 December on.
        var leaf = Leaf("full-service-inspection", "30d",
            Inspect("full-service", 12, 6, Channel.Hall, InspectionLevel.City, 0), Inspect("full-service", 12, 7, Channel.Hall, InspectionLevel.City, 70),
            Inspect("full-service", 12, 30, Channel.Hall, InspectionLevel.City, 80),
            Fact(0, After.AddDays(-1), new InspectionScored("full-service", InspectionLevel.City, Channel.Hall, 95, 0)));
        Assert.Equal((75 + 95) / 2, leaf.Value);
    }

    [Fact]
    public void The_interval_of_a_mean_of_months_is_Students_over_the_months_and_parts_add_with_Welchs_freedom()
    {
        // t(0.975, 2) = 4.302653; s² of 90, 84, 88 is 9.333333, of their mean 3.111111.
        var months = Leaf("full-service-inspection", "2026-Q4", Full(10, 90), Full(11, 84), Full(12, 88));
        Assert.Equal(87.333333 - (4.302653 * Math.Sqrt(3.111111)), months.Interval!.Value.Low!.Value, 4);

        // Province 86 and 90: s² of the mean 4, one degree. V = ¼·4 + ¼·3.111111 = 1.777778; ν = V² / (1²/1 + 0.777778²/2) = 2.4265.
        var mixed = Leaf("hall-inspection", "2026-Q4",
            Hall(10, InspectionLevel.City, 90), Hall(11, InspectionLevel.City, 84), Hall(12, InspectionLevel.City, 88), Hall(10, InspectionLevel.Province, 86), Hall(11, InspectionLevel.Province, 90));
        var half = mixed.Interval!.Value.High!.Value - mixed.Value!.Value;
        Assert.Equal(MathNet.Numerics.Distributions.StudentT.InvCDF(0, 1, 1.777778 * 1.777778 / (1 + (0.777778 * 0.777778 / 2)), 0.975) * Math.Sqrt(1.777778), half, 4);

        // A single visit is bounded by nothing, and says so.
        Assert.Null(Leaf("hall-inspection", "2026-Q4", Hall(10, InspectionLevel.City, 90)).Interval!.Value.Low);
    }

    [Fact]
    public void SCO_29_A_region_merges_the_months_of_its_halls_before_it_takes_means()
    {
        Fact[] one = Numbered(Hall(10, InspectionLevel.City, 100), Hall(11, InspectionLevel.City, 80), Hall(11, InspectionLevel.Province, 70));
        Fact[] other = Numbered(Hall(10, InspectionLevel.City, 70), Hall(10, InspectionLevel.City, 70));
        var window = Period.Parse("2026-Q4").Window(After, Schemes.Shanghai);
        var parts = new[] { one, other }.Select(facts => Schemes.Fold(Scheme, facts).Read(window)).ToList();

        // October (100 + 70 + 70) / 3 = 80, November 80; the province's one visit stands for the region.
        var volume = Scorer.Evaluate(Scheme, Readings.Merge(parts, RollUp.Volume)).Leaves.Single(l => l.Indicator.Code == "hall-inspection");
        Assert.Equal(0.5 * 70 + 0.5 * 80, volume.Value!.Value, 12);

        // Every hall the same: October (100 + 70) / 2 = 85, November 80.
        var equal = Scorer.Evaluate(Scheme, Readings.Merge(parts, RollUp.Equal)).Leaves.Single(l => l.Indicator.Code == "hall-inspection");
        Assert.Equal(0.5 * 70 + 0.5 * 82.5, equal.Value!.Value, 9);
    }

    [Fact]
    public void Readings_travel_and_merge_with_their_months_and_states_to_the_last_bit()
    {
        var window = Period.Parse("half-year").Window(Journals.End.AddDays(1), Schemes.Shanghai);
        foreach (var rollUp in new[] { RollUp.Volume, RollUp.Equal })
        {
            var parts = Enumerable.Range(1, 4).Select(i => Schemes.Fold(Schemes.WithSmallWaves, Journals.WithDomain(i, 200)).Read(window)).ToList();
            var all = Readings.Merge(parts, rollUp);
            Readings[] halves = [Readings.Merge([parts[3], parts[1]], rollUp), Readings.Merge([parts[2], parts[0]], rollUp)];
            Assert.Equal(Bytes(all), Bytes(Readings.Merge(halves, rollUp)));
            var arrived = Readings.Load(all.Catalogue, Bytes(all));
            Assert.Equal(Bytes(all), Bytes(arrived));
            Assert.Equal(
                Scorer.Evaluate(Schemes.WithSmallWaves, all).Leaves.Select(l => (l.Value, l.Interval, l.Points)),
                Scorer.Evaluate(Schemes.WithSmallWaves, arrived).Leaves.Select(l => (l.Value, l.Interval, l.Points)));
        }

        static byte[] Bytes(Readings readings)
        {
            var writer = new ArrayBufferWriter<byte>();
            readings.Save(writer);
            return writer.WrittenSpan.ToArray();
        }
    }

    [Theory]
    [InlineData(1), InlineData(2), InlineData(3)]
    public void A_saved_ledger_goes_on_as_the_one_that_was_never_saved(int seed)
    {
        var journal = Journals.WithDomain(seed, 300);
        var (straight, broken) = (Schemes.Fold(Schemes.WithSmallWaves, journal), Schemes.Fold(Schemes.WithSmallWaves, journal.Take(100 * seed / 2)));
        var saved = new ArrayBufferWriter<byte>();
        broken.Save(saved);
        var resumed = Ledger.Load(broken.Catalogue, broken.Zone, saved.WrittenSpan);
        foreach (var fact in journal.Skip((int)resumed.Seq))
            resumed.Fold(fact);
        Assert.Equal(straight.Hash(), resumed.Hash());
    }

    [Fact]
    public void A_fact_that_cannot_be_read_keeps_its_place_and_bears_on_nothing_even_ahead_of_time()
    {
        var ledger = new Ledger(MeasureCatalogue.Of(Scheme), Schemes.Shanghai);
        ledger.Fold(new Fact(1, "s", "1", Noon.AddHours(9), Noon, new Unreadable()));
        ledger.Fold(new Fact(2, "s", "2", Noon, Noon, new ServiceCompleted((Channel)77, "x", null, null, null, ServiceOutcome.Resolved, 0, null, null)));
        Assert.Equal(2, ledger.Seq);
        Assert.Equal(ledger.Hash(), Ledger.Load(ledger.Catalogue, ledger.Zone, Saved(ledger)).Hash());

        static byte[] Saved(Ledger ledger)
        {
            var writer = new ArrayBufferWriter<byte>();
            ledger.Save(writer);
            return writer.WrittenSpan.ToArray();
        }
    }

    private static LeafScore Leaf(string code, string period, params Fact[] facts) =>
        Schemes.Score(Scheme, Numbered(facts), Period.Parse(period), After).Leaves.Single(l => l.Indicator.Code == code);

    private static Fact[] Numbered(params Fact[] facts) => [.. facts.Select((fact, i) => fact with { Seq = i + 1, Id = $"i{i}" })];

    private static Fact Hall(int month, InspectionLevel level, double score) => Inspect("mystery-visit", month, 15, Channel.Hall, level, score);

    private static Fact Test(int month, Channel channel, InspectionLevel level, double score) => Inspect("service-test", month, 15, channel, level, score);

    private static Fact Vip(int month, int day, double score) => Inspect("manager-check", month, day, Channel.Vip, InspectionLevel.City, score);

    private static Fact Full(int month, double score) => Inspect("full-service", month, 15, Channel.Hall, InspectionLevel.City, score);

    private static Fact Inspect(string programme, int month, int day, Channel channel, InspectionLevel level, double score) =>
        Fact(0, new DateTimeOffset(2026, month, day, 10, 0, 0, TimeSpan.FromHours(8)), new InspectionScored(programme, level, channel, score, 0));

    private sealed record Unreadable : FactData;
}
