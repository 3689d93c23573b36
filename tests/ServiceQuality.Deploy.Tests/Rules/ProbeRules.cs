using System.Globalization;
using ServiceQuality.Deploy.Manifests;

namespace ServiceQuality.Deploy.Rules;

/// <summary>How Kubernetes learns how a process is, and how it lets it go.</summary>
internal static class ProbeRules
{
    /// <summary>Longest check behind <c>/readyz</c>: the database's.</summary>
    private const int ReadyAnswerSeconds = 5;

    /// <summary>After the drain, telemetry is sent for at most two seconds each of traces and metrics.</summary>
    private const int FlushSeconds = 4;

    public static IReadOnlyList<Rule> All { get; } =
    [
        new("services are probed at /startupz, /livez and /readyz", overlay =>
            from pod in overlay.Services
            from container in pod.Containers
            from probe in (IEnumerable<(string Kind, string Path)>)[("startupProbe", "/startupz"), ("livenessProbe", "/livez"), ("readinessProbe", "/readyz")]
            let get = container.At(probe.Kind, "httpGet")
            where get.Text("path") != probe.Path || !pod.Ports.ContainsKey(get.Text("port") ?? "")
            select $"{pod}: {probe.Kind}"),
        new("a probe of readiness waits longer than the slowest check", overlay =>
            from pod in overlay.Services
            from container in pod.Containers
            where (container.Number("readinessProbe", "timeoutSeconds") ?? 1) <= ReadyAnswerSeconds
            select $"{pod}"),
        new("servers in the cluster are probed in all three ways", overlay =>
            from pod in overlay.Pods.Where(pod => pod.Component == "server")
            from container in pod.Containers
            from kind in (string[])["startupProbe", "livenessProbe", "readinessProbe"]
            where container.At(kind, "exec", "command") is null && !pod.Ports.ContainsKey(container.Text(kind, "tcpSocket", "port") ?? "")
            select $"{pod}: {kind}"),
        new("a pod is given longer to end than its drain takes", overlay =>
            from pod in overlay.Services
            let environment = ContainerEnvironment.Of(overlay, pod, pod.Containers.Single())
            let drain = environment.Seconds("Drain__Delay") + environment.Seconds("Drain__Timeout") + FlushSeconds
            where (pod.Spec.Number("terminationGracePeriodSeconds") ?? 30) <= drain
            select string.Create(CultureInfo.InvariantCulture, $"{pod}: {pod.Spec.Number("terminationGracePeriodSeconds")} s against {drain} s")),
        new("a service goes on serving until the cluster has noticed that it leaves", overlay =>
            from pod in overlay.Services
            where ContainerEnvironment.Of(overlay, pod, pod.Containers.Single()).Seconds("Drain__Delay") < 3
            select $"{pod}: Drain__Delay"),
    ];
}
