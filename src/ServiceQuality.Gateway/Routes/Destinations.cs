using System.Globalization;
using ServiceQuality.Clients;
using ServiceQuality.Gateway.SignIn;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.LoadBalancing;

namespace ServiceQuality.Gateway.Routes;

/// <summary>The route table and the services' addresses in the proxy's terms.</summary>
internal static class Destinations
{
    private const long OrdinaryBytes = 1 << 20;
    private const long BatchBytes = 4 << 20;
    private static readonly TimeSpan OrdinaryTime = TimeSpan.FromSeconds(30);

    /// <summary>A stream is given up when nothing passes for so long; services send a sign of life every 15 s.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);

    public static InMemoryConfigProvider Read(IConfiguration configuration) => new(
        [.. RouteTable.All.Select(Route)],
        [.. RouteTable.Services.Select(service => Cluster(service, configuration))]);

    private static RouteConfig Route(Route route) => new()
    {
        RouteId = route.Path,
        ClusterId = route.Service,
        Match = new RouteMatch { Path = route.Path.Contains('.', StringComparison.Ordinal) ? route.Path : $"{route.Path.TrimEnd('/')}/{{**rest}}" },
        AuthorizationPolicy = route.Entry == Entry.Anyone ? "anonymous" : FrontDoor.SignedInPolicy,
        Timeout = route.Pace == Pace.Stream ? null : OrdinaryTime,
        MaxRequestBodySize = route.Pace == Pace.Batch ? BatchBytes : OrdinaryBytes,
        Metadata = new Dictionary<string, string> { [nameof(Pace)] = route.Pace.ToString() },
    };

    private static ClusterConfig Cluster(string service, IConfiguration configuration)
    {
        // A wrong address stops the start elsewhere, with the name of its key.
        _ = ServiceEndpoints.TryRead(configuration, service, out var addresses);
        return new ClusterConfig
        {
            ClusterId = service,
            LoadBalancingPolicy = LoadBalancingPolicies.PowerOfTwoChoices,
            Destinations = addresses.Select((address, index) => (Name: string.Create(CultureInfo.InvariantCulture, $"{service}-{index}"), address))
                .ToDictionary(each => each.Name, each => new DestinationConfig { Address = each.address.ToString() }),
            HttpRequest = new ForwarderRequestConfig { ActivityTimeout = Silence, Version = System.Net.HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower },
            HealthCheck = new HealthCheckConfig
            {
                // With nobody ready, requests are tried all the same: a service that lost one dependency still answers what it can.
                AvailableDestinationsPolicy = HealthCheckConstants.AvailableDestinations.HealthyOrPanic,
                Active = new ActiveHealthCheckConfig
                {
                    Enabled = true,
                    Interval = configuration.GetValue("Gateway:ProbeInterval", TimeSpan.FromSeconds(2)),
                    Timeout = TimeSpan.FromSeconds(2),
                    Policy = HealthCheckConstants.ActivePolicy.ConsecutiveFailures,
                    Path = "/readyz",
                },
                Passive = new PassiveHealthCheckConfig
                {
                    Enabled = true,
                    Policy = HealthCheckConstants.PassivePolicy.TransportFailureRate,
                    ReactivationPeriod = TimeSpan.FromSeconds(5),
                },
            },
        };
    }
}
