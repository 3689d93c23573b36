namespace ServiceQuality.Scoring.UnitTests;

/// <summary>The ledger against the oracle on random journals (scoring.md §§ 1–5, SCO-26).</summary>
public sealed class OracleTests
{
    private static readonly string[] Periods =
        ["24h", "7d", "30d", "day", "week", "month", "quarter", "half-year", "year", "2026-11-19", "2026-W46", "2026-10", "2026-Q3", "2026-H1", "2026"];

    private static readonly string[] Policies =
        ["""{"policy":"neutral","points":65}""", """{"policy":"hold","points":50,"days":10}""", """{"policy":"zero"}""", """{"policy":"redistribute"}"""];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 8)];

    [Theory, MemberData(nameof(Seeds))]
    public void The_live_score_of_every_period_is_what_the_raw_facts_say(int seed)
    {
        var journal = Journals.Random(seed, 60 * seed);
        var scheme = DefaultSchemes.Telecom;
        var ledger = Schemes.Fold(scheme, journal);
        DateTimeOffset[] moments = [ledger.Received!.Value, ledger.Received.Value.AddSeconds(40), ledger.Received.Value.AddHours(30)];
        for (var i = 0; i < Periods.Length; i++)
            Compare(scheme, ledger, journal, Periods[i], moments[(seed + i) % moments.Length], Schemes.Shanghai);
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Inspections_complaints_training_risks_and_surveys_count_as_the_raw_facts_say(int seed)
    {
        // SCO-14 … SCO-17, SCO-28, SCO-32, SCO-33, MON-18: version 2 of the delivered scheme, its waves being small here.
        var journal = Journals.WithDomain(400 + seed, 80 * seed, seed % 2 == 0 ? 60 : 400);
        var ledger = Schemes.Fold(Schemes.WithSmallWaves, journal);
        DateTimeOffset[] moments = [ledger.Received!.Value, ledger.Received.Value.AddSeconds(40), ledger.Received.Value.AddHours(30)];
        for (var i = 0; i < Periods.Length; i++)
            Compare(Schemes.WithSmallWaves, ledger, journal, Periods[i], moments[(seed + i) % moments.Length], Schemes.Shanghai);
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Domain_facts_of_a_region_are_merged_before_any_mean_is_taken(int seed)
    {
        var journals = Enumerable.Range(0, 4).Select(i => Journals.WithDomain((30 * seed) + i, 40 + (90 * i))).ToList();
        var ledgers = journals.Select(j => Schemes.Fold(Schemes.WithSmallWaves, j)).ToList();
        var asOf = ledgers.Max(l => l.Received!.Value);
        foreach (var period in new[] { "24h", "7d", "30d", "2026-10", "quarter", "year" })
        {
            var window = Period.Parse(period).Window(asOf, Schemes.Shanghai);
            var score = Scorer.Evaluate(Schemes.WithSmallWaves, Readings.Merge(ledgers.Select(l => l.Read(window)), RollUp.Volume));
            Same(new Oracle(Schemes.WithSmallWaves.Json, Schemes.Shanghai).Score(journals, Period.Parse(period), asOf), score, period);
        }
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Missing_policies_are_what_the_raw_facts_say(int seed)
    {
        var journal = Journals.Random(100 + seed, 12 * seed);
        var scheme = Schemes.WithPolicies([.. Policies.Skip(seed % 4), .. Policies.Take(seed % 4)]);
        var ledger = Schemes.Fold(scheme, journal);
        foreach (var period in new[] { "24h", "day", "7d", "30d", "2026-11-18", "2026-W46" })
            Compare(scheme, ledger, journal, period, ledger.Received!.Value.AddMinutes(3), Schemes.Shanghai);
    }

    [Theory, MemberData(nameof(Seeds))]
    public void A_retrospective_reading_at_an_hour_boundary_counts_the_facts_before_it(int seed)
    {
        var journal = Journals.Random(200 + seed, 400);
        var scheme = DefaultSchemes.Telecom;
        var ledger = Schemes.Fold(scheme, journal);
        var hour = new DateTimeOffset(Journals.End.UtcTicks - (Journals.End.UtcTicks % TimeSpan.TicksPerHour), TimeSpan.Zero);
        for (var back = 1; back < 34 * 24; back += 37 + seed)
        {
            Compare(scheme, ledger, journal, "7d", hour.AddHours(-back), Schemes.Shanghai);
            if (back < 33 * 24)
                Compare(scheme, ledger, journal, "24h", hour.AddHours(-back), Schemes.Shanghai);
            Compare(scheme, ledger, journal, "month", hour.AddHours(-back), Schemes.Shanghai);
        }
    }

    [Theory]
    [InlineData("Europe/Berlin")]
    [InlineData("America/New_York")]
    [InlineData("America/Santiago")]
    [InlineData("Asia/Kolkata")]
    [InlineData("Pacific/Auckland")]
    public void Days_follow_the_zone_through_daylight_saving(string name)
    {
        // The journal spans 60 days up to 20 November: all these zones but one change their clocks in it.
        var zone = TimeZoneInfo.FindSystemTimeZoneById(name);
        var journal = Journals.Random(7, 500);
        var ledger = Schemes.Fold(DefaultSchemes.Telecom, journal, zone);
        foreach (var period in Periods.Where(p => p != "24h" || name != "Asia/Kolkata"))
            Compare(DefaultSchemes.Telecom, ledger, journal, period, ledger.Received!.Value.AddSeconds(1), zone);
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Every_prefix_of_a_journal_has_its_score(int seed)
    {
        // Half of them so dense that facts ahead of time wait for several others.
        var journal = Journals.Random(300 + seed, 60, seed % 2 == 0 ? 60 : 0.03);
        var ledger = new Ledger(MeasureCatalogue.Of(DefaultSchemes.Telecom), Schemes.Shanghai);
        for (var i = 0; i < journal.Count; i++)
        {
            ledger.Fold(journal[i]);
            if (i % 7 == seed % 7)
                Compare(DefaultSchemes.Telecom, ledger, [.. journal.Take(i + 1)], "30d", ledger.Received!.Value, Schemes.Shanghai);
        }
    }

    [Theory, MemberData(nameof(Seeds))]
    public void A_region_by_volume_is_the_score_of_all_its_facts(int seed)
    {
        var journals = Enumerable.Range(0, 4).Select(i => Journals.Random((10 * seed) + i, 30 + (90 * i))).ToList();
        var scheme = DefaultSchemes.Telecom;
        var ledgers = journals.Select(j => Schemes.Fold(scheme, j)).ToList();
        var asOf = ledgers.Max(l => l.Received!.Value);
        foreach (var period in new[] { "24h", "7d", "30d", "2026-10" })
        {
            var window = Period.Parse(period).Window(asOf, Schemes.Shanghai);
            var score = Scorer.Evaluate(scheme, Readings.Merge(ledgers.Select(l => l.Read(window)), RollUp.Volume));
            Same(new Oracle(scheme.Json, Schemes.Shanghai).Score(journals, Period.Parse(period), asOf), score, period);
        }
    }

    private static void Compare(Scheme scheme, Ledger ledger, IReadOnlyList<Fact> journal, string period, DateTimeOffset asOf, TimeZoneInfo zone)
    {
        var window = Period.Parse(period).Window(asOf, zone);
        Assert.True(ledger.CanRead(window), $"{period} as of {asOf:O}");
        Same(new Oracle(scheme.Json, zone).Score(journal, Period.Parse(period), asOf), Scorer.Evaluate(scheme, ledger.Read(window)), $"{period} as of {asOf:O}");
    }

    private static void Same(Oracle.Verdict expected, Score score, string where)
    {
        foreach (var leaf in score.Leaves)
        {
            var said = expected.Leaves[leaf.Indicator.Code];
            var at = $"{leaf.Indicator.Code} {where}";
            Assert.True(said.Sample == leaf.Sample, $"{at}: sample {leaf.Sample}, facts say {said.Sample}");
            Close(said.Value, leaf.Value, $"{at}: value");
            Close(said.Points, leaf.Points, $"{at}: points");
            Close(said.Weight, leaf.EffectiveWeight, $"{at}: weight");
            Assert.True(said.State == leaf.State.ToString(), $"{at}: {leaf.State}, facts say {said.State}");
            if (said.Exact is { } exact)
                Assert.True(Math.Abs(leaf.Value!.Value - exact) <= (0.01 * Math.Abs(exact)) + 1e-9, $"{at}: {leaf.Value}, exactly {exact}");
        }
        Assert.Equal(expected.Deducted, score.Adjustments.Where(a => a.Kind == AdjustmentKind.Deduction).Sum(a => a.Counted), 12);
        Assert.Equal(expected.Added, score.Adjustments.Where(a => a.Kind == AdjustmentKind.Bonus).Sum(a => a.Counted), 12);
        Close(expected.Score, score.Value, $"{where}: score");
        Close(expected.Coverage, score.Coverage, $"{where}: coverage");
        Assert.Equal(expected.Grade, score.Grade?.Code);
    }

    private static void Close(double? expected, double? found, string what) => Assert.True(
        expected is null == found is null && Math.Abs((expected ?? 0) - (found ?? 0)) <= 1e-9 * Math.Max(1, Math.Abs(expected ?? 0)), $"{what}: {found}, facts say {expected}");
}
