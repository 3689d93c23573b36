using Npgsql;
using NpgsqlTypes;
using ServiceQuality.Access;
using ServiceQuality.Scores.Journals;
using ServiceQuality.Scoring.Results;

namespace ServiceQuality.Scores.Results;

/// <summary>Rows of restatements and of what they take along.</summary>
internal static class RestatementRows
{
    private const string Columns =
        "s.id, s.closing, s.unit, c.period, s.number, s.state, s.appeal, s.reason, s.content, s.hash, s.proposer, s.proposer_name, s.proposed, s.decider_name, s.decided, s.parts FROM restatement s JOIN closing c ON c.id = s.closing";

    public static async Task<ProposedRestatement?> FindAsync(NpgsqlConnection connection, Guid id, CancellationToken ct) =>
        await ReadAsync(connection, "WHERE s.id = $1", ct, id) is [var found] ? found : null;

    /// <summary>The newest 200 of the units in scope.</summary>
    public static async Task<IReadOnlyList<ProposedRestatement>> ListAsync(NpgsqlConnection connection, IReadOnlyList<string> scope, string? state, CancellationToken ct) => await ReadAsync(
        connection,
        """
        JOIN unit u ON u.unit = s.unit WHERE ($2::text IS NULL OR s.state = $2)
          AND EXISTS (SELECT FROM unnest($1::text[]) AS p (path) WHERE starts_with(u.path, p.path)) ORDER BY s.proposed DESC LIMIT 200
        """, ct, scope.ToArray(), state);

    /// <summary>A restatement that waits for its decision and would change a document of one of these units; of the first unit itself before others.</summary>
    public static async Task<(Guid Unit, string Code, string Proposer)?> OpenAsync(NpgsqlConnection connection, Guid closing, IReadOnlyList<Guid> units, CancellationToken ct)
    {
        await using var command = ClosingRows.Command(connection,
            """
            SELECT s.unit, u.code, s.proposer_name FROM restatement s JOIN closing_unit u ON u.closing = s.closing AND u.unit = s.unit
            WHERE s.closing = $1 AND s.state = 'proposed' AND (s.unit = ANY ($2) OR EXISTS (SELECT FROM restatement_part p WHERE p.restatement = s.id AND p.unit = ANY ($2)))
            ORDER BY s.unit <> $3, s.proposed LIMIT 1
            """, closing, units.ToArray(), units[0]);
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? (reader.GetGuid(0), reader.GetString(1), reader.GetString(2)) : null;
    }

