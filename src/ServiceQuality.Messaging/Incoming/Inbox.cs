using MassTransit;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ServiceQuality.Messaging;

/// <summary>Lets a message take effect once, however often it is delivered: its id is recorded in the transaction of its effect (PLT-04).</summary>
public static class Inbox
{
    private const string Record = "insert into inbox (message_id, consumer) values ({0}, {1}) on conflict do nothing";

    /// <summary>
    /// Runs <paramref name="handle"/>, saves the context and records the message in one transaction. A redelivery finds the record and does
    /// nothing; then the answer is false.
    /// </summary>
    public static async Task<bool> Once<T>(this DbContext db, ConsumeContext<T> context, string consumer, Func<T, Task> handle) where T : class
    {
        var ct = context.CancellationToken;
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (await db.Database.ExecuteSqlRawAsync(Record, [IdOf(context), consumer], ct) == 0)
            return false;

        await handle(context.Message);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return true;
    }

    /// <summary>Runs <paramref name="handle"/> in a transaction that also records the message; false when a redelivery did nothing.</summary>
    public static async Task<bool> Once<T>(this NpgsqlDataSource db, ConsumeContext<T> context, string consumer, Func<T, NpgsqlTransaction, Task> handle) where T : class
    {
        var ct = context.CancellationToken;
        await using var connection = await db.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using (var record = new NpgsqlCommand("insert into inbox (message_id, consumer) values ($1, $2) on conflict do nothing", connection, transaction)
        {
            Parameters = { new() { Value = IdOf(context) }, new() { Value = consumer } },
        })
        {
            if (await record.ExecuteNonQueryAsync(ct) == 0)
                return false;
        }

        await handle(context.Message, transaction);
        await transaction.CommitAsync(ct);
        return true;
    }

    private static Guid IdOf(ConsumeContext context) => context.MessageId ?? throw new InvalidOperationException("A message without an id cannot be told from its repetition.");
}
