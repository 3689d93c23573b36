using System.Text;
using Microsoft.Extensions.Options;
using Npgsql;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using ServiceQuality.Contracts;

namespace ServiceQuality.Messaging;

/// <summary>
/// The error queues at the broker, one per service. What is done to them is recorded in the chain of <paramref name="audit"/>, before it is done: the
/// broker knows no transaction, and a record without effect is better than an effect without a record.
/// </summary>
internal sealed class ErrorQueues(IOptions<BrokerAddress> broker, IOptions<BusSettings> settings, NpgsqlDataSource audit) : IFailedMessages
{
    private const int ReplayLimit = 10_000;
    private const string FaultPrefix = "MT-Fault-";
    private const string Origin = "MT-Fault-InputAddress";

    private IEnumerable<string> Names => ServiceNames.OnTheBus.Union(settings.Value.Services).Select(ErrorQueueNames.Of);

    public async Task<IReadOnlyList<FailedBacklog>> ListAsync(CancellationToken ct)
    {
        await using var connection = await ConnectAsync(ct);
        var queues = new List<FailedBacklog>();
        foreach (var name in Names)
        {
            // A service without a failed message has no error queue yet; asking for it closes the channel.
            await using var channel = await connection.CreateChannelAsync(cancellationToken: ct);
            if (await CountAsync(channel, name, ct) is { } count)
                queues.Add(new FailedBacklog(name, count));
        }
        return queues;
    }

    public async Task<IReadOnlyList<FailedMessage>?> ShowAsync(string queue, int limit, CancellationToken ct)
    {
        if (!Names.Contains(queue))
            return null;

        await using var connection = await ConnectAsync(ct);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: ct);
        if (await CountAsync(channel, queue, ct) is null)
            return [];

        // Nothing is acknowledged: when the channel closes, every message is back in its place.
        var shown = new List<FailedMessage>();
        while (shown.Count < limit && await channel.BasicGetAsync(queue, autoAck: false, ct) is { } message)
            shown.Add(Describe(message));
        return shown;
    }

    public async Task<ReplayResult?> ReplayAsync(string queue, IReadOnlySet<string>? ids, AuditEntry record, CancellationToken ct)
    {
        var done = await TakeAsync(queue, ids, record, async (channel, message) =>
        {
            if (Text(message, Origin) is not { } origin)
                return false;
            var properties = new BasicProperties(message.BasicProperties) { Persistent = true };
            properties.Headers = message.BasicProperties.Headers?.Where(header => !header.Key.StartsWith(FaultPrefix, StringComparison.Ordinal)).ToDictionary();
            await channel.BasicPublishAsync("", QueueOf(origin), mandatory: true, properties, message.Body, ct);
            return true;
        }, ct);
        return done is var (taken, left) ? new ReplayResult(taken, left) : null;
    }

    public async Task<DeletionResult?> DeleteAsync(string queue, IReadOnlySet<string> ids, AuditEntry record, CancellationToken ct) =>
        await TakeAsync(queue, ids, record, (_, _) => Task.FromResult(true), ct) is var (taken, left) ? new DeletionResult(taken, left) : null;

    /// <summary>Takes messages off a queue, each after <paramref name="treat"/> has agreed; the others are back in their place when the channel closes.</summary>
    private async Task<(long Taken, long Left)?> TakeAsync(
        string queue, IReadOnlySet<string>? ids, AuditEntry record, Func<IChannel, BasicGetResult, Task<bool>> treat, CancellationToken ct)
    {
        if (!Names.Contains(queue))
            return null;

        await using var connection = await ConnectAsync(ct);
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), ct);
        var waiting = await CountAsync(channel, queue, ct) ?? 0;
        if (waiting == 0)
            return (0, 0);
        await RecordAsync(record, ct);
        var taken = 0L;
        for (var seen = 0; seen < Math.Min(waiting, ReplayLimit) && await channel.BasicGetAsync(queue, autoAck: false, ct) is { } message; seen++)
        {
            if (ids?.Contains(message.BasicProperties.MessageId ?? "") == false || !await treat(channel, message))
                continue;
            await channel.BasicAckAsync(message.DeliveryTag, multiple: false, ct);
            taken++;
        }
        return (taken, waiting - taken);
    }

    private async Task RecordAsync(AuditEntry record, CancellationToken ct)
    {
        await using var connection = await audit.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await AuditTrail.AppendAsync(transaction, record, ct);
        await transaction.CommitAsync(ct);
    }

    private async Task<IConnection> ConnectAsync(CancellationToken ct)
    {
        try
        {
            return await broker.Value.ConnectAsync("error queues", ct);
        }
        catch (BrokerUnreachableException away)
        {
            throw new TemporarilyUnavailableException("The broker is away.", away);
        }
    }

    private static async Task<long?> CountAsync(IChannel channel, string queue, CancellationToken ct)
    {
        try
        {
            return (await channel.QueueDeclarePassiveAsync(queue, ct)).MessageCount;
        }
        catch (OperationInterruptedException missing) when (missing.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return null;
        }
    }

    private static FailedMessage Describe(BasicGetResult message)
    {
        var body = Encoding.UTF8.GetString(message.Body.Span);
        return new FailedMessage(
            message.BasicProperties.MessageId ?? "", Text(message, "MT-Fault-MessageType"), Text(message, Origin) is { } origin ? QueueOf(origin) : null,
            Text(message, "MT-Fault-Message"), Text(message, "MT-Fault-Timestamp"), body.Length <= IFailedMessages.BodyLimit ? body : body[..IFailedMessages.BodyLimit]);
    }

    private static string? Text(BasicGetResult message, string header) =>
        message.BasicProperties.Headers?.TryGetValue(header, out var value) == true ? value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : value?.ToString() : null;

    private static string QueueOf(string address)
    {
        var path = address.Split('?')[0];
        return path[(path.LastIndexOf('/') + 1)..];
    }
}
