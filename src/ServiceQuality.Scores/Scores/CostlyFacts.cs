using System.Text.Json;
using ServiceQuality.Scores.Branches;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Scores;

/// <summary>The facts that cost a score the most (scoring.md §5), read from the journals behind it.</summary>
internal sealed class CostlyFacts(JournalFacts journals)
{
    private const int Shown = 5;
    private const int MostBranches = 40;

    /// <summary>By indicator, the costliest first. In a roll-up, a fact's cost is its cost in its own unit times the unit's share of the sample.</summary>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<CostlyFactView>>> FindAsync(UnitScore score, bool withData, CancellationToken ct)
    {
        var found = new Dictionary<string, List<(Guid Unit, CostlyFact Fact)>>();

        // Of a large roll-up the units that brought the most facts are looked at.
        foreach (var part in score.Parts.Where(part => part.Readings[0] is { Facts: > 0 }).OrderByDescending(part => part.Readings[0]!.Facts).Take(MostBranches))
        {
            var own = score.Parts.Count == 1 ? score.Score : Scorer.Evaluate(score.Score.Scheme, part.Readings[0]!);
            var facts = await journals.ReadAsync(part.Unit, part.Seq, own.Window, ct);
            for (var i = 0; i < own.Leaves.Count; i++)
            {
                var (leaf, whole) = (own.Leaves[i], score.Score.Leaves[i]);
                if (leaf.State != LeafState.Scored || whole.Sample == 0)
                    continue;
                var share = score.Parts.Count == 1 ? 1 : (double)leaf.Sample / whole.Sample;
                if (!found.TryGetValue(leaf.Indicator.Code, out var costs))
                    found[leaf.Indicator.Code] = costs = [];
                costs.AddRange(WorstFacts.Of(leaf, own.Window, facts, Shown).Select(fact => (part.Unit, fact with { Cost = fact.Cost * share })));
            }
        }

        var answer = new Dictionary<string, IReadOnlyList<CostlyFactView>>();
        foreach (var (code, costs) in found)
            answer[code] = [.. costs.OrderByDescending(one => one.Fact.Cost).Take(Shown).Select(one => View(one.Unit, one.Fact, withData))];
        return answer;
    }

    private static CostlyFactView View(Guid unit, CostlyFact costly, bool withData) => new(
        unit, costly.Fact.Seq, costly.Fact.Source, costly.Fact.Id, costly.Fact.Time, costly.Cost, costly.Value,
        withData && costly.Fact.Data is not UnreadableData ? JsonSerializer.Deserialize<JsonElement>(FactReader.Write(costly.Fact.Data)) : null);
}
