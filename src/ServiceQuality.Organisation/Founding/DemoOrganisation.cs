using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using ServiceQuality.Access;
using ServiceQuality.Organisation.Accounts;
using ServiceQuality.Organisation.Data;
using ServiceQuality.Organisation.Keys;
using ServiceQuality.Organisation.Sectors;
using ServiceQuality.Organisation.Units;

namespace ServiceQuality.Organisation.Founding;

/// <summary>A demo account whose password is known this once.</summary>
/// <param name="Path">Path of the unit over which the role is held.</param>
public sealed record DemoAccount(string User, string Password, string Role, string Path);

/// <summary>An API key of a demo region, known this once.</summary>
public sealed record DemoKey(string Region, string Path, string Key);

/// <summary>What seeding has created; empty when everything was there.</summary>
public sealed record DemoCredentials(IReadOnlyList<DemoAccount> Accounts, IReadOnlyList<DemoKey> Keys);

/// <summary>Fills an empty installation with the demo organisation.</summary>
public static class DemoOrganisation
{
    private const string By = "demo";
    private const string KeyName = "Demo simulator";

    private static readonly (string User, string Name, string Role, string Unit)[] People =
    [
        ("admin", "系统管理员 Administrator", Roles.Administrator, DemoTree.Root),
        ("director", "总部质量总监 Quality director", Roles.HeadOffice, DemoTree.Root),
        ("analyst", "总部质量分析师 Quality analyst", Roles.HeadOffice, DemoTree.Root),
        ("north", "北区服务经理 Service manager North", Roles.Region, "north"),
        ("n01", "青砚分公司经理 Branch manager Qingyan", Roles.Branch, "n01"),
        ("auditor", "内部审计 Internal auditor", Roles.Auditor, DemoTree.Root),
    ];

    /// <summary>
    /// Creates what is missing: the tree (only in an installation without an organisation), the demo accounts with drawn passwords and one API key
    /// per region. Everything in one transaction; answers the passwords and keys that were created by this very call, for they are kept nowhere.
    /// </summary>
    /// <exception cref="InvalidOperationException">Another organisation has been founded here.</exception>
    public static async Task<DemoCredentials> SeedAsync(IServiceProvider services, CancellationToken ct = default)
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OrganisationDb>();
        var now = scope.ServiceProvider.GetRequiredService<TimeProvider>().GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await PlantAsync(db, scope.ServiceProvider, now, ct);

        var units = await db.Units.Where(unit => unit.Kind == "head-office" || unit.Kind == "region" || unit.Kind == "county-branch").ToDictionaryAsync(unit => unit.Code, ct);
        if (!units.ContainsKey(DemoTree.Root) || DemoTree.Regions.Any(region => !units.ContainsKey(region.Code)))
            throw new InvalidOperationException("This installation holds an organisation of its own; the demo needs an empty one.");

        var users = scope.ServiceProvider.GetRequiredService<UserManager<Account>>();
        var accounts = new List<DemoAccount>();
        foreach (var (user, name, role, unit) in People)
            if (await users.FindByNameAsync(user) is null && units.TryGetValue(unit, out var home))
                accounts.Add(await CreateAsync(db, users, user, name, role, home, now, ct));

        var keys = new List<DemoKey>();
        foreach (var region in DemoTree.Regions.Select(it => units[it.Code]))
            if (!await db.Keys.AnyAsync(key => key.UnitId == region.Id && key.Name == KeyName && key.RevokedAt == null, ct))
                keys.Add(await IssueAsync(db, region, now, ct));

        await transaction.CommitAsync(ct);
        return new DemoCredentials(accounts, keys);
    }

    private static async Task PlantAsync(OrganisationDb db, IServiceProvider services, DateTimeOffset now, CancellationToken ct)
    {
        var (tree, template) = (services.GetRequiredService<Tree>(), services.GetRequiredService<SectorTemplates>().Find(DemoTree.Template)
            ?? throw new InvalidOperationException($"The demo needs the sector template '{DemoTree.Template}'."));
        if (await Foundation.LayAsync(db, tree, template, DemoTree.Root, DemoTree.RootFeatures, By, now, ct) is not { } root)
            return;

        var (added, problems) = ImportUnits.Build(DemoTree.Units(), new Dictionary<string, OrgUnit> { [root.Code] = root }, template, now);
        if (problems.Count > 0)
            throw new InvalidOperationException($"The demo tree does not fit the template: {problems[0].Reason}");
        db.Units.AddRange(added);
        tree.Tell(added);
        await db.SaveChangesAsync(ct);
        await db.RecordAsync(By, now, "units.imported", $"{added.Count} units", root.Path, after: added.Select(UnitView.Of), ct: ct);
    }

    private static async Task<DemoAccount> CreateAsync(
        OrganisationDb db, UserManager<Account> users, string user, string name, string role, OrgUnit home, DateTimeOffset now, CancellationToken ct)
    {
        var account = CreateAccount.New(user, name, home, now);
        account.Grants.Add(new RoleGrant { Id = Guid.CreateVersion7(now), AccountId = account.Id, Role = role, UnitId = home.Id, From = now, GrantedBy = By, GrantedAt = now });
        var password = Passwords.Draw();
        if (Passwords.Refusal(await users.CreateAsync(account, password), "password-refused") is { IsRefused: true } refused)
            throw new InvalidOperationException($"The demo account {user} cannot be created: {refused.Reason}");
        await db.RecordAsync(By, now, "account.created", $"account {user}", home.Path, after: new { user, role, home.Path }, ct: ct);
        return new DemoAccount(user, password, role, home.Path);
    }

    private static async Task<DemoKey> IssueAsync(OrganisationDb db, OrgUnit region, DateTimeOffset now, CancellationToken ct)
    {
        var (key, shown) = ApiKey.Issue(KeyName, region.Id, expires: null, By, now);
        db.Keys.Add(key);
        await db.SaveChangesAsync(ct);
        await db.RecordAsync(By, now, "key.issued", $"key {key.Id}", region.Path, after: KeysApi.KeyView.Of(key, region.Path, now), ct: ct);
        return new DemoKey(region.Code, region.Path, shown);
    }
}
