using Npgsql;
using NpgsqlTypes;

namespace ServiceQuality.Scores.Journals;

/// <summary>What the journals hold: branches and their heads, rows, batches.</summary>
internal sealed class Journal(NpgsqlDataSource db)
{
    /// <summary>The heads of the branches of these units; a unit seen for the first time gets a branch number.</summary>
    /// <remarks>A branch needs no unit in the local tree: facts are kept by unit id even when the tree is behind.</remarks>
    public async Task<JournalHead> OpenAsync(Guid unit, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        if (await FindAsync(connection, unit, ct) is { } head)
            return head;

        await using (var insert = new NpgsqlCommand("INSERT INTO branch (unit) VALUES ($1) ON CONFLICT DO NOTHING", connection))
        {
            insert.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = unit });
            await insert.ExecuteNonQueryAsync(ct);
        }
        return await FindAsync(connection, unit, ct) ?? throw new InvalidOperationException($"Branch {unit} was not registered.");
    }

    /// <summary>Whether a unit has a journal.</summary>
    public async Task<bool> ExistsAsync(Guid unit, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        return await FindAsync(connection, unit, ct) is not null;
    }

    /// <summary>Every branch that has a journal.</summary>
    public async Task<IReadOnlyList<JournalHead>> AllAsync(CancellationToken ct)
    {
        await using var command = db.CreateCommand("SELECT id, unit, head, received FROM branch ORDER BY id");
        await using var reader = await command.ExecuteReaderAsync(ct);
        var heads = new List<JournalHead>();
        while (await reader.ReadAsync(ct))
            heads.Add(Read(reader));
        return heads;
    }

    /// <summary>Seq of the newest row received up to a moment; 0 when there is none.</summary>
    public async Task<long> SeqAsOfAsync(int branch, DateTimeOffset moment, CancellationToken ct)
    {
        // Received never falls along seq, and seq has no gaps: halving finds the row in some twenty looks, however far back it lies.
        await using var command = db.CreateCommand(
            """
            WITH RECURSIVE search (low, high) AS (
                SELECT 0::bigint, head FROM branch WHERE id = $1
                UNION ALL
                SELECT CASE WHEN j.received <= $2 THEN s.middle ELSE s.low END, CASE WHEN j.received <= $2 THEN s.high ELSE s.middle - 1 END
                FROM (SELECT low, high, (low + high + 1) / 2 AS middle FROM search WHERE low < high) AS s JOIN journal j ON j.branch = $1 AND j.seq = s.middle)
            SELECT low FROM search WHERE low = high
            """);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = branch });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = moment.UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        return await command.ExecuteScalarAsync(ct) is long seq ? seq : 0;
    }

    /// <summary>One page of a branch's journal.</summary>
    public async Task<IReadOnlyList<JournalRow>> PageAsync(int branch, long after, int limit, CancellationToken ct)
    {
        await using var rows = await JournalCursor.OpenAsync(db, branch, after, after + limit, received: null, ct);
        var page = new List<JournalRow>(limit);
        while (await rows.MoveNextAsync(ct))
            page.Add(rows.Row);
        return page;
    }

    /// <summary>Single rows, for showing the facts behind a number.</summary>
    public async Task<IReadOnlyDictionary<long, JournalRow>> RowsAsync(int branch, IReadOnlyCollection<long> seqs, CancellationToken ct)
    {
        await using var command = db.CreateCommand("SELECT branch, seq, time, received, batch, type, source, id, data FROM journal WHERE branch = $1 AND seq = ANY ($2)");
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = branch });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. seqs] });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new Dictionary<long, JournalRow>();
        while (await reader.ReadAsync(ct))
        {
            rows[reader.GetInt64(1)] = new JournalRow(
                reader.GetInt32(0), reader.GetInt64(1), Utc(reader.GetDateTime(2)), Utc(reader.GetDateTime(3)), reader.GetGuid(4),
                reader.GetString(5), reader.GetString(6), reader.GetString(7), reader.GetFieldValue<byte[]>(8));
        }
        return rows;
    }

    /// <summary>The batch behind a row, if it was recorded.</summary>
    public async Task<IReadOnlyDictionary<Guid, BatchOrigin>> OriginsAsync(IReadOnlyCollection<Guid> batches, CancellationToken ct)
    {
        await using var command = db.CreateCommand("SELECT id, key, traceparent, received FROM batch WHERE id = ANY ($1)");
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. batches] });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var origins = new Dictionary<Guid, BatchOrigin>();
        while (await reader.ReadAsync(ct))
            origins[reader.GetGuid(0)] = new BatchOrigin(reader.GetGuid(0), reader.IsDBNull(1) ? null : reader.GetGuid(1), reader.IsDBNull(2) ? null : reader.GetString(2), Utc(reader.GetDateTime(3)));
        return origins;
    }

    internal static DateTimeOffset Utc(DateTime time) => new(DateTime.SpecifyKind(time, DateTimeKind.Utc));

    private static async Task<JournalHead?> FindAsync(NpgsqlConnection connection, Guid unit, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("SELECT id, unit, head, received FROM branch WHERE unit = $1", connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = unit });
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? Read(reader) : null;
    }

    private static JournalHead Read(NpgsqlDataReader reader) => new(reader.GetInt32(0), reader.GetGuid(1), reader.GetInt64(2), Utc(reader.GetDateTime(3)));
}
