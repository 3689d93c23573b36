using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Npgsql;
using ServiceQuality.Gateway.Limits;

namespace ServiceQuality.Gateway.SignIn;

/// <summary>A person signs in with a program.</summary>
public sealed record SignInRequest([property: Required, StringLength(256)] string User, [property: Required, StringLength(256)] string Password);

/// <summary>A program goes on with its refresh token, which is good once.</summary>
public sealed record RefreshRequest([property: Required, StringLength(16_384)] string RefreshToken);

/// <summary>Signing in and out: programs get tokens, browsers get a cookie.</summary>
internal static class SignInApi
{
    public static void MapSignIn(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api").WithGroupName(GatewayService.Name).WithTags("sign-in");
        api.MapPost("/sign-in", SignInAsync).AllowAnonymous().Produces<AccessTokenResponse>().ProducesProblem(401).ProducesProblem(429).ProducesProblem(503)
            .WithSummary("Signs a person in; the access token is sent as Authorization: Bearer.");
        api.MapPost("/refresh", RefreshAsync).AllowAnonymous().Produces<AccessTokenResponse>().ProducesProblem(401).ProducesProblem(503)
            .WithSummary("Answers a new access token and a new refresh token; the old refresh token is used up.");
        api.MapPost("/sign-out", SignOutAsync).RequireAuthorization(FrontDoor.SignedInPolicy).Produces(204).ProducesProblem(401)
            .WithSummary("Ends the session: its refresh token at once, its access token within seconds.");

        var pages = app.MapGroup("").AllowAnonymous().ExcludeFromDescription().DisableAntiforgery();
        pages.MapPost(SignInPage.Path, SignInFormAsync);
        pages.MapPost("/sign-out", SignOutFormAsync);
    }

    private static async Task<IResult> SignInAsync(SignInRequest request, Door door, HttpContext context, CancellationToken ct)
    {
        var entry = await door.TryAsync(context, request.User, request.Password, ct);
        return entry.Mark is { } mark
            ? TypedResults.SignIn(mark.ToPrincipal(FrontDoor.BearerScheme), authenticationScheme: FrontDoor.BearerScheme)
            : entry.Problem(context);
    }

    private static async Task<IResult> RefreshAsync(RefreshRequest request, Sessions sessions, IOptionsMonitor<BearerTokenOptions> tokens, TimeProvider clock, CancellationToken ct)
    {
        var ticket = tokens.Get(FrontDoor.BearerScheme).RefreshTokenProtector.Unprotect(request.RefreshToken);
        return ticket?.Properties.ExpiresUtc > clock.GetUtcNow() && SessionMark.Of(ticket.Principal) is { } mark && await sessions.RenewAsync(mark, ct) is { } renewed
            ? TypedResults.SignIn(renewed.ToPrincipal(FrontDoor.BearerScheme), authenticationScheme: FrontDoor.BearerScheme)
            : Problems.Of(StatusCodes.Status401Unauthorized, "session-ended", "This sign-in is over. Sign in again.");
    }

