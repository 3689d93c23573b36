using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using ServiceQuality.Access;
using ServiceQuality.Messaging;
using ServiceQuality.Scores.Journals;
using ServiceQuality.Scores.Schemes;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Results;

/// <summary>
/// Begins to close a period (SCO-13): notes the tree and the position of every journal in one transaction. From then on the results are decided, whatever
/// arrives; <see cref="ComputeClosings"/> computes them in the background.
/// </summary>
internal sealed class ClosePeriod([FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db, UnitReplica units, SchemeBook schemes, IOptions<ResultSettings> settings, TimeProvider clock)
{
    public async Task<(Outcome Outcome, Guid Id)> StartAsync(OrgUnit unit, Period period, Caller closer, CancellationToken ct)
    {
        var now = Entry.Micros(clock.GetUtcNow());
        var tree = units.Tree.Subtree(unit.Path).ToList();
        if (ClosingRules.Start(period, tree.Select(one => one.TimeZone).Distinct().Select(Zones.Of), now) is { IsRefused: true } refused)
            return (refused, default);

        await using var connection = await db.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await ClosingRows.ExecuteAsync(connection, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", ct, $"closing:{period}");
        if (await OverlapsAsync(connection, unit, period, tree, ct))
            return (Outcome.Refused("period-closed-already", "The period is closed, or being closed, for this unit or a part of it."), default);

        var id = Guid.CreateVersion7(now);
        var scheme = schemes.InForce(period.Window(now, Zones.Of(unit.TimeZone)), Zones.Of(unit.TimeZone));
        await ClosingRows.ExecuteAsync(connection,
            "INSERT INTO closing (id, unit, period, state, moment, scheme, units, closer, closer_name, started, facts_per_leaf) VALUES ($1, $2, $3, 'computing', $4, $5, $6, $7, $8, $4, nullif($9, 0))",
            ct, id, unit.Id, period.ToString(), now, scheme.Reference, tree.Count, closer.Subject, closer.Name, settings.Value.FactsPerLeaf);
        await PinAsync(connection, id, tree, ct);
        await AuditTrail.AppendAsync(transaction, new AuditEntry(now, $"{closer.Subject} {closer.Name}", "result.closed", id.ToString(), unit.Path,
            After: new { Period = period.ToString(), Scheme = scheme.Reference, Units = tree.Count }, Correlation: Activity.Current?.TraceId.ToHexString()), ct);
        await transaction.CommitAsync(ct);
        return (Outcome.Done, id);
    }

    private static async Task<bool> OverlapsAsync(NpgsqlConnection connection, OrgUnit unit, Period period, List<OrgUnit> tree, CancellationToken ct)
    {
        await using var command = ClosingRows.Command(connection,
            """
            SELECT EXISTS (SELECT FROM closing c WHERE c.period = $1 AND c.state <> 'discarded'
                AND (c.unit = ANY ($3) OR EXISTS (SELECT FROM closing_unit u WHERE u.closing = c.id AND u.unit = $2)))
            """, period.ToString(), unit.Id, tree.Select(one => one.Id).ToArray());
        return await command.ExecuteScalarAsync(ct) is true;
    }

    /// <summary>One statement, hence one moment for all journals.</summary>
    private static Task<int> PinAsync(NpgsqlConnection connection, Guid id, List<OrgUnit> tree, CancellationToken ct) => ClosingRows.ExecuteAsync(connection,
        """
        INSERT INTO closing_unit (closing, unit, parent, code, name_zh, name_en, path, time_zone, active, branch, seq)
        SELECT $1, n.unit, u.parent, u.code, u.name_zh, u.name_en, u.path, u.time_zone, u.state = 'active', CASE WHEN b.head > 0 THEN b.id END, coalesce(b.head, 0)
        FROM unnest($2::uuid[]) AS n (unit) JOIN unit u ON u.unit = n.unit LEFT JOIN branch b ON b.unit = n.unit
        """, ct, id, tree.Select(one => one.Id).ToArray());
}
