using System.Text.Encodings.Web;
using System.Text.Unicode;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using ServiceQuality.Access;
using ServiceQuality.Health;
using ServiceQuality.Telemetry;

namespace ServiceQuality;

/// <summary>What every service of the suite has in common: settings, limits, problems, access control, probes, telemetry, migrations, drain.</summary>
public static class ServiceDefaults
{
    /// <summary>
    /// Registers the common parts. Called once for a process's application, also when that application holds several services.
    /// </summary>
    /// <param name="builder">The application under construction.</param>
    /// <param name="service">Name of the service: resource name in telemetry, name in probes.</param>
    public static IHostApplicationBuilder AddServiceDefaults(this IHostApplicationBuilder builder, string service)
    {
        // Lowest priority, so that every environment variable and settings file wins.
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = LogLevels });
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.ConfigureHttpJsonOptions(options =>
        {
            // Chinese stays readable; characters that matter to HTML are still escaped.
            options.SerializerOptions.Encoder = JavaScriptEncoder.Create(UnicodeRanges.All);
            options.SerializerOptions.RespectNullableAnnotations = true;
            options.SerializerOptions.AllowDuplicateProperties = false;
        });
        builder.AddMalformedRequests();
        builder.AddRequestLimits();
        builder.AddFailures();
        builder.AddMigrationsAtStart();
        builder.AddProbes(service);
        builder.AddTelemetry(service);
        builder.AddAccessControl();
        return builder;
    }

    /// <summary>Puts the common parts into the request pipeline and maps <c>/livez</c>, <c>/readyz</c>, <c>/startupz</c> and <c>/metrics</c>.</summary>
    public static WebApplication UseServiceDefaults(this WebApplication app)
    {
        app.UseMiddleware<Correlation>();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapProbes();
        app.MapPrometheus();
        return app;
    }

    private static readonly Dictionary<string, string?> LogLevels = new()
    {
        ["Logging:LogLevel:Default"] = "Information",
        ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",
        ["Logging:LogLevel:Microsoft.EntityFrameworkCore"] = "Warning",
        ["Logging:LogLevel:Npgsql"] = "Warning",
        ["Logging:LogLevel:System.Net.Http.HttpClient"] = "Warning",
        ["Logging:LogLevel:Microsoft.Extensions.Diagnostics.HealthChecks"] = "Error",
        // The gateway says itself what it could not pass on, in one line.
        ["Logging:LogLevel:Yarp"] = "Error",
    };
}
