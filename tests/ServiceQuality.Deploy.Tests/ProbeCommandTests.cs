using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace ServiceQuality.Deploy;

/// <summary>The argument <c>--probe</c>, by which a container without a shell checks itself.</summary>
public sealed class ProbeCommandTests
{
    [Theory]
    [InlineData(HealthStatus.Healthy, 0)]
    [InlineData(HealthStatus.Degraded, 0)]
    [InlineData(HealthStatus.Unhealthy, 1)]
    public async Task It_tells_by_its_exit_code_whether_the_service_is_ready(HealthStatus status, int code)
    {
        await using var service = App("http://127.0.0.1:0");
        service.Services.GetRequiredService<Check>().Status = status;
        await service.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal(code, await App($"http://+:{new Uri(service.Urls.Single()).Port}").RunServiceAsync(["--probe"]));
    }

    [Fact]
    public async Task It_fails_where_nothing_runs() => Assert.Equal(1, await App("http://127.0.0.1:9").RunServiceAsync(["--probe"]));

    private static WebApplication App(string address)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls(address);
        builder.Logging.ClearProviders();
        builder.Configuration["Telemetry:Enabled"] = "false";
        builder.Configuration["Tickets:VerificationKeys"] = SettingsTests.Placeholder("", "Tickets__VerificationKeys");
        builder.AddServiceDefaults("probed");
        builder.Services.AddSingleton<Check>().AddHealthChecks().AddCheck<Check>("check");
        var app = builder.Build();
        app.UseServiceDefaults();
        return app;
    }

    private sealed class Check : IHealthCheck
    {
        public HealthStatus Status { get; set; }

        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(new HealthCheckResult(Status));
    }
}
