using Microsoft.Extensions.Diagnostics.HealthChecks;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace ServiceQuality.Gateway.Front;

/// <summary>What the gateway knows of the services, for <c>/readyz</c>. A service that is away makes the gateway degraded, never unready: the others go on.</summary>
internal sealed class ServiceStates(IProxyStateLookup proxy) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var states = proxy.GetClusters().OrderBy(cluster => cluster.ClusterId, StringComparer.Ordinal).ToDictionary(cluster => cluster.ClusterId, cluster => (object)StateOf(cluster));
        var away = states.Where(state => state.Value is not "up").Select(state => state.Key).ToList();
        return Task.FromResult(away.Count == 0
            ? HealthCheckResult.Healthy(data: states)
            : HealthCheckResult.Degraded($"Not fully up: {string.Join(", ", away)}", data: states));
    }

    private static string StateOf(ClusterState cluster)
    {
        var destinations = cluster.Destinations.Values.ToList();
        var down = destinations.Count(destination => destination.Health.Active == DestinationHealth.Unhealthy || destination.Health.Passive == DestinationHealth.Unhealthy);
        return down == 0 ? "up" : down == destinations.Count ? "down" : "partly";
    }
}