    public static async Task AddAsync(NpgsqlConnection connection, Guid id, Guid closing, NewDocument own, IReadOnlyList<NewDocument> parts, Caller proposer, DateTimeOffset now, CancellationToken ct)
    {
        var (document, restated) = (own.Document, own.Document.Restatement!);
        await ClosingRows.ExecuteAsync(connection,
            """
            INSERT INTO restatement (id, closing, unit, number, state, appeal, reason, content, hash, official, proposer, proposer_name, proposed, parts)
            VALUES ($1, $2, $3, $4, 'proposed', $5::uuid, $6, $7, $8, $9::numeric, $10, $11, $12, $13)
            """, ct, id, closing, document.Unit.Id, document.Number, restated.Appeal, restated.Reason, own.Sealed.Content, own.Sealed.Hash, document.Official, proposer.Subject, proposer.Name, now, parts.Count);
        await using var command = ClosingRows.Command(connection,
            """
            INSERT INTO restatement_part (restatement, unit, number, former, official, former_grade, grade, content, hash)
            SELECT $1, n.* FROM unnest($2::uuid[], $3::integer[], $4::numeric[], $5::numeric[], $6::text[], $7::text[], $8::text[], $9::text[]) AS n (unit, number, former, official, former_grade, grade, content, hash)
            """, id, parts.Select(one => one.Document.Unit.Id).ToArray(), parts.Select(one => one.Document.Number).ToArray());
        command.Parameters.Add(new NpgsqlParameter<decimal?[]> { TypedValue = [.. parts.Select(one => one.Former.Official)] });
        command.Parameters.Add(new NpgsqlParameter<decimal?[]> { TypedValue = [.. parts.Select(one => one.Document.Official)] });
        command.Parameters.Add(new NpgsqlParameter<string?[]> { TypedValue = [.. parts.Select(one => one.Former.Grade)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter<string?[]> { TypedValue = [.. parts.Select(one => one.Document.Grade)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. parts.Select(one => one.Sealed.Content)] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. parts.Select(one => one.Sealed.Hash)] });
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>The documents that a restatement takes along.</summary>
    public static async Task<List<SealedResult>> PartsAsync(NpgsqlConnection connection, Guid restatement, CancellationToken ct)
    {
        await using var command = ClosingRows.Command(connection, "SELECT content, hash FROM restatement_part WHERE restatement = $1", restatement);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var parts = new List<SealedResult>();
        while (await reader.ReadAsync(ct))
            parts.Add(new(reader.GetString(0), reader.GetString(1)));
        return parts;
    }

    public static async Task<bool> IsAcceptedAsync(NpgsqlConnection connection, Guid appeal, Guid closing, Guid unit, CancellationToken ct)
    {
        await using var command = ClosingRows.Command(connection, "SELECT EXISTS (SELECT FROM appeal WHERE id = $1 AND closing = $2 AND unit = $3 AND state = 'accepted')", appeal, closing, unit);
        return await command.ExecuteScalarAsync(ct) is true;
    }

    private static async Task<List<ProposedRestatement>> ReadAsync(NpgsqlConnection connection, string where, CancellationToken ct, params object?[] values)
    {
        var found = new List<ProposedRestatement>();
        await using (var command = ClosingRows.Command(connection, $"SELECT {Columns} {where}", values))
        await using (var row = await command.ExecuteReaderAsync(ct))
        {
            while (await row.ReadAsync(ct))
            {
                found.Add(new ProposedRestatement(row.GetGuid(0), row.GetGuid(1), row.GetGuid(2), row.GetString(3), row.GetInt32(4), row.GetString(5), row.IsDBNull(6) ? null : row.GetGuid(6), row.GetString(7),
                    row.GetString(8), row.GetString(9), row.GetGuid(10), row.GetString(11), Journal.Utc(row.GetDateTime(12)), ClosingRows.TextAt(row, 13), ClosingRows.TimeAt(row, 14), row.IsDBNull(15) ? null : []));
            }
        }
        var parts = await PartLinesAsync(connection, [.. found.Select(one => one.Id)], ct);
        return found.ConvertAll(one => one.Parts is null ? one : one with { Parts = [.. parts[one.Id]] });
    }

    private static async Task<ILookup<Guid, RestatementPart>> PartLinesAsync(NpgsqlConnection connection, Guid[] restatements, CancellationToken ct)
    {
        await using var command = ClosingRows.Command(connection,
            """
            SELECT p.restatement, p.unit, p.number, p.former, p.official, p.former_grade, p.grade, p.hash FROM restatement_part p JOIN restatement s ON s.id = p.restatement
            JOIN closing_unit u ON u.closing = s.closing AND u.unit = p.unit WHERE p.restatement = ANY ($1) ORDER BY u.path COLLATE "C"
            """, restatements);
        await using var row = await command.ExecuteReaderAsync(ct);
        var parts = new List<(Guid Id, RestatementPart Part)>();
        while (await row.ReadAsync(ct))
        {
            parts.Add((row.GetGuid(0), new(row.GetGuid(1), row.GetInt32(2), row.IsDBNull(3) ? null : row.GetDecimal(3), row.IsDBNull(4) ? null : row.GetDecimal(4),
                ClosingRows.TextAt(row, 5), ClosingRows.TextAt(row, 6), row.GetString(7))));
        }
        return parts.ToLookup(one => one.Id, one => one.Part);
    }
}
