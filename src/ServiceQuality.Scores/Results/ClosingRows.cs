using Npgsql;
using NpgsqlTypes;
using ServiceQuality.Scores.Journals;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Results;

/// <summary>A unit as it was when the period was closed, and where its journal stood.</summary>
/// <param name="Branch">Number of its journal; null without one.</param>
/// <param name="Seq">Position of its journal.</param>
internal sealed record PinnedUnit(Guid Unit, Guid? Parent, string Code, Bilingual Name, string Path, string TimeZone, bool Active, int? Branch, long Seq)
{
    /// <summary>As of when its journal is read; null for the moment of the computation.</summary>
    public DateTimeOffset? AsOf { get; init; }
}

/// <summary>Rows of closings.</summary>
internal static class ClosingRows
{
    private const string Columns =
        "id, unit, period, state, moment, scheme, units, done, attempts, failure, closer, closer_name, started, computed, findings, checked, publisher_name, published, comment, appeals_until, frozen, facts_per_leaf";

    public static async Task<Closing?> FindAsync(NpgsqlConnection connection, Guid id, bool forUpdate, CancellationToken ct) =>
        (await ReadAsync(connection, $"SELECT {Columns} FROM closing WHERE id = $1{(forUpdate ? " FOR UPDATE" : "")}", ct, id)) is [var found] ? found : null;

    /// <summary>The newest 500.</summary>
    public static Task<List<Closing>> ListAsync(NpgsqlConnection connection, string? period, string? state, CancellationToken ct) => ReadAsync(
        connection, $"SELECT {Columns} FROM closing WHERE ($1::text IS NULL OR period = $1) AND ($2::text IS NULL OR state = $2) ORDER BY started DESC LIMIT 500", ct, period, state);

    public static Task<List<Closing>> ComputingAsync(NpgsqlConnection connection, CancellationToken ct) =>
        ReadAsync(connection, $"SELECT {Columns} FROM closing WHERE state = 'computing' ORDER BY started LIMIT 10", ct);

    /// <summary>Published closings of a period that hold a unit; the closing of a period holds a unit once.</summary>
    public static async Task<Closing?> OfUnitAsync(NpgsqlConnection connection, Guid unit, string period, CancellationToken ct) =>
        (await ReadAsync(connection, $"SELECT {Columns} FROM closing WHERE period = $2 AND state IN ('published', 'frozen') AND EXISTS (SELECT FROM closing_unit u WHERE u.closing = closing.id AND u.unit = $1)", ct, unit, period))
        is [var found, ..] ? found : null;

    /// <summary>The units of a closing under a path, parents before children.</summary>
    public static async Task<List<PinnedUnit>> UnitsAsync(NpgsqlConnection connection, Guid closing, string path, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            "SELECT unit, parent, code, name_zh, name_en, path, time_zone, active, branch, seq FROM closing_unit WHERE closing = $1 AND starts_with(path, $2) ORDER BY path COLLATE \"C\"", connection)
        {
            Parameters = { new() { Value = closing }, new() { Value = path } },
        };
        await using var reader = await command.ExecuteReaderAsync(ct);
        var units = new List<PinnedUnit>();
        while (await reader.ReadAsync(ct))
        {
            units.Add(new PinnedUnit(reader.GetGuid(0), reader.IsDBNull(1) ? null : reader.GetGuid(1), reader.GetString(2), new Bilingual(reader.GetString(3), reader.GetString(4)), reader.GetString(5),
                reader.GetString(6), reader.GetBoolean(7), reader.IsDBNull(8) ? null : reader.GetInt32(8), reader.GetInt64(9)));
        }
        return units;
    }

    public static async Task<PinnedUnit?> UnitAsync(NpgsqlConnection connection, Guid closing, Guid unit, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("SELECT path FROM closing_unit WHERE closing = $1 AND unit = $2", connection) { Parameters = { new() { Value = closing }, new() { Value = unit } } };
        return await command.ExecuteScalarAsync(ct) is string path ? (await UnitsAsync(connection, closing, path, ct)).Find(one => one.Unit == unit) : null;
    }

    public static async Task<int> ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken ct, params object?[] values)
    {
        await using var command = Command(connection, sql, values);
        return await command.ExecuteNonQueryAsync(ct);
    }

    public static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params object?[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(value switch
            {
                null => new NpgsqlParameter { Value = DBNull.Value },
                DateTimeOffset time => new NpgsqlParameter<DateTime> { TypedValue = time.UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz },
                _ => new NpgsqlParameter { Value = value },
            });
        return command;
    }

    public static DateTimeOffset? TimeAt(NpgsqlDataReader row, int at) => row.IsDBNull(at) ? null : Journal.Utc(row.GetDateTime(at));

    public static string? TextAt(NpgsqlDataReader row, int at) => row.IsDBNull(at) ? null : row.GetString(at);

    private static async Task<List<Closing>> ReadAsync(NpgsqlConnection connection, string sql, CancellationToken ct, params object?[] values)
    {
        await using var command = Command(connection, sql, values);
        await using var row = await command.ExecuteReaderAsync(ct);
        var closings = new List<Closing>();
        while (await row.ReadAsync(ct))
        {
            closings.Add(new Closing(
                row.GetGuid(0), row.GetGuid(1), Period.Parse(row.GetString(2)), row.GetString(3), Journal.Utc(row.GetDateTime(4)), row.GetString(5), row.GetInt32(6), row.GetInt32(7), row.GetInt32(8),
                TextAt(row, 9), row.GetGuid(10), row.GetString(11), Journal.Utc(row.GetDateTime(12)), TimeAt(row, 13), TextAt(row, 14), TimeAt(row, 15), TextAt(row, 16), TimeAt(row, 17), TextAt(row, 18),
                TimeAt(row, 19), TimeAt(row, 20), row.IsDBNull(21) ? null : row.GetInt32(21)));
        }
        return closings;
    }
}
