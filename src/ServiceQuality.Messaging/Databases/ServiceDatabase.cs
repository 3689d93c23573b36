using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ServiceQuality.Messaging;

/// <summary>Where a service keeps its data.</summary>
public sealed class ServiceDatabase
{
    /// <summary>Npgsql connection string, from <c>ConnectionStrings:{service}</c> or else <c>ConnectionStrings:postgres</c>.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>The connection string with what every service sets: its own schema, its name, a bounded pool and patience.</summary>
    internal string For(string service)
    {
        var connection = new NpgsqlConnectionStringBuilder(ConnectionString) { SearchPath = service, ApplicationName = service };
        if (!ConnectionString.Contains("Pool Size", StringComparison.OrdinalIgnoreCase) && !ConnectionString.Contains("MaxPoolSize", StringComparison.OrdinalIgnoreCase))
            connection.MaxPoolSize = 32;
        if (!ConnectionString.Contains("Timeout", StringComparison.OrdinalIgnoreCase))
            connection.Timeout = 5;
        return connection.ConnectionString;
    }
}

/// <summary>Registers the database of a service.</summary>
public static class ServiceDatabaseExtensions
{
    /// <summary>
    /// A keyed <see cref="NpgsqlDataSource"/> (key: the service's name) on the service's own schema, its migration and its readiness check.
    /// The migration takes the scripts embedded in the assembly that calls, unless <paramref name="scripts"/> names another.
    /// </summary>
    public static IHostApplicationBuilder AddServiceDatabase(this IHostApplicationBuilder builder, string service, Assembly? scripts = null)
    {
        scripts ??= Assembly.GetCallingAssembly();
        // A line for every statement and two for every COPY would drown everything else.
        builder.Logging.AddFilter("Npgsql.Command", LogLevel.Warning);
        builder.Logging.AddFilter("Npgsql.Copy", LogLevel.Warning);
        builder.Services.AddOptions<ServiceDatabase>(service)
            .Configure<IConfiguration>((database, configuration) => database.ConnectionString = configuration.GetConnectionString(service) ?? configuration.GetConnectionString("postgres") ?? "")
            .Validate(database => database.ConnectionString.Length > 0, $"ConnectionStrings:{service} or ConnectionStrings:postgres must hold the connection string of PostgreSQL.")
            .ValidateOnStart();
        builder.Services.AddKeyedSingleton(service, (services, _) => new NpgsqlDataSourceBuilder(services.GetRequiredService<IOptionsMonitor<ServiceDatabase>>().Get(service).For(service))
            {
                // The pool's name in metrics; otherwise it would be the whole connection string.
                Name = service,
            }
            .UseLoggerFactory(services.GetRequiredService<ILoggerFactory>())
            .Build());
        builder.Services.AddSingleton<IServiceMigration>(services => new SchemaMigration(service, scripts, services.GetRequiredKeyedService<NpgsqlDataSource>(service)));
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            $"database:{service}", services => new DatabaseCheck(service, scripts, services.GetRequiredKeyedService<NpgsqlDataSource>(service)), HealthStatus.Unhealthy, ["ready"], TimeSpan.FromSeconds(5)));
        BusRegistrations.Of(builder).Databases.Add(service);
        builder.AddDatabaseFigures(service);
        return builder;
    }

    private sealed class SchemaMigration(string service, Assembly scripts, NpgsqlDataSource db) : IServiceMigration
    {
        public string Name => service;

        public Task ApplyAsync(CancellationToken ct) => Migrator.ApplyAsync(db, service, scripts, ct);
    }

    /// <summary>The database answers, and is as new as the code.</summary>
    private sealed class DatabaseCheck(string service, Assembly scripts, NpgsqlDataSource db) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                return await Migrator.MissingAsync(db, service, scripts, cancellationToken) is [.., var newest]
                    ? new HealthCheckResult(context.Registration.FailureStatus, $"The database is not migrated: {newest} is missing. Run the service with --migrate.")
                    : HealthCheckResult.Healthy();
            }
            catch (NpgsqlException unavailable)
            {
                return new HealthCheckResult(context.Registration.FailureStatus, "The database does not answer.", unavailable);
            }
        }
    }
}
