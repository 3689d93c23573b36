using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ServiceQuality.Access;
using ServiceQuality.Messaging;
using ServiceQuality.Scores.Journals;

namespace ServiceQuality.Scores.Results;

/// <summary>A unit's appeal against its official result; filed → accepted or rejected.</summary>
internal sealed record ResultAppeal(
    Guid Id, Guid Closing, Guid Unit, string Period, int Number, string State, string Reason, string Evidence, Guid Filer, string FilerName, DateTimeOffset Filed,
    string? JudgeName, DateTimeOffset? Judged, string? Judgement)
{
    public const string IsFiled = "filed", Accepted = "accepted", Rejected = "rejected";

    public static IReadOnlyList<string> States { get; } = [IsFiled, Accepted, Rejected];

    /// <summary>An appeal is judged once, by somebody else than its filer.</summary>
    public Outcome Judge(Guid who)
    {
        if (State != IsFiled)
            return Outcome.Refused("appeal-already-judged", "The appeal was judged before.");
        return Filer == who ? Outcome.Refused("appeal-judge-is-filer", "An appeal is judged by somebody else than its filer.") : Outcome.Done;
    }
}

/// <summary>Appeals against official results (SCO-24).</summary>
internal sealed class Appeals([FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db, TimeProvider clock)
{
    private const string Columns =
        "a.id, a.closing, a.unit, c.period, a.number, a.state, a.reason, a.evidence, a.filer, a.filer_name, a.filed, a.judge_name, a.judged, a.judgement FROM appeal a JOIN closing c ON c.id = a.closing";

    public async Task<(Outcome Outcome, Guid Id)> FileAsync(Closing closing, Guid unit, string path, string reason, string evidence, Caller filer, CancellationToken ct)
    {
        var now = Entry.Micros(clock.GetUtcNow());
        await using var connection = await db.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        // Freezing waits for this row: an appeal in the last second counts.
        if (ClosingRules.Appeal((await ClosingRows.FindAsync(connection, closing.Id, forUpdate: true, ct))!, now) is { IsRefused: true } refused)
            return (refused, default);

        var id = Guid.CreateVersion7(now);
        if (await ClosingRows.ExecuteAsync(connection,
            """
            INSERT INTO appeal (id, closing, unit, number, state, reason, evidence, filer, filer_name, filed)
            SELECT $1, $2, $3, max(number), 'filed', $4, $5, $6, $7, $8 FROM result WHERE closing = $2 AND unit = $3 ON CONFLICT DO NOTHING
            """, ct, id, closing.Id, unit, reason, evidence, filer.Subject, filer.Name, now) == 0)
            return (Outcome.Refused("appeal-already-filed", "There is an open appeal of this unit already."), default);
        await AuditTrail.AppendAsync(transaction, new AuditEntry(now, $"{filer.Subject} {filer.Name}", "appeal.filed", id.ToString(), path,
            After: new { Period = closing.Period.ToString(), Unit = unit, reason }, Correlation: Activity.Current?.TraceId.ToHexString()), ct);
        await transaction.CommitAsync(ct);
        return (Outcome.Done, id);
    }

    public async Task<Outcome> JudgeAsync(Guid id, bool accept, string reason, string path, Caller judge, CancellationToken ct)
    {
        var now = Entry.Micros(clock.GetUtcNow());
        await using var connection = await db.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await ClosingRows.ExecuteAsync(connection, "SELECT FROM appeal WHERE id = $1 FOR UPDATE", ct, id);
        var before = (await ReadAsync(connection, "WHERE a.id = $1", ct, id))[0];
        if (before.Judge(judge.Subject) is { IsRefused: true } refused)
            return refused;

        var state = accept ? ResultAppeal.Accepted : ResultAppeal.Rejected;
        await ClosingRows.ExecuteAsync(connection, "UPDATE appeal SET state = $2, judge = $3, judge_name = $4, judged = $5, judgement = $6 WHERE id = $1", ct, id, state, judge.Subject, judge.Name, now, reason);
        await AuditTrail.AppendAsync(transaction, new AuditEntry(now, $"{judge.Subject} {judge.Name}", $"appeal.{state}", id.ToString(), path, new { before.State }, new { state, reason },
            Activity.Current?.TraceId.ToHexString()), ct);
        await transaction.CommitAsync(ct);
        return Outcome.Done;
    }

    public async Task<ResultAppeal?> FindAsync(Guid id, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        return await ReadAsync(connection, "WHERE a.id = $1", ct, id) is [var found] ? found : null;
    }

    /// <summary>The newest 200 of the units in scope.</summary>
    public async Task<IReadOnlyList<ResultAppeal>> ListAsync(IReadOnlyList<string> scope, string? state, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        return await ReadAsync(connection,
            """
            JOIN unit u ON u.unit = a.unit WHERE ($2::text IS NULL OR a.state = $2)
              AND EXISTS (SELECT FROM unnest($1::text[]) AS s (path) WHERE starts_with(u.path, s.path)) ORDER BY a.filed DESC LIMIT 200
            """, ct, scope.ToArray(), state);
    }

    public async Task<IReadOnlyList<ResultAppeal>> OfUnitAsync(Guid closing, Guid unit, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        return await ReadAsync(connection, "WHERE a.closing = $1 AND a.unit = $2 ORDER BY a.filed", ct, closing, unit);
    }

    private static async Task<List<ResultAppeal>> ReadAsync(NpgsqlConnection connection, string where, CancellationToken ct, params object?[] values)
    {
        await using var command = ClosingRows.Command(connection, $"SELECT {Columns} {where}", values);
        await using var row = await command.ExecuteReaderAsync(ct);
        var appeals = new List<ResultAppeal>();
        while (await row.ReadAsync(ct))
        {
            appeals.Add(new ResultAppeal(row.GetGuid(0), row.GetGuid(1), row.GetGuid(2), row.GetString(3), row.GetInt32(4), row.GetString(5), row.GetString(6), row.GetString(7), row.GetGuid(8), row.GetString(9),
                Journal.Utc(row.GetDateTime(10)), ClosingRows.TextAt(row, 11), ClosingRows.TimeAt(row, 12), ClosingRows.TextAt(row, 13)));
        }
        return appeals;
    }
}
