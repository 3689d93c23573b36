using Microsoft.AspNetCore.Http.HttpResults;

namespace ServiceQuality.Organisation.Requests;

/// <summary>Versions as ETags, so that nobody overwrites what they have not seen.</summary>
internal static class IfMatch
{
    public static string Tag(long version) => $"\"{version}\"";

    /// <summary>Null when the request was made for this version. An absent header passes unless it is <paramref name="needed"/>.</summary>
    public static ProblemHttpResult? Refusal(HttpContext http, long version, bool needed = false)
    {
        var asked = http.Request.Headers.IfMatch.ToString();
        if (asked.Length == 0)
            return needed ? Problems.Of(StatusCodes.Status428PreconditionRequired, "if-match-needed", "Send the ETag of the version that you have read as If-Match.") : null;
        return asked == "*" || asked == Tag(version)
            ? null
            : Problems.Of(StatusCodes.Status412PreconditionFailed, "changed-meanwhile", $"The version is {Tag(version)} by now; read it again.");
    }
}
