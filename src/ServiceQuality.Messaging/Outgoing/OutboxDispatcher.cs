using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ServiceQuality.Messaging;

/// <summary>
/// Publishes what the outbox of one schema holds, in order, and deletes it afterwards. One instance of a service works at a time.
/// Killed between the two, it publishes the same message with the same id again.
/// </summary>
internal sealed class OutboxDispatcher(
    string service, NpgsqlDataSource db, IOutboxTransport transport, IOptions<BusSettings> settings, TimeProvider clock, ILogger<OutboxDispatcher> logger) : BackgroundService
{
    private const int BatchSize = 100;
    private const int Attempts = 5;
    private static readonly ActivitySource Activities = new("ServiceQuality.Messaging");
    private static readonly Meter Meter = new("ServiceQuality.Messaging");
    private static readonly Counter<long> Published = Meter.CreateCounter<long>("servicequality.outbox.published", "{message}", "Messages that left the outbox.");
    private static readonly Counter<long> Failed = Meter.CreateCounter<long>("servicequality.outbox.failed", "{message}", "Messages that were set aside because they cannot be published.");
    private DateTimeOffset _pruned;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(settings.Value.OutboxInterval, clock);
        do
        {
            try
            {
                while (transport.IsReady && await DispatchAsync(stoppingToken) == BatchSize)
                {
                }
                await PruneInboxAsync(stoppingToken);
            }
            catch (Exception failure) when (failure is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                logger.LogWarning(failure, "The outbox of {Service} could not be emptied; it will be tried again", service);
            }
        }
        while (await WaitAsync(timer, stoppingToken));
    }

    private static async Task<bool> WaitAsync(PeriodicTimer timer, CancellationToken ct)
    {
        try
        {
            return await timer.WaitForNextTickAsync(ct);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<int> DispatchAsync(CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        if (await ScalarAsync(connection, "select exists (select from outbox where failure is null)", ct) is false)
            return 0;

        await using var transaction = await connection.BeginTransactionAsync(ct);
        if (await ScalarAsync(connection, "select pg_try_advisory_xact_lock(hashtextextended('outbox:' || current_schema(), 0))", ct) is false)
            return 0;

        var waiting = await WaitingAsync(connection, ct);
        var done = new List<long>();
        try
        {
            foreach (var message in waiting)
            {
                if (await PublishAsync(connection, message, ct))
                    done.Add(message.Id);
                else
                    break;
            }
        }
        finally
        {
            await using var delete = new NpgsqlCommand("delete from outbox where id = any($1)", connection) { Parameters = { new() { Value = done.ToArray() } } };
            await delete.ExecuteNonQueryAsync(CancellationToken.None);
            await transaction.CommitAsync(CancellationToken.None);
            Published.Add(done.Count, new KeyValuePair<string, object?>("service", service));
        }
        return done.Count;
    }

    /// <summary>False when the message has to be tried again before any later one.</summary>
    private async Task<bool> PublishAsync(NpgsqlConnection connection, OutboxMessage message, CancellationToken ct)
    {
        using var activity = Activities.StartActivity("outbox publish", ActivityKind.Producer, message.TraceParent);
        try
        {
            await transport.PublishAsync(message, ct);
            return true;
        }
        catch (Exception failure) when (failure is not OperationCanceledException && !Retries.IsAway(failure))
        {
            var final = failure is UnknownMessageTypeException or JsonException;
            await using var command = new NpgsqlCommand(
                "update outbox set attempts = attempts + 1, failure = case when $2 or attempts + 1 >= $3 then $4 end where id = $1 returning failure is not null", connection)
            {
                Parameters = { new() { Value = message.Id }, new() { Value = final }, new() { Value = Attempts }, new() { Value = failure.Message } },
            };
            if (await command.ExecuteScalarAsync(ct) is true)
            {
                Failed.Add(1, new KeyValuePair<string, object?>("service", service));
                logger.LogError(failure, "Message {Id} of type {Type} was set aside in the outbox of {Service}", message.Id, message.Type, service);
            }
            return false;
        }
    }

    private static async Task<List<OutboxMessage>> WaitingAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var waiting = new List<OutboxMessage>();
        await using var command = new NpgsqlCommand("select id, message_id, type, body, traceparent from outbox where failure is null order by id limit $1 for update skip locked", connection)
        {
            Parameters = { new() { Value = BatchSize } },
        };
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            waiting.Add(new OutboxMessage
            {
                Id = reader.GetInt64(0),
                MessageId = reader.GetGuid(1),
                Type = reader.GetString(2),
                Body = reader.GetString(3),
                TraceParent = await reader.IsDBNullAsync(4, ct) ? null : reader.GetString(4),
            });
        return waiting;
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(ct);
    }

    private async Task PruneInboxAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (now - _pruned < TimeSpan.FromHours(1))
            return;
        _pruned = now;
        await using var command = db.CreateCommand("delete from inbox where at < $1");
        command.Parameters.Add(new() { Value = now - settings.Value.InboxKeeps });
        await command.ExecuteNonQueryAsync(ct);
    }
}
