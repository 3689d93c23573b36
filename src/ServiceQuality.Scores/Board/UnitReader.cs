using System.Runtime.CompilerServices;
using ServiceQuality.Scores.Branches;
using ServiceQuality.Scores.Units;

namespace ServiceQuality.Scores.Board;

/// <summary>Reads the own facts of units in their order, some at a time: a branch may live in another process. No more than these are held.</summary>
internal sealed class UnitReader(IScoreTier tier)
{
    private const int AtOnce = 64;

    /// <summary>The units with what the query finds; null for a unit without a journal.</summary>
    public async IAsyncEnumerable<(OrgUnit Unit, BranchState? Own)> ReadAsync(IEnumerable<OrgUnit> units, Func<OrgUnit, BranchQuery> query, [EnumeratorCancellation] CancellationToken ct)
    {
        var known = (await tier.UnitsAsync(ct)).ToHashSet();
        foreach (var some in units.Chunk(AtOnce))
        {
            var states = await Task.WhenAll(some.Select(unit => known.Contains(unit.Id) ? tier.ReadAsync(unit.Id, query(unit), ct) : Task.FromResult<BranchState?>(null)));
            foreach (var (index, unit) in some.Index())
                yield return (unit, states[index]);
        }
    }
}
