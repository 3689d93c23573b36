using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using ServiceQuality.Access;
using ServiceQuality.Organisation.Data;
using ServiceQuality.Organisation.Rights;
using ServiceQuality.Organisation.Units;

namespace ServiceQuality.Organisation.Accounts;

/// <summary>Creates an account, with its first grants.</summary>
internal static class CreateAccount
{
    public static async Task<Results<Created<AccountWithPassword>, ProblemHttpResult>> Handle(
        HttpContext http, NewAccount request, OrganisationDb db, UserManager<Account> users, AccountDirectory directory, Tree tree, ScopeGuard guard, TimeProvider clock, CancellationToken ct)
    {
        var (now, caller) = (clock.GetUtcNow(), http.Caller());
        var home = await tree.FindAsync(request.Unit, ct);
        if (await guard.RefusalAsync(caller, Permissions.ManageAccounts, home, request.Unit, ct) is { } refusal)
            return refusal;

        var account = New(request.User, request.Name, home!, now);
        foreach (var wanted in request.Grants ?? [])
        {
            var unit = await tree.FindAsync(wanted.Unit, ct);
            if (await guard.RefusalAsync(caller, Permissions.ManageAccounts, unit, wanted.Unit, ct) is { } foreign)
                return foreign;
            if (Granting.Grant(caller, account, wanted.Role, wanted.From ?? now, wanted.To, now) is { IsRefused: true } refused)
                return refused.ToProblem();
            account.Grants.Add(AccountsApi.New(account, wanted, unit!, caller, now));
        }

        // Two requests for the same name take turns, so that the second is refused and does not fail.
        await db.LockAsync("accounts", ct);
        var password = request.Password ?? Passwords.Draw();
        var result = await users.CreateAsync(account, password);
        if (Refusal(result) is { IsRefused: true } wrong)
            return wrong.ToProblem(wrong.Code == "user-taken" ? StatusCodes.Status409Conflict : StatusCodes.Status400BadRequest);

        var view = AccountView.Of((await directory.KnownAsync([account], ct))[0], now);
        await db.RecordAsync(caller, now, "account.created", $"account {account.UserName}", home!.Path, after: view, ct: ct);
        return TypedResults.Created($"/api/accounts/{account.Id}", new AccountWithPassword(view, request.Password is null ? password : null));
    }

    public static Account New(string user, string name, OrgUnit home, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        UserName = user,
        Name = name,
        UnitId = home.Id,
        CreatedAt = now,
        LockoutEnabled = true,
    };

    private static Outcome Refusal(IdentityResult result) =>
        result.Errors.Any(error => error.Code == nameof(IdentityErrorDescriber.DuplicateUserName)) ? Outcome.Refused("user-taken", "There is an account with this user name already.")
        : result.Errors.Any(error => error.Code == nameof(IdentityErrorDescriber.InvalidUserName)) ? Passwords.Refusal(result, "user-malformed")
        : Passwords.Refusal(result, "password-refused");
}
