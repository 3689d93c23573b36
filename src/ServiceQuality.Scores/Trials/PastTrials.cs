using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ServiceQuality.Scores.Branches;
using ServiceQuality.Scores.Results;
using ServiceQuality.Scores.Schemes;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;
using ServiceQuality.Scoring.Trials;

namespace ServiceQuality.Scores.Trials;

/// <summary>
/// Tries a scheme on a whole period that is over (SCO-34): with the facts known today, late ones in, as in no score that was shown at the time; or as known then, with the facts that were
/// received up to the end of the period (scoring.md §4: as of T means facts received up to T).
/// </summary>
internal sealed class PastTrials([FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db, IScoreTier tier, SchemeBook schemes, UnitReplica units, TimeProvider clock)
{
    private const int ReadAtOnce = 64;
    private const int Listed = 50;

    /// <summary>The effect on all units; the present scheme is the one that was in force at the end of the period.</summary>
    /// <param name="edited">What is tried.</param>
    /// <param name="period">A whole period.</param>
    /// <param name="then">Facts received after the end of the period, in the unit's time zone, are left out.</param>
    /// <param name="ct">Cancellation.</param>
    public async Task<TrialView> TryAsync(Scheme edited, Period period, bool then, CancellationToken ct)
    {
        var (tree, now) = (units.Tree, clock.GetUtcNow());
        var trial = new Trial(schemes.InForce(period.End!.Value), edited);
        var compared = UnitTrials.Compared(tree.ByPath).Select(unit => unit.Id).ToHashSet();
        var (top, tried, groups) = (tree.Root, new List<OrgUnit>(), new Dictionary<Guid, UnitEffect>());
        var merged = new Dictionary<Guid, (Readings Before, Readings After)>();
        await foreach (var (unit, own) in ReadAsync(tree, period, then, ct))
        {
            // Children come first; once merged into their parent they are let go.
            List<(Readings Before, Readings After)> parts = [.. tree.Children(unit).Where(child => merged.ContainsKey(child.Id)).Select(child => merged[child.Id])];
            foreach (var child in tree.Children(unit))
                merged.Remove(child.Id);
            if (own is not null)
                parts.Add((own, own));
            if (parts.Count == 0)
                continue;
            var rolledUp = Merge(parts, trial);
            var all = merged[unit.Id] = (Before: rolledUp.Before.WithOwn(own), After: rolledUp.After.WithOwn(own));
            if (compared.Contains(unit.Id))
            {
                trial.Add(all.Before, all.After);
                tried.Add(unit);
            }
            else if (unit == top || unit.Parent == top?.Id)
            {
                groups[unit.Id] = trial.EffectOn(all.Before, all.After);
            }
        }
        var result = trial.Result();
        var official = await OfficialAsync(tried, period, ct);
        return TrialView.Of(result, tried, Group(top), [.. top is null ? [] : tree.Children(top).Select(Group).OfType<TrialGroup>().Take(UnitTrials.MostGroups)],
            period.Window(now, TimeZoneInfo.Utc), TrialOrder.Gain, Listed, axis: null, then ? "then" : "now") with
        {
            Official = OfficialComparison.Of(result.Units.Zip(tried, (effect, unit) => (effect, official.GetValueOrDefault((unit.Id, period.ToString()))?.Official))),
        };

        TrialGroup? Group(OrgUnit? unit) => unit is not null && groups.TryGetValue(unit.Id, out var effect)
            ? TrialGroup.Of(unit, tried.Count(one => one.Path.StartsWith(unit.Path, StringComparison.Ordinal)), effect)
            : null;
    }

    private async Task<Dictionary<(Guid Unit, string Period), ResultRow>> OfficialAsync(List<OrgUnit> units, Period period, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        return await ResultRows.PublishedAsync(connection, [.. units.Select(unit => unit.Id)], [period.ToString()], ct);
    }

    private static (Readings Before, Readings After) Merge(List<(Readings Before, Readings After)> parts, Trial trial)
    {
        if (parts.Count == 1)
            return parts[0];
        var before = Readings.Merge(parts.Select(part => part.Before), trial.Present.RollUp);
        return (before, trial.Present.RollUp == trial.Edited.RollUp ? before : Readings.Merge(parts.Select(part => part.After), trial.Edited.RollUp));
    }

    /// <summary>Units with their own readings, children before parents; none where the buckets no longer reach back.</summary>
    private async IAsyncEnumerable<(OrgUnit Unit, Readings? Own)> ReadAsync(UnitTree tree, Period period, bool then, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        var known = (await tier.UnitsAsync(ct)).ToHashSet();
        var (now, catalogue) = (clock.GetUtcNow(), schemes.Active.Hash);
        foreach (var some in tree.ByPath.Reverse().Chunk(ReadAtOnce))
        {
            var states = await Task.WhenAll(some.Select(unit => known.Contains(unit.Id) ? tier.ReadAsync(unit.Id, new BranchQuery([new WindowAt(period)], then ? period.Window(now, Zones.Of(unit.TimeZone)).To : null, catalogue), ct) : Task.FromResult<BranchState?>(null)));
            foreach (var (index, unit) in some.Index())
                yield return (unit, states[index]?.Readings[0]);
        }
    }
}
