using Npgsql;
using NpgsqlTypes;

namespace ServiceQuality.Scores.Journals;

/// <summary>
/// One transaction for appends to many branches: one COPY, and one compare-and-set on the heads, which marks appends with an outdated head as stale and
/// leaves them out.
/// </summary>
internal static class GroupCommit
{
    private const int ChunkBytes = 1 << 18;

    /// <summary>Commits; throws when that fails, or nobody knows.</summary>
    /// <param name="db">The database.</param>
    /// <param name="group">No two of one branch.</param>
    /// <param name="lookUp">Whether any of them asks for its keys to be looked up first.</param>
    /// <param name="rows">A buffer to use.</param>
    public static async Task RunAsync(NpgsqlDataSource db, List<AppendRequest> group, bool lookUp, CopyRows rows)
    {
        await using var connection = await db.OpenConnectionAsync();
        var known = lookUp ? await FindKnownAsync(connection, group) : null;
        foreach (var request in group)
            request.Number(known);

        await using var transaction = await connection.BeginTransactionAsync();
        await RecordOriginsAsync(connection, group);
        await MoveHeadsAsync(connection, group);
        if (group.Exists(request => request is { Stale: false, Fresh.Count: > 0 }))
            await CopyAsync(connection, group, rows);
        await transaction.CommitAsync();
    }

    private static async Task<HashSet<(int Branch, Guid Key)>> FindKnownAsync(NpgsqlConnection connection, List<AppendRequest> group)
    {
        var asked = group.Where(request => request.LookUpFirst).SelectMany(request => request.Entries, (request, entry) => (request.Head.Branch, entry.Key)).Distinct().ToList();
        var known = new HashSet<(int, Guid)>();
        foreach (var chunk in asked.Chunk(2_000))
        {
            // A lateral probe keeps to the unique index, whatever the planner believes about the size of the arrays.
            await using var command = new NpgsqlCommand(
                """
                SELECT n.branch, n.key FROM unnest($1::integer[], $2::uuid[]) AS n (branch, key)
                CROSS JOIN LATERAL (SELECT 1 FROM journal j WHERE j.branch = n.branch AND j.key = n.key LIMIT 1) AS found
                """, connection);
            command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. chunk.Select(one => one.Branch)] });
            command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. chunk.Select(one => one.Key)] });
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
                known.Add((reader.GetInt32(0), reader.GetGuid(1)));
        }
        return known;
    }

    private static async Task RecordOriginsAsync(NpgsqlConnection connection, List<AppendRequest> group)
    {
        // In the order of the ids, so that two writers that meet on a redelivered batch cannot lock each other out.
        var origins = group.Where(request => !request.Stale).SelectMany(request => request.Origins).DistinctBy(origin => origin.Id).OrderBy(origin => origin.Id).ToList();
        if (origins.Count == 0)
            return;

        await using var command = new NpgsqlCommand(
            "INSERT INTO batch (id, key, traceparent, received) SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[]) ON CONFLICT DO NOTHING", connection);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. origins.Select(origin => origin.Id)] });
        command.Parameters.Add(new NpgsqlParameter<Guid?[]> { TypedValue = [.. origins.Select(origin => origin.Key)] });
        command.Parameters.Add(new NpgsqlParameter<string?[]> { TypedValue = [.. origins.Select(origin => origin.TraceParent)] });
        command.Parameters.Add(new NpgsqlParameter<DateTime[]> { TypedValue = [.. origins.Select(origin => origin.Received.UtcDateTime)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz });
        await command.ExecuteNonQueryAsync();
    }

    private static async Task MoveHeadsAsync(NpgsqlConnection connection, List<AppendRequest> group)
    {
        var moving = group.Where(request => request is { Stale: false, Fresh.Count: > 0 }).OrderBy(request => request.Head.Branch).ToDictionary(request => request.Head.Branch);
        if (moving.Count == 0)
            return;

        await using var command = new NpgsqlCommand(
            """
            UPDATE branch SET head = n.head, received = n.received
            FROM unnest($1::integer[], $2::bigint[], $3::bigint[], $4::timestamptz[]) AS n (id, expected, head, received)
            WHERE branch.id = n.id AND branch.head = n.expected
            RETURNING branch.id
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. moving.Keys] });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. moving.Values.Select(request => request.Head.Head)] });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. moving.Values.Select(request => request.NewHead)] });
        command.Parameters.Add(new NpgsqlParameter<DateTime[]> { TypedValue = [.. moving.Values.Select(request => request.NewReceived.UtcDateTime)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz });
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            moving.Remove(reader.GetInt32(0));

        foreach (var (_, request) in moving)
            request.Stale = true;
    }

    private static async Task CopyAsync(NpgsqlConnection connection, List<AppendRequest> group, CopyRows rows)
    {
        rows.Clear();
        rows.Begin();
        await using var copy = await connection.BeginRawBinaryCopyAsync($"COPY journal ({CopyRows.Columns}) FROM STDIN (FORMAT BINARY)");
        foreach (var request in group.Where(request => !request.Stale))
        {
            for (var i = 0; i < request.Fresh.Count; i++)
            {
                rows.Add(request.Head.Branch, request.Head.Head + 1 + i, request.Times[i], request.Fresh[i]);
                if (rows.Length < ChunkBytes)
                    continue;

                // The database takes in this part while the next is being encoded.
                await copy.WriteAsync(rows.Written);
                rows.Clear();
            }
        }
        rows.End();
        await copy.WriteAsync(rows.Written);
    }
}
