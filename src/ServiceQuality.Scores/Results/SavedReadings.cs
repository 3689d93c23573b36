using System.Buffers;
using Npgsql;
using NpgsqlTypes;
using ServiceQuality.Scores.Journals;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Results;

/// <summary>
/// What every journal gave when its period was closed, so that a region can be restated for one branch without folding the journals of all its others again.
/// All of it can be thrown away: the journals are the truth.
/// </summary>
internal sealed class SavedReadings
{
    private readonly Dictionary<(Guid Unit, long Seq, DateTimeOffset Moment), byte[]> _saved = [];
    private readonly MeasureCatalogue _catalogue;

    private SavedReadings(MeasureCatalogue catalogue) => _catalogue = catalogue;

    /// <summary>Those of a closing that are of a catalogue.</summary>
    public static async Task<SavedReadings> FindAsync(NpgsqlConnection connection, Guid closing, MeasureCatalogue catalogue, CancellationToken ct)
    {
        await using var command = ClosingRows.Command(connection, "SELECT unit, seq, moment, content FROM closing_reading WHERE closing = $1 AND catalogue = $2", closing, catalogue.Hash);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var found = new SavedReadings(catalogue);
        while (await reader.ReadAsync(ct))
            found._saved[(reader.GetGuid(0), reader.GetInt64(1), Journal.Utc(reader.GetDateTime(2)))] = reader.GetFieldValue<byte[]>(3);
        return found;
    }

    /// <summary>The readings of a unit's journal at a position and moment; null when they are not saved, or cannot be read.</summary>
    public Readings? Find(Guid unit, long seq, DateTimeOffset moment)
    {
        try
        {
            return _saved.TryGetValue((unit, seq, moment), out var content) ? Readings.Load(_catalogue, content) : null;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>Saves readings; what is saved already stays.</summary>
    public static async Task AddAsync(NpgsqlTransaction transaction, Guid closing, DateTimeOffset moment, IReadOnlyList<(PinnedUnit Unit, Readings Readings)> readings, CancellationToken ct)
    {
        if (readings.Count == 0)
            return;
        await using var command = new NpgsqlCommand(
            """
            INSERT INTO closing_reading (closing, unit, seq, moment, catalogue, content)
            SELECT $1, n.unit, n.seq, $2, $3, n.content FROM unnest($4::uuid[], $5::bigint[], $6::bytea[]) AS n (unit, seq, content) ON CONFLICT DO NOTHING
            """, transaction.Connection, transaction);
        command.Parameters.Add(new() { Value = closing });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = moment.UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        command.Parameters.Add(new() { Value = readings[0].Readings.Catalogue.Hash });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. readings.Select(one => one.Unit.Unit)] });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. readings.Select(one => one.Unit.Seq)] });
        command.Parameters.Add(new NpgsqlParameter<byte[][]> { TypedValue = [.. readings.Select(one => Write(one.Readings))], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Drops those of closings that cannot be restated any more, or never will be.</summary>
    public static Task DropUnusedAsync(NpgsqlConnection connection, DateTimeOffset oldest, CancellationToken ct) =>
        ClosingRows.ExecuteAsync(connection, "DELETE FROM closing_reading WHERE closing IN (SELECT id FROM closing WHERE moment < $1 OR state = 'discarded')", ct, oldest);

    private static byte[] Write(Readings readings)
    {
        var content = new ArrayBufferWriter<byte>(1 << 13);
        readings.Save(content);
        return content.WrittenSpan.ToArray();
    }
}
