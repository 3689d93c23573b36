using ServiceQuality.Contracts.Facts;
using ServiceQuality.Scoring.Results;

namespace ServiceQuality.Scoring.UnitTests.Results;

/// <summary>The facts that an official document names (scoring.md §5): the costliest, bounded, and from children's documents the parent's.</summary>
public sealed class CostliestFactsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 10, 15, 4, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Closed = new(2026, 11, 3, 1, 0, 0, TimeSpan.Zero);
    private static readonly Scheme Scheme = Schemes.Of(Schemes.Straight("m", 1));

    [Fact]
    public void Only_the_costliest_are_named_and_equal_costs_go_by_the_place_in_the_journal()
    {
        var own = Own([50, 70, 50, 90, 100, 60]);

        var facts = Named(Document("a", own, 2), own, 3).Leaves[0].Facts!;

        Assert.Equal([1L, 3L, 6L], facts.Select(fact => fact.Seq));
        Assert.All(facts, fact => Assert.Equal((null, null), (fact.Unit, fact.Code)));
    }

    [Fact]
    public void Of_a_parent_they_are_the_costliest_of_all_below_times_the_share_of_the_sample()
    {
        var (a, b) = (Own([0, 100, 100, 100]), Own([60]));
        var whole = Scoring.Readings.Merge([a.Readings, b.Readings], Scheme.RollUp);
        var parent = ResultDocument.Of(Unit("p"), Scorer.Evaluate(Scheme, whole), [], []);

        var facts = CostliestFacts.NameIn(parent, 5, null, [Named(Document("a", a, 4), a, 5), Named(Document("b", b, 1), b, 5)]).Leaves[0].Facts!;

        Assert.Equal([("a", 1L, 20.0), ("b", 1L, 8.0)], facts.Select(fact => (fact.Code!, fact.Seq, Math.Round(fact.Cost, 9))));
        Assert.Equal(-parent.Leaves[0].Contribution, facts.Sum(fact => fact.Cost), 1e-9);
    }

    [Fact]
    public void A_grandparents_name_the_unit_in_whose_journal_the_fact_stands()
    {
        var a = Own([60]);
        var middle = CostliestFacts.NameIn(Document("p", a, 1), 5, null, [Named(Document("a", a, 1), a, 5)]);

        var top = CostliestFacts.NameIn(Document("t", a, 1), 5, null, [middle]);

        Assert.Equal("a", top.Leaves[0].Facts![0].Code);
        Assert.Equal(Unit("a").Id, top.Leaves[0].Facts![0].Unit);
    }

    [Fact]
    public void They_are_part_of_what_the_hash_vouches_for_and_no_reason_to_restate()
    {
        var own = Own([60, 80]);
        var (with, without) = (Named(Document("a", own, 2), own, 5), Document("a", own, 2));

        var content = ResultSeal.Seal(with).Content;

        Assert.True(ResultSeal.Verify(content) is { Holds: true, AddsUp: true });
        Assert.False(ResultSeal.Verify(content.Replace("\"seq\":1,", "\"seq\":2,", StringComparison.Ordinal)).Holds);
        Assert.NotEqual(ResultSeal.Seal(with).Hash, ResultSeal.Seal(without).Hash);
        Assert.Equal(content, ResultSeal.Seal(ResultSeal.Read(content)).Content);
        Assert.True(with.SaysTheSameAs(without));
        Assert.DoesNotContain("acts\":[{", ResultSeal.Seal(without).Content, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_lost_nothing_named_and_wrong_counts_or_trees_are_refused()
    {
        var own = Own([100, 100]);

        Assert.Null(Named(Document("a", own, 2), own, 5).Leaves[0].Facts);
        Assert.Throws<ArgumentOutOfRangeException>(() => Named(Document("a", own, 2), own, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Named(Document("a", own, 2), own, 21));
        Assert.Throws<ArgumentException>(() => CostliestFacts.NameIn(Document("a", own, 2), 5, null, [Document("b", own, 2) with { Leaves = [] }]));
    }

    private static ResultUnit Unit(string code) => new(new Guid($"01900000-0000-7000-8000-0000000000{(int)code[0]:x2}"), code, new(code, code), $"hq/{code}/", "Asia/Shanghai");

    private static ResultDocument Named(ResultDocument document, (Readings Readings, Score Score, List<Fact> Facts) own, int count) =>
        CostliestFacts.NameIn(document, count, CostliestFacts.Of(own.Score, own.Facts, count), []);

    private static ResultDocument Document(string code, (Readings Readings, Score Score, List<Fact> Facts) own, long seq) =>
        ResultDocument.Of(Unit(code), own.Score, [new ResultJournal(Unit(code).Id, seq, "Asia/Shanghai")], []);

    private static (Readings Readings, Score Score, List<Fact> Facts) Own(IReadOnlyList<double> values)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai");
        var facts = values.Select((value, index) => new Fact(index + 1, "meter", $"f{index}", Noon.AddMinutes(index), Noon.AddMinutes(index), new Measurement("m", value, 1))).ToList();
        var ledger = new Ledger(MeasureCatalogue.Of(Scheme), zone);
        foreach (var fact in facts)
            ledger.Fold(fact);
        var readings = ledger.Read(Period.Parse("2026-10").Window(Closed, zone));
        return (readings, Scorer.Evaluate(Scheme, readings), facts);
    }
}
