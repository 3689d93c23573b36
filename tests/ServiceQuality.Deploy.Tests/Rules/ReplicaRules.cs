using System.Text.Json.Nodes;
using ServiceQuality.Deploy.Manifests;

namespace ServiceQuality.Deploy.Rules;

/// <summary>Several of a kind: they must not all go at once.</summary>
internal static class ReplicaRules
{
    public static IReadOnlyList<Rule> All { get; } =
    [
        new("what runs more than once has a disruption budget that lets one go", overlay =>
            from pod in Several(overlay)
            let budgets = overlay.OfKind("PodDisruptionBudget").Where(budget => WiringRules.Selects(budget.Map("spec", "selector", "matchLabels"), pod.Labels)).ToList()
            where budgets.Count != 1 || budgets[0].Number("spec", "maxUnavailable") != 1
            select $"{pod}"),
        new("what runs more than once is spread over nodes and zones", overlay =>
            from pod in Several(overlay)
            from key in (string[])["kubernetes.io/hostname", "topology.kubernetes.io/zone"]
            where !pod.Spec.Each("topologySpreadConstraints").Any(spread => spread.Text("topologyKey") == key && WiringRules.Selects(spread.Map("labelSelector", "matchLabels"), pod.Labels))
            select $"{pod}: {key}"),
        new("an autoscaler has a target, which leaves the number of replicas to it", overlay =>
            from scaler in overlay.OfKind("HorizontalPodAutoscaler")
            let target = overlay.OfKind("Deployment").SingleOrDefault(item => item.Text("metadata", "name") == scaler.Text("spec", "scaleTargetRef", "name"))
            where target is null || target.At("spec", "replicas") is not null || scaler.Number("spec", "minReplicas") < 2
            select Overlay.Title(scaler)),
        new("the score tier in one process runs once, and never beside its successor", overlay =>
            from pod in overlay.Services.Where(pod => pod.Containers.Any(container => container.Text("image")!.Contains("/scores:", StringComparison.Ordinal)))
            where Replicas(overlay, pod) != 1 || pod.Owner.Text("spec", "strategy", "type") != "Recreate"
            select $"{pod}"),
        new("production runs everything more than once", overlay =>
            from pod in overlay.Services.Where(_ => overlay.OfKind("HorizontalPodAutoscaler").Any())
            where Replicas(overlay, pod) < 2
            select $"{pod}"),
    ];

    private static IEnumerable<Pod> Several(Overlay overlay) => overlay.Pods.Where(pod => Replicas(overlay, pod) > 1);

    private static int Replicas(Overlay overlay, Pod pod) => pod.Kind is not ("Deployment" or "StatefulSet") ? 0
        : Scaler(overlay, pod)?.Number("spec", "minReplicas") ?? pod.Owner.Number("spec", "replicas") ?? 1;

    private static JsonObject? Scaler(Overlay overlay, Pod pod) =>
        overlay.OfKind("HorizontalPodAutoscaler").SingleOrDefault(scaler => pod.Kind == scaler.Text("spec", "scaleTargetRef", "kind") && pod.Name == scaler.Text("spec", "scaleTargetRef", "name"));
}
