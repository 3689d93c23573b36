using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using NpgsqlTypes;
using ServiceQuality.Contracts.Scores;
using ServiceQuality.Messaging;

namespace ServiceQuality.Scores.Alerts;

/// <summary>An alert as it is kept.</summary>
internal sealed record Alert(
    Guid Id, Guid Unit, string Kind, string Period, DateTimeOffset At, double Score, double? Change, string? FromGrade, string? ToGrade, bool IsFall, string Scheme, IReadOnlyList<ScoreCause> Causes);

/// <summary>Which alerts are asked for.</summary>
internal sealed record AlertFilter(IReadOnlyList<string> Scope, string? Within, string? Kind, Guid? After);

/// <summary>Alerts and what was told last of each unit; an alert, its message and the new state are one transaction.</summary>
internal sealed class AlertLedger([FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db)
{
    public async Task<Dictionary<Guid, AlertState>> StatesAsync(CancellationToken ct)
    {
        await using var command = db.CreateCommand("SELECT unit, version, grade, crossed, falling FROM alert_state");
        await using var reader = await command.ExecuteReaderAsync(ct);
        var states = new Dictionary<Guid, AlertState>();
        while (await reader.ReadAsync(ct))
            states[reader.GetGuid(0)] = new(reader.GetInt64(1), reader.GetString(2), Time(reader, 3), reader.GetBoolean(4));
        return states;
    }

    /// <summary>Keeps the state and tells the alerts, unless another process has done so; answers whether it was done here.</summary>
    public async Task<bool> TellAsync(Guid unit, AlertState next, IReadOnlyList<(Alert Alert, object Message)> alerts, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var keep = new NpgsqlCommand(
            """
            INSERT INTO alert_state AS known (unit, version, grade, crossed, falling) VALUES ($1, $2 + 1, $3, $4, $5)
            ON CONFLICT (unit) DO UPDATE SET version = excluded.version, grade = excluded.grade, crossed = excluded.crossed, falling = excluded.falling WHERE known.version = $2
            """, connection, transaction)
        {
            Parameters = { new() { Value = unit }, new() { Value = next.Version }, new() { Value = next.Grade }, new() { Value = next.Crossed.UtcDateTime }, new() { Value = next.Falling } },
        };
        if (await keep.ExecuteNonQueryAsync(ct) == 0)
            return false;
        foreach (var (alert, message) in alerts)
        {
            await InsertAsync(transaction, alert, ct);
            await Outbox.AddAsync(transaction, message, ct);
        }
        await transaction.CommitAsync(ct);
        return true;
    }

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<Alert>> ListAsync(AlertFilter filter, int limit, CancellationToken ct)
    {
        await using var command = db.CreateCommand(
            """
            SELECT a.id, a.unit, a.kind, a.period, a.at, a.score, a.change, a.from_grade, a.to_grade, a.is_fall, a.scheme, a.causes
            FROM alert a JOIN unit u ON u.unit = a.unit
            WHERE EXISTS (SELECT FROM unnest($1::text[]) AS path WHERE starts_with(u.path, path))
              AND ($2::text IS NULL OR starts_with(u.path, $2)) AND ($3::text IS NULL OR a.kind = $3) AND ($4::uuid IS NULL OR a.id < $4)
            ORDER BY a.id DESC LIMIT $5
            """);
        command.Parameters.Add(new() { Value = filter.Scope.ToArray() });
        command.Parameters.Add(new() { Value = (object?)filter.Within ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = (object?)filter.Kind ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = (object?)filter.After ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        command.Parameters.Add(new() { Value = limit });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var alerts = new List<Alert>();
        while (await reader.ReadAsync(ct))
            alerts.Add(Read(reader));
        return alerts;
    }

    /// <summary>Removes alerts from before a moment.</summary>
    public async Task ForgetAsync(DateTimeOffset before, CancellationToken ct)
    {
        await using var command = db.CreateCommand("DELETE FROM alert WHERE at < $1");
        command.Parameters.Add(new() { Value = before.UtcDateTime });
        await command.ExecuteNonQueryAsync(ct);
    }

    private static async Task InsertAsync(NpgsqlTransaction transaction, Alert alert, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            "INSERT INTO alert (id, unit, kind, period, at, score, change, from_grade, to_grade, is_fall, scheme, causes) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)", transaction.Connection, transaction);
        foreach (var value in new object?[] { alert.Id, alert.Unit, alert.Kind, alert.Period, alert.At.UtcDateTime, alert.Score, alert.Change, alert.FromGrade, alert.ToGrade, alert.IsFall, alert.Scheme })
            command.Parameters.Add(new() { Value = value ?? DBNull.Value });
        command.Parameters.Add(new() { Value = JsonSerializer.Serialize(alert.Causes, JsonSerializerOptions.Web), NpgsqlDbType = NpgsqlDbType.Jsonb });
        await command.ExecuteNonQueryAsync(ct);
    }

    private static Alert Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0), reader.GetGuid(1), reader.GetString(2), reader.GetString(3), Time(reader, 4), reader.GetDouble(5), reader.IsDBNull(6) ? null : reader.GetDouble(6),
        reader.IsDBNull(7) ? null : reader.GetString(7), reader.IsDBNull(8) ? null : reader.GetString(8), reader.GetBoolean(9), reader.GetString(10),
        JsonSerializer.Deserialize<List<ScoreCause>>(reader.GetString(11), JsonSerializerOptions.Web) ?? []);

    private static DateTimeOffset Time(NpgsqlDataReader reader, int column) => new(reader.GetDateTime(column), TimeSpan.Zero);
}
