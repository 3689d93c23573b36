using ServiceQuality.Scores.Scores;
using ServiceQuality.Scoring;
using ServiceQuality.Scoring.Results;

namespace ServiceQuality.Scores.Results;

/// <summary>What a unit's own journal brings into its document and those above it.</summary>
/// <param name="Readings">Its readings.</param>
/// <param name="Score">What they score by themselves.</param>
/// <param name="Facts">Its costliest facts, for each indicator; null when documents name none.</param>
internal sealed record OwnPart(Readings Readings, Score Score, IReadOnlyList<LeafFacts>? Facts)
{
    /// <summary>Whether anything happened that this scheme looks at; another scheme's measures must not matter.</summary>
    public bool HasData => Score.Adjustments.Count > 0 || Score.Leaves.Any(leaf => leaf.Sample > 0);
}

/// <summary>Makes own parts of readings.</summary>
internal sealed class OwnParts(JournalFacts journals)
{
    /// <summary>Reads the journal up to the unit's position, once, if facts are to be named and anything was lost.</summary>
    public async Task<OwnPart?> OfAsync(PinnedUnit unit, Readings? readings, Scheme scheme, int? factsPerLeaf, CancellationToken ct)
    {
        if (readings is null)
            return null;
        var score = Scorer.Evaluate(scheme, readings);
        if (factsPerLeaf is not { } count)
            return new(readings, score, null);
        var lost = score.Leaves.Any(leaf => leaf is { State: LeafState.Scored, Contribution: < 0 });
        return new(readings, score, CostliestFacts.Of(score, lost ? await journals.ReadAsync(unit.Branch!.Value, unit.Seq, score.Window, ct) : [], count));
    }
}
