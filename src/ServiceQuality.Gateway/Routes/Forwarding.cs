using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using ServiceQuality.Access;
using ServiceQuality.Gateway.Keys;
using ServiceQuality.Gateway.SignIn;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace ServiceQuality.Gateway.Routes;

/// <summary>What is taken from a request and what is put on it before a service sees it, and what a caller is told when the service is away.</summary>
internal static class Forwarding
{
    private const string RetryAfter = "2";

    /// <summary>Secrets stay here: a service sees the ticket alone. Other cookies (language, light or dark) belong to the console.</summary>
    public static void Transform(TransformBuilderContext route)
    {
        var isStream = route.Route.Metadata?.GetValueOrDefault(nameof(Pace)) == nameof(Pace.Stream);
        route.AddXForwarded(ForwardedTransformActions.Set);
        route.AddRequestTransform(transform =>
        {
            var headers = transform.ProxyRequest.Headers;
            headers.Remove(Ticket.Header);
            headers.Remove(HeaderNames.Authorization);
            headers.Remove(HeaderNames.Cookie);
            headers.Remove(ApiKeyHeader.Name);
            if (Cookies(transform.HttpContext.Request) is { Length: > 0 } cookies)
                headers.TryAddWithoutValidation(HeaderNames.Cookie, cookies);
            if (transform.HttpContext.Features.Get<SignedIn>() is { } signedIn)
                headers.TryAddWithoutValidation(Ticket.Header, transform.HttpContext.RequestServices.GetRequiredService<TicketBooth>().For(signedIn.Caller));

            if (!isStream)
                transform.ProxyRequest.Options.Set(RepeatedReads.MayRepeat, HttpMethods.IsGet(transform.HttpContext.Request.Method) || HttpMethods.IsHead(transform.HttpContext.Request.Method));
            return ValueTask.CompletedTask;
        });
    }

    /// <summary>Refuses what is too large before it is read, and turns a failure on the way to the service into a problem or a page.</summary>
    public static async Task AnswerFailuresAsync(HttpContext context, Func<Task> next)
    {
        var limit = context.GetReverseProxyFeature().Route.Config.MaxRequestBodySize;
        if (context.Request.ContentLength > limit)
        {
            await TooLarge().ExecuteAsync(context);
            return;
        }

        await next();
        if (context.GetForwarderErrorFeature() is not { } failure || context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
            return;

        if (failure.Exception is BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } || context.Response.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            await TooLarge().ExecuteAsync(context);
            return;
        }

        if (context.Response.StatusCode < StatusCodes.Status500InternalServerError)
            return;

        context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("ServiceQuality.Gateway.Forwarding").LogWarning(
            "{Method} {Path} could not be passed on: {Error} {Reason}", context.Request.Method, context.Request.Path, failure.Error, failure.Exception?.Message);
        context.Response.Headers.RetryAfter = RetryAfter;
        if (BrowserPage.IsAskedFor(context.Request))
            await BrowserPage.Unavailable().ExecuteAsync(context);
        else
            await Problems.Of(StatusCodes.Status503ServiceUnavailable, "temporarily-unavailable", "The service that answers this is away for the moment.", retryable: true).ExecuteAsync(context);
    }

    private static ProblemHttpResult TooLarge() => Problems.Of(StatusCodes.Status413PayloadTooLarge, "too-large", "The request is larger than this path takes.");

    private static string Cookies(HttpRequest request) =>
        string.Join("; ", request.Cookies.Where(cookie => !cookie.Key.StartsWith(SessionCookie.Name, StringComparison.Ordinal)).Select(cookie => $"{cookie.Key}={Uri.EscapeDataString(cookie.Value)}"));
}
