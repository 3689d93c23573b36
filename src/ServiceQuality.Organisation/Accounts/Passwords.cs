using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;

namespace ServiceQuality.Organisation.Accounts;

/// <summary>Passwords: drawn at random, or checked against the rules.</summary>
internal static class Passwords
{
    // Without letters and digits that look alike: a drawn password is read from a screen.
    private const string Alphabet = "abcdefghjkmnpqrstuvwxyz23456789";

    /// <summary>Four groups of five characters, 99 random bits.</summary>
    public static string Draw() => string.Join('-', Enumerable.Range(0, 4).Select(_ => RandomNumberGenerator.GetString(Alphabet, 5)));

    /// <summary>Sets a password in place of the present one; the stamp changes with it, which ends every session.</summary>
    public static async Task<Outcome> ReplaceAsync(UserManager<Account> users, Account account, string password)
    {
        var removed = Refusal(await users.RemovePasswordAsync(account), "changed-meanwhile");
        return removed.IsRefused ? removed : Refusal(await users.AddPasswordAsync(account, password), "password-refused");
    }

    /// <summary>What Identity found wrong, as one refusal.</summary>
    public static Outcome Refusal(IdentityResult result, string code) => result.Succeeded
        ? Outcome.Done
        : Outcome.Refused(code, string.Join(" ", result.Errors.Select(error => error.Description)));
}

/// <summary>A password does not contain the name that it belongs to.</summary>
internal sealed class PasswordWithoutName : IPasswordValidator<Account>
{
    public Task<IdentityResult> ValidateAsync(UserManager<Account> manager, Account user, string? password) =>
        Task.FromResult(user.UserName is { Length: > 2 } name && password?.Contains(name, StringComparison.OrdinalIgnoreCase) == true
            ? IdentityResult.Failed(new IdentityError { Code = "PasswordContainsName", Description = "A password does not contain the user name." })
            : IdentityResult.Success);
}
