using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ServiceQuality.Organisation.Data;

namespace ServiceQuality.Organisation.Accounts;

/// <summary>
/// Checks a password. Attempts on one account take turns, so that many at once cannot pass the limit of failures; an unknown name costs the same
/// time as a wrong password. Every attempt is an audit record.
/// </summary>
internal sealed class SignIn(OrganisationDb db, AccountDirectory directory, IPasswordHasher<Account> hasher, ILookupNormalizer names, IOptions<SignInRules> rules, UnknownAccount unknown, TimeProvider clock)
{
    private static readonly Outcome Failed = Outcome.Refused("sign-in-failed", "User name or password is wrong.");

    public async Task<(KnownAccount? Account, Outcome Outcome)> TryAsync(string user, string password, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var name = names.NormalizeName(user);
        var account = await db.Accounts.FromSql($"select * from account where normalized_user_name = {name} for update").SingleOrDefaultAsync(ct);
        var now = clock.GetUtcNow();
        var right = Verify(account, password);
        // What was typed for an unknown name is not recorded: it may be a password in the wrong field.
        var (outcome, action) = account is null ? (Failed, "sign-in.failed") : Decide(account, right, rules.Value, now);
        await db.SaveChangesAsync(ct);
        await db.RecordAsync(account is null ? "unknown" : $"{account.Name} ({account.Id})", now, action, account is null ? "unknown account" : $"account {account.UserName}", ct: ct);
        await transaction.CommitAsync(ct);
        return outcome.IsRefused ? (null, outcome) : (await directory.FindAsync(account!.Id, ct), outcome);
    }

    /// <summary>What an attempt means for the account, and the name of its record. That the account is disabled is told only to who knows the password. Pure.</summary>
    internal static (Outcome Outcome, string Action) Decide(Account account, bool right, SignInRules rules, DateTimeOffset now)
    {
        if (account.LockoutEnd > now)
            return (Outcome.Refused("account-locked", "The account is locked for a while after failed sign-ins."), "sign-in.refused");
        if (!right)
        {
            account.AccessFailedCount++;
            if (account.AccessFailedCount < rules.FailuresBeforeLock)
                return (Failed, "sign-in.failed");
            (account.AccessFailedCount, account.LockoutEnd) = (0, now + rules.LockedFor);
            return (Failed, "account.locked");
        }
        if (account.Disabled)
            return (Outcome.Refused("account-disabled", "The account is disabled."), "sign-in.refused");

        (account.AccessFailedCount, account.LockoutEnd) = (0, null);
        return (Outcome.Done, "sign-in.succeeded");
    }

    private bool Verify(Account? account, string password)
    {
        if (account is null)
        {
            hasher.VerifyHashedPassword(unknown.Account, unknown.Account.PasswordHash!, password);
            return false;
        }

        var result = account.PasswordHash is null ? PasswordVerificationResult.Failed : hasher.VerifyHashedPassword(account, account.PasswordHash, password);
        if (result == PasswordVerificationResult.SuccessRehashNeeded)
            account.PasswordHash = hasher.HashPassword(account, password);
        return result != PasswordVerificationResult.Failed;
    }
}

/// <summary>Stands in for an account that does not exist, so that checking its password takes as long as any other.</summary>
internal sealed class UnknownAccount
{
    public UnknownAccount(IServiceScopeFactory scopes)
    {
        using var scope = scopes.CreateScope();
        Account = new Account();
        Account.PasswordHash = scope.ServiceProvider.GetRequiredService<IPasswordHasher<Account>>().HashPassword(Account, Passwords.Draw());
    }

    public Account Account { get; }
}
