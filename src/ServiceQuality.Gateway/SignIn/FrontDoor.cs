using System.Globalization;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using ServiceQuality.Access;
using ServiceQuality.Gateway.Keys;
using ServiceQuality.Gateway.Limits;

namespace ServiceQuality.Gateway.SignIn;

/// <summary>Who was recognised at the front door.</summary>
/// <param name="Caller">The caller, as services will see it.</param>
/// <param name="Mark">The session of a person; null for a machine.</param>
internal sealed record SignedIn(Caller Caller, SessionMark? Mark);

/// <summary>The browser's session cookie.</summary>
internal static class SessionCookie
{
    public const string Name = "sq-session";
}

/// <summary>
/// Recognises whoever comes in: a machine by its API key, a program by its bearer token, a browser by its cookie. What it finds is the caller with present
/// rights; whoever is not recognised is shown to the sign-in page (a browser) or told 401 (a program).
/// </summary>
internal sealed class FrontDoor(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, ApiKeys keys, Sessions sessions, Allowances allowances)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "FrontDoor";
    public const string BearerScheme = "Bearer";
    public const string CookieScheme = "Cookie";

    /// <summary>Policy of routes for whoever was recognised.</summary>
    public const string SignedInPolicy = "signed-in";

    private sealed record Refusal(int Status, string Code, string Detail);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        // Pages and files for anyone need no answer, and must not fail when nobody can give one.
        if (Context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null)
            return AuthenticateResult.NoResult();
        if (Request.Headers[ApiKeyHeader.Name].ToString() is { Length: > 0 } key)
            return await RecogniseKeyAsync(key);
        if (Request.Headers.Authorization.ToString().StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            return await RecognisePersonAsync(BearerScheme);
        if (!Request.Cookies.ContainsKey(SessionCookie.Name))
            return AuthenticateResult.NoResult();
        if (!SameOrigin.Allows(Request))
            return Refuse(new Refusal(StatusCodes.Status403Forbidden, "cross-site", "A change made with the browser's sign-in must come from the suite's own pages."));
        return await RecognisePersonAsync(CookieScheme);
    }

    private async Task<AuthenticateResult> RecogniseKeyAsync(string key)
    {
        if (!keys.WasGood(key) && allowances.Of(AllowanceKind.WrongKeys, Client.Address(Context)) is { IsUsedUp: true } wrong)
        {
            Response.Headers.RetryAfter = Math.Ceiling(wrong.NextIn.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            return Refuse(new Refusal(StatusCodes.Status429TooManyRequests, "too-many-attempts", "Too many keys from this address were wrong."));
        }

        if (await keys.FindAsync(key) is { } machine)
            return Admit(machine, null);

        allowances.Take(AllowanceKind.WrongKeys, Client.Address(Context), 1);
        return Refuse(new Refusal(StatusCodes.Status401Unauthorized, "unknown-key", "The API key is unknown, has run out or was revoked."));
    }

    private async Task<AuthenticateResult> RecognisePersonAsync(string scheme)
    {
        var read = await Context.AuthenticateAsync(scheme);
        if (SessionMark.Of(read.Principal) is not { } mark)
            return AuthenticateResult.NoResult();
        return await sessions.CallerAsync(mark) is { } caller ? Admit(caller, mark) : Refuse(new Refusal(StatusCodes.Status401Unauthorized, "session-ended", "This sign-in is over. Sign in again."));
    }

    private AuthenticateResult Admit(Caller caller, SessionMark? mark)
    {
        Context.Features.Set(new SignedIn(caller, mark));
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, caller.Subject.ToString()), new Claim(ClaimTypes.Name, caller.Name)], SchemeName);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }

    private AuthenticateResult Refuse(Refusal refusal)
    {
        Context.Features.Set(refusal);
        return AuthenticateResult.Fail(refusal.Code);
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var refusal = Context.Features.Get<Refusal>() ?? new Refusal(StatusCodes.Status401Unauthorized, "not-signed-in", "Sign in, or send an API key.");
        if (refusal.Status == StatusCodes.Status401Unauthorized && HttpMethods.IsGet(Request.Method) && BrowserPage.IsAskedFor(Request))
        {
            Response.Redirect(SignInPage.Address(Request.Path + Request.QueryString));
            return;
        }

        if (refusal.Status == StatusCodes.Status401Unauthorized)
            Response.Headers[HeaderNames.WWWAuthenticate] = "Bearer";
        // A part of a page cannot follow a redirect; this tells htmx to load the sign-in page as a whole.
        if (refusal.Status == StatusCodes.Status401Unauthorized && Request.Headers.TryGetValue("HX-Current-URL", out var page) && Uri.TryCreate(page, UriKind.Absolute, out var current))
            Response.Headers["HX-Redirect"] = SignInPage.Address(current.PathAndQuery);
        await Problems.Of(refusal.Status, refusal.Code, refusal.Detail, retryable: refusal.Status == StatusCodes.Status429TooManyRequests).ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Problems.Of(StatusCodes.Status403Forbidden, "not-allowed", "You are not allowed to do this.").ExecuteAsync(Context);
}
