using System.Globalization;
using System.Text.Json.Nodes;
using ServiceQuality.Deploy.Manifests;

namespace ServiceQuality.Deploy.Rules;

/// <summary>A reference to a key of a secret.</summary>
internal sealed record SecretKey(string Secret, string Key);

/// <summary>The environment variables of a container, as the cluster would put them together.</summary>
/// <param name="Values">Those with a value in the manifests.</param>
/// <param name="Secrets">Those that come from secrets.</param>
/// <param name="Fields">Those that come from the pod itself.</param>
internal sealed record ContainerEnvironment(IReadOnlyDictionary<string, string> Values, IReadOnlyDictionary<string, SecretKey> Secrets, IReadOnlyDictionary<string, string> Fields)
{
    public IEnumerable<string> Names => Values.Keys.Concat(Secrets.Keys).Concat(Fields.Keys);

    public double Seconds(string name) => Values.TryGetValue(name, out var span) ? TimeSpan.Parse(span, CultureInfo.InvariantCulture).TotalSeconds : 0;

    public static ContainerEnvironment Of(Overlay overlay, Pod pod, JsonObject container)
    {
        var values = new Dictionary<string, string>();
        foreach (var map in container.Each("envFrom").Select(source => source.Text("configMapRef", "name") ?? throw new NotSupportedException($"{pod}: envFrom takes ConfigMaps only")))
            foreach (var (name, value) in overlay.OfKind("ConfigMap").SingleOrDefault(item => item.Text("metadata", "name") == map).Map("data"))
                values[name] = value;

        var own = container.Each("env").ToList();
        foreach (var entry in own.Where(entry => entry.ContainsKey("value")))
            values[entry.Text("name")!] = entry.Text("value")!;
        return new(
            values,
            own.Where(entry => entry.At("valueFrom", "secretKeyRef") is not null)
                .ToDictionary(entry => entry.Text("name")!, entry => new SecretKey(entry.Text("valueFrom", "secretKeyRef", "name")!, entry.Text("valueFrom", "secretKeyRef", "key")!)),
            own.Where(entry => entry.At("valueFrom", "fieldRef") is not null).ToDictionary(entry => entry.Text("name")!, entry => entry.Text("valueFrom", "fieldRef", "fieldPath")!));
    }
}
