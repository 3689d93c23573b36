using System.Diagnostics;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ServiceQuality.Messaging;

/// <summary>
/// Messages that leave if, and only if, the change that they tell about is committed (PLT-04). They are published in the order of their ids,
/// at least once, each with the same message id every time, so that the inbox of a consumer can tell a repetition.
/// </summary>
public static class Outbox
{
    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Adds a message to what the context saves next.</summary>
    public static void Add(DbContext db, object message) => db.Add(OutboxMessage.Of(message));

    /// <summary>Writes a message within a transaction.</summary>
    public static async Task AddAsync(NpgsqlTransaction transaction, object message, CancellationToken ct)
    {
        var outgoing = OutboxMessage.Of(message);
        await using var command = new NpgsqlCommand("insert into outbox (type, body, traceparent) values ($1, $2, $3)", transaction.Connection, transaction)
        {
            Parameters = { new() { Value = outgoing.Type }, new() { Value = outgoing.Body }, new() { Value = (object?)outgoing.TraceParent ?? DBNull.Value } },
        };
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Writes many messages within a transaction, in one go and in their order.</summary>
    public static async Task AddAsync<T>(NpgsqlTransaction transaction, IEnumerable<T> messages, CancellationToken ct) where T : class
    {
        var outgoing = messages.Select(OutboxMessage.Of).ToList();
        await using var command = new NpgsqlCommand(
            "insert into outbox (type, body, traceparent) select type, body, $3 from unnest($1, $2) with ordinality as message (type, body, place) order by place", transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = outgoing.Select(message => message.Type).ToArray() }, new() { Value = outgoing.Select(message => message.Body).ToArray() },
                new() { Value = (object?)Activity.Current?.Id ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text },
            },
        };
        await command.ExecuteNonQueryAsync(ct);
    }
}

/// <summary>A message on its way out.</summary>
internal sealed class OutboxMessage
{
    public long Id { get; init; }
    public Guid MessageId { get; init; }
    public required string Type { get; init; }
    public required string Body { get; init; }
    public string? TraceParent { get; init; }

    public static OutboxMessage Of(object message) => new()
    {
        Type = MessageTypes.NameOf(message.GetType()),
        Body = JsonSerializer.Serialize(message, message.GetType(), Outbox.Json),
        TraceParent = Activity.Current?.Id,
    };

    public object Read() => JsonSerializer.Deserialize(Body, MessageTypes.Of(Type), Outbox.Json) ?? throw new JsonException($"Outbox message {Id} is empty.");
}

/// <summary>Maps Messaging's tables.</summary>
public static class MessagingModel
{
    /// <summary>Maps the outbox, so that <see cref="Outbox.Add"/> is saved with everything else. The tables come from Messaging's own migration.</summary>
    public static ModelBuilder AddMessaging(this ModelBuilder model)
    {
        model.Entity<OutboxMessage>(outbox =>
        {
            outbox.ToTable("outbox", table => table.ExcludeFromMigrations());
            outbox.HasKey(message => message.Id);
            outbox.Property(message => message.Id).HasColumnName("id").UseIdentityAlwaysColumn();
            outbox.Property(message => message.MessageId).HasColumnName("message_id").HasDefaultValueSql("gen_random_uuid()").ValueGeneratedOnAdd();
            outbox.Property(message => message.Type).HasColumnName("type");
            outbox.Property(message => message.Body).HasColumnName("body");
            outbox.Property(message => message.TraceParent).HasColumnName("traceparent");
        });
        return model;
    }
}
