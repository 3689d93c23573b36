using Microsoft.AspNetCore.Identity;
using ServiceQuality.Access;

namespace ServiceQuality.Organisation.Accounts;

/// <summary>A person's account. It belongs to a unit, which says who may manage it; what it may do comes from its grants alone (ORG-09).</summary>
internal sealed class Account : IdentityUser<Guid>
{
    /// <summary>Name shown to others.</summary>
    public string Name { get; set; } = "";

    /// <summary>The unit that the person belongs to.</summary>
    public Guid UnitId { get; set; }

    public bool Disabled { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public List<RoleGrant> Grants { get; } = [];
}

/// <summary>A role held over a unit and everything below it, for a time (ORG-09).</summary>
internal sealed class RoleGrant
{
    public Guid Id { get; init; }
    public Guid AccountId { get; init; }
    public string Role { get; init; } = "";
    public Guid UnitId { get; init; }
    public DateTimeOffset From { get; init; }

    /// <summary>Not valid from this moment on; null for no end.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Who granted it, as a name for people.</summary>
    public string GrantedBy { get; init; } = "";

    public DateTimeOffset GrantedAt { get; init; }
    public DateTimeOffset? RevokedAt { get; set; }

    public bool Holds(DateTimeOffset now) => RevokedAt is null && From <= now && (To is null || now < To);

    /// <summary>True when it holds or will hold.</summary>
    public bool IsOpen(DateTimeOffset now) => RevokedAt is null && (To is null || now < To);
}

/// <summary>
/// Who may give what to whom. Whoever holds <see cref="Permissions.ManageAccounts"/> over a unit may grant every people's role there, also roles that
/// the granter does not hold: an administrator hands out access to business data without having it. That is safe only because nobody grants to
/// oneself, and because an account is managed only by someone whose rights cover everything that the account reaches. Pure.
/// </summary>
internal static class Granting
{
    private static readonly string[] PeoplesRoles = [.. Roles.All.Where(role => role != Roles.BranchSystem)];

    public static Outcome Grant(Caller granter, Account account, string role, DateTimeOffset from, DateTimeOffset? to, DateTimeOffset now)
    {
        if (!PeoplesRoles.Contains(role))
            return Outcome.Refused("unknown-role", $"A person's role is one of {string.Join(", ", PeoplesRoles)}.");
        if (granter.Subject == account.Id)
            return Own("Nobody grants a role to oneself.");
        if (to is { } end && (end <= from || end <= now))
            return Outcome.Refused("grant-period-empty", "The grant would end before it begins, or has ended already.");
        return Outcome.Done;
    }

    public static Outcome Revoke(Caller granter, Account account) =>
        granter.Subject == account.Id ? Own("Nobody takes a role from oneself, so that the last administrator cannot be lost.") : Outcome.Done;

    public static Outcome Disable(Caller manager, Account account) =>
        manager.Subject == account.Id ? Own("Nobody disables the own account, so that the last administrator cannot be lost.") : Outcome.Done;

    /// <summary>True when the caller's rights cover the account's unit and all that its grants reach.</summary>
    public static bool Covers(Caller manager, string homePath, IEnumerable<string> grantedPaths) =>
        grantedPaths.Append(homePath).All(path => manager.May(Permissions.ManageAccounts, path));

    private static Outcome Own(string reason) => Outcome.Refused("own-account", reason);
}
