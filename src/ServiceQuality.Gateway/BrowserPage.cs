using System.Net.Mime;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ServiceQuality.Gateway;

/// <summary>What the gateway itself says to a person in a browser.</summary>
internal static class BrowserPage
{
    /// <summary>True when a browser asks for a whole page.</summary>
    public static bool IsAskedFor(HttpRequest request) =>
        request.Headers.Accept.ToString().Contains(MediaTypeNames.Text.Html, StringComparison.OrdinalIgnoreCase)
        && !request.Headers.ContainsKey("HX-Request")
        && !request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
        && !request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase);

    public static ContentHttpResult Unavailable() => TypedResults.Text(
        """
        <!doctype html>
        <html lang="zh-CN"><head><meta charset="utf-8"><title>暂时不可用 · Temporarily unavailable</title><meta http-equiv="refresh" content="5"></head>
        <body><h1>暂时不可用</h1><p>页面服务正在恢复，将自动重试。数据的接收不受影响。</p>
        <div lang="en"><h1>Temporarily unavailable</h1><p>The pages will be back shortly; this one tries again by itself. Data from branches are still taken in.</p></div></body></html>
        """, "text/html; charset=utf-8", Encoding.UTF8, StatusCodes.Status503ServiceUnavailable);
}
