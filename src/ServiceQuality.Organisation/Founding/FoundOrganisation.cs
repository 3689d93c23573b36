using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using ServiceQuality.Access;
using ServiceQuality.Organisation.Accounts;
using ServiceQuality.Organisation.Data;
using ServiceQuality.Organisation.Sectors;
using ServiceQuality.Organisation.Units;

namespace ServiceQuality.Organisation.Founding;

/// <summary>Carries out <see cref="Bootstrap"/> when the service starts; tries again while the database is away or not migrated yet.</summary>
internal sealed class FoundOrganisation(IServiceScopeFactory scopes, IOptions<Bootstrap> options, SectorTemplates templates, TimeProvider clock, ILogger<FoundOrganisation> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var bootstrap = options.Value;
        if (bootstrap.Code is null)
            return;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await FoundAsync(bootstrap, stoppingToken);
                return;
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                logger.LogWarning(failure, "The organisation could not be founded yet; next try in {Pause}", Pause);
                await Task.Delay(Pause, clock, stoppingToken);
            }
        }
    }

    private async Task FoundAsync(Bootstrap bootstrap, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OrganisationDb>();
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var now = clock.GetUtcNow();
        var features = new UnitFeatures(new Names(bootstrap.NameZh, bootstrap.NameEn), null, [], bootstrap.TimeZone, null, 0);
        var root = await Foundation.LayAsync(db, scope.ServiceProvider.GetRequiredService<Tree>(), templates.Find(bootstrap.Template)!, bootstrap.Code!, features, "bootstrap", now, ct);
        if (root is null)
            return;

        var admin = CreateAccount.New(bootstrap.Admin, bootstrap.Admin, root, now);
        admin.Grants.Add(new RoleGrant { Id = Guid.CreateVersion7(now), AccountId = admin.Id, Role = Roles.Administrator, UnitId = root.Id, From = now, GrantedBy = "bootstrap", GrantedAt = now });
        var password = await ReadOrDrawAsync(bootstrap.PasswordFile!, ct);
        if (Passwords.Refusal(await scope.ServiceProvider.GetRequiredService<UserManager<Account>>().CreateAsync(admin, password), "password-refused") is { IsRefused: true } refused)
            throw new InvalidOperationException($"The first administrator cannot be created: {refused.Reason}");
        await db.RecordAsync("bootstrap", now, "account.created", $"account {admin.UserName}", root.Path, after: new { admin.UserName, role = Roles.Administrator }, ct: ct);
        await transaction.CommitAsync(ct);
        logger.LogInformation("The organisation {Code} is founded; its administrator is {Admin}", bootstrap.Code, bootstrap.Admin);
    }

    private static async Task<string> ReadOrDrawAsync(string file, CancellationToken ct)
    {
        if (File.Exists(file))
            return (await File.ReadAllTextAsync(file, ct)).Trim();

        var drawn = Passwords.Draw();
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using var writer = new StreamWriter(file, options);
        await writer.WriteLineAsync(drawn.AsMemory(), ct);
        return drawn;
    }
}
