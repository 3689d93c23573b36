using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ServiceQuality;

/// <summary>What a business operation answers: done, or refused with a stable code that becomes the problem's <c>type</c>.</summary>
public readonly record struct Outcome(string? Code, string? Reason)
{
    /// <summary>The operation was carried out.</summary>
    public static readonly Outcome Done;

    /// <summary>The operation was refused; nothing changed.</summary>
    public static Outcome Refused(string code, string reason) => new(code, reason);

    /// <summary>True when the operation was refused.</summary>
    public bool IsRefused => Code is not null;

    /// <summary>The refusal as an RFC 9457 problem.</summary>
    public ProblemHttpResult ToProblem(int status = StatusCodes.Status409Conflict) => Problems.Of(status, Code!, Reason!);
}

/// <summary>Problems (RFC 9457) with a stable <c>type</c> of the form <c>urn:service-quality:code</c>.</summary>
public static class Problems
{
    /// <summary>The <c>type</c> of a code.</summary>
    public static string Type(string code) => $"urn:service-quality:{code}";

    /// <summary>A problem answer; <paramref name="retryable"/> tells the caller whether the same request may succeed later.</summary>
    public static ProblemHttpResult Of(int status, string code, string detail, bool retryable = false) =>
        TypedResults.Problem(detail, statusCode: status, type: Type(code), extensions: new Dictionary<string, object?> { ["retryable"] = retryable });
}
