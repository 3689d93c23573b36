using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using ServiceQuality.Access;
using ServiceQuality.Organisation.Data;

namespace ServiceQuality.Organisation.Accounts;

/// <summary>The caller's own account.</summary>
internal static class MeApi
{
    public static void MapMe(this IEndpointRouteBuilder routes)
    {
        // Every role of a person may read units; whoever holds no role has no account to speak of.
        var me = routes.MapGroup("/me").RequirePermission(Permissions.ReadUnits).WithTags("Accounts");
        me.MapGet("/", Show).WithName("me");
        me.MapPost("/password", ChangePassword).WithName("me-password").WithSummary("Ends every session of the account.");
    }

    private static async Task<Ok<MeView>> Show(HttpContext http, OrganisationDb db, CancellationToken ct)
    {
        var caller = http.Caller();
        var user = await db.Accounts.Where(account => account.Id == caller.Subject).Select(account => account.UserName).SingleOrDefaultAsync(ct);
        var held = Permissions.All.Where(caller.May).ToDictionary(permission => permission, caller.Scope);
        return TypedResults.Ok(new MeView(caller.Subject, user, caller.Name, caller.IsMachine,
            [.. caller.Grants.Select(grant => grant.Role).Distinct()], caller.Scope(Permissions.ReadUnits), caller.Grants, held));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> ChangePassword(
        HttpContext http, ChangedPassword request, OrganisationDb db, UserManager<Account> users, SignIn signIn, TimeProvider clock, CancellationToken ct)
    {
        if (await db.Accounts.Where(it => it.Id == http.Caller().Subject).Select(it => it.UserName).SingleOrDefaultAsync(ct) is not { } user)
            return Problems.Of(StatusCodes.Status403Forbidden, "not-allowed", "You are not allowed to do this.");
        // Counts towards the lock: an open session is no way to guess a password.
        var (known, wrong) = await signIn.TryAsync(user, request.Current, ct);
        if (known is null)
            return wrong.ToProblem(StatusCodes.Status403Forbidden);

        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (await Passwords.ReplaceAsync(users, known.Account, request.Password) is { IsRefused: true } weak)
            return weak.ToProblem(StatusCodes.Status400BadRequest);
        await db.RecordAsync(http.Caller(), clock.GetUtcNow(), "password.changed", $"account {user}", ct: ct);
        await transaction.CommitAsync(ct);
        return TypedResults.NoContent();
    }
}
