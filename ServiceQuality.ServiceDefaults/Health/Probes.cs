using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ServiceQuality.Health;

/// <summary>How a service leaves: first it says that it is not ready, then it waits, then it stops. Section <c>Drain</c>.</summary>
public sealed class Drain
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Drain";

    /// <summary>How long the service goes on serving after it has said that it is not ready, so that load balancers notice. Default 0.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan Delay { get; set; } = TimeSpan.Zero;

    /// <summary>How long requests and workers under way may take to finish after that. Default 20 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(20);
}

/// <summary>
/// Probes for people and for Kubernetes: <c>/livez</c> (the process answers), <c>/startupz</c> (start is over),
/// <c>/readyz</c> (every registered health check passes and the service is not leaving).
/// </summary>
internal static class Probes
{
    private static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(3);

    public static void AddProbes(this IHostApplicationBuilder builder, string service)
    {
        builder.AddSettings<Drain>(Drain.Section);
        builder.Services.AddSingleton(new ServiceName(service));
        builder.Services.AddHealthChecks();
        builder.AddHealthMetric();
        builder.Services.PostConfigure<HealthCheckServiceOptions>(options =>
        {
            foreach (var check in options.Registrations.Where(check => check.Timeout == System.Threading.Timeout.InfiniteTimeSpan))
                check.Timeout = CheckTimeout;
        });
        builder.Services.AddHostedService<Leave>();
        // Read before settings are checked, so not by way of the checked options.
        builder.Services.AddOptions<HostOptions>().Configure<IConfiguration>((host, configuration) =>
        {
            var drain = configuration.GetSection(Drain.Section).Get<Drain>() ?? new Drain();
            host.ShutdownTimeout = drain.Delay + drain.Timeout;
        });
    }

    public static void MapProbes(this IEndpointRouteBuilder app)
    {
        var probes = app.MapGroup("").AllowAnonymous().ExcludeFromDescription();
        probes.MapGet("/livez", (ServiceName service) => Answer(true, "live", service));
        probes.MapGet("/startupz", (ServiceName service, IHostApplicationLifetime lifetime) =>
            Answer(lifetime.ApplicationStarted.IsCancellationRequested, lifetime.ApplicationStarted.IsCancellationRequested ? "started" : "starting", service));
        probes.MapGet("/readyz", ReadyAsync);
    }

    private static async Task<JsonHttpResult<ProbeState>> ReadyAsync(HealthCheckService health, ServiceName service, IHostApplicationLifetime lifetime, CancellationToken ct)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            return Answer(false, "leaving", service);

        var report = await health.CheckHealthAsync(ct);
        var checks = report.Entries.ToDictionary(entry => entry.Key, entry => new CheckState(
            entry.Value.Status switch { HealthStatus.Healthy => "ok", HealthStatus.Degraded => "degraded", _ => "failed" },
            entry.Value.Description,
            Words(entry.Value.Data)));
        var ready = report.Status != HealthStatus.Unhealthy;
        return Answer(ready, ready ? "ready" : "not-ready", service, checks);
    }

    /// <summary>Anyone may ask, so only words are told: the data of the bus hold the address of the broker and the names of its queues.</summary>
    private static Dictionary<string, object>? Words(IReadOnlyDictionary<string, object> data)
    {
        var words = data.Where(each => each.Value is string).ToDictionary();
        return words.Count == 0 ? null : words;
    }

    private static JsonHttpResult<ProbeState> Answer(bool good, string status, ServiceName service, IReadOnlyDictionary<string, CheckState>? checks = null) =>
        TypedResults.Json(new ProbeState(service.Name, status, checks), statusCode: good ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);

    internal sealed record ServiceName(string Name);

    internal sealed record ProbeState(string Service, string Status, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, CheckState>? Checks);

    internal sealed record CheckState(
        string Status,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Description,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, object>? Data);

    /// <summary>Holds the stop back for <see cref="Drain.Delay"/>; its turn comes before anything stops.</summary>
    private sealed class Leave(IOptions<Drain> drain, IHostApplicationLifetime lifetime, TimeProvider clock) : IHostedLifecycleService
    {
        public Task StoppingAsync(CancellationToken cancellationToken)
        {
            lifetime.StopApplication();
            return drain.Value.Delay > TimeSpan.Zero ? Task.Delay(drain.Value.Delay, clock, cancellationToken) : Task.CompletedTask;
        }

        public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
