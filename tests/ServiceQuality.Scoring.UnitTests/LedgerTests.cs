using System.Buffers;
using ServiceQuality.Contracts.Facts;
using static ServiceQuality.Scoring.UnitTests.Tell;

namespace ServiceQuality.Scoring.UnitTests;

/// <summary>The fold: order, lateness, time ahead, snapshots (scoring.md §§ 1, 2; SCO-01).</summary>
public sealed class LedgerTests
{
    private static readonly MeasureCatalogue Catalogue = MeasureCatalogue.Of(DefaultSchemes.Telecom);

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 10)];

    [Theory, MemberData(nameof(Seeds))]
    public void Replay_gives_the_same_bits(int seed)
    {
        var journal = Journals.Random(seed, 800, days: 500);
        Assert.Equal(Schemes.Fold(DefaultSchemes.Telecom, journal).Hash(), Schemes.Fold(DefaultSchemes.Telecom, journal).Hash());
    }

    [Theory, MemberData(nameof(Seeds))]
    public void A_snapshot_and_the_rest_of_the_journal_give_the_bits_of_a_full_replay(int seed)
    {
        var journal = Journals.Random(seed, 800, days: 500);
        var whole = Schemes.Fold(DefaultSchemes.Telecom, journal);
        var random = new Random(seed);
        var ledger = new Ledger(Catalogue, Schemes.Shanghai);
        foreach (var fact in journal)
        {
            ledger.Fold(fact);
            if (random.Next(100) == 0)
                ledger = Ledger.Load(Catalogue, Schemes.Shanghai, Save(ledger));
        }
        Assert.Equal(whole.Hash(), ledger.Hash());
        Assert.Equal(Save(whole), Save(ledger));
        Assert.Equal((whole.Seq, whole.Received, whole.Newest, whole.Late), (ledger.Seq, ledger.Received, ledger.Newest, ledger.Late));
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Reading_and_saving_change_nothing(int seed)
    {
        var journal = Journals.Random(seed, 500);
        var ledger = new Ledger(Catalogue, Schemes.Shanghai);
        foreach (var fact in journal)
        {
            ledger.Fold(fact);
            if (fact.Seq % 50 == 0)
                _ = Save(ledger);
            if (fact.Seq % 20 == 0)
                _ = ledger.Read(Period.Default.Window(ledger.Received!.Value.AddMinutes(5), Schemes.Shanghai));
        }
        Assert.Equal(Schemes.Fold(DefaultSchemes.Telecom, journal).Hash(), ledger.Hash());
    }

    [Theory, MemberData(nameof(Seeds))]
    public void The_order_in_which_facts_arrive_does_not_change_a_reading(int seed)
    {
        // All received at one moment, so that only the order differs.
        var random = new Random(seed);
        var facts = Journals.Random(seed, 400).Select(f => f with { Received = Journals.End }).Where(f => f.Data is not AdjustmentWithdrawn && f.Time > Journals.End.AddDays(-390)).ToList();
        var ordered = facts.Select((f, i) => f with { Seq = i + 1 });
        var shuffled = facts.OrderBy(_ => random.Next()).Select((f, i) => f with { Seq = i + 1 });
        foreach (var period in new[] { "24h", "7d", "2026" })
        {
            var window = Period.Parse(period).Window(Journals.End.AddMinutes(6), Schemes.Shanghai);
            var (a, b) = (Schemes.Fold(DefaultSchemes.Telecom, ordered).Read(window), Schemes.Fold(DefaultSchemes.Telecom, shuffled).Read(window));
            foreach (var (left, right) in Scorer.Evaluate(DefaultSchemes.Telecom, a).Leaves.Zip(Scorer.Evaluate(DefaultSchemes.Telecom, b).Leaves))
                Assert.Equal((left.Value, left.Sample, left.Interval), (right.Value, right.Sample, right.Interval));
        }
    }

    [Fact]
    public void A_gap_in_the_journal_is_refused_and_changes_nothing()
    {
        var ledger = new Ledger(Catalogue, Schemes.Shanghai);
        ledger.Fold(Fact(1, Noon, Service()));
        var before = ledger.Hash();
        Assert.Equal((2, 3), Gap(() => ledger.Fold(Fact(3, Noon, Service()))));
        Assert.Equal((2, 1), Gap(() => ledger.Fold(Fact(1, Noon, Service()))));
        Assert.Equal((1, before), (ledger.Seq, ledger.Hash()));

        static (long, long) Gap(Action fold)
        {
            var gap = Assert.Throws<JournalGapException>(fold);
            return (gap.Expected, gap.Found);
        }
    }

    [Fact]
    public void A_fact_of_a_day_no_longer_kept_is_only_counted()
    {
        var ledger = new Ledger(Catalogue, Schemes.Shanghai);
        ledger.Fold(Fact(1, Noon, Service()));
        ledger.Fold(Fact(2, Noon.AddDays(-399), Service(), Noon));
        Assert.Equal(0, ledger.Late);
        ledger.Fold(Fact(3, Noon.AddDays(-400), Service(), Noon));
        ledger.Fold(Fact(4, Noon.AddDays(-400), new FaultOpened("a", "f", null), Noon));
        ledger.Fold(Fact(5, Noon.AddDays(-400), new Deduction("late-report", 1, "r", null), Noon));
        Assert.Equal((3, 5), (ledger.Late, ledger.Seq));
        Assert.Equal(1, ledger.Read(Period.Parse("year").Window(Noon, Schemes.Shanghai)).Facts);
    }

    [Fact]
    public void A_fact_ahead_of_time_counts_when_its_time_has_come()
    {
        var ledger = new Ledger(Catalogue, Schemes.Shanghai);
        ledger.Fold(Fact(1, Noon, Service()));
        ledger.Fold(Fact(2, Noon.AddMinutes(4), Service(), Noon.AddMinutes(1)));
        Assert.Equal(1, Count(Noon.AddMinutes(3)));
        Assert.Equal(2, Count(Noon.AddMinutes(4)));
        ledger = Ledger.Load(Catalogue, Schemes.Shanghai, Save(ledger));
        Assert.Equal(1, Count(Noon.AddMinutes(3)));
        ledger.Fold(Fact(3, Noon.AddMinutes(5), Service()));
        Assert.Equal(3, Count(Noon.AddMinutes(5)));

        long Count(DateTimeOffset asOf) => ledger.Read(Period.Default.Window(asOf, Schemes.Shanghai)).Facts;
    }

    [Fact]
    public void A_moment_in_the_past_that_is_no_hour_boundary_cannot_be_read()
    {
        var ledger = Schemes.Fold(DefaultSchemes.Telecom, [Fact(1, Noon, Service())]);
        Assert.True(ledger.CanRead(Period.Default.Window(Noon, Schemes.Shanghai)));
        Assert.True(ledger.CanRead(Period.Default.Window(Noon.AddHours(-3), Schemes.Shanghai)));
        var between = Period.Default.Window(Noon.AddMinutes(-3), Schemes.Shanghai);
        Assert.False(ledger.CanRead(between));
        Assert.Throws<ArgumentException>(() => ledger.Read(between));
        Assert.False(ledger.CanRead(Period.Parse("24h").Window(Noon.AddDays(-36), Schemes.Shanghai)));
        Assert.False(ledger.CanRead(Period.Parse("2025-09").Window(Noon, Schemes.Shanghai)));
        Assert.True(ledger.CanRead(Period.Parse("2025-11").Window(Noon, Schemes.Shanghai)));
    }

    [Fact]
    public void A_damaged_or_foreign_snapshot_is_refused()
    {
        var saved = Save(Schemes.Fold(DefaultSchemes.Telecom, Journals.Random(1, 50)));
        var random = new Random(1);
        for (var i = 0; i < 100; i++)
        {
            var damaged = saved.ToArray();
            damaged[random.Next(damaged.Length)] ^= (byte)random.Next(1, 256);
            Assert.Throws<InvalidDataException>(() => Ledger.Load(Catalogue, Schemes.Shanghai, damaged));
        }
        Assert.Throws<InvalidDataException>(() => Ledger.Load(Catalogue, Schemes.Shanghai, saved.AsSpan(0, 20)));
        Assert.Throws<InvalidDataException>(() => Ledger.Load(Catalogue, TimeZoneInfo.Utc, saved));
        Assert.Throws<InvalidDataException>(() => Ledger.Load(MeasureCatalogue.Of(Schemes.Of(Schemes.Straight("m", 1))), Schemes.Shanghai, saved));
    }

    [Fact]
    public void A_catalogue_is_the_same_for_the_same_definitions_whatever_their_names()
    {
        var renamed = Schemes.Changed(json => json["measures"]![1]!["name"]!["en"] = "other").Scheme!;
        var changed = Schemes.Changed(json => json["measures"]![8]!["hit"]!["waitSeconds"]!["max"] = 500).Scheme!;
        Assert.Equal(Catalogue.Hash, MeasureCatalogue.Of(renamed).Hash);
        Assert.Equal(Catalogue.Hash, MeasureCatalogue.Of(renamed, DefaultSchemes.Telecom).Hash);
        Assert.NotEqual(Catalogue.Hash, MeasureCatalogue.Of(changed).Hash);
        Assert.False(Catalogue.Covers(changed));
        Assert.True(MeasureCatalogue.Of(DefaultSchemes.Telecom, changed).Covers(changed));
    }

    [Fact]
    public void A_withdrawn_deduction_counts_until_its_withdrawal()
    {
        Fact[] facts =
        [
            Fact(1, Noon.AddHours(-5), Service()),
            Fact(2, Noon.AddHours(-4), new Deduction("late-report", 0.5m, "r", null)),
            Fact(3, Noon.AddHours(-2), new AdjustmentWithdrawn("test", "fact-2", "appeal")),
            Fact(4, Noon, Service()),
        ];
        var ledger = Schemes.Fold(DefaultSchemes.Telecom, facts);
        Assert.Equal(0.5m, Deducted(Noon.AddHours(-3)));
        Assert.Equal(0, Deducted(Noon.AddHours(-1)));
        Assert.Equal(0, Deducted(Noon));

        decimal Deducted(DateTimeOffset asOf) => Scorer.Evaluate(DefaultSchemes.Telecom, ledger.Read(Period.Default.Window(asOf, Schemes.Shanghai))).Adjustments.Sum(a => a.Counted);
    }

    [Fact]
    public void Of_several_withdrawals_the_earliest_counts()
    {
        Fact[] facts =
        [
            Fact(1, Noon.AddHours(-9), new Deduction("late-report", 0.5m, "r", null)),
            Fact(2, Noon.AddHours(-4), new AdjustmentWithdrawn("test", "fact-1", "appeal")),
            Fact(3, Noon.AddHours(-6), new AdjustmentWithdrawn("test", "fact-1", "appeal"), Noon.AddHours(-3)),
            Fact(4, Noon.AddHours(-2), new AdjustmentWithdrawn("test", "fact-1", "appeal")),
            Fact(5, Noon, Service()),
        ];
        var ledger = Schemes.Fold(DefaultSchemes.Telecom, facts);
        int Counted(int hours) => ledger.Read(Period.Default.Window(Noon.AddHours(hours), Schemes.Shanghai)).Adjustments.Sum(a => a.Facts);
        Assert.Equal((1, 0, 0), (Counted(-7), Counted(-5), Counted(0)));
    }

    [Fact]
    public void An_hour_that_expires_before_it_was_packed_leaves_no_trace()
    {
        Fact[] facts = [Fact(1, Noon, Service()), Fact(2, Noon.AddDays(40), new FaultOpened("a", "f", null)), Fact(3, Noon.AddDays(40), Service())];
        var whole = Schemes.Fold(DefaultSchemes.Telecom, facts);
        var saved = Schemes.Fold(DefaultSchemes.Telecom, facts.Take(1));
        saved = Ledger.Load(Catalogue, Schemes.Shanghai, Save(saved));
        saved.Fold(facts[1]);
        saved.Fold(facts[2]);
        Assert.Equal(whole.Hash(), saved.Hash());
    }

    [Fact]
    public void Facts_are_read_from_json_as_they_were_written()
    {
        foreach (var fact in Journals.Random(3, 300))
        {
            var (type, json) = (FactReader.TypeOf(fact.Data), FactReader.Write(fact.Data));
            Assert.Equal(json, FactReader.Write(FactReader.Read(type, json)));
        }
        var read = (ServiceCompleted)FactReader.Read(FactTypes.ServiceCompleted, """{"channel":"vip","service":"s","outcome":"abandoned","errors":0,"waitSeconds":12.5}"""u8);
        Assert.Equal(new(Channel.Vip, "s", null, 12.5, null, ServiceOutcome.Abandoned, 0, null, null), read);
        Assert.Throws<NotSupportedException>(() => FactReader.Read("servicequality.unheard.v1", "{}"u8));
    }

    private static byte[] Save(Ledger ledger)
    {
        var writer = new ArrayBufferWriter<byte>();
        ledger.Save(writer);
        return writer.WrittenSpan.ToArray();
    }
}
