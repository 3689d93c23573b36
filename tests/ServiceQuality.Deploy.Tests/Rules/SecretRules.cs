using ServiceQuality.Deploy.Manifests;

namespace ServiceQuality.Deploy.Rules;

/// <summary>Secrets are named, never written down.</summary>
internal static class SecretRules
{
    /// <summary>The keys of TLS secrets are Kubernetes' own.</summary>
    private static readonly string[] TlsKeys = ["tls.crt", "tls.key"];

    /// <summary>The table under “Secrets” in docs/operations.md: a row for every secret, its keys in code marks.</summary>
    public static IReadOnlySet<SecretKey> Documented { get; } = ReadDocument();

    public static IReadOnlyList<Rule> All { get; } =
    [
        new("no secret is in the tree", overlay => overlay.OfKind("Secret").Select(Overlay.Title)),
        new("every secret that is used is documented", overlay => Used(overlay).Where(use => !Documented.Contains(use)).Select(use => $"{use.Secret}, key {use.Key}")),
    ];

    /// <summary>Every key that the overlay refers to; of a mounted secret each documented key.</summary>
    public static IEnumerable<SecretKey> Used(Overlay overlay) => overlay.Objects.SelectMany(item => item.Below()).SelectMany(entry => entry.Name switch
    {
        "secretKeyRef" => [new(entry.Value.Text("name")!, entry.Value.Text("key")!)],
        "secret" when entry.Value.Text("secretName") is { } mounted => Documented.Where(known => known.Secret == mounted).DefaultIfEmpty(new(mounted, "any")),
        "secretRef" => [new(entry.Value.Text("name")!, "any")],
        "tls" => entry.Value.AsArray().SelectMany(tls => TlsKeys.Select(key => new SecretKey(tls.Text("secretName")!, key))),
        _ => (IEnumerable<SecretKey>)[],
    });

    private static HashSet<SecretKey> ReadDocument() =>
    [
        .. from row in Tree.Read("docs", "operations.md").Split('\n').SkipWhile(line => line != "## Secrets").Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
           where row.StartsWith("| `", StringComparison.Ordinal)
           let cells = row.Split('|')
           from key in InMarks(cells[2])
           select new SecretKey(InMarks(cells[1]).Single(), key),
    ];

    private static IEnumerable<string> InMarks(string text) => text.Split('`').Where((_, index) => index % 2 == 1);
}
