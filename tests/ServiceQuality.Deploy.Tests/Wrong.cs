using System.Text.Json.Nodes;
using ServiceQuality.Deploy.Manifests;

namespace ServiceQuality.Deploy;

/// <summary>A mistake that somebody could make, and the rule that has to find it.</summary>
/// <param name="What">Says it.</param>
/// <param name="Rule">Name of the rule.</param>
/// <param name="Overlay">Where it is made.</param>
/// <param name="Spoil">Makes it, in a copy.</param>
internal sealed record Wrong(string What, string Rule, string Overlay, Action<Overlay, List<JsonObject>> Spoil)
{
    private const string Schema = "every object fits the schema of its kind";
    private const string Images = "every image has a tag, never latest; ours has this version";
    private const string Restricted = "containers meet the restricted standard";
    private const string RestrictedPods = "pods meet the restricted standard";
    private const string Network = "pods reach what they need in the cluster and nothing else";

    private static readonly IReadOnlyList<Wrong> Cases =
    [
        new("a field that Kubernetes does not know", Schema, "small", Pods("gateway", pod => pod.Spec["terminationGracePeriod"] = 60)),
        new("a text where a number belongs", Schema, "small", Containers("gateway", container => container["ports"]![0]!["containerPort"] = "8080")),
        new("a probe without its unit", Schema, "small", Containers("gateway", container => container["livenessProbe"]!["periodSeconds"] = "10s")),
        new("a Deployment without a selector", Schema, "small", Objects("Deployment", "gateway", item => item["spec"]!.AsObject().Remove("selector"))),
        new("a kind that does not exist", Schema, "small", Objects("Deployment", "gateway", item => item["apiVersion"] = "apps/v1beta1")),
        new("an unknown field of a rule of alerts", Schema, "production", Objects("PrometheusRule", "servicequality", item => item["spec"]!["groups"]![0]!["rules"]![0]!["alarm"] = "x")),

        new("an image without a tag", Images, "small", Containers("postgres", container => container["image"] = "postgres")),
        new("an image that is latest", Images, "small", Containers("console", container => container["image"] = "servicequality/console:latest")),
        new("an image of another version", Images, "small", Containers("console", container => container["image"] = "servicequality/console:0.0.9")),
        new("a registry's port is no tag", Images, "small", Containers("postgres", container => container["image"] = "registry:5000/postgres")),
        new("no limit of memory", "processor and memory are requested and limited", "small", Containers("scores", container => container["resources"]!["limits"]!.AsObject().Remove("memory"))),
        new("a limit below the request", "processor and memory are requested and limited", "small", Containers("scores", container => container["resources"]!["limits"]!["memory"] = "64Mi")),

        new("the network of the node", RestrictedPods, "small", Pods("gateway", pod => pod.Spec["hostNetwork"] = true)),
        new("a folder of the node", RestrictedPods, "small", Pods("postgres", pod => pod.Spec["volumes"]!.AsArray().Add(new JsonObject { ["name"] = "x", ["hostPath"] = new JsonObject { ["path"] = "/" } }))),
        new("root by the image's choice", Restricted, "small", Pods("rabbitmq", pod => pod.Spec["securityContext"]!.AsObject().Remove("runAsNonRoot"))),
        new("root by number", Restricted, "small", Pods("backup", pod => pod.Spec["securityContext"]!["runAsUser"] = 0)),
        new("no seccomp profile", Restricted, "small", Pods("migrate-gateway", pod => pod.Spec["securityContext"]!.AsObject().Remove("seccompProfile"))),
        new("kept capabilities", Restricted, "production", Containers("scores", container => container["securityContext"]!.AsObject().Remove("capabilities"))),
        new("an added capability", Restricted, "production", Containers("scores", container => container["securityContext"]!["capabilities"]!["add"] = new JsonArray("NET_BIND_SERVICE"))),
        new("more privileges by exec", Restricted, "production", Containers("scores", container => container["securityContext"]!["allowPrivilegeEscalation"] = true)),
        new("a privileged container", Restricted, "production", Containers("scores", container => container["securityContext"]!["privileged"] = true)),
        new("a port of the node", Restricted, "production", Containers("gateway", container => container["ports"]![0]!["hostPort"] = 80)),
        new("a root file system to write to", "root file systems are read-only, and /tmp is bounded", "small", Containers("console", container => container["securityContext"]!["readOnlyRootFilesystem"] = false)),
        new("an unbounded /tmp", "root file systems are read-only, and /tmp is bounded", "small", Pods("console", pod => pod.Spec["volumes"]![0]!["emptyDir"] = new JsonObject())),
        new("a token of the cluster", "pods get no token and no addresses of other services", "small", Pods("console", pod => pod.Spec.AsObject().Remove("automountServiceAccountToken"))),
        new("a lenient namespace", "the namespace refuses pods that are not restricted", "production", Objects("Namespace", "servicequality", item => item["metadata"]!["labels"]!["pod-security.kubernetes.io/enforce"] = "baseline")),

        new("a port without a name", "every port has a name", "small", Containers("console", container => container["ports"]![0]!.AsObject().Remove("name"))),
        new("a targetPort that does not exist", "every service leads to a named port of pods that are there", "small", Objects("Service", "console", item => item["spec"]!["ports"]![0]!["targetPort"] = "web")),
        new("a service that selects nobody", "every service leads to a named port of pods that are there", "small", Objects("Service", "console", item => item["spec"]!["selector"]!["app.kubernetes.io/name"] = "consoles")),
        new("an ingress to nowhere", "the ingress leads to a service that is there", "production", Objects("Ingress", "gateway", item => item["spec"]!["rules"]![0]!["http"]!["paths"]![0]!["backend"]!["service"]!["name"] = "front")),
        new("metrics from a port that does not exist", "metrics are taken from ports that are there, of every service", "production", Objects("ServiceMonitor", "servicequality", item => item["spec"]!["endpoints"]![0]!["port"] = "metrics")),
        new("a service whose metrics nobody takes", "metrics are taken from ports that are there, of every service", "production", Objects("Service", "console", item => item["metadata"]!["labels"]!["app.kubernetes.io/component"] = "page")),
        new("a mount without a volume", "every volume that is mounted is there", "small", Containers("console", container => container["volumeMounts"]![0]!["name"] = "temp")),
        new("settings that are not there", "every ConfigMap and claim that is used is there", "small", Containers("console", container => container["envFrom"]![0]!["configMapRef"]!["name"] = "suite")),
        new("the same object twice", "no object is there twice, and each is in the namespace", "small", (_, objects) => objects.Add((JsonObject)objects[1].DeepClone())),
        new("an object in another namespace", "no object is there twice, and each is in the namespace", "small", Objects("Service", "console", item => item["metadata"]!["namespace"] = "default")),

        new("liveness that depends on the database", "services are probed at /startupz, /livez and /readyz", "small", Containers("gateway", container => container["livenessProbe"]!["httpGet"]!["path"] = "/readyz")),
        new("no probe of the start", "services are probed at /startupz, /livez and /readyz", "small", Containers("gateway", container => container.Remove("startupProbe"))),
        new("a probe that gives up before the answer", "a probe of readiness waits longer than the slowest check", "small", Containers("gateway", container => container["readinessProbe"]!.AsObject().Remove("timeoutSeconds"))),
        new("a server that is not probed", "servers in the cluster are probed in all three ways", "small", Containers("rabbitmq", container => container.Remove("readinessProbe"))),
        new("a pod that is killed while it drains", "a pod is given longer to end than its drain takes", "production", Pods("scores", pod => pod.Spec["terminationGracePeriodSeconds"] = 25)),
        new("a grace that is left to the default", "a pod is given longer to end than its drain takes", "small", Pods("gateway", pod => pod.Spec.AsObject().Remove("terminationGracePeriodSeconds")).And(Setting("suite-settings", "Drain__Timeout", "00:00:28"))),
        new("a service that is gone before the cluster knows", "a service goes on serving until the cluster has noticed that it leaves", "small", Setting("suite-settings", "Drain__Delay", "00:00:00")),

        new("replicas without a budget", "what runs more than once has a disruption budget that lets one go", "production", Remove("PodDisruptionBudget", "scores")),
        new("a budget that lets nobody go", "what runs more than once has a disruption budget that lets one go", "production", Objects("PodDisruptionBudget", "gateway", item => item["spec"]!["maxUnavailable"] = 0)),
        new("replicas on one node", "what runs more than once is spread over nodes and zones", "production", Pods("monitoring", pod => pod.Spec["topologySpreadConstraints"]!.AsArray().RemoveAt(1))),
        new("an autoscaler and a number", "an autoscaler has a target, which leaves the number of replicas to it", "production", Objects("Deployment", "gateway", item => item["spec"]!["replicas"] = 2)),
        new("an autoscaler of nothing", "an autoscaler has a target, which leaves the number of replicas to it", "production", Objects("HorizontalPodAutoscaler", "gateway", item => item["spec"]!["scaleTargetRef"]!["name"] = "front")),
        new("two score tiers of one process", "the score tier in one process runs once, and never beside its successor", "small", Objects("Deployment", "scores", item => item["spec"]!["replicas"] = 2)),
        new("a score tier beside its successor", "the score tier in one process runs once, and never beside its successor", "small", Objects("Deployment", "scores", item => item["spec"]!["strategy"] = new JsonObject { ["type"] = "RollingUpdate" })),
        new("one silo in production", "production runs everything more than once", "production", Objects("Deployment", "scores", item => item["spec"]!["replicas"] = 1)),

        new("a secret in the tree", "no secret is in the tree", "small", (_, objects) => objects.Add(new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Secret", ["metadata"] = new JsonObject { ["name"] = "x" } })),
        new("a secret that nobody documented", "every secret that is used is documented", "small", Containers("gateway", container => container["env"]![0]!["valueFrom"]!["secretKeyRef"]!["name"] = "gateway-database")),
        new("a key that nobody documented", "every secret that is used is documented", "small", Containers("gateway", container => container["env"]![0]!["valueFrom"]!["secretKeyRef"]!["key"] = "url")),

        new("no denial of the rest", "whatever no policy allows is refused", "small", Remove("NetworkPolicy", "default-deny")),
        new("a denial of one direction", "whatever no policy allows is refused", "production", Objects("NetworkPolicy", "default-deny", item => item["spec"]!["policyTypes"] = new JsonArray("Ingress"))),
        new("a pod that no policy is about", "every pod has an opening of its own", "small", Pods("backup", pod => pod.Template["metadata"]!["labels"]!.AsObject().Remove("servicequality/postgres"))),
        new("a client without its label", "whoever is given the address of a server wears the label that lets it through, and nobody else", "production", Pods("scores", pod => pod.Template["metadata"]!["labels"]!.AsObject().Remove("servicequality/redis"))),
        new("a label without an address", "whoever is given the address of a server wears the label that lets it through, and nobody else", "production", Pods("console", pod => pod.Template["metadata"]!["labels"]!["servicequality/postgres"] = "client")),
        new("clients that are not let out", "every label of a client has a policy that lets it out", "production", Remove("NetworkPolicy", "clients-of-redis")),
        new("a closed way to a service", Network, "small", Remove("NetworkPolicy", "organisation")),
        new("an open way that nobody needs", Network, "small", Objects("NetworkPolicy", "console", item => item["spec"]!["ingress"]![0]!["from"]![0]!["podSelector"] = new JsonObject())
            .And(Objects("NetworkPolicy", "gateway", item => item["spec"]!["podSelector"] = new JsonObject()))),
        new("a port that does not fit", Network, "production", Objects("NetworkPolicy", "scores-silos", item => item["spec"]!["egress"]![0]!["ports"]![0]!["port"] = 30000)),
        new("a service that is open to everybody", "the gateway is the only service that anybody outside reaches", "small", Objects("NetworkPolicy", "console", item => item["spec"]!["ingress"]![0]!.AsObject().Remove("from"))),
        new("a way out to the world", "nobody may go anywhere: an opening to networks names them and its ports", "production", Objects("NetworkPolicy", "clients-of-postgres", item => item["spec"]!["egress"]![0]!["to"]![0]!["ipBlock"]!["cidr"] = "0.0.0.0/0")),

        new("an object that no step applies", "every object belongs to a step of the rollout", "small", Objects("Service", "console", item => item["metadata"]!["labels"]!["app.kubernetes.io/component"] = "web")),
        new("a service that nobody migrates", "every service with a database is migrated by a job of the same image", "small", Remove("Job", "migrate-scores")),
        new("a migration of another version", "every service with a database is migrated by a job of the same image", "small", Containers("migrate-gateway", container => container["image"] = "servicequality/gateway:0.0.9")),
        new("a job that starts the service", "every service with a database is migrated by a job of the same image", "small", Containers("migrate-gateway", container => container.Remove("args"))),
        new("replicas that migrate", "only the jobs migrate", "small", Setting("suite-settings", "Migrations__AtStart", "true")),
        new("backups that overlap", "backups do not overlap and do not pile up", "small", Objects("CronJob", "backup", item => item["spec"]!["concurrencyPolicy"] = "Allow")),
        new("no backup", "there is a backup", "production", Remove("CronJob", "backup")),
    ];

    public static TheoryData<string> All { get; } = [.. Cases.Select(wrong => wrong.What)];

    public static IEnumerable<string> Rules => Cases.Select(wrong => wrong.Rule);

    public static Wrong Named(string what) => Cases.Single(wrong => wrong.What == what);

    private static Action<Overlay, List<JsonObject>> Objects(string kind, string name, Action<JsonObject> spoil) => (overlay, _) => spoil(overlay.Single(kind, name));

    private static Action<Overlay, List<JsonObject>> Pods(string name, Action<Pod> spoil) => (overlay, _) => spoil(overlay.Pods.Single(pod => pod.Name == name));

    private static Action<Overlay, List<JsonObject>> Containers(string pod, Action<JsonObject> spoil) => Pods(pod, each => spoil(each.Containers.Single()));

    private static Action<Overlay, List<JsonObject>> Remove(string kind, string name) => (overlay, objects) => objects.Remove(overlay.Single(kind, name));

    private static Action<Overlay, List<JsonObject>> Setting(string map, string name, string value) => (overlay, _) =>
        overlay.OfKind("ConfigMap").Single(item => item.Text("metadata", "name")!.StartsWith(map, StringComparison.Ordinal))["data"]![name] = value;
}

internal static class Spoiling
{
    public static Action<Overlay, List<JsonObject>> And(this Action<Overlay, List<JsonObject>> first, Action<Overlay, List<JsonObject>> second) => first + second;
}
