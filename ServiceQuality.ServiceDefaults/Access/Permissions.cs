using System.Collections.Frozen;

namespace ServiceQuality.Access;

/// <summary>What can be allowed. A permission is always held over a subtree of the organisation (ORG-09).</summary>
public static class Permissions
{
    /// <summary>See units of the tree.</summary>
    public const string ReadUnits = "units.read";

    /// <summary>Create, change, move and close units.</summary>
    public const string ManageUnits = "units.manage";

    /// <summary>Create accounts and grant roles.</summary>
    public const string ManageAccounts = "accounts.manage";

    /// <summary>Issue, rotate and revoke API keys.</summary>
    public const string ManageKeys = "keys.manage";

    /// <summary>Read scores, explanations and history.</summary>
    public const string ReadScores = "scores.read";

    /// <summary>Read single facts of the journal.</summary>
    public const string ReadFacts = "facts.read";

    /// <summary>Read scheme versions.</summary>
    public const string ReadSchemes = "schemes.read";

    /// <summary>Write and approve scheme versions.</summary>
    public const string ManageSchemes = "schemes.manage";

    /// <summary>Propose deductions and bonuses (SCO-19).</summary>
    public const string ProposeDeductions = "deductions.propose";

    /// <summary>Confirm and reject proposals of others, judge appeals against deductions (SCO-19).</summary>
    public const string DecideDeductions = "deductions.decide";

    /// <summary>Close periods, check, publish and restate official results, judge appeals against them (SCO-24).</summary>
    public const string ManageResults = "results.manage";

    /// <summary>Appeal for a unit against its deductions and official results (SCO-19, SCO-24).</summary>
    public const string Appeal = "appeals.file";

    /// <summary>Post telemetry.</summary>
    public const string PostTelemetry = "telemetry.post";

    /// <summary>See how telemetry intake is doing.</summary>
    public const string ReadTelemetry = "telemetry.read";

    /// <summary>Read and export the audit trail, replay journals.</summary>
    public const string ReadAudit = "audit.read";

    /// <summary>See and replay messages that could not be handled.</summary>
    public const string ManageMessages = "messages.manage";

    /// <summary>Ask Organisation who stands behind a password, a session or an API key. Held by the gateway alone.</summary>
    public const string GatewayInternal = "gateway.internal";

    /// <summary>Every permission that people or keys can hold, in the order above.</summary>
    public static IReadOnlyList<string> All { get; } =
        [ReadUnits, ManageUnits, ManageAccounts, ManageKeys, ReadScores, ReadFacts, ReadSchemes, ManageSchemes, ProposeDeductions, DecideDeductions, ManageResults, Appeal, PostTelemetry, ReadTelemetry, ReadAudit, ManageMessages];
}

/// <summary>Roles and what each may do; anything not listed is denied (ORG-09, requirements.md §8).</summary>
public static class Roles
{
    /// <summary>Accounts, units and keys; no business data beyond need.</summary>
    public const string Administrator = "administrator";

    /// <summary>Sees all, publishes schemes and official results.</summary>
    public const string HeadOffice = "head-office";

    /// <summary>Manages the services of a region, proposes deductions.</summary>
    public const string Region = "region";

    /// <summary>Sees the own branch, appeals for it.</summary>
    public const string Branch = "branch";

    /// <summary>Reads everything, changes nothing.</summary>
    public const string Auditor = "auditor";

    /// <summary>A machine account; held by API keys, never by people.</summary>
    public const string BranchSystem = "branch-system";

    /// <summary>The gateway speaking for itself, not for a caller; never granted to people or keys and not part of <see cref="All"/>.</summary>
    public const string Gateway = "gateway";

    private static readonly FrozenDictionary<string, FrozenSet<string>> Table = new Dictionary<string, FrozenSet<string>>
    {
        [Administrator] = [Permissions.ReadUnits, Permissions.ManageUnits, Permissions.ManageAccounts, Permissions.ManageKeys, Permissions.ReadTelemetry, Permissions.ReadAudit, Permissions.ManageMessages],
        [HeadOffice] = [Permissions.ReadUnits, Permissions.ReadScores, Permissions.ReadFacts, Permissions.ReadSchemes, Permissions.ManageSchemes, Permissions.ProposeDeductions, Permissions.DecideDeductions, Permissions.ManageResults, Permissions.ReadTelemetry],
        [Region] = [Permissions.ReadUnits, Permissions.ReadScores, Permissions.ReadFacts, Permissions.ReadSchemes, Permissions.ProposeDeductions, Permissions.Appeal, Permissions.ReadTelemetry],
        [Branch] = [Permissions.ReadUnits, Permissions.ReadScores, Permissions.ReadFacts, Permissions.ReadSchemes, Permissions.Appeal],
        [Auditor] = [Permissions.ReadUnits, Permissions.ReadScores, Permissions.ReadFacts, Permissions.ReadSchemes, Permissions.ReadTelemetry, Permissions.ReadAudit],
        [BranchSystem] = [Permissions.PostTelemetry],
        [Gateway] = [Permissions.GatewayInternal],
    }.ToFrozenDictionary();

    /// <summary>Every role, in the order of the requirements.</summary>
    public static IReadOnlyList<string> All { get; } = [Administrator, HeadOffice, Region, Branch, Auditor, BranchSystem];

    /// <summary>True when the role holds the permission; an unknown role holds none.</summary>
    public static bool Allow(string role, string permission) => Table.TryGetValue(role, out var held) && held.Contains(permission);
}
