using System.Reflection;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceQuality.Gateway.Routes;

namespace ServiceQuality.Gateway.Descriptions;

/// <summary>Where the interface of each service is described.</summary>
internal sealed record DescriptionLink(string Service, string Document);

/// <summary>All OpenAPI documents in one place: an index, and a page to browse and try them at <c>/openapi</c>.</summary>
internal static class DescriptionPages
{
    private static readonly Assembly Files = typeof(DescriptionPages).Assembly;

    private static readonly IReadOnlyList<DescriptionLink> Links =
        [.. RouteTable.Described.Append(GatewayService.Name).Select(service => new DescriptionLink(service, $"/openapi/{service}.json"))];

    public static void MapDescriptions(this WebApplication app)
    {
        app.MapApiDescription(GatewayService.Name);
        var pages = app.MapGroup("/openapi").AllowAnonymous().ExcludeFromDescription();
        pages.MapGet("/", () => Page("index.html"));
        pages.MapGet("/index.json", () => TypedResults.Ok(Links));
        foreach (var (file, type) in new[] { ("browser.js", "text/javascript"), ("browser.css", "text/css"), ("swagger-ui-bundle.js", "text/javascript"), ("swagger-ui.css", "text/css") })
            pages.MapGet($"/{file}", (HttpContext context) => File(context, file, type));
    }

    private static FileStreamHttpResult Page(string file) => TypedResults.Stream(Open(file), "text/html; charset=utf-8");

    private static FileStreamHttpResult File(HttpContext context, string file, string type)
    {
        context.Response.Headers.CacheControl = "public, max-age=3600";
        return TypedResults.Stream(Open(file), $"{type}; charset=utf-8");
    }

    private static Stream Open(string file) => Files.GetManifestResourceStream($"openapi/{file}") ?? throw new InvalidOperationException($"The file {file} is not part of the build.");
}
