using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ServiceQuality.Telemetry;

/// <summary>What is told about the service. Section <c>Telemetry</c>.</summary>
public sealed class TelemetrySettings
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Telemetry";

    /// <summary>
    /// Traces, metrics and <c>/metrics</c>. Default true. Listening is per process, so of several applications in one process only one has it on.
    /// </summary>
    public bool Enabled { get; set; } = true;
}

/// <summary>
/// Traces, metrics and logs. With <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> they are sent by OTLP; all other <c>OTEL_*</c> variables are
/// read by the OpenTelemetry SDK itself. Metrics are always offered at <c>/metrics</c>. The framework's own sources and meters are
/// listened to directly, and every source and meter whose name begins with <c>ServiceQuality.</c>.
/// </summary>
internal static class TelemetrySetup
{
    private const int FlushMilliseconds = 2000;

    private static readonly string[] Sources = ["Microsoft.AspNetCore", "System.Net.Http", "MassTransit", "Npgsql", "Yarp.ReverseProxy", "ServiceQuality.*"];

    private static readonly string[] Meters =
    [
        "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Diagnostics", "Microsoft.AspNetCore.RateLimiting",
        "System.Net.Http", "System.Runtime", "MassTransit", "Npgsql", "ServiceQuality.*",
    ];

    public static void AddTelemetry(this IHostApplicationBuilder builder, string service)
    {
        builder.AddSettings<TelemetrySettings>(TelemetrySettings.Section);
        builder.Logging.Configure(options => options.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId);
        builder.Services.PostConfigure<ConsoleLoggerOptions>(options =>
            options.FormatterName ??= builder.Environment.IsDevelopment() ? ConsoleFormatterNames.Simple : ConsoleFormatterNames.Json);
        builder.Services.Configure<JsonConsoleFormatterOptions>(options =>
        {
            options.IncludeScopes = true;
            options.UseUtcTimestamp = true;
            options.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
        });
        if (builder.Configuration.GetSection(TelemetrySettings.Section).Get<TelemetrySettings>() is { Enabled: false })
            return;

        var send = !string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        ResourceBuilder Resource() => ResourceBuilder.CreateDefault()
            .AddService(service, "ServiceQuality", serviceInstanceId: $"{Environment.MachineName}:{Environment.ProcessId}:{service}")
            .AddEnvironmentVariableDetector();

        if (send)
            builder.Logging.AddOpenTelemetry(options => options.SetResourceBuilder(Resource()).AddOtlpExporter());

        builder.Services.AddSingleton<PrometheusPage>();
        builder.Services.AddSingleton(_ =>
        {
            var traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(Resource()).AddSource(Sources).AddProcessor(new DropProbes());
            return (send ? traces.AddOtlpExporter() : traces).Build();
        });
        builder.Services.AddSingleton(provider =>
        {
            var metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(Resource()).AddMeter(Meters)
                .AddReader(new BaseExportingMetricReader(provider.GetRequiredService<PrometheusPage>()) { TemporalityPreference = MetricReaderTemporalityPreference.Cumulative });
            return (send ? metrics.AddOtlpExporter() : metrics).Build();
        });
        builder.Services.AddHostedService<Providers>();
    }

    /// <summary>Builds the providers at the start and sends what is left at the end.</summary>
    private sealed class Providers(TracerProvider traces, MeterProvider metrics) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            traces.ForceFlush(FlushMilliseconds);
            metrics.ForceFlush(FlushMilliseconds);
            return Task.CompletedTask;
        }
    }

    /// <summary>Probes come every few seconds and say nothing about the service's work.</summary>
    private sealed class DropProbes : BaseProcessor<Activity>
    {
        public override void OnEnd(Activity data)
        {
            if (data.GetTagItem("url.path") is "/livez" or "/readyz" or "/startupz" or "/metrics")
                data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }
    }
}
