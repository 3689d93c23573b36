using Npgsql;
using NpgsqlTypes;
using ServiceQuality.Scores.Journals;
using ServiceQuality.Scoring.Results;

namespace ServiceQuality.Scores.Results;

/// <summary>A stored document without its content.</summary>
internal sealed record ResultRow(
    Guid Closing, Guid Unit, int Number, string Period, Guid? Parent, decimal? Official, double? Score, string? Grade, double Coverage, int? Place, int? Places, DateTimeOffset Moment,
    string Hash, string? Former, string AuthorName, DateTimeOffset Written);

/// <summary>Rows of official results. They are only ever added.</summary>
internal static class ResultRows
{
    public const string Columns = "r.closing, r.unit, r.number, r.period, r.parent, r.official, r.score, r.grade, r.coverage, r.place, r.places, r.moment, r.hash, r.former, r.author_name, r.written";

    /// <summary>Writes documents; those that are there already stay as they are.</summary>
    public static async Task<int> AddAsync(
        NpgsqlTransaction transaction, Guid closing, IReadOnlyList<(Guid? Parent, ResultDocument Document, SealedResult Sealed)> results, string author, DateTimeOffset now, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            """
            INSERT INTO result (closing, unit, number, period, parent, official, score, grade, coverage, place, places, moment, content, hash, former, author_name, written)
            SELECT $1, n.unit, n.number, n.period, n.parent, n.official, n.score, n.grade, n.coverage, n.place, n.places, n.moment, n.content, n.hash, n.former, $2, $3
            FROM unnest($4::uuid[], $5::integer[], $6::text[], $7::uuid[], $8::numeric[], $9::double precision[], $10::text[], $11::double precision[], $12::integer[], $13::integer[], $14::timestamptz[], $15::text[], $16::text[], $17::text[])
                AS n (unit, number, period, parent, official, score, grade, coverage, place, places, moment, content, hash, former)
            ON CONFLICT DO NOTHING
            """, transaction.Connection, transaction);
        command.Parameters.Add(new() { Value = closing });
        command.Parameters.Add(new() { Value = author });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. results.Select(one => one.Document.Unit.Id)] });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. results.Select(one => one.Document.Number)] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. results.Select(one => one.Document.Period)] });
        command.Parameters.Add(new NpgsqlParameter<Guid?[]> { TypedValue = [.. results.Select(one => one.Parent)] });
        command.Parameters.Add(new NpgsqlParameter<decimal?[]> { TypedValue = [.. results.Select(one => one.Document.Official)] });
        command.Parameters.Add(new NpgsqlParameter<double?[]> { TypedValue = [.. results.Select(one => one.Document.Exact?.Value)] });
        command.Parameters.Add(new NpgsqlParameter<string?[]> { TypedValue = [.. results.Select(one => one.Document.Grade)] });
        command.Parameters.Add(new NpgsqlParameter<double[]> { TypedValue = [.. results.Select(one => one.Document.Coverage)] });
        command.Parameters.Add(new NpgsqlParameter<int?[]> { TypedValue = [.. results.Select(one => one.Document.Rank?.Place)] });
        command.Parameters.Add(new NpgsqlParameter<int?[]> { TypedValue = [.. results.Select(one => one.Document.Rank?.Of)] });
        command.Parameters.Add(new NpgsqlParameter<DateTime[]> { TypedValue = [.. results.Select(one => one.Document.AsOf.UtcDateTime)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. results.Select(one => one.Sealed.Content)] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. results.Select(one => one.Sealed.Hash)] });
        command.Parameters.Add(new NpgsqlParameter<string?[]> { TypedValue = [.. results.Select(one => one.Document.Restatement?.Former)] });
        return await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>The document of a unit: the newest, or one by its number.</summary>
    public static async Task<(ResultRow Row, string Content)?> FindAsync(NpgsqlConnection connection, Guid closing, Guid unit, int? number, CancellationToken ct)
    {
        await using var command = ClosingRows.Command(connection, $"SELECT {Columns}, r.content FROM result r WHERE r.closing = $1 AND r.unit = $2 AND ($3::integer IS NULL OR r.number = $3) ORDER BY r.number DESC LIMIT 1", closing, unit, number);
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? (Read(reader), reader.GetString(16)) : null;
    }

    /// <summary>The newest document of each of these units, read, with its hash.</summary>
    public static async Task<Dictionary<Guid, (ResultDocument Document, string Hash)>> DocumentsAsync(NpgsqlConnection connection, Guid closing, IReadOnlyList<Guid> units, CancellationToken ct)
    {
        await using var command = ClosingRows.Command(connection, "SELECT DISTINCT ON (unit) unit, content, hash FROM result WHERE closing = $1 AND unit = ANY ($2) ORDER BY unit, number DESC", closing, units.ToArray());
        await using var reader = await command.ExecuteReaderAsync(ct);
        var documents = new Dictionary<Guid, (ResultDocument, string)>();
        while (await reader.ReadAsync(ct))
            documents[reader.GetGuid(0)] = (ResultSeal.Read(reader.GetString(1)), reader.GetString(2));
        return documents;
    }

    /// <summary>Every document of a unit in a closing, the result first.</summary>
    public static async Task<List<ResultRow>> NumbersAsync(NpgsqlConnection connection, Guid closing, Guid unit, CancellationToken ct)
    {
        await using var command = ClosingRows.Command(connection, $"SELECT {Columns} FROM result r WHERE r.closing = $1 AND r.unit = $2 ORDER BY r.number", closing, unit);
        return await ReadAllAsync(command, ct);
    }

    /// <summary>The newest document of every unit of a closing within subtrees, streamed in the order of the tree.</summary>
    public static NpgsqlCommand NewestCommand(NpgsqlConnection connection, Guid closing, IReadOnlyList<string> scope, bool withContent) => ClosingRows.Command(
        connection,
        $"""
        SELECT DISTINCT ON (u.path COLLATE "C") {Columns}{(withContent ? ", r.content" : "")} FROM result r JOIN closing_unit u ON u.closing = r.closing AND u.unit = r.unit
        WHERE r.closing = $1 AND EXISTS (SELECT FROM unnest($2::text[]) AS s (path) WHERE starts_with(u.path, s.path))
        ORDER BY u.path COLLATE "C", r.number DESC
        """, closing, scope.ToArray());

    /// <summary>The newest document of each of these units.</summary>
    public static async Task<List<ResultRow>> NewestOfAsync(NpgsqlConnection connection, Guid closing, IReadOnlyList<Guid> units, CancellationToken ct)
    {
        await using var command = ClosingRows.Command(connection, $"SELECT DISTINCT ON (r.unit) {Columns} FROM result r WHERE r.closing = $1 AND r.unit = ANY ($2) ORDER BY r.unit, r.number DESC", closing, units.ToArray());
        return await ReadAllAsync(command, ct);
    }

    public static async Task<List<ResultRow>> NewestAsync(NpgsqlConnection connection, Guid closing, IReadOnlyList<string> scope, CancellationToken ct)
    {
        await using var command = NewestCommand(connection, closing, scope, withContent: false);
        return await ReadAllAsync(command, ct);
    }

    /// <summary>The newest document of each period that was published for a unit, newest period first.</summary>
    public static async Task<List<ResultRow>> OfUnitAsync(NpgsqlConnection connection, Guid unit, CancellationToken ct)
    {
        await using var command = ClosingRows.Command(connection,
            $"""
            SELECT DISTINCT ON (r.period) {Columns} FROM result r JOIN closing c ON c.id = r.closing
            WHERE r.unit = $1 AND c.state IN ('published', 'frozen') ORDER BY r.period DESC, r.number DESC LIMIT 500
            """, unit);
        return await ReadAllAsync(command, ct);
    }

    /// <summary>The official points of units for periods that are published, newest document each.</summary>
    public static async Task<Dictionary<(Guid Unit, string Period), ResultRow>> PublishedAsync(NpgsqlConnection connection, IReadOnlyList<Guid> units, IReadOnlyList<string> periods, CancellationToken ct)
    {
        await using var command = ClosingRows.Command(connection,
            $"""
            SELECT DISTINCT ON (r.unit, r.period) {Columns} FROM result r JOIN closing c ON c.id = r.closing
            WHERE r.unit = ANY ($1) AND r.period = ANY ($2) AND c.state IN ('published', 'frozen') ORDER BY r.unit, r.period, r.number DESC
            """, units.ToArray(), periods.ToArray());
        return (await ReadAllAsync(command, ct)).ToDictionary(row => (row.Unit, row.Period));
    }

    public static ResultRow Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetGuid(1), row.GetInt32(2), row.GetString(3), row.IsDBNull(4) ? null : row.GetGuid(4), row.IsDBNull(5) ? null : row.GetDecimal(5), row.IsDBNull(6) ? null : row.GetDouble(6),
        ClosingRows.TextAt(row, 7), row.GetDouble(8), row.IsDBNull(9) ? null : row.GetInt32(9), row.IsDBNull(10) ? null : row.GetInt32(10), Journal.Utc(row.GetDateTime(11)), row.GetString(12),
        ClosingRows.TextAt(row, 13), row.GetString(14), Journal.Utc(row.GetDateTime(15)));

    private static async Task<List<ResultRow>> ReadAllAsync(NpgsqlCommand command, CancellationToken ct)
    {
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<ResultRow>();
        while (await reader.ReadAsync(ct))
            rows.Add(Read(reader));
        return rows;
    }
}
