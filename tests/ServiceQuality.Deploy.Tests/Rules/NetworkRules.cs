using System.Globalization;
using System.Text.Json.Nodes;
using ServiceQuality.Deploy.Manifests;

namespace ServiceQuality.Deploy.Rules;

/// <summary>Who may speak with whom: what the policies allow is worked out and compared with what is needed.</summary>
internal static class NetworkRules
{
    private const int Http = 8080;

    /// <summary>Servers by the name that the label of their clients carries, with the environment variables that lead to them.</summary>
    private static readonly (string Server, Func<string, bool> Leads)[] Servers =
    [
        ("postgres", name => name is "PGHOST" || (name.StartsWith("ConnectionStrings__", StringComparison.Ordinal) && name is not ("ConnectionStrings__rabbitmq" or "ConnectionStrings__redis"))),
        ("rabbitmq", name => name is "ConnectionStrings__rabbitmq"),
        ("redis", name => name is "ConnectionStrings__redis"),
    ];

    public static IReadOnlyList<Rule> All { get; } =
    [
        new("whatever no policy allows is refused", overlay => Rule.When(!overlay.OfKind("NetworkPolicy").Any(IsDenial), "there is no policy that denies everything to every pod")),
        new("every pod has an opening of its own", overlay =>
            overlay.Pods.Where(pod => overlay.OfKind("NetworkPolicy").All(policy => policy.At("spec", "podSelector") is JsonObject { Count: 0 } || !IsOf(policy, pod))).Select(pod => $"{pod}")),
        new("whoever is given the address of a server wears the label that lets it through, and nobody else", overlay =>
            from pod in overlay.Pods.Where(pod => pod.Component != "server")
            let names = pod.Containers.SelectMany(container => ContainerEnvironment.Of(overlay, pod, container).Names).ToList()
            from server in Servers
            where names.Any(server.Leads) != (pod.Labels.GetValueOrDefault($"servicequality/{server.Server}") == "client")
            select $"{pod}: {server.Server}"),
        new("every label of a client has a policy that lets it out", overlay =>
            from server in Servers
            where overlay.Pods.Any(pod => pod.Labels.ContainsKey($"servicequality/{server.Server}"))
            where !overlay.OfKind("NetworkPolicy").Any(policy => policy.Map("spec", "podSelector", "matchLabels").ContainsKey($"servicequality/{server.Server}") && policy.Each("spec", "egress").Any())
            select server.Server),
        new("pods reach what they need in the cluster and nothing else", overlay => Flows(overlay).Order(StringComparer.Ordinal).ToList() is var flows && Needed(overlay).Order(StringComparer.Ordinal).ToList() is var needed
            ? [.. flows.Except(needed).Select(flow => $"{flow} is open for nothing"), .. needed.Except(flows).Select(flow => $"{flow} is closed")]
            : []),
        new("the gateway is the only service that anybody outside reaches", overlay =>
            from policy in overlay.OfKind("NetworkPolicy")
            from opening in policy.Each("spec", "ingress")
            where !opening.ContainsKey("from") || opening.Each("from").Any(peer => peer.ContainsKey("ipBlock") || peer.ContainsKey("namespaceSelector"))
            where policy.Text("metadata", "name") is not ("entrance" or "metrics") || opening.Each("ports").Select(port => port.Text("port")).SingleOrDefault() != "http"
            select Overlay.Title(policy)),
        new("nobody may go anywhere: an opening to networks names them and its ports", overlay =>
            from policy in overlay.OfKind("NetworkPolicy")
            from opening in policy.Each("spec", "egress")
            where !opening.Each("ports").Any() || !opening.Each("to").Any() || opening.Each("to").Any(peer => IsWide(peer.Text("ipBlock", "cidr")))
            select Overlay.Title(policy)),
    ];

    /// <summary>What the services need: the gateway speaks with every other, the console reads three, silos speak with each other, clients with their servers.</summary>
    private static IEnumerable<string> Needed(Overlay overlay)
    {
        (string From, string[] To)[] calls = [("gateway", ["organisation", "monitoring", "scores", "console"]), ("console", ["organisation", "monitoring", "scores"])];
        foreach (var (from, to) in calls)
            foreach (var service in to)
                yield return Flow(from, service, Http);
        foreach (var silo in overlay.Services.Where(pod => pod.Ports.ContainsKey("silo")))
            yield return Flow(silo.Name, silo.Name, silo.Ports["silo"]);
        foreach (var server in overlay.Pods.Where(pod => pod.Component == "server"))
            foreach (var client in overlay.Pods.Where(pod => pod.Labels.GetValueOrDefault($"servicequality/{server.Name}") == "client"))
                yield return Flow(client.Name, server.Name, server.Ports[server.Name]);
    }

    /// <summary>Every connection between pods that both ends allow.</summary>
    private static IEnumerable<string> Flows(Overlay overlay) =>
        from source in overlay.Pods
        from target in overlay.Pods
        from port in target.Ports
        where IsOpen(overlay, source, "egress", "to", target, port) && IsOpen(overlay, target, "ingress", "from", source, port)
        select Flow(source.Name, target.Name, port.Value);

    private static string Flow(string from, string to, int port) => string.Create(CultureInfo.InvariantCulture, $"{from} → {to}:{port}");

    private static bool IsOpen(Overlay overlay, Pod pod, string direction, string peers, Pod other, KeyValuePair<string, int> port)
    {
        var policies = overlay.OfKind("NetworkPolicy").Where(policy => IsOf(policy, pod) && policy.Texts("spec", "policyTypes").Contains(direction, StringComparer.OrdinalIgnoreCase)).ToList();
        return policies.Count == 0 || policies.Any(policy => policy.Each("spec", direction).Any(opening =>
            (!opening.ContainsKey(peers) || opening.Each(peers).Any(peer => !peer.ContainsKey("namespaceSelector") && peer["podSelector"] is JsonObject selector && Fits(selector, other)))
            && (!opening.ContainsKey("ports") || opening.Each("ports").Any(each => each.Text("port") == port.Key || each.Number("port") == port.Value))));
    }

    private static bool IsDenial(JsonObject policy) =>
        policy.At("spec", "podSelector") is JsonObject { Count: 0 } && policy.Texts("spec", "policyTypes").Order(StringComparer.Ordinal).SequenceEqual(["Egress", "Ingress"])
        && policy.At("spec", "ingress") is null && policy.At("spec", "egress") is null;

    private static bool IsOf(JsonObject policy, Pod pod) => Fits((JsonObject)policy.At("spec", "podSelector")!, pod);

    private static bool Fits(JsonObject selector, Pod pod) =>
        selector.Map("matchLabels").All(wanted => pod.Labels.GetValueOrDefault(wanted.Key) == wanted.Value)
        && selector.Each("matchExpressions").All(wanted => wanted.Text("operator") == "In" && wanted.Texts("values").Contains(pod.Labels.GetValueOrDefault(wanted.Text("key")!)));

    private static bool IsWide(string? cidr) => cidr is not null && int.Parse(cidr.Split('/')[1], CultureInfo.InvariantCulture) < 16;
}
