using System.Text.Json.Serialization;

namespace ServiceQuality.Scoring.Results;

/// <summary>
/// A fact that cost an indicator much (scoring.md §5), as an official document names it: by its place in the journal, without what it says. Whoever may read the
/// journal finds the rest there; a document that is handed on tells nothing of a person.
/// </summary>
/// <param name="Unit">The unit in whose journal it stands; null for the document's own.</param>
/// <param name="Code">Code of that unit; null for the document's own.</param>
/// <param name="Seq">Its position in the journal.</param>
/// <param name="Time">When it happened.</param>
/// <param name="Cost">Points that it cost, ≥ 0: see <see cref="CostliestFacts"/>.</param>
/// <param name="Value">The number that the measure looks at, or the seconds of an outage; null where a fact only counts.</param>
public sealed record ResultFact(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? Unit, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Code,
    long Seq, DateTimeOffset Time, double Cost, double? Value);

/// <summary>The facts that cost an indicator of one unit the most.</summary>
/// <param name="Sample">Sample of the indicator there.</param>
/// <param name="Facts">The costliest first.</param>
public sealed record LeafFacts(long Sample, IReadOnlyList<ResultFact> Facts);

/// <summary>
/// Names the costliest facts of every indicator of a document. A fact's cost is its part of what the indicator lost in its own unit (<see cref="WorstFacts"/>), times
/// the unit's share of the sample at every step up the tree. Each step keeps only the costliest of the step below, so that a document is bounded and a parent's can be
/// made from its children's. Pure: equal documents and facts give equal bits.
/// </summary>
public static class CostliestFacts
{
    /// <summary>Most facts of an indicator that a document may name.</summary>
    public const int Most = 20;

    /// <summary>The costliest facts of a unit's own journal, for each indicator of the scheme.</summary>
    /// <param name="own">Score of the unit's own journal.</param>
    /// <param name="facts">Facts of that journal in the order of seq.</param>
    /// <param name="count">Facts per indicator, 1–20.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is out of range.</exception>
    public static IReadOnlyList<LeafFacts> Of(Score own, IReadOnlyList<Fact> facts, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Most);
        return [.. own.Leaves.Select(leaf => new LeafFacts(leaf.Sample,
            [.. WorstFacts.Of(leaf, own.Window, facts, count).Select(one => new ResultFact(null, null, one.Fact.Seq, one.Fact.Time, one.Cost, one.Value))]))];
    }

    /// <summary>A document with the costliest facts of each of its indicators.</summary>
    /// <param name="document">The document; one without indicators (a year's) stays as it is.</param>
    /// <param name="count">Facts per indicator, 1–20.</param>
    /// <param name="own">Those of the unit's own journal; null without one.</param>
    /// <param name="below">Documents of the units directly below, with their facts, of the same scheme.</param>
    /// <exception cref="ArgumentException">A part has other indicators than the document.</exception>
    public static ResultDocument NameIn(ResultDocument document, int count, IReadOnlyList<LeafFacts>? own, IReadOnlyList<ResultDocument> below)
    {
        if (document.Leaves.Count == 0)
            return document;
        if ((own is not null && own.Count != document.Leaves.Count) || below.Any(child => child.Leaves.Count != document.Leaves.Count))
            throw new ArgumentException("Documents of one tree have the same indicators.", nameof(document));
        return document with
        {
            FactsPerLeaf = count,
            Leaves = [.. document.Leaves.Select((leaf, index) => leaf with { Facts = Of(leaf, count, own?[index], [.. below.Select(child => (child.Unit, child.Leaves[index]))]) })],
        };
    }

    private static IReadOnlyList<ResultFact>? Of(ResultLeaf leaf, int count, LeafFacts? own, IReadOnlyList<(ResultUnit Unit, ResultLeaf Leaf)> below)
    {
        if (leaf is not { State: "scored", Sample: > 0 })
            return null;
        var found = (own?.Facts ?? []).Select(fact => fact with { Cost = Shared(fact.Cost, own!.Sample, leaf.Sample) }).ToList();
        foreach (var (unit, part) in below)
            found.AddRange((part.Facts ?? []).Select(fact => fact with { Unit = fact.Unit ?? unit.Id, Code = fact.Code ?? unit.Code, Cost = Shared(fact.Cost, part.Sample, leaf.Sample) }));
        return found.Count == 0 ? null : [.. found.OrderByDescending(fact => fact.Cost).ThenBy(fact => fact.Code, StringComparer.Ordinal).ThenBy(fact => fact.Seq).Take(count)];
    }

    private static double Shared(double cost, long part, long whole) => part == whole ? cost : cost * ((double)part / whole);
}
