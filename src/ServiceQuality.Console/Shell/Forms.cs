using Microsoft.AspNetCore.Http.Features;

namespace ServiceQuality.Console.Shell;

/// <summary>What a page's form sent.</summary>
internal static class Forms
{
    /// <summary>The form of a request; empty when the body is none, so that the page answers with what is missing.</summary>
    public static async Task<IFormCollection> FormAsync(this HttpContext context, CancellationToken ct, FormOptions? limits = null) =>
        !context.Request.HasFormContentType ? FormCollection.Empty
        : limits is null ? await context.Request.ReadFormAsync(ct)
        : await context.Request.ReadFormAsync(limits, ct);
}
