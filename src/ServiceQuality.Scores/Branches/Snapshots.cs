using System.Buffers;
using Npgsql;
using NpgsqlTypes;
using ServiceQuality.Scores.Journals;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Branches;

/// <summary>A saved ledger.</summary>
internal sealed record Snapshot(int Branch, string Catalogue, long Seq, DateTimeOffset Received, ReadOnlyMemory<byte> State);

/// <summary>Saved ledgers, so that a restart folds a tail instead of a journal. They can all be thrown away at any time: the journal is the truth.</summary>
internal sealed class Snapshots(NpgsqlDataSource db, TimeProvider clock)
{
    /// <summary>What the state was folded with; a snapshot serves only a ledger of the same.</summary>
    public static string KeyOf(MeasureCatalogue catalogue, TimeZoneInfo zone) => $"{catalogue.Hash}/{zone.Id}";

    /// <summary>The ledger's state, ready to be saved. Called by the ledger's owner.</summary>
    public static Snapshot Of(int branch, Ledger ledger)
    {
        var state = new ArrayBufferWriter<byte>(1 << 14);
        ledger.Save(state);
        return new(branch, KeyOf(ledger.Catalogue, ledger.Zone), ledger.Seq, ledger.Received ?? DateTimeOffset.UnixEpoch, state.WrittenMemory);
    }

    /// <summary>A ledger from a snapshot; an empty one when the snapshot is damaged or of another format.</summary>
    public static Ledger Load(MeasureCatalogue catalogue, TimeZoneInfo zone, ReadOnlySpan<byte> state)
    {
        try
        {
            return Ledger.Load(catalogue, zone, state);
        }
        catch (InvalidDataException)
        {
            return new Ledger(catalogue, zone);
        }
    }

    /// <summary>Saves ledgers. Of each branch the newest snapshot of every day is kept for a week, for questions about the past.</summary>
    public async Task SaveAsync(IReadOnlyList<Snapshot> snapshots, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        foreach (var chunk in snapshots.Chunk(200))
        {
            await using var command = new NpgsqlCommand(
                """
                WITH saved AS (SELECT * FROM unnest($1::integer[], $2::text[], $3::bigint[], $4::timestamptz[], $5::bytea[]) AS s (branch, catalogue, seq, received, state)),
                     dropped AS (
                         DELETE FROM snapshot old USING saved s
                         WHERE old.branch = s.branch AND old.catalogue = s.catalogue AND old.seq < s.seq
                           AND (old.taken >= date_trunc('day', $6) OR old.taken < $6 - interval '7 days'))
                INSERT INTO snapshot (branch, catalogue, seq, received, taken, state) SELECT branch, catalogue, seq, received, $6, state FROM saved
                ON CONFLICT DO NOTHING
                """, connection);
            command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. chunk.Select(one => one.Branch)] });
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. chunk.Select(one => one.Catalogue)] });
            command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. chunk.Select(one => one.Seq)] });
            command.Parameters.Add(new NpgsqlParameter<DateTime[]> { TypedValue = [.. chunk.Select(one => one.Received.UtcDateTime)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz });
            command.Parameters.Add(new NpgsqlParameter<byte[][]> { TypedValue = [.. chunk.Select(one => one.State.ToArray())], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
            command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz });
            await command.ExecuteNonQueryAsync(ct);
        }
    }

    /// <summary>The newest snapshot of a branch that was taken no later than at a journal position.</summary>
    public async Task<Snapshot?> FindAsync(int branch, string catalogue, long upTo, CancellationToken ct)
    {
        await using var command = db.CreateCommand("SELECT branch, catalogue, seq, received, state FROM snapshot WHERE branch = $1 AND catalogue = $2 AND seq <= $3 ORDER BY seq DESC LIMIT 1");
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = branch });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = catalogue });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = upTo });
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? Read(reader) : null;
    }

    /// <summary>The newest snapshot of each of many branches, in one stream.</summary>
    public async Task ForEachNewestAsync(IReadOnlyList<(int Branch, string Catalogue)> wanted, Action<Snapshot> found, CancellationToken ct)
    {
        await using var command = db.CreateCommand(
            """
            SELECT s.* FROM unnest($1::integer[], $2::text[]) AS w (branch, catalogue)
            CROSS JOIN LATERAL (SELECT branch, catalogue, seq, received, state FROM snapshot n WHERE n.branch = w.branch AND n.catalogue = w.catalogue ORDER BY n.seq DESC LIMIT 1) AS s
            """);
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. wanted.Select(one => one.Branch)] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. wanted.Select(one => one.Catalogue)] });
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            found(Read(reader));
    }

    /// <summary>Drops what no catalogue in use can load any more.</summary>
    public async Task DropUnusedAsync(IReadOnlyList<string> catalogueHashes, CancellationToken ct)
    {
        await using var command = db.CreateCommand("DELETE FROM snapshot WHERE split_part(catalogue, '/', 1) <> ALL ($1) AND taken < now() - interval '1 day'");
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. catalogueHashes] });
        await command.ExecuteNonQueryAsync(ct);
    }

    private static Snapshot Read(NpgsqlDataReader reader) =>
        new(reader.GetInt32(0), reader.GetString(1), reader.GetInt64(2), Journal.Utc(reader.GetDateTime(3)), reader.GetFieldValue<byte[]>(4));
}
