using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ServiceQuality.Scoring;

/// <summary>Schemes delivered with the product.</summary>
public static class DefaultSchemes
{
    private static readonly Lazy<Scheme> telecom = new(() => Read(Content("telecom-1")));

    /// <summary>The scheme of the telecom template, version 1.</summary>
    public static Scheme Telecom => telecom.Value;

    /// <summary>
    /// Its version 2, a draft to be approved: with the further families of inspections (SCO-14 … SCO-17, SCO-33), complaints, satisfaction (SCO-32), staff (SCO-28) and risk.
    /// </summary>
    /// <param name="effectiveFrom">First day on which it is to be in force.</param>
    public static Scheme TelecomDraft(DateOnly effectiveFrom)
    {
        var json = JsonNode.Parse(Content("telecom-2"))!;
        json["effectiveFrom"] = effectiveFrom.ToString("O", System.Globalization.CultureInfo.InvariantCulture);
        return Read(JsonSerializer.SerializeToUtf8Bytes(json, Scheme.Readable));
    }

    private static byte[] Content(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"schemes/{name}.json")!;
        var json = new byte[stream.Length];
        stream.ReadExactly(json);
        return json;
    }

    private static Scheme Read(byte[] json)
    {
        var (scheme, errors) = Scheme.Parse(json);
        return scheme ?? throw new InvalidOperationException(string.Join("; ", errors));
    }
}
