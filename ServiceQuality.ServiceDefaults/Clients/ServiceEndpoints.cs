using Microsoft.Extensions.Configuration;

namespace ServiceQuality.Clients;

/// <summary>
/// Where the services of the suite are: <c>services:{name}:http:{n}</c> (environment <c>services__scores__http__0</c>, as Aspire emits it).
/// Several replicas are several indexes, or one comma-separated value.
/// </summary>
public static class ServiceEndpoints
{
    /// <summary>The addresses of a service.</summary>
    /// <exception cref="InvalidOperationException">None is configured, or one is not an absolute http(s) address; the message names the key.</exception>
    public static IReadOnlyList<Uri> Of(IConfiguration configuration, string service) =>
        TryRead(configuration, service, out var addresses) is { } failure ? throw new InvalidOperationException(failure) : addresses;

    /// <summary>Reads the addresses without throwing; answers what is wrong, or null.</summary>
    public static string? TryRead(IConfiguration configuration, string service, out IReadOnlyList<Uri> addresses)
    {
        var found = new List<Uri>();
        addresses = found;
        var values = configuration.GetSection($"services:{service}:http").GetChildren()
            .SelectMany(child => (child.Value ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        foreach (var value in values)
        {
            if (!Uri.TryCreate(value, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
                return $"services:{service}:http:0 (environment services__{service}__http__0) — “{value}” is not an absolute http address.";
            found.Add(address);
        }

        return found.Count == 0 ? $"services:{service}:http:0 (environment services__{service}__http__0) — must hold the address of the {service} service." : null;
    }
}
