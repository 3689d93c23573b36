using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using ServiceQuality.Access;
using ServiceQuality.Organisation.Data;
using ServiceQuality.Organisation.Requests;
using ServiceQuality.Organisation.Rights;
using ServiceQuality.Organisation.Units;

namespace ServiceQuality.Organisation.Accounts;

/// <summary>Accounts and what they may do (ORG-09). Managing an account needs <see cref="Permissions.ManageAccounts"/> over all that it reaches.</summary>
internal static class AccountsApi
{
    private const int LargestPage = 500;

    public static void MapAccounts(this IEndpointRouteBuilder routes)
    {
        var accounts = routes.MapGroup("/accounts").WithTags("Accounts");
        accounts.MapGet("/", List).RequirePermission(Permissions.ManageAccounts).WithName("accounts");
        accounts.MapGet("/{id:guid}", Find).RequirePermission(Permissions.ManageAccounts).WithName("account");

        var changes = accounts.MapGroup("").RequirePermission(Permissions.ManageAccounts).AddEndpointFilter<OneTransaction>();
        changes.MapPost("/", CreateAccount.Handle).WithName("account-create").WithSummary("A password that is not given is drawn and shown once.");
        changes.MapPost("/{id:guid}/grants", Grant).WithName("grant-add");
        changes.MapDelete("/{id:guid}/grants/{grant:guid}", Revoke).WithName("grant-revoke");
        changes.MapPost("/{id:guid}/password", ResetPassword).WithName("account-password").WithSummary("Ends every session of the account.");
        changes.MapPost("/{id:guid}/disable", Disable).WithName("account-disable").WithSummary("Ends every session of the account.");
        changes.MapPost("/{id:guid}/enable", Enable).WithName("account-enable").WithSummary("Also lifts a lock after failed sign-ins.");
    }

    private static async Task<Ok<Page<AccountView>>> List(
        HttpContext http, OrganisationDb db, AccountDirectory directory, TimeProvider clock, string? after, [Range(1, LargestPage)] int? limit, CancellationToken ct)
    {
        var size = limit ?? LargestPage;
        var homes = db.Units.Within(http.Caller().Scope(Permissions.ManageAccounts)).Select(unit => unit.Id);
        var accounts = await db.Accounts.AsNoTracking().Include(account => account.Grants)
            .Where(account => homes.Contains(account.UnitId) && (after == null || string.Compare(account.NormalizedUserName, after) > 0))
            .OrderBy(account => account.NormalizedUserName).Take(size).ToListAsync(ct);
        var known = await directory.KnownAsync(accounts, ct);
        return TypedResults.Ok(new Page<AccountView>([.. known.Select(account => AccountView.Of(account, clock.GetUtcNow()))], accounts.Count == size ? accounts[^1].NormalizedUserName : null));
    }

    private static async Task<Results<Ok<AccountView>, ProblemHttpResult>> Find(HttpContext http, Guid id, AccountDirectory directory, ScopeGuard guard, TimeProvider clock, CancellationToken ct)
    {
        var known = await directory.FindAsync(id, ct);
        if (await guard.RefusalAsync(http.Caller(), Permissions.ManageAccounts, known is null ? null : [known.HomePath], $"account {id}", "unknown-account", ct) is { } refusal)
            return refusal;
        return TypedResults.Ok(AccountView.Of(known!, clock.GetUtcNow()));
    }

