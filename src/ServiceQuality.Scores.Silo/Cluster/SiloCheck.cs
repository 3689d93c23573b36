using Microsoft.Extensions.Diagnostics.HealthChecks;
using Orleans.Runtime;

namespace ServiceQuality.Scores.Silo.Cluster;

/// <summary>Ready means that the silo is a member of the cluster.</summary>
internal sealed class SiloCheck(ISiloStatusOracle silos) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(silos.CurrentStatus == SiloStatus.Active
        ? HealthCheckResult.Healthy($"One of {silos.GetApproximateSiloStatuses(onlyActive: true).Count} silos.")
        : HealthCheckResult.Unhealthy($"The silo is {silos.CurrentStatus}."));
}
