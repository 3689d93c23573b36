using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.FileProviders;
using ServiceQuality.Access;

namespace ServiceQuality.Console.Shell;

/// <summary>Metadata of an endpoint that answers with a page for people, also when it refuses.</summary>
internal sealed record PageMark;

/// <summary>What all pages have in common: headers, refusals in words, assets.</summary>
internal static class Pages
{
    // Scripts, styles, fonts and pictures from here only; nothing inline, no frames, no plug-ins.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>A page behind sign-in.</summary>
    public static RouteHandlerBuilder AsPage(this RouteHandlerBuilder endpoint) => endpoint.AsOpenPage().RequirePermission(Permissions.ReadUnits);

    /// <summary>A page without its lock; the caller of this method says who may open it.</summary>
    public static RouteHandlerBuilder AsOpenPage(this RouteHandlerBuilder endpoint) => endpoint
        .WithMetadata(new PageMark())
        .ExcludeFromDescription()
        .AddEndpointFilter(async (invocation, next) =>
        {
            Prepare(invocation.HttpContext);
            return await next(invocation);
        });

    /// <summary>A page as the answer to a request.</summary>
    public static RazorComponentResult Show<TPage>(object parameters, int status = StatusCodes.Status200OK) where TPage : IComponent =>
        new RazorComponentResult<TPage>(parameters) { StatusCode = status, PreventStreamingRendering = true };

    /// <summary>The page that says what is missing or refused.</summary>
    public static RazorComponentResult Problem(string text, int status) => Show<ProblemPage>(new { Text = text }, status);

    /// <summary>Serves what lies below /assets and /lib to anyone; as endpoints, because everything else is denied by default.</summary>
    public static void MapAssets(this WebApplication app)
    {
        var files = ((IApplicationBuilder)app).New();
        files.Use((context, next) =>
        {
            // Static files step back where an endpoint was chosen, and here the endpoint is this branch itself.
            context.SetEndpoint(null);
            return next(context);
        });
        files.UseStaticFiles(new StaticFileOptions
        {
            OnPrepareResponse = file =>
            {
                file.Context.Response.Headers.CacheControl = file.Context.Request.Query.ContainsKey("v") ? "public, max-age=31536000, immutable" : "no-cache";
                file.Context.Response.Headers.XContentTypeOptions = "nosniff";
            },
        });
        var serve = files.Build();
        foreach (var folder in (ReadOnlySpan<string>)["/assets", "/lib"])
            app.MapMethods($"{folder}/{{**file}}", [HttpMethods.Get, HttpMethods.Head], serve).AllowAnonymous().ExcludeFromDescription();
    }

    /// <summary>Addresses that lead nowhere: a page for people, a problem for programs.</summary>
    public static void MapMissingPages(this WebApplication app) =>
        app.MapFallback((HttpContext context) => WantsPage(context.Request)
                ? (IResult)Problem("missing", StatusCodes.Status404NotFound)
                : Problems.Of(StatusCodes.Status404NotFound, "not-found", "There is nothing at this address."))
            .WithMetadata(new PageMark())
            .AddEndpointFilter(async (invocation, next) =>
            {
                Prepare(invocation.HttpContext);
                return await next(invocation);
            })
            .RequirePermission(Permissions.ReadUnits);

    public static bool WantsPage(HttpRequest request) =>
        !request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase) && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    public static void Prepare(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        headers.Vary = "Accept-Language, Cookie";
        context.RequestServices.GetRequiredService<Reader>().Remember();
    }
}

/// <summary>Who is not signed in is led to the sign-in page; who may not see a page is told so on a page.</summary>
internal sealed class PageRefusals : IAuthorizationMiddlewareResultHandler
{
    private readonly AuthorizationMiddlewareResultHandler _usual = new();

    public async Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        var isPage = context.GetEndpoint()?.Metadata.GetMetadata<PageMark>() is not null && Pages.WantsPage(context.Request);
        if (authorizeResult.Succeeded || !isPage)
        {
            await _usual.HandleAsync(next, context, policy, authorizeResult);
        }
        else if (authorizeResult.Challenged)
        {
            context.Response.Redirect($"/sign-in?returnUrl={Uri.EscapeDataString(context.Request.Path + context.Request.QueryString)}");
        }
        else
        {
            Pages.Prepare(context);
            await Pages.Problem("refused", StatusCodes.Status403Forbidden).ExecuteAsync(context);
        }
    }
}

/// <summary>Addresses of assets that change with their content, so that browsers may keep them for good.</summary>
public sealed class AssetAddresses(IWebHostEnvironment environment)
{
    private readonly ConcurrentDictionary<string, string> _addresses = new();

    public string this[string path] => environment.IsDevelopment() ? path : _addresses.GetOrAdd(path, Versioned);

    private string Versioned(string path)
    {
        var file = environment.WebRootFileProvider.GetFileInfo(path);
        if (!file.Exists)
            return path;

        using var content = file.CreateReadStream();
        return $"{path}?v={Convert.ToHexStringLower(SHA256.HashData(content))[..12]}";
    }
}
