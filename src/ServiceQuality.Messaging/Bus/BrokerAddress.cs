using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace ServiceQuality.Messaging;

/// <summary>
/// Where the broker is, from <c>ConnectionStrings:rabbitmq</c>: <c>amqp://user:password@host:port</c>; the nodes of a cluster follow each other
/// with commas, <c>amqp://user:password@host1:port,host2:port,host3:port</c>.
/// </summary>
internal sealed class BrokerAddress
{
    /// <summary>A node that hangs, or whose packets are lost, must not keep anybody from the next one.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public string Text { get; set; } = "";

    public bool IsValid => Split().All(text => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri is { Scheme: "amqp" or "amqps", Host.Length: > 0 });

    /// <summary>An address for each node.</summary>
    public IReadOnlyList<Uri> Nodes => [.. Split().Select(text => new Uri(text))];

    /// <summary>The node as the client library wants it; over TLS its certificate must be for its own name.</summary>
    public static AmqpTcpEndpoint EndpointOf(Uri node, SslOption tls) =>
        new(node.Host, node.Port, tls.Enabled ? new SslOption(node.Host, enabled: true) { Version = tls.Version } : tls);

    /// <summary>A connection of its own to any node.</summary>
    /// <exception cref="BrokerUnreachableException">No node answers.</exception>
    public Task<IConnection> ConnectAsync(string name, CancellationToken ct)
    {
        var nodes = Nodes;
        var factory = new ConnectionFactory { Uri = nodes[0], AutomaticRecoveryEnabled = false, RequestedConnectionTimeout = Patience, HandshakeContinuationTimeout = Patience };
        return factory.CreateConnectionAsync(nodes.Select(node => EndpointOf(node, factory.Ssl)), name, ct);
    }

    /// <summary>True when a node shakes hands.</summary>
    public async Task<bool> AnswersAsync(CancellationToken ct)
    {
        try
        {
            LetGo(await ConnectAsync("probe", ct));
            return true;
        }
        catch (Exception away) when (away is BrokerUnreachableException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>True when a node takes a message from a connection of its own; a broker that is short of memory or disk takes none.</summary>
    public async Task<bool> ConfirmsAsync(CancellationToken ct) => (await Task.WhenAll(Nodes.Select(node => ConfirmsAsync(node, ct)))).Contains(true);

    private static async Task<bool> ConfirmsAsync(Uri node, CancellationToken ct)
    {
        try
        {
            // A node that hangs may keep the client for longer than any timeout that it is given.
            return await SendToNobodyAsync(node, ct).WaitAsync(Patience, ct);
        }
        catch (Exception away) when (away is RabbitMQClientException or IOException or ObjectDisposedException or OperationCanceledException or TimeoutException)
        {
            return false;
        }
    }

    private static async Task<bool> SendToNobodyAsync(Uri node, CancellationToken ct)
    {
        var probe = await new ConnectionFactory { Uri = node, AutomaticRecoveryEnabled = false, RequestedConnectionTimeout = Patience, HandshakeContinuationTimeout = Patience }.CreateConnectionAsync("probe", ct);
        try
        {
            var channel = await probe.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), ct);
            // No queue has this name: the broker confirms and forgets.
            await channel.BasicPublishAsync("", "sign-of-life", ReadOnlyMemory<byte>.Empty, ct);
            return true;
        }
        finally
        {
            LetGo(probe);
        }
    }

    /// <summary>Closes a connection that was only a question. Nobody waits for it: one that breaks meanwhile may never finish closing.</summary>
    public static void LetGo(IConnection probe) => _ = Task.Run(async () =>
    {
        try
        {
            await probe.DisposeAsync();
        }
        catch (Exception broken) when (broken is RabbitMQClientException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            // It is gone, as it should be.
        }
    });

    private IEnumerable<string> Split()
    {
        var scheme = Text.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
            return [Text];
        var end = Text.IndexOfAny(['/', '?'], scheme + 3) is var found && found < 0 ? Text.Length : found;
        var hosts = Text.LastIndexOf('@', end - 1, end - scheme - 3) is var at && at < 0 ? scheme + 3 : at + 1;
        return Text[hosts..end].Split(',', StringSplitOptions.TrimEntries).Select(host => $"{Text[..hosts]}{host}{Text[end..]}");
    }
}
