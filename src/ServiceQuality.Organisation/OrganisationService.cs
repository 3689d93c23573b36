using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using ServiceQuality.Messaging;
using ServiceQuality.Organisation.Accounts;
using ServiceQuality.Organisation.Data;
using ServiceQuality.Organisation.Founding;
using ServiceQuality.Organisation.Keys;
using ServiceQuality.Organisation.Requests;
using ServiceQuality.Organisation.Rights;
using ServiceQuality.Organisation.Sectors;
using ServiceQuality.Organisation.Units;

namespace ServiceQuality.Organisation;

/// <summary>The organisation service: places, accounts, keys (ORG).</summary>
public static class OrganisationService
{
    private const string Name = "organisation";

    /// <summary>A branch system whose key ends unnoticed falls silent.</summary>
    private static readonly DatabaseFigure ExpiringKeys = new("servicequality.api_keys.expiring", "{key}", "API keys in force that end within 14 days.",
        "select count(*)::float8 from api_key where revoked_at is null and expires_at between now() and now() + interval '14 days'");

    /// <summary>Registers the service.</summary>
    public static IHostApplicationBuilder AddOrganisation(this IHostApplicationBuilder builder)
    {
        builder.AddServiceDatabase(Name, typeof(OrganisationService).Assembly);
        builder.AddDatabaseFigure(Name, ExpiringKeys);
        builder.Services.AddDbContext<OrganisationDb>((services, options) => options.UseNpgsql(services.GetRequiredKeyedService<NpgsqlDataSource>(Name)));
        builder.AddConsumers(Name, bus => bus.AddConsumer<RepublishTreeOnOrgUnitsRequested>());
        builder.AddApiDescription(Name, "ServiceQuality: organisation");

        builder.Services.AddOptions<TemplateSource>().BindConfiguration(TemplateSource.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<TemplateSource>, TemplateCheck>();
        builder.Services.AddSingleton(services => SectorTemplates.Read(services.GetRequiredService<IOptions<TemplateSource>>().Value.Directory));
        builder.AddSettings<Bootstrap>(Bootstrap.Section).Validate<SectorTemplates>(
            (bootstrap, templates) => bootstrap.Code is null || templates.Find(bootstrap.Template) is not null, $"{Bootstrap.Section}:Template names a sector template that is not there.");
        builder.Services.AddHostedService<FoundOrganisation>();

        builder.Services.AddScoped<Tree>().AddScoped<UnitChanges>().AddScoped<ScopeGuard>().AddScoped<AccountDirectory>().AddScoped<SignIn>().AddScoped<KeyRing>();
        builder.Services.AddSingleton<UnknownAccount>();
        builder.AddAccounts();
        return builder;
    }

    /// <summary>Maps the service's endpoints.</summary>
    public static WebApplication MapOrganisation(this WebApplication app)
    {
        var service = app.MapGroup("").WithGroupName(Name).CheckShapes();
        service.MapInternal();
        var api = service.MapGroup("/api");
        api.MapTemplates();
        api.MapUnits();
        api.MapAccounts();
        api.MapMe();
        api.MapKeys();
        app.MapOutbox(Name);
        app.MapAudit(Name);
        app.MapApiDescription(Name);
        return app;
    }

    private static void AddAccounts(this IHostApplicationBuilder builder)
    {
        builder.AddSettings<SignInRules>(SignInRules.Section);
        builder.Services.AddIdentityCore<Account>().AddPasswordValidator<PasswordWithoutName>();
        builder.Services.AddScoped<IUserStore<Account>, UserOnlyStore<Account, OrganisationDb, Guid>>();
        builder.Services.AddOptions<IdentityOptions>().Configure<IOptions<SignInRules>>((identity, rules) => identity.Password = new PasswordOptions
        {
            RequiredLength = rules.Value.ShortestPassword,
            RequiredUniqueChars = 5,
            RequireDigit = false,
            RequireLowercase = false,
            RequireUppercase = false,
            RequireNonAlphanumeric = false,
        });
        builder.Services.AddOptions<PasswordHasherOptions>().Configure<IOptions<SignInRules>>((hasher, rules) => hasher.IterationCount = rules.Value.HashIterations);
    }

    /// <summary>Reads the templates when the options are checked, so that a broken one stops the start and not the first request.</summary>
    private sealed class TemplateCheck : IValidateOptions<TemplateSource>
    {
        public ValidateOptionsResult Validate(string? name, TemplateSource options)
        {
            try
            {
                SectorTemplates.Read(options.Directory);
                return ValidateOptionsResult.Success;
            }
            catch (OptionsValidationException broken)
            {
                return ValidateOptionsResult.Fail(broken.Failures);
            }
        }
    }
}
