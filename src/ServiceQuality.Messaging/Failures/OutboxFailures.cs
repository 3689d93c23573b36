using Npgsql;

namespace ServiceQuality.Messaging;

/// <summary>Messages set aside in the outbox of one service: of a type that is not known, or, within one process, not handled after several attempts.</summary>
internal sealed class OutboxFailures(string service, NpgsqlDataSource db) : IFailedMessages
{
    private readonly string _queue = QueueOf(service);

    public static string QueueOf(string service) => $"{service}_outbox";

    public async Task<IReadOnlyList<FailedBacklog>> ListAsync(CancellationToken ct)
    {
        var count = await CountAsync(ct);
        return count == 0 ? [] : [new FailedBacklog(_queue, count)];
    }

    public async Task<IReadOnlyList<FailedMessage>?> ShowAsync(string queue, int limit, CancellationToken ct)
    {
        if (queue != _queue)
            return null;

        var shown = new List<FailedMessage>();
        await using var command = db.CreateCommand("select message_id, type, failure, created, left(body, $2) from outbox where failure is not null order by id limit $1");
        command.Parameters.Add(new() { Value = limit });
        command.Parameters.Add(new() { Value = IFailedMessages.BodyLimit });
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            shown.Add(new FailedMessage(reader.GetGuid(0).ToString(), reader.GetString(1), _queue, reader.GetString(2), reader.GetDateTime(3).ToString("O"), reader.GetString(4)));
        return shown;
    }

    public async Task<ReplayResult?> ReplayAsync(string queue, IReadOnlySet<string>? ids, AuditEntry record, CancellationToken ct) =>
        queue == _queue ? new ReplayResult(await ChangeAsync("update outbox set failure = null, attempts = 0", ids, record, ct), await CountAsync(ct)) : null;

    public async Task<DeletionResult?> DeleteAsync(string queue, IReadOnlySet<string> ids, AuditEntry record, CancellationToken ct) =>
        queue == _queue ? new DeletionResult(await ChangeAsync("delete from outbox", ids, record, ct), await CountAsync(ct)) : null;

    /// <summary>The change and its audit record are one transaction; what changes nothing leaves no record.</summary>
    private async Task<long> ChangeAsync(string what, IReadOnlySet<string>? ids, AuditEntry record, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var command = new NpgsqlCommand($"{what} where failure is not null and ($1 or message_id::text = any($2))", connection, transaction);
        command.Parameters.Add(new() { Value = ids is null });
        command.Parameters.Add(new() { Value = ids?.ToArray() ?? [] });
        var changed = await command.ExecuteNonQueryAsync(ct);
        if (changed == 0)
            return 0;
        await AuditTrail.AppendAsync(transaction, record, ct);
        await transaction.CommitAsync(ct);
        return changed;
    }

    private async Task<long> CountAsync(CancellationToken ct)
    {
        await using var command = db.CreateCommand("select count(*) from outbox where failure is not null");
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }
}
