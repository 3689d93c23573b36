using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace ServiceQuality.Health;

/// <summary>
/// What <c>/readyz</c> would say, as the metric <c>servicequality.health.status</c> with the label <c>check</c>: 0 passes, 1 degraded, 2 fails.
/// Looked at every 10 s.
/// </summary>
internal sealed class HealthMetric : IHealthCheckPublisher
{
    private volatile HealthReport? _report;

    public HealthMetric(IMeterFactory meters) =>
        meters.Create("ServiceQuality.Health").CreateObservableGauge("servicequality.health.status", Observe, description: "Health checks: 0 passes, 1 degraded, 2 fails.");

    public Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
    {
        _report = report;
        return Task.CompletedTask;
    }

    private IEnumerable<Measurement<int>> Observe() => (_report?.Entries ?? new Dictionary<string, HealthReportEntry>())
        .Select(entry => new Measurement<int>(
            entry.Value.Status switch { HealthStatus.Healthy => 0, HealthStatus.Degraded => 1, _ => 2 }, new KeyValuePair<string, object?>("check", entry.Key)));
}

internal static class HealthMetricSetup
{
    public static void AddHealthMetric(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IHealthCheckPublisher, HealthMetric>();
        builder.Services.Configure<HealthCheckPublisherOptions>(options => (options.Delay, options.Period) = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10)));
    }
}
