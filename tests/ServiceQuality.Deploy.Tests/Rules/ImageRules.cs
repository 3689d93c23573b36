using System.Globalization;
using System.Text.Json.Nodes;
using ServiceQuality.Deploy.Manifests;

namespace ServiceQuality.Deploy.Rules;

/// <summary>What runs, and how much of the machine it may take.</summary>
internal static class ImageRules
{
    private const string Ours = "servicequality/";

    public static IReadOnlyList<Rule> All { get; } =
    [
        Rule.OfContainers("every image has a tag, never latest; ours has this version", (_, container) => ImageProblems(container.Text("image") ?? "")),
        Rule.OfContainers("processor and memory are requested and limited", (_, container) =>
            from resource in (string[])["cpu", "memory"]
            let request = Amount(container.Text("resources", "requests", resource))
            let limit = Amount(container.Text("resources", "limits", resource))
            where request is null || limit is null || request > limit
            select $"{resource}: requests {request}, limits {limit}"),
    ];

    public static IEnumerable<string> ImageProblems(string image)
    {
        var name = image[(image.LastIndexOf('/') + 1)..].Split('@')[0].Split(':');
        if (name.Length < 2 || name[1].Length == 0)
            yield return $"{image} has no tag";
        else if (name[1] == "latest")
            yield return $"{image} is latest";
        else if (image.StartsWith(Ours, StringComparison.Ordinal) && name[1] != Tree.Version)
            yield return $"{image} is not version {Tree.Version}";
    }

    /// <summary>A quantity of Kubernetes in cores or bytes.</summary>
    public static double? Amount(string? quantity)
    {
        (string Suffix, double Times)[] units = [("Ki", 1 << 10), ("Mi", 1 << 20), ("Gi", 1 << 30), ("m", 0.001), ("", 1)];
        var (suffix, times) = units.First(unit => quantity?.EndsWith(unit.Suffix, StringComparison.Ordinal) ?? true);
        return double.TryParse(quantity?[..^suffix.Length], NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number > 0 ? number * times : null;
    }
}

/// <summary>The restricted pod security standard, and what we ask beyond it.</summary>
internal static class PodSecurity
{
    private static readonly HashSet<string> Volumes = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"];

    public static IReadOnlyList<Rule> All { get; } =
    [
        Rule.OfPods("pods meet the restricted standard", pod =>
        [
            .. ((string[])["hostNetwork", "hostPID", "hostIPC"]).Where(name => pod.Spec.Is(true, name)).Select(name => $"{name} is set"),
            .. Rule.When(pod.Spec.At("securityContext", "sysctls") is not null, "sets sysctls"),
            .. pod.Spec.Each("volumes").SelectMany(volume => volume.Select(entry => entry.Key).Where(kind => kind != "name" && !Volumes.Contains(kind))).Select(kind => $"mounts {kind}"),
        ]),
        Rule.OfContainers("containers meet the restricted standard", (pod, container) =>
        [
            .. Rule.When(!Says(pod, container, true, "runAsNonRoot"), "runAsNonRoot is not true"),
            .. Rule.When(Number(pod, container, "runAsUser") is null or 0, "runAsUser is not a number other than 0"),
            .. Rule.When((container.Text("securityContext", "seccompProfile", "type") ?? pod.Spec.Text("securityContext", "seccompProfile", "type")) != "RuntimeDefault", "seccompProfile is not RuntimeDefault"),
            .. Rule.When(!container.Is(false, "securityContext", "allowPrivilegeEscalation"), "allowPrivilegeEscalation is not false"),
            .. Rule.When(container.Is(true, "securityContext", "privileged"), "is privileged"),
            .. Rule.When(!container.Texts("securityContext", "capabilities", "drop").SequenceEqual(["ALL"]), "does not drop all capabilities"),
            .. Rule.When(container.Texts("securityContext", "capabilities", "add").Any(), "adds capabilities"),
            .. Rule.When(container.At("securityContext", "procMount") is not null, "sets procMount"),
            .. Rule.When(container.Each("ports").Any(port => port.At("hostPort") is not null), "takes a port of the node"),
        ]),
        Rule.OfContainers("root file systems are read-only, and /tmp is bounded", (pod, container) =>
        [
            .. Rule.When(!container.Is(true, "securityContext", "readOnlyRootFilesystem"), "readOnlyRootFilesystem is not true"),
            .. pod.Spec.Each("volumes").Where(volume => volume.ContainsKey("emptyDir") && volume.At("emptyDir", "sizeLimit") is null).Select(volume => $"{volume.Text("name")} has no bound"),
        ]),
        Rule.OfPods("pods get no token and no addresses of other services", pod =>
        [
            .. Rule.When(!pod.Spec.Is(false, "automountServiceAccountToken"), "automountServiceAccountToken is not false"),
            .. Rule.When(!pod.Spec.Is(false, "enableServiceLinks"), "enableServiceLinks is not false"),
        ]),
        new("the namespace refuses pods that are not restricted", overlay =>
            from space in overlay.OfKind("Namespace").DefaultIfEmpty(new JsonObject())
            where space.Map("metadata", "labels").GetValueOrDefault("pod-security.kubernetes.io/enforce") != "restricted"
            select Overlay.Title(space)),
    ];

    private static bool Says(Pod pod, JsonObject container, bool wanted, string field) =>
        container.At("securityContext", field) is { } own ? own.Is(wanted) : pod.Spec.Is(wanted, "securityContext", field);

    private static int? Number(Pod pod, JsonObject container, string field) => container.Number("securityContext", field) ?? pod.Spec.Number("securityContext", field);
}
