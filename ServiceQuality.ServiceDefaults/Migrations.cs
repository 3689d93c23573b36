using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ServiceQuality.Health;

namespace ServiceQuality;

/// <summary>Brings the storage of one service up to date. Registered as a singleton; safe to run again and from several processes at once.</summary>
public interface IServiceMigration
{
    /// <summary>Whose storage it is, for the log.</summary>
    string Name { get; }

    /// <summary>Applies what is missing; does nothing when the storage is up to date.</summary>
    Task ApplyAsync(CancellationToken ct);
}

/// <summary>Starts a service, or applies its migrations.</summary>
public static class ServiceRun
{
    /// <summary>Configuration key: <c>true</c> applies migrations before anything else starts. Default <c>false</c>.</summary>
    public const string MigrateAtStartKey = "Migrations:AtStart";

    /// <summary>
    /// Runs the application until it is told to stop. With the argument <c>--migrate</c> it applies every registered
    /// <see cref="IServiceMigration"/> instead and returns; with <c>--probe</c> it asks the service that runs beside it whether it is ready.
    /// A wrong setting is told in one line per key, without a stack trace. The process's exit code is 0, or 1 when the start or a migration
    /// failed or the service is not ready.
    /// </summary>
    public static async Task<int> RunServiceAsync(this WebApplication app, string[] args)
    {
        try
        {
            if (args.Contains(ProbeCommand.Argument))
                return Environment.ExitCode = await ProbeCommand.RunAsync(app.Configuration);
            if (args.Contains("--migrate"))
                await app.Services.MigrateAsync(CancellationToken.None);
            else if (await AreSettingsRightAsync(app.Services))
                await app.RunAsync();
            else
                return Environment.ExitCode = 1;
            return 0;
        }
        catch (Exception failure)
        {
            app.Logger.LogCritical(failure, "The service ended because of a failure");
        }
        finally
        {
            // Log lines are written in the background; disposing flushes them.
            await app.DisposeAsync();
        }

        return Environment.ExitCode = 1;
    }

    /// <summary>Checks every setting before anything starts, so that all that is wrong is told at once.</summary>
    private static async Task<bool> AreSettingsRightAsync(IServiceProvider services)
    {
        try
        {
            services.GetService<IStartupValidator>()?.Validate();
            return true;
        }
        catch (Exception failure) when (failure is OptionsValidationException or AggregateException)
        {
            var failures = failure is AggregateException several ? several.InnerExceptions : [failure];
            foreach (var message in failures.SelectMany(each => each is OptionsValidationException wrong ? wrong.Failures : [each.Message]).Distinct())
                await Console.Error.WriteLineAsync(message);
            return false;
        }
    }

    /// <summary>Applies every registered migration, in the order of registration.</summary>
    public static async Task MigrateAsync(this IServiceProvider services, CancellationToken ct)
    {
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("ServiceQuality.Migrations");
        foreach (var migration in services.GetServices<IServiceMigration>())
        {
            var started = Stopwatch.GetTimestamp();
            await migration.ApplyAsync(ct);
            logger.LogInformation("Migrations of {Service} are applied ({Milliseconds:F0} ms)", migration.Name, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
    }

    internal static void AddMigrationsAtStart(this IHostApplicationBuilder builder) => builder.Services.AddHostedService<MigrateAtStart>();

    /// <summary>A lifecycle service, because its turn comes before any other hosted service starts.</summary>
    private sealed class MigrateAtStart(IServiceProvider services, IConfiguration configuration) : IHostedLifecycleService
    {
        public Task StartingAsync(CancellationToken cancellationToken) =>
            configuration.GetValue<bool>(MigrateAtStartKey) ? services.MigrateAsync(cancellationToken) : Task.CompletedTask;

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
