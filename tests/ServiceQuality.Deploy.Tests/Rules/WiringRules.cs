using System.Text.Json.Nodes;
using ServiceQuality.Deploy.Manifests;

namespace ServiceQuality.Deploy.Rules;

/// <summary>Names that have to lead somewhere.</summary>
internal static class WiringRules
{
    public static IReadOnlyList<Rule> All { get; } =
    [
        Rule.OfContainers("every port has a name", (_, container) => container.Each("ports").Where(port => port.Text("name") is null).Select(port => $"port {port.Number("containerPort")} has no name")),
        new("every service leads to a named port of pods that are there", overlay =>
            from service in overlay.OfKind("Service")
            let pods = overlay.Pods.Where(pod => Selects(service.Map("spec", "selector"), pod.Labels)).ToList()
            from port in service.Each("spec", "ports").DefaultIfEmpty(new JsonObject())
            let target = port.Text("targetPort") ?? ""
            where port.Text("name") is null || pods.Count == 0 || !pods.All(pod => pod.Ports.ContainsKey(target))
            select $"{Overlay.Title(service)}: port {port.Text("name")} → {target}"),
        new("the ingress leads to a service that is there", overlay =>
            from ingress in overlay.OfKind("Ingress")
            from backend in ingress.Below().Where(entry => entry.Name == "backend")
            let service = overlay.OfKind("Service").SingleOrDefault(item => item.Text("metadata", "name") == backend.Value.Text("service", "name"))
            where service is null || service.Each("spec", "ports").All(port => port.Text("name") != backend.Value.Text("service", "port", "name"))
            select $"{Overlay.Title(ingress)} → {backend.Value.Text("service", "name")}"),
        new("metrics are taken from ports that are there, of every service", overlay =>
            from monitor in overlay.OfKind("ServiceMonitor")
            let services = overlay.OfKind("Service").Where(service => Selects(monitor.Map("spec", "selector", "matchLabels"), service.Map("metadata", "labels"))).ToList()
            let missing = overlay.Services.Select(pod => pod.Name).Except(services.Select(service => service.Text("metadata", "name")!)).Concat(
                services.Where(service => monitor.Each("spec", "endpoints").Any(end => service.Each("spec", "ports").All(port => port.Text("name") != end.Text("port")))).Select(Overlay.Title)).ToList()
            where missing.Count > 0 || monitor.Each("spec", "endpoints").Any(end => end.Text("path") != "/metrics")
            select $"{Overlay.Title(monitor)} misses {string.Join(", ", missing)}"),
        Rule.OfPods("every volume that is mounted is there", pod =>
            from container in pod.Containers
            from mount in container.Each("volumeMounts")
            where pod.Spec.Each("volumes").Concat(pod.Owner.Each("spec", "volumeClaimTemplates").Select(claim => claim["metadata"]!.AsObject())).All(volume => volume.Text("name") != mount.Text("name"))
            select mount.Text("name")),
        new("every ConfigMap and claim that is used is there", overlay =>
            from pod in overlay.Pods
            from entry in pod.Template.Below()
            let wanted = entry.Name switch
            {
                "configMapRef" or "configMapKeyRef" or "configMap" => $"ConfigMap {entry.Value.Text("name")}",
                "persistentVolumeClaim" => $"PersistentVolumeClaim {entry.Value.Text("claimName")}",
                _ => null,
            }
            where wanted is not null && overlay.Objects.All(item => Overlay.Title(item) != wanted)
            select $"{pod}: {wanted}"),
        new("no object is there twice, and each is in the namespace", overlay =>
        [
            .. overlay.Objects.GroupBy(Overlay.Title).Where(group => group.Count() > 1).Select(group => group.Key),
            .. overlay.Objects.Where(item => item.Text("kind") != "Namespace" && item.Text("metadata", "namespace") != "servicequality").Select(Overlay.Title),
        ]),
    ];

    /// <summary>Whether a selector by labels fits.</summary>
    public static bool Selects(IReadOnlyDictionary<string, string> selector, IReadOnlyDictionary<string, string> labels) =>
        selector.Count > 0 && selector.All(wanted => labels.GetValueOrDefault(wanted.Key) == wanted.Value);
}
