using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ServiceQuality;

/// <summary>
/// Something that this request needs is away for the moment: a database, the broker, another service. The answer is 503
/// <c>temporarily-unavailable</c> with <c>Retry-After</c>. Whoever throws it has done nothing by halves.
/// </summary>
public class TemporarilyUnavailableException : Exception
{
    /// <summary>Says what is away.</summary>
    public TemporarilyUnavailableException(string message) : base(message) { }

    /// <summary>Says what is away, and how that was noticed.</summary>
    public TemporarilyUnavailableException(string message, Exception? inner) : base(message, inner) { }

    /// <summary>Needed by serializers and derived types.</summary>
    public TemporarilyUnavailableException() { }
}

/// <summary>The one exception handler, and the form of every problem.</summary>
internal static class Failures
{
    private const int RetryAfterSeconds = 2;

    public static void AddFailures(this IHostApplicationBuilder builder)
    {
        builder.Services.AddExceptionHandler<FailureHandler>();
        builder.Services.AddProblemDetails(options => options.CustomizeProblemDetails = context =>
        {
            var problem = context.ProblemDetails;
            var status = problem.Status ?? context.HttpContext.Response.StatusCode;
            if (problem.Type?.StartsWith("urn:service-quality:", StringComparison.Ordinal) != true)
                problem.Type = Problems.Type(CodeOf(status));
            problem.Extensions.TryAdd("retryable", status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable);
            problem.Extensions["traceId"] = Activity.Current?.TraceId.ToHexString() ?? context.HttpContext.TraceIdentifier;
        });
    }

    private static string CodeOf(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "malformed-request",
        StatusCodes.Status401Unauthorized => "not-signed-in",
        StatusCodes.Status403Forbidden => "not-allowed",
        StatusCodes.Status404NotFound => "not-found",
        StatusCodes.Status405MethodNotAllowed => "method-not-allowed",
        StatusCodes.Status408RequestTimeout => "request-timed-out",
        StatusCodes.Status412PreconditionFailed => "changed-meanwhile",
        StatusCodes.Status413PayloadTooLarge => "too-large",
        StatusCodes.Status415UnsupportedMediaType => "unsupported-media-type",
        StatusCodes.Status428PreconditionRequired => "precondition-required",
        StatusCodes.Status429TooManyRequests => "too-many-requests",
        StatusCodes.Status431RequestHeaderFieldsTooLarge => "too-large",
        StatusCodes.Status502BadGateway or StatusCodes.Status503ServiceUnavailable or StatusCodes.Status504GatewayTimeout => "temporarily-unavailable",
        >= 400 and < 500 => "refused",
        _ => "internal-error",
    };

    private sealed class FailureHandler(ILogger<FailureHandler> logger) : IExceptionHandler
    {
        public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
        {
            var answer = exception switch
            {
                BadHttpRequestException { StatusCode: StatusCodes.Status400BadRequest } bad => MalformedRequests.ProblemOf(httpContext, bad),
                BadHttpRequestException bad => Problems.Of(bad.StatusCode, CodeOf(bad.StatusCode), bad.Message),
                _ when IsTemporary(exception) => Problems.Of(StatusCodes.Status503ServiceUnavailable, "temporarily-unavailable", "Something this request needs is away for the moment; nothing was done.", retryable: true),
                _ => Problems.Of(StatusCodes.Status500InternalServerError, "internal-error", "The request failed because of a fault in the service."),
            };

            if (answer.StatusCode == StatusCodes.Status500InternalServerError)
                logger.LogError(exception, "{Method} {Path} failed", httpContext.Request.Method, httpContext.Request.Path);
            else if (answer.StatusCode == StatusCodes.Status503ServiceUnavailable)
            {
                logger.LogWarning("{Method} {Path} is unavailable: {Reason}", httpContext.Request.Method, httpContext.Request.Path, exception.Message);
                httpContext.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
            }

            await answer.ExecuteAsync(httpContext);
            return true;
        }

        /// <summary>Object-relational mappers wrap the cause, so the whole chain is looked at.</summary>
        private static bool IsTemporary(Exception? exception)
        {
            for (; exception is not null; exception = exception.InnerException)
            {
                if (exception is TemporarilyUnavailableException or TimeoutException or DbException { IsTransient: true })
                    return true;
            }

            return false;
        }
    }
}
