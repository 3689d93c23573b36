using Microsoft.Net.Http.Headers;

namespace ServiceQuality.Gateway.SignIn;

/// <summary>Whether a change comes from the suite's own pages. Browsers say so themselves, by <c>Sec-Fetch-Site</c> or at least <c>Origin</c>.</summary>
internal static class SameOrigin
{
    /// <summary>True for reads, and for changes that the browser marks as coming from this very origin; what is not marked is refused.</summary>
    public static bool Allows(HttpRequest request) => IsRead(request) || Says(request) == true;

    /// <summary>As <see cref="Allows"/>, but open to programs that are no browsers: for requests that carry no cookie's power.</summary>
    public static bool AllowsPrograms(HttpRequest request) => IsRead(request) || Says(request) != false;

    private static bool IsRead(HttpRequest request) => HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method);

    private static bool? Says(HttpRequest request)
    {
        if (request.Headers["Sec-Fetch-Site"].ToString() is { Length: > 0 } site)
            return site == "same-origin";
        if (request.Headers[HeaderNames.Origin].ToString() is { Length: > 0 } origin)
            return Uri.TryCreate(origin, UriKind.Absolute, out var from) && HostString.FromUriComponent(from) is var host && Normal(host, from.Scheme) == Normal(request.Host, request.Scheme);
        return null;
    }

    private static HostString Normal(HostString host, string scheme) => host.Port is { } port ? new HostString(host.Host, port) : new HostString(host.Host, scheme == Uri.UriSchemeHttps ? 443 : 80);
}
