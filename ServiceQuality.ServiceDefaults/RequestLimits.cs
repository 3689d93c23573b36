using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ServiceQuality;

/// <summary>What a single request may weigh. Section <c>RequestLimits</c>.</summary>
public sealed class RequestLimits
{
    /// <summary>Configuration section.</summary>
    public const string Section = "RequestLimits";

    /// <summary>Largest body as sent (packed), bytes; larger is answered with 413. Default 8 MiB.</summary>
    [Range(1024, 1L << 30)]
    public long MaxBodyBytes { get; set; } = 8 << 20;

    /// <summary>Largest sum of request headers, bytes. Default 32 KiB.</summary>
    [Range(1024, 1 << 20)]
    public int MaxHeaderBytes { get; set; } = 32 << 10;

    /// <summary>Longest time in which the headers must have arrived. Default 15 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan HeaderTimeout { get; set; } = TimeSpan.FromSeconds(15);
}

internal static class RequestLimitsSetup
{
    public static void AddRequestLimits(this IHostApplicationBuilder builder)
    {
        builder.AddSettings<RequestLimits>(RequestLimits.Section);
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<RequestLimits>>((kestrel, limits) =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = limits.Value.MaxBodyBytes;
            kestrel.Limits.MaxRequestHeadersTotalSize = limits.Value.MaxHeaderBytes;
            kestrel.Limits.RequestHeadersTimeout = limits.Value.HeaderTimeout;
        });
    }
}
