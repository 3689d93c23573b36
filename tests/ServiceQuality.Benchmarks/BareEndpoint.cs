using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ServiceQuality.Benchmarks;

/// <summary>The least that an intake could do: read the body, parse the JSON, answer 202.</summary>
internal static class BareEndpoint
{
    public static async Task<WebApplication> StartAsync(string address, CancellationToken ct)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.WebHost.UseUrls(address);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = 8 << 20);
        var app = builder.Build();
        app.MapGet("/readyz", () => "ready");
        app.MapPost("/api/telemetry", async (HttpContext context) =>
        {
            using var document = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            var items = 0;
            foreach (var item in document.RootElement.EnumerateArray())
                items += item.TryGetProperty("id", out _) ? 1 : 0;
            return Results.Json(new { accepted = items }, statusCode: StatusCodes.Status202Accepted);
        });
        await app.StartAsync(ct);
        return app;
    }
}
