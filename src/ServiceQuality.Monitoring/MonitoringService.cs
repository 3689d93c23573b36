using ServiceQuality.Messaging;
using ServiceQuality.Monitoring.Indicators;
using ServiceQuality.Monitoring.Metrics;
using ServiceQuality.Monitoring.Telemetry;
using ServiceQuality.Monitoring.Units;

namespace ServiceQuality.Monitoring;

/// <summary>The monitoring service: telemetry in, the catalogue of indicators (MON).</summary>
public static class MonitoringService
{
    /// <summary>Name of the service, of its schema and of its OpenAPI document.</summary>
    internal const string Name = "monitoring";

    /// <summary>What an installation without any backup tells is its own age.</summary>
    private static readonly DatabaseFigure BackupAge = new("servicequality.backup.age", "s", "Age of what the newest complete backup holds.",
        "select extract(epoch from now() - coalesce((select max(moment) from backup), (select min(applied) from schema_version)))::float8");

    /// <summary>Registers the service.</summary>
    public static IHostApplicationBuilder AddMonitoring(this IHostApplicationBuilder builder)
    {
        builder.AddServiceDatabase(Name, typeof(MonitoringService).Assembly);
        builder.AddDatabaseFigure(Name, BackupAge);
        builder.AddFailedMessagesFigure();
        builder.AddConsumers(Name, bus => bus.AddConsumer<KeepUnitOnOrgUnitChanged>());
        builder.AddApiDescription(Name, "ServiceQuality: monitoring");
        builder.AddSettings<IntakeSettings>(IntakeSettings.Section);

        builder.Services.AddSingleton<UnitDirectory>().AddHostedService<FollowTree>();
        builder.Services.AddSingleton<SeenFacts>().AddHostedService(services => services.GetRequiredService<SeenFacts>());
        builder.Services.AddSingleton<IntakeStatistics>().AddHostedService(services => services.GetRequiredService<IntakeStatistics>());
        builder.Services.AddSingleton<Intake>();
        builder.Services.AddSingleton(_ => IndicatorCatalogue.Delivered("telecom"));
        return builder;
    }

    /// <summary>Maps the service's endpoints.</summary>
    public static WebApplication MapMonitoring(this WebApplication app)
    {
        var service = app.MapGroup("").WithGroupName(Name);
        service.MapTelemetry();
        service.MapMetrics();
        service.MapIndicators();
        app.MapErrorQueues(Name);
        app.MapAudit(Name);
        app.MapApiDescription(Name);
        return app;
    }
}