    private static async Task<Results<Created<GrantView>, ProblemHttpResult>> Grant(
        HttpContext http, Guid id, NewGrant request, OrganisationDb db, AccountDirectory directory, Tree tree, ScopeGuard guard, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var (known, refusal) = await ManagedAsync(http, id, db, directory, guard, now, ct);
        if (refusal is not null)
            return refusal;
        var unit = await tree.FindAsync(request.Unit, ct);
        if (await guard.RefusalAsync(http.Caller(), Permissions.ManageAccounts, unit, request.Unit, ct) is { } foreign)
            return foreign;
        if (Granting.Grant(http.Caller(), known!.Account, request.Role, request.From ?? now, request.To, now) is { IsRefused: true } refused)
            return refused.ToProblem();

        var grant = New(known.Account, request, unit!, http.Caller(), now);
        db.Grants.Add(grant);
        await db.SaveChangesAsync(ct);
        await db.RecordAsync(http.Caller(), now, "role.granted", $"account {known.Account.UserName}", unit!.Path, after: GrantView.Of(grant, unit.Path), ct: ct);
        return TypedResults.Created($"/api/accounts/{id}", GrantView.Of(grant, unit.Path));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Revoke(
        HttpContext http, Guid id, Guid grant, OrganisationDb db, AccountDirectory directory, ScopeGuard guard, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await db.LockAsync($"account:{id}", ct);
        var known = await directory.FindAsync(id, ct);
        var held = known?.Account.Grants.FirstOrDefault(it => it.Id == grant && it.IsOpen(now));
        // Over the grant's subtree alone: whoever answers for a place may end a right there, also one of an account from elsewhere.
        if (await guard.RefusalAsync(http.Caller(), Permissions.ManageAccounts, held is null ? null : [known!.PathOf[held.UnitId]], $"grant {grant}", "unknown-grant", ct) is { } refusal)
            return refusal;
        if (Granting.Revoke(http.Caller(), known!.Account) is { IsRefused: true } refused)
            return refused.ToProblem();

        held!.RevokedAt = now;
        await db.SaveChangesAsync(ct);
        await db.RecordAsync(http.Caller(), now, "role.revoked", $"account {known.Account.UserName}", known.PathOf[held.UnitId], before: GrantView.Of(held, known.PathOf[held.UnitId]), ct: ct);
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<AccountWithPassword>, ProblemHttpResult>> ResetPassword(
        HttpContext http, Guid id, NewPassword request, OrganisationDb db, UserManager<Account> users, AccountDirectory directory, ScopeGuard guard, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var (known, refusal) = await ManagedAsync(http, id, db, directory, guard, now, ct);
        if (refusal is not null)
            return refusal;

        var password = request.Password ?? Passwords.Draw();
        if (await Passwords.ReplaceAsync(users, known!.Account, password) is { IsRefused: true } weak)
            return weak.ToProblem(StatusCodes.Status400BadRequest);
        (known.Account.LockoutEnd, known.Account.AccessFailedCount) = (null, 0);
        await db.SaveChangesAsync(ct);
        await db.RecordAsync(http.Caller(), now, "password.reset", $"account {known.Account.UserName}", known.HomePath, ct: ct);
        return TypedResults.Ok(new AccountWithPassword(AccountView.Of(known, now), request.Password is null ? password : null));
    }

    private static async Task<Results<Ok<AccountView>, ProblemHttpResult>> Disable(
        HttpContext http, Guid id, OrganisationDb db, UserManager<Account> users, AccountDirectory directory, ScopeGuard guard, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var (known, refusal) = await ManagedAsync(http, id, db, directory, guard, now, ct);
        if (refusal is not null)
            return refusal;
        if (Granting.Disable(http.Caller(), known!.Account) is { IsRefused: true } refused)
            return refused.ToProblem();

        known.Account.Disabled = true;
        await users.UpdateSecurityStampAsync(known.Account);
        await db.RecordAsync(http.Caller(), now, "account.disabled", $"account {known.Account.UserName}", known.HomePath, ct: ct);
        return TypedResults.Ok(AccountView.Of(known, now));
    }

    private static async Task<Results<Ok<AccountView>, ProblemHttpResult>> Enable(
        HttpContext http, Guid id, OrganisationDb db, AccountDirectory directory, ScopeGuard guard, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var (known, refusal) = await ManagedAsync(http, id, db, directory, guard, now, ct);
        if (refusal is not null)
            return refusal;

        (known!.Account.Disabled, known.Account.LockoutEnd, known.Account.AccessFailedCount) = (false, null, 0);
        await db.SaveChangesAsync(ct);
        await db.RecordAsync(http.Caller(), now, "account.enabled", $"account {known.Account.UserName}", known.HomePath, ct: ct);
        return TypedResults.Ok(AccountView.Of(known, now));
    }

    /// <summary>The account, when the caller covers all that it reaches; changes of one account take turns.</summary>
    private static async Task<(KnownAccount? Known, ProblemHttpResult? Refusal)> ManagedAsync(
        HttpContext http, Guid id, OrganisationDb db, AccountDirectory directory, ScopeGuard guard, DateTimeOffset now, CancellationToken ct)
    {
        await db.LockAsync($"account:{id}", ct);
        var known = await directory.FindAsync(id, ct);
        return (known, await guard.RefusalAsync(http.Caller(), Permissions.ManageAccounts, known?.Reach(now), $"account {id}", "unknown-account", ct));
    }

    public static RoleGrant New(Account account, NewGrant request, OrgUnit unit, Caller granter, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        AccountId = account.Id,
        Role = request.Role,
        UnitId = unit.Id,
        From = (request.From ?? now).ToUniversalTime(),
        To = request.To?.ToUniversalTime(),
        GrantedBy = granter.Name,
        GrantedAt = now,
    };
}
