using ServiceQuality.Deploy.Manifests;

namespace ServiceQuality.Deploy.Rules;

/// <summary>The order of a rollout, which deploy/kustomize/rollout.sh keeps by the component that each object says it belongs to.</summary>
internal static class RolloutRules
{
    private static readonly HashSet<string> Steps = ["settings", "server", "migration", "service", "backup"];

    public static IReadOnlyList<Rule> All { get; } =
    [
        new("every object belongs to a step of the rollout", overlay =>
            overlay.Objects.Where(item => !Steps.Contains(item.Map("metadata", "labels").GetValueOrDefault("app.kubernetes.io/component", ""))).Select(Overlay.Title)),
        new("every service with a database is migrated by a job of the same image", overlay =>
            from pod in overlay.Services
            let own = $"ConnectionStrings__{pod.Name}"
            let container = pod.Containers.Single()
            where ContainerEnvironment.Of(overlay, pod, container).Secrets.ContainsKey(own)
            let job = overlay.Pods.SingleOrDefault(job => job.Component == "migration" && job.Name == $"migrate-{pod.Name}")
            let migrate = job?.Containers.SingleOrDefault()
            where migrate is null || migrate.Text("image") != container.Text("image") || !migrate.Texts("args").SequenceEqual(["--migrate"])
                || !ContainerEnvironment.Of(overlay, job!, migrate).Secrets.ContainsKey(own) || job!.Spec.Text("restartPolicy") != "Never"
            select $"{pod}"),
        new("only the jobs migrate", overlay =>
            from pod in overlay.Services
            where pod.Containers.Any(container => ContainerEnvironment.Of(overlay, pod, container).Names.Contains("Migrations__AtStart"))
            select $"{pod}"),
        new("backups do not overlap and do not pile up", overlay =>
            from backup in overlay.OfKind("CronJob")
            where backup.Text("spec", "concurrencyPolicy") != "Forbid" || backup.At("spec", "jobTemplate", "spec", "activeDeadlineSeconds") is null
            select Overlay.Title(backup)),
        new("there is a backup", overlay => Rule.When(!overlay.OfKind("CronJob").Any(), "no CronJob")),
    ];
}
