using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using ServiceQuality.Access;

namespace ServiceQuality.Gateway.Front;

/// <summary>Who stands before the gateway. Section <c>Gateway</c>.</summary>
internal sealed class FrontSettings
{
    public const string Section = "Gateway";

    /// <summary>Networks (CIDR, comma-separated) of load balancers whose <c>X-Forwarded-*</c> headers are believed; empty for none.</summary>
    public string TrustedProxies { get; set; } = "";

    public IEnumerable<System.Net.IPNetwork> Networks() =>
        TrustedProxies.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(System.Net.IPNetwork.Parse);
}

/// <summary>
/// What happens to every request before all else, and to every answer after all else: forwarding headers of trusted proxies, security headers,
/// compression, no ticket from outside, and metrics for operators only.
/// </summary>
internal sealed class FrontPipeline : IStartupFilter
{
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.UseForwardedHeaders();
        app.Use(SecureAsync);
        app.UseResponseCompression();
        next(app);
    };

    private static Task SecureAsync(HttpContext context, RequestDelegate next)
    {
        context.Request.Headers.Remove(Ticket.Header);
        context.Response.OnStarting(static state =>
        {
            var context = (HttpContext)state;
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy = ContentSecurityPolicy;
            headers.XContentTypeOptions = "nosniff";
            headers.XFrameOptions = "DENY";
            headers["Referrer-Policy"] = "same-origin";
            headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers["Cross-Origin-Resource-Policy"] = "same-origin";
            headers.Remove(HeaderNames.Server);
            headers.Remove(HeaderNames.XPoweredBy);
            if (context.Request.IsHttps)
                headers.StrictTransportSecurity = "max-age=31536000; includeSubDomains";
            // What a person may see is not for caches on the way; files of pages say themselves how long they are good.
            if (!headers.ContainsKey(HeaderNames.CacheControl))
                headers.CacheControl = "no-store";
            return Task.CompletedTask;
        }, context);

        if (context.Request.Path.StartsWithSegments("/metrics", StringComparison.OrdinalIgnoreCase) && !IsOperator(context))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        return next(context);
    }

    /// <summary>Metrics are read from within the cluster, never through a load balancer.</summary>
    private static bool IsOperator(HttpContext context) =>
        !context.Request.Headers.Keys.Any(name => name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase) || name.StartsWith("X-Original-", StringComparison.OrdinalIgnoreCase))
        && context.Connection.RemoteIpAddress is { } address && IsPrivate(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    private static bool IsPrivate(IPAddress address) =>
        IPAddress.IsLoopback(address) || address.IsIPv6UniqueLocal || address.IsIPv6LinkLocal
        || address.GetAddressBytes() is [10, ..] or [172, >= 16 and < 32, ..] or [192, 168, ..] or [100, >= 64 and < 128, ..];
}

internal static class FrontSetup
{
    public static void AddFront(this IHostApplicationBuilder builder)
    {
        builder.AddSettings<FrontSettings>(FrontSettings.Section).Validate(
            settings => settings.TrustedProxies.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).All(network => System.Net.IPNetwork.TryParse(network, out _)),
            "Gateway:TrustedProxies — must be networks of the form 10.0.0.0/8, separated by commas.");
        builder.Services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<FrontSettings>>((options, settings) =>
        {
            options.KnownIPNetworks.Clear();
            options.KnownProxies.Clear();
            foreach (var network in settings.Value.Networks())
                options.KnownIPNetworks.Add(network);
            // Without a trusted network nothing may be believed: an empty list would mean everybody.
            options.ForwardedHeaders = options.KnownIPNetworks.Count == 0 ? ForwardedHeaders.None : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
        });
        builder.Services.AddResponseCompression(options =>
        {
            options.EnableForHttps = true;
            options.MimeTypes = ["text/html", "text/css", "text/javascript", "application/javascript", "application/json", "application/problem+json", "image/svg+xml"];
        });
        builder.Services.AddTransient<IStartupFilter, FrontPipeline>();
    }
}
