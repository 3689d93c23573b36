using Npgsql;
using NpgsqlTypes;
using ServiceQuality.Scores.Journals;

namespace ServiceQuality.Scores.Deductions;

/// <summary>Which cases are asked for.</summary>
/// <param name="Scope">Subtrees whose cases may be seen.</param>
/// <param name="Within">Only units in this subtree.</param>
/// <param name="Rule">Only this rule.</param>
/// <param name="State">Only this state.</param>
/// <param name="From">Happened from then on.</param>
/// <param name="To">Happened before then.</param>
/// <param name="After">Only cases that were proposed before this one.</param>
internal sealed record DeductionFilter(
    IReadOnlyList<string> Scope, string? Within = null, string? Rule = null, string? State = null, DateTimeOffset? From = null, DateTimeOffset? To = null, Guid? After = null);

/// <summary>Rows of the ledger.</summary>
internal static class DeductionRows
{
    private const string Columns =
        "d.id, d.unit, d.rule, d.kind, d.points, d.case_ref, d.happened, d.reason, d.evidence, d.state, d.proposer, d.proposer_name, d.proposed, "
        + "d.decider, d.decider_name, d.decided, d.decision, d.appellant, d.appellant_name, d.appealed, d.appeal, d.judge, d.judge_name, d.judged, d.judgement";

    /// <summary>False when the case is in the ledger already.</summary>
    public static async Task<bool> InsertAsync(NpgsqlTransaction transaction, DeductionCase it, bool evenIfRejected, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            """
            INSERT INTO deduction (id, unit, rule, kind, points, case_ref, happened, reason, evidence, state, proposer, proposer_name, proposed)
            SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13
            WHERE $14 OR NOT EXISTS (SELECT FROM deduction WHERE unit = $2 AND rule = $3 AND lower(case_ref) = lower($6))
            ON CONFLICT DO NOTHING
            """, transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = it.Id }, new() { Value = it.Unit }, new() { Value = it.Rule }, new() { Value = it.Kind }, new() { Value = it.Points }, new() { Value = it.Case },
                new() { Value = it.Happened.UtcDateTime }, new() { Value = it.Reason }, new() { Value = it.Evidence }, new() { Value = it.State },
                Of(it.Proposal.Who), new() { Value = it.Proposal.Name }, new() { Value = it.Proposal.At.UtcDateTime }, new() { Value = evenIfRejected },
            },
        };
        return await command.ExecuteNonQueryAsync(ct) == 1;
    }

    public static async Task UpdateAsync(NpgsqlTransaction transaction, DeductionCase it, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            """
            UPDATE deduction SET state = $2, decider = $3, decider_name = $4, decided = $5, decision = $6, appellant = $7, appellant_name = $8, appealed = $9, appeal = $10,
                judge = $11, judge_name = $12, judged = $13, judgement = $14
            WHERE id = $1
            """, transaction.Connection, transaction);
        command.Parameters.Add(new() { Value = it.Id });
        command.Parameters.Add(new() { Value = it.State });
        foreach (var step in new[] { it.Decision, it.Appeal, it.Judgement })
        {
            command.Parameters.Add(Of(step?.Who));
            command.Parameters.Add(new() { Value = (object?)step?.Name ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
            command.Parameters.Add(new() { Value = (object?)step?.At.UtcDateTime ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz });
            command.Parameters.Add(new() { Value = (object?)step?.Text ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        }
        await command.ExecuteNonQueryAsync(ct);
    }

    public static async Task<DeductionCase?> FindAsync(NpgsqlConnection connection, Guid id, bool forUpdate, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"SELECT {Columns} FROM deduction d WHERE d.id = $1{(forUpdate ? " FOR UPDATE" : "")}", connection) { Parameters = { new() { Value = id } } };
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? Read(reader) : null;
    }

    public static async Task<IReadOnlyList<DeductionCase>> ListAsync(NpgsqlConnection connection, DeductionFilter filter, int limit, CancellationToken ct)
    {
        // The tree as it is now decides who sees a case, also after a move.
        await using var command = new NpgsqlCommand(
            $"""
            SELECT {Columns} FROM deduction d JOIN unit u ON u.unit = d.unit
            WHERE EXISTS (SELECT FROM unnest($1::text[]) AS s (path) WHERE starts_with(u.path, s.path))
              AND ($2::text IS NULL OR starts_with(u.path, $2)) AND ($3::text IS NULL OR d.rule = $3) AND ($4::text IS NULL OR d.state = $4)
              AND ($5::timestamptz IS NULL OR d.happened >= $5) AND ($6::timestamptz IS NULL OR d.happened < $6) AND ($7::uuid IS NULL OR d.id < $7)
            ORDER BY d.id DESC LIMIT $8
            """, connection)
        {
            Parameters =
            {
                new() { Value = filter.Scope.ToArray() }, Text(filter.Within), Text(filter.Rule), Text(filter.State), Time(filter.From), Time(filter.To), Of(filter.After), new() { Value = limit },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(ct);
        var cases = new List<DeductionCase>();
        while (await reader.ReadAsync(ct))
            cases.Add(Read(reader));
        return cases;
    }

    private static NpgsqlParameter Of(Guid? id) => new() { Value = (object?)id ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid };

    private static NpgsqlParameter Text(string? text) => new() { Value = (object?)text ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter Time(DateTimeOffset? time) => new() { Value = (object?)time?.UtcDateTime ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz };

    private static DeductionCase Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetGuid(1), row.GetString(2), row.GetString(3), row.GetDecimal(4), row.GetString(5), Journal.Utc(row.GetDateTime(6)), row.GetString(7), row.GetString(8), row.GetString(9),
        new Step(row.IsDBNull(10) ? null : row.GetGuid(10), row.GetString(11), Journal.Utc(row.GetDateTime(12)), null), StepAt(row, 13), StepAt(row, 17), StepAt(row, 21));

    private static Step? StepAt(NpgsqlDataReader row, int at) => row.IsDBNull(at + 2) ? null
        : new Step(row.GetGuid(at), row.GetString(at + 1), Journal.Utc(row.GetDateTime(at + 2)), row.IsDBNull(at + 3) ? null : row.GetString(at + 3));
}
