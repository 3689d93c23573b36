using ServiceQuality.Deploy.Manifests;

namespace ServiceQuality.Deploy.Rules;

/// <summary>What has to hold of every overlay.</summary>
/// <param name="Name">Says it.</param>
/// <param name="Broken">Every place where it does not.</param>
internal sealed record Rule(string Name, Func<Overlay, IEnumerable<string>> Broken)
{
    public static IReadOnlyList<Rule> All { get; } =
    [
        new("every object fits the schema of its kind", overlay => overlay.Objects.SelectMany(Schemas.Kubernetes.CheckObject)),
        .. ImageRules.All, .. PodSecurity.All, .. WiringRules.All, .. ProbeRules.All, .. ReplicaRules.All, .. SecretRules.All, .. NetworkRules.All, .. RolloutRules.All,
    ];

    public static Rule Named(string name) => All.Single(rule => rule.Name == name);

    /// <summary>A rule on each container of each pod.</summary>
    public static Rule OfContainers(string name, Func<Pod, System.Text.Json.Nodes.JsonObject, IEnumerable<string>> broken) => new(name, overlay =>
        overlay.Pods.SelectMany(pod => pod.Containers.SelectMany(container => broken(pod, container).Select(problem => $"{pod}, {container.Text("name")}: {problem}"))));

    /// <summary>A rule on each pod.</summary>
    public static Rule OfPods(string name, Func<Pod, IEnumerable<string>> broken) => new(name, overlay =>
        overlay.Pods.SelectMany(pod => broken(pod).Select(problem => $"{pod}: {problem}")));

    public static IEnumerable<string> When(bool broken, string problem) => broken ? [problem] : [];

    public override string ToString() => Name;
}
