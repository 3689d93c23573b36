using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ServiceQuality.Access;
using ServiceQuality.Scores.Scores;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring.Results;

namespace ServiceQuality.Scores.Results;

/// <summary>An official result beside what the same period gives as of now; to those who may restate it, with every other document that would change.</summary>
internal sealed class CompareResult(
    [FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db, ResultAccess access, Recompute recompute, RestatedTree tree, UnitReplica units, TimeProvider clock)
{
    public async Task<(Outcome Outcome, ComparisonView? View)> RunAsync(Closing closing, OrgUnit unit, Caller caller, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        if (await ResultRows.FindAsync(connection, closing.Id, unit.Id, number: null, ct) is not { } official)
            return (Outcome.Refused("no-result", "There is no published result of this unit for this period."), null);
        if (ClosingRules.Recompute(closing.Period, [Zones.Of(unit.TimeZone)], clock.GetUtcNow()) is { IsRefused: true } refused)
            return (refused, null);

        var pinned = await access.PinnedAsync(closing, unit.Id, ct);
        var before = ResultSeal.Read(official.Content);
        if (!caller.May(Permissions.ManageResults, unit.Path))
            return (Outcome.Done, View(before, await recompute.AsOfNowAsync(closing, pinned, ct), null));
        // The same that a proposal would compute.
        var restated = await tree.ComputeAsync(connection, closing, pinned, ct);
        var current = units.Tree;
        return (Outcome.Done, View(before, restated[0].Document, [.. restated.Skip(1).Where(one => one.Differs && current.Find(one.Unit.Unit) is not null).Select(one => AffectedView.Of(one, current.Find(one.Unit.Unit)!))]));

        ComparisonView View(ResultDocument from, ResultDocument to, IReadOnlyList<AffectedView>? with) => new(
            UnitView.Of(unit), closing.Period.ToString(), from.Number, from.Official, to.Official, to.AsOf, !to.SaysTheSameAs(from), ResultDifference.Between(from, to), with);
    }
}
