using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace ServiceQuality;

/// <summary>
/// One id from a branch's POST to the dashboard (PLT-07): the incoming <c>traceparent</c> is continued, the answer carries
/// <c>traceparent</c> and <c>X-Request-Id</c> (the trace id, as also in logs and problems), and the server span gets its route.
/// </summary>
internal sealed class Correlation(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpActivityFeature>()?.Activity is not { } activity)
        {
            await next(context);
            return;
        }

        context.Response.OnStarting(static state =>
        {
            var (headers, activity) = ((IHeaderDictionary, Activity))state;
            headers.TraceParent = activity.Id;
            headers["X-Request-Id"] = activity.TraceId.ToHexString();
            return Task.CompletedTask;
        }, (context.Response.Headers, activity));

        // Taken before the pipeline runs: the exception handler forgets the endpoint.
        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        await next(context);

        if (!activity.IsAllDataRequested)
            return;

        activity.DisplayName = route is null ? context.Request.Method : $"{context.Request.Method} {route}";
        activity.SetTag("http.request.method", context.Request.Method);
        activity.SetTag("http.route", route);
        activity.SetTag("url.path", context.Request.Path.Value);
        activity.SetTag("http.response.status_code", context.Response.StatusCode);
        if (context.Response.StatusCode >= StatusCodes.Status500InternalServerError)
            activity.SetStatus(ActivityStatusCode.Error);
    }
}