    private static async Task<IResult> SignOutAsync(HttpContext context, Sessions sessions, CancellationToken ct)
    {
        if (context.Features.Get<SignedIn>()?.Mark is { } mark)
            await sessions.EndAsync(mark.Session, ct);
        if (context.Request.Cookies.ContainsKey(SessionCookie.Name))
            await context.SignOutAsync(FrontDoor.CookieScheme);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> SignInFormAsync(
        [FromForm] string? user, [FromForm] string? password, [FromForm] string? returnUrl, [FromForm] string? keep, Door door, HttpContext context, CancellationToken ct)
    {
        var back = SignInPage.Local(returnUrl);
        if (!SameOrigin.AllowsPrograms(context.Request))
            return TypedResults.Redirect(SignInPage.Address(back, "cross-site"));

        var entry = await door.TryForPageAsync(context, user ?? "", password ?? "", ct);
        if (entry.Mark is not { } mark)
            return TypedResults.Redirect(SignInPage.Address(back, entry.Refusal));

        await context.SignInAsync(FrontDoor.CookieScheme, mark.ToPrincipal(FrontDoor.CookieScheme), new AuthenticationProperties { IsPersistent = keep is "on" or "true" or "1" });
        return TypedResults.LocalRedirect(back);
    }

    private static async Task<IResult> SignOutFormAsync(HttpContext context, Sessions sessions, CancellationToken ct)
    {
        if (!SameOrigin.Allows(context.Request))
            return Problems.Of(StatusCodes.Status403Forbidden, "cross-site", "A change made with the browser's sign-in must come from the suite's own pages.");
        if (SessionMark.Of((await context.AuthenticateAsync(FrontDoor.CookieScheme)).Principal) is { } mark)
            await sessions.EndAsync(mark.Session, ct);
        await context.SignOutAsync(FrontDoor.CookieScheme);
        return TypedResults.LocalRedirect(SignInPage.Path);
    }
}

/// <summary>What came of an attempt to sign in.</summary>
/// <param name="Mark">The new session; null when it was refused.</param>
/// <param name="Refusal">Why: <c>too-many-attempts</c>, <c>temporarily-unavailable</c>, or the code of Organisation.</param>
/// <param name="Allowance">What is left of the attempts.</param>
internal readonly record struct SignInAttempt(SessionMark? Mark, string? Refusal, Allowance Allowance)
{
    public IResult Problem(HttpContext context) => Refusal == Door.TooMany
        ? RateLimiting.TooMany(context, Allowance, Door.TooMany, "Too many attempts to sign in; wait as long as Retry-After says.")
        : Problems.Of(StatusCodes.Status401Unauthorized, Refusal!, "The user name or the password is not right, or the account may not be used.");
}

/// <summary>Tries user names and passwords, with patience that ends: per address, and per user name for wrong ones.</summary>
internal sealed class Door(Accounts accounts, Sessions sessions, Allowances allowances, IOptions<RateLimits> limits, ILogger<Door> logger)
{
    public const string TooMany = "too-many-attempts";
    private const string Away = "temporarily-unavailable";

    public async Task<SignInAttempt> TryAsync(HttpContext context, string user, string password, CancellationToken ct)
    {
        var attempts = allowances.Take(AllowanceKind.SignIn, Client.Address(context), 1);
        RateLimiting.Tell(context, AllowanceKind.SignIn, limits.Value.SignIn, attempts);
        if (!attempts.Taken)
            return new(null, TooMany, attempts);

        var name = user.ToUpperInvariant();
        if (allowances.Of(AllowanceKind.WrongPasswords, name) is { IsUsedUp: true } wrong)
            return new(null, TooMany, wrong);

        var answer = await accounts.CheckPasswordAsync(user, password, ct);
        if (answer.Account is null)
        {
            allowances.Take(AllowanceKind.WrongPasswords, name, 1);
            logger.LogWarning("Sign-in refused from {Address}: {Refusal}", Client.Address(context), answer.Refusal);
            return new(null, answer.Refusal, attempts);
        }

        allowances.Restore(AllowanceKind.WrongPasswords, name);
        var mark = await sessions.StartAsync(answer.Account, ct);
        logger.LogInformation("Account {Account} signed in, session {Session}", answer.Account.Caller.Subject, mark.Session);
        return new(mark, null, attempts);
    }

    /// <summary>As <see cref="TryAsync"/>; what is away becomes a code for the page instead of a problem.</summary>
    public async Task<SignInAttempt> TryForPageAsync(HttpContext context, string user, string password, CancellationToken ct)
    {
        try
        {
            return await TryAsync(context, user, password, ct);
        }
        catch (Exception away) when (away is TemporarilyUnavailableException or NpgsqlException { IsTransient: true })
        {
            logger.LogWarning("Sign-in is not possible: {Reason}", away.Message);
            return new(null, Away, default);
        }
    }
}
