using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ServiceQuality.Messaging;

/// <summary>A number that a statement reads from a service's database every 10 s, told as a gauge with the label <c>service</c>.</summary>
/// <param name="Name">Name of the metric: <c>servicequality.outbox.age</c>.</param>
/// <param name="Unit">Its unit: <c>s</c>, <c>By</c>, <c>{message}</c>.</param>
/// <param name="Description">What it says.</param>
/// <param name="Sql">One row, one column, not null, of a number; cheap enough to be asked six times a minute by every instance.</param>
public sealed record DatabaseFigure(string Name, string Unit, string Description, string Sql)
{
    /// <summary>What is told of every service's database.</summary>
    internal static IReadOnlyList<DatabaseFigure> OfEveryService { get; } =
    [
        new("servicequality.outbox.age", "s", "Age of the oldest message that waits in the outbox; 0 when none waits.",
            "select coalesce(extract(epoch from now() - min(created)), 0)::float8 from outbox where failure is null"),
        new("servicequality.outbox.waiting", "{message}", "Messages that wait in the outbox.",
            "select count(*)::float8 from outbox where failure is null"),
        new("servicequality.outbox.set_aside", "{message}", "Messages in the outbox that cannot be published and wait for a person.",
            "select count(*)::float8 from outbox where failure is not null"),
        new("servicequality.database.size", "By", "Tables and indexes of the service.",
            "select coalesce(sum(pg_total_relation_size(oid)), 0)::float8 from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'r'"),
        new("servicequality.database.connection.utilization", "1", "Share of the server's connections that are open, of all services together.",
            "select count(*)::float8 / current_setting('max_connections')::float8 from pg_stat_activity where backend_type = 'client backend'"),
    ];
}

/// <summary>Registers figures.</summary>
public static class DatabaseFigures
{
    /// <summary>Tells one more figure of the database of <paramref name="service"/>, registered with <c>AddServiceDatabase</c>.</summary>
    public static IHostApplicationBuilder AddDatabaseFigure(this IHostApplicationBuilder builder, string service, DatabaseFigure figure)
    {
        builder.Services.AddKeyedSingleton(service, figure);
        return builder;
    }

    internal static void AddDatabaseFigures(this IHostApplicationBuilder builder, string service)
    {
        foreach (var figure in DatabaseFigure.OfEveryService)
            builder.AddDatabaseFigure(service, figure);
        builder.Services.AddSingleton<IHostedService>(services => new Observer(
            service, services.GetRequiredKeyedService<NpgsqlDataSource>(service), [.. services.GetKeyedServices<DatabaseFigure>(service)],
            services.GetRequiredService<IMeterFactory>(), services.GetService<TimeProvider>() ?? TimeProvider.System, services.GetRequiredService<ILogger<Observer>>()));
    }

    /// <summary>Asks, and keeps the answers until the next time. A figure that cannot be read is not told, rather than told as it was.</summary>
    internal sealed class Observer : BackgroundService
    {
        private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

        private readonly string _service;
        private readonly NpgsqlDataSource _db;
        private readonly IReadOnlyList<DatabaseFigure> _figures;
        private readonly TimeProvider _clock;
        private readonly ILogger<Observer> _logger;
        private readonly ConcurrentDictionary<string, double> _values = new();

        public Observer(string service, NpgsqlDataSource db, IReadOnlyList<DatabaseFigure> figures, IMeterFactory meters, TimeProvider clock, ILogger<Observer> logger)
        {
            (_service, _db, _figures, _clock, _logger) = (service, db, figures, clock, logger);
            var meter = meters.Create("ServiceQuality.Databases");
            foreach (var figure in figures)
                meter.CreateObservableGauge(figure.Name, () => Observe(figure.Name), figure.Unit, figure.Description);
        }

        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            using var timer = new PeriodicTimer(Interval, _clock);
            try
            {
                do
                    await AskAsync(stoppingToken);
                while (await timer.WaitForNextTickAsync(stoppingToken));
            }
            catch (OperationCanceledException)
            {
                // The service stops.
            }
        }

        private IEnumerable<Measurement<double>> Observe(string name)
        {
            if (_values.TryGetValue(name, out var value))
                yield return new(value, new KeyValuePair<string, object?>("service", _service));
        }

        private async Task AskAsync(CancellationToken ct)
        {
            foreach (var figure in _figures)
            {
                try
                {
                    await using var command = _db.CreateCommand(figure.Sql);
                    _values[figure.Name] = (double)(await command.ExecuteScalarAsync(ct))!;
                }
                catch (Exception failure) when (failure is NpgsqlException or TimeoutException)
                {
                    _values.TryRemove(figure.Name, out _);
                    _logger.LogDebug(failure, "{Figure} of {Service} cannot be read", figure.Name, _service);
                }
            }
        }
    }
}
