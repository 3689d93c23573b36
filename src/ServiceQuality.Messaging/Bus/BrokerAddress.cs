using RabbitMQ.Client;

namespace ServiceQuality.Messaging;

/// <summary>
/// Where the broker is, from <c>ConnectionStrings:rabbitmq</c>: <c>amqp://user:password@host:port</c>; the nodes of a cluster follow each other
/// with commas, <c>amqp://user:password@host1:port,host2:port,host3:port</c>.
/// </summary>
internal sealed class BrokerAddress
{
    public string Text { get; set; } = "";

    public bool IsValid => Split().All(text => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri is { Scheme: "amqp" or "amqps", Host.Length: > 0 });

    /// <summary>An address for each node.</summary>
    public IReadOnlyList<Uri> Nodes => [.. Split().Select(text => new Uri(text))];

    /// <summary>The node as the client library wants it; over TLS its certificate must be for its own name.</summary>
    public static AmqpTcpEndpoint EndpointOf(Uri node, SslOption tls) =>
        new(node.Host, node.Port, tls.Enabled ? new SslOption(node.Host, enabled: true) { Version = tls.Version } : tls);

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
