using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace ServiceQuality.Organisation.Accounts;

/// <summary>An account as the API shows it.</summary>
internal sealed record AccountView(
    Guid Id, string User, string Name, Guid Unit, string Path, string State, DateTimeOffset CreatedAt, IReadOnlyList<GrantView> Grants)
{
    public static AccountView Of(KnownAccount known, DateTimeOffset now)
    {
        var account = known.Account;
        var state = account.Disabled ? "disabled" : account.LockoutEnd > now ? "locked" : "active";
        return new AccountView(account.Id, account.UserName!, account.Name, account.UnitId, known.HomePath, state, account.CreatedAt,
            [.. account.Grants.Where(grant => grant.IsOpen(now)).OrderBy(grant => grant.GrantedAt).Select(grant => GrantView.Of(grant, known.PathOf[grant.UnitId]))]);
    }
}

/// <summary>A grant that holds or will hold.</summary>
internal sealed record GrantView(Guid Id, string Role, Guid Unit, string Path, DateTimeOffset From, DateTimeOffset? To, string GrantedBy, DateTimeOffset GrantedAt)
{
    public static GrantView Of(RoleGrant grant, string path) => new(grant.Id, grant.Role, grant.UnitId, path, grant.From, grant.To, grant.GrantedBy, grant.GrantedAt);
}

/// <summary>An account that was created, or whose password was set. A password that the service drew is shown this once.</summary>
internal sealed record AccountWithPassword(AccountView Account, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Password);

internal sealed record NewAccount
{
    [MinLength(1), MaxLength(64)]
    public required string User { get; init; }

    [MinLength(1), MaxLength(120)]
    public required string Name { get; init; }

    /// <summary>Id or code of the unit that the person belongs to.</summary>
    [MaxLength(40)]
    public required string Unit { get; init; }

    /// <summary>Null to have one drawn and shown once.</summary>
    [MaxLength(SignInRules.LongestPassword)]
    public string? Password { get; init; }

    [MaxLength(20)]
    public IReadOnlyList<NewGrant>? Grants { get; init; }
}

internal sealed record NewGrant
{
    [MaxLength(40)]
    public required string Role { get; init; }

    /// <summary>Id or code of the unit at the top of the granted subtree.</summary>
    [MaxLength(40)]
    public required string Unit { get; init; }

    /// <summary>From when; null for now.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Until when; null for no end.</summary>
    public DateTimeOffset? To { get; init; }
}

/// <summary>A password to be set by someone else; null to have one drawn and shown once.</summary>
internal sealed record NewPassword([property: MaxLength(SignInRules.LongestPassword)] string? Password = null);

/// <summary>A password to be changed by its owner.</summary>
internal sealed record ChangedPassword(
    [property: Required, MaxLength(SignInRules.LongestPassword)] string Current, [property: Required, MaxLength(SignInRules.LongestPassword)] string Password);

/// <summary>Who is asking and what that caller may do where.</summary>
internal sealed record MeView(
    Guid Id, string? User, string Name, bool Machine, IReadOnlyList<string> Roles, IReadOnlyList<string> Scopes, IReadOnlyList<Access.Grant> Grants,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Permissions);
