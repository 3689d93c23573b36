using System.Text.Encodings.Web;
using System.Text.Unicode;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.WebEncoders;
using ServiceQuality.Clients;
using ServiceQuality.Console.Appraisals;
using ServiceQuality.Console.Charts;
using ServiceQuality.Console.Deductions;
using ServiceQuality.Console.Evaluations;
using ServiceQuality.Console.Overview;
using ServiceQuality.Console.Panels;
using ServiceQuality.Console.Schemes;
using ServiceQuality.Console.Shell;
using ServiceQuality.Console.SignIn;
using ServiceQuality.Console.Suite;
using ServiceQuality.Console.Trends;
using ServiceQuality.Console.Units;

namespace ServiceQuality.Console;

/// <summary>The web pages of head office and branches: static server-side components over the services' HTTP interfaces.</summary>
public static class ConsoleService
{
    /// <summary>Registers the pages and their readers.</summary>
    public static WebApplicationBuilder AddConsole(this WebApplicationBuilder builder)
    {
        // Outside Development the host does not look for the assets of referenced projects by itself.
        if (!builder.Environment.IsDevelopment())
            builder.WebHost.UseStaticWebAssets();

        foreach (var service in (ReadOnlySpan<string>)["scores", "organisation", "monitoring"])
            builder.AddServiceClient(service).ForwardTicket();
        builder.Services.AddOptions<ConsoleDefaults>().BindConfiguration(ConsoleDefaults.Section)
            .Validate(defaults => TimeZoneInfo.TryFindSystemTimeZoneById(defaults.TimeZone, out _), "Console:TimeZone must be an IANA time zone.")
            .ValidateOnStart();
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddRazorComponents();
        // Chinese stays readable in the markup; characters that matter to HTML are still escaped.
        builder.Services.Configure<WebEncoderOptions>(options => options.TextEncoderSettings = new TextEncoderSettings(UnicodeRanges.All));
        builder.Services.AddScoped<Reader>();
        builder.Services.AddScoped<SuiteReader>();
        builder.Services.AddScoped<SuiteWriter>();
        builder.Services.AddScoped<AppraisalAssembly>();
        builder.Services.AddScoped<BoardAssembly>();
        builder.Services.AddScoped<UnitAssembly>();
        builder.Services.AddScoped<UnitList>();
        builder.Services.AddScoped<SchemeDesk>();
        builder.Services.AddScoped<SchemeDifferences>();
        builder.Services.AddScoped<SchemeSteps>();
        builder.Services.AddScoped<Measures.MeasureSteps>();
        builder.Services.AddScoped<Judgements.JudgementSteps>();
        builder.Services.AddScoped<SchemeAssembly>();
        builder.Services.AddScoped<PanelDesk>();
        builder.Services.AddSingleton<AssetAddresses>();
        builder.Services.AddSingleton<SchemeShelf>();
        builder.Services.AddSingleton<SystemState>();
        builder.Services.AddSingleton<MainCauses>();
        builder.Services.AddSingleton<IAuthorizationMiddlewareResultHandler, PageRefusals>();
        return builder;
    }

    /// <summary>Maps the pages and their assets.</summary>
    public static WebApplication MapConsole(this WebApplication app)
    {
        app.MapAssets();
        app.MapSignIn();
        app.MapOverview();
        app.MapUnits();
        app.MapSchemePages();
        Sheets.SheetsApi.MapSheets(app);
        app.MapEvaluations();
        app.MapLibrary();
        app.MapPanels();
        app.MapAppraisals();
        app.MapDeductions();
        app.MapCharts();
        app.MapTrends();
        app.MapMissingPages();
        return app;
    }
}
