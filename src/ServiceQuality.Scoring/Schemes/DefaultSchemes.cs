using System.Reflection;

namespace ServiceQuality.Scoring;

/// <summary>Schemes delivered with the product.</summary>
public static class DefaultSchemes
{
    private static readonly Lazy<Scheme> telecom = new(() => Read("telecom-1"));

    /// <summary>The scheme of the telecom template, version 1.</summary>
    public static Scheme Telecom => telecom.Value;

    private static Scheme Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"schemes/{name}.json")!;
        var json = new byte[stream.Length];
        stream.ReadExactly(json);
        var (scheme, errors) = Scheme.Parse(json);
        return scheme ?? throw new InvalidOperationException($"{name}: {string.Join("; ", errors)}");
    }
}
