using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceQuality.Access;
using ServiceQuality.Organisation.Keys;

namespace ServiceQuality.Organisation.Accounts;

/// <summary>What the gateway asks: who stands behind a password, a session or an API key. Never routed from outside, and the gateway's ticket is needed.</summary>
internal static class InternalApi
{
    public static void MapInternal(this IEndpointRouteBuilder routes)
    {
        var gateway = routes.MapGroup("/internal").RequirePermission(Permissions.GatewayInternal).ExcludeFromDescription();
        gateway.MapPost("/sign-in", TrySignIn).WithName("internal-sign-in");
        gateway.MapGet("/accounts/{id:guid}/caller", Refresh).WithName("internal-caller");
        gateway.MapPost("/keys/verify", VerifyKey).WithName("internal-key");
    }

    /// <summary>A user name and a password.</summary>
    internal sealed record Credentials(
        [property: Required, MaxLength(256)] string User, [property: Required, MaxLength(SignInRules.LongestPassword)] string Password);

    internal sealed record PresentedKey([property: Required, MaxLength(256)] string Key);

    /// <summary>A person with present rights. The stamp changes with the password and when the account is disabled: a session with another stamp is over.</summary>
    internal sealed record StandingAccount(Caller Caller, string Stamp)
    {
        public static StandingAccount Of(KnownAccount known, DateTimeOffset now) => new(known.Caller(now), known.Account.SecurityStamp!);
    }

    private static async Task<Results<Ok<StandingAccount>, ProblemHttpResult>> TrySignIn(Credentials request, SignIn signIn, TimeProvider clock, CancellationToken ct)
    {
        var (known, outcome) = await signIn.TryAsync(request.User, request.Password, ct);
        return outcome.IsRefused
            ? outcome.ToProblem(outcome.Code == "sign-in-failed" ? StatusCodes.Status401Unauthorized : StatusCodes.Status403Forbidden)
            : TypedResults.Ok(StandingAccount.Of(known!, clock.GetUtcNow()));
    }

    private static async Task<Results<Ok<StandingAccount>, ProblemHttpResult>> Refresh(
        Guid id, AccountDirectory directory, TimeProvider clock, CancellationToken ct)
    {
        if (await directory.FindAsync(id, ct) is not { } known)
            return Problems.Of(StatusCodes.Status404NotFound, "unknown-account", "There is no such account.");
        if (known.Account.Disabled)
            return Problems.Of(StatusCodes.Status403Forbidden, "account-disabled", "The account is disabled.");
        return TypedResults.Ok(StandingAccount.Of(known, clock.GetUtcNow()));
    }

    private static async Task<Results<Ok<Caller>, ProblemHttpResult>> VerifyKey(PresentedKey request, KeyRing keys, CancellationToken ct) =>
        await keys.CallerAsync(request.Key, ct) is { } caller
            ? TypedResults.Ok(caller)
            : Problems.Of(StatusCodes.Status401Unauthorized, "key-refused", "The API key is unknown, revoked or expired.");
}
