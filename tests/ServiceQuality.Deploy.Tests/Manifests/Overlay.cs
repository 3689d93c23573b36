using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Nodes;

namespace ServiceQuality.Deploy.Manifests;

/// <summary>The objects that an overlay renders to.</summary>
internal sealed class Overlay(IReadOnlyList<JsonObject> objects)
{
    /// <summary>What <c>overlays/small</c> becomes by the two changes that its first lines tell of.</summary>
    private const string Rehearsal = "small with silos";

    private static readonly ConcurrentDictionary<string, Lazy<string>> Rendered = new();

    public static TheoryData<string> Names { get; } =
        [.. Directory.GetDirectories(Tree.At("deploy", "kustomize", "overlays")).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal), Rehearsal];

    public IReadOnlyList<JsonObject> Objects => objects;

    /// <summary>Every pod that will run, by the object that makes it.</summary>
    public IReadOnlyList<Pod> Pods { get; } = [.. objects.Select(Pod.Of).OfType<Pod>()];

    public IEnumerable<Pod> Services => Pods.Where(pod => pod.Component == "service");

    /// <summary>Renders <c>deploy/kustomize/overlays/{name}</c>, offline.</summary>
    public static Overlay Render(string name) => new(Yaml.Read(Text(name)));

    public static string Text(string name) => Rendered.GetOrAdd(name, static name => new(() =>
        name == Rehearsal ? RenderRehearsal() : Kubectl("kustomize", Tree.At("deploy", "kustomize", "overlays", name)))).Value;

    public IEnumerable<JsonObject> OfKind(string kind) => objects.Where(item => item.Text("kind") == kind);

    public JsonObject Single(string kind, string name) => OfKind(kind).Single(item => item.Text("metadata", "name") == name);

    public static string Title(JsonObject item) => $"{item.Text("kind")} {item.Text("metadata", "name")}";

    private static string RenderRehearsal()
    {
        var copy = Directory.CreateTempSubdirectory("overlay-").FullName;
        try
        {
            foreach (var file in Directory.GetFiles(Tree.At("deploy"), "*", SearchOption.AllDirectories))
            {
                var target = Path.Combine(copy, Path.GetRelativePath(Tree.At("deploy"), file));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(file, target);
            }
            var small = Path.Combine(copy, "kustomize", "overlays", "small");
            var text = File.ReadAllText(Path.Combine(small, "kustomization.yaml"));
            File.WriteAllText(Path.Combine(small, "kustomization.yaml"), text.Replace("  - ../../scores-host", "  - ../../scores-silos\n  - ../../servers-redis", StringComparison.Ordinal));
            return Kubectl("kustomize", small);
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    private static string Kubectl(params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("kubectl", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : throw new InvalidOperationException($"kubectl {string.Join(' ', arguments)}: {error.GetAwaiter().GetResult()}");
        }
        catch (Win32Exception missing)
        {
            throw new InvalidOperationException("kubectl is not there: ./build.sh install (Debian package kubernetes-client).", missing);
        }
    }
}

/// <summary>A pod and the object that makes it.</summary>
internal sealed record Pod(JsonObject Owner, JsonObject Template)
{
    public string Kind => Owner.Text("kind")!;

    public string Name => Owner.Text("metadata", "name")!;

    public string Component => Labels.GetValueOrDefault("app.kubernetes.io/component", "");

    public IReadOnlyDictionary<string, string> Labels => Template.Map("metadata", "labels");

    public JsonNode Spec => Template.At("spec")!;

    public IEnumerable<JsonObject> Containers => Spec.Each("initContainers").Concat(Spec.Each("containers"));

    /// <summary>Named ports and their numbers.</summary>
    public IReadOnlyDictionary<string, int> Ports =>
        Containers.SelectMany(container => container.Each("ports")).ToDictionary(port => port.Text("name") ?? "", port => port.Number("containerPort") ?? 0);

    public override string ToString() => $"{Kind} {Name}";

    public static Pod? Of(JsonObject owner)
    {
        string[]? path = owner.Text("kind") switch
        {
            "Deployment" or "StatefulSet" or "DaemonSet" or "Job" or "ReplicaSet" => ["spec", "template"],
            "CronJob" => ["spec", "jobTemplate", "spec", "template"],
            "Pod" => [],
            _ => null,
        };
        return path is not null && owner.At(path) is JsonObject template ? new Pod(owner, template) : null;
    }
}
