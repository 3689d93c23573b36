using Npgsql;

namespace ServiceQuality.Messaging;

/// <summary>Messages set aside in the outbox of one service: of a type that is not known, or, within one process, not handled after several attempts.</summary>
internal sealed class OutboxFailures(string service, NpgsqlDataSource db) : IFailedMessages
{
    private readonly string _queue = $"{service}_outbox";

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

    public async Task<ReplayResult?> ReplayAsync(string queue, IReadOnlySet<string>? ids, CancellationToken ct)
    {
        if (queue != _queue)
            return null;

        await using var command = db.CreateCommand("update outbox set failure = null, attempts = 0 where failure is not null and ($1 or message_id::text = any($2))");
        command.Parameters.Add(new() { Value = ids is null });
        command.Parameters.Add(new() { Value = ids?.ToArray() ?? [] });
        var replayed = await command.ExecuteNonQueryAsync(ct);
        return new ReplayResult(replayed, await CountAsync(ct));
    }

    private async Task<long> CountAsync(CancellationToken ct)
    {
        await using var command = db.CreateCommand("select count(*) from outbox where failure is not null");
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }
}
