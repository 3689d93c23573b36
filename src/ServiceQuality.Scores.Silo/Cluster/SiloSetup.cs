using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Serialization;
using ServiceQuality.Scores.Branches;
using ServiceQuality.Scores.Silo.Branches;
using ServiceQuality.Scores.Silo.Movements;
using StackExchange.Redis;

namespace ServiceQuality.Scores.Silo.Cluster;

/// <summary>Makes the process a silo.</summary>
internal static class SiloSetup
{
    private const string ServiceKey = "Orleans:Clustering:ServiceKey";

    /// <summary>What Aspire sets for itself, for everybody else.</summary>
    private static readonly Dictionary<string, string?> Defaults = new()
    {
        ["Orleans:ClusterId"] = "scores",
        ["Orleans:ServiceId"] = "servicequality",
        ["Orleans:Clustering:ProviderType"] = "Redis",
        [ServiceKey] = "redis",
        ["Logging:LogLevel:Orleans"] = "Warning",
        // A line for every call that met a silo on its way out; what could not be repeated in time is told by who called.
        ["Logging:LogLevel:Orleans.Messaging"] = "Critical",
        ["Logging:LogLevel:Orleans.Runtime.CallbackData"] = "Error",
    };

    /// <summary>A silo of the cluster that Redis knows, with the branches as the tier of the score service.</summary>
    public static IHostApplicationBuilder AddSilo(this IHostApplicationBuilder builder)
    {
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = Defaults });
        var redis = builder.Configuration[ServiceKey]!;
        builder.Services.AddOptions<RedisAddress>()
            .Configure<IConfiguration>((address, configuration) => address.Value = configuration.GetConnectionString(redis) ?? "")
            .Validate(address => address.Value.Length > 0, $"ConnectionStrings:{redis} (environment ConnectionStrings__{redis}) must be the address of Redis, of the form host:port,password=…")
            .ValidateOnStart();
        builder.Services.AddKeyedSingleton<IConnectionMultiplexer>(redis, (services, _) => ConnectionMultiplexer.Connect(services.GetRequiredService<IOptions<RedisAddress>>().Value.Value));
        builder.Services.AddHealthChecks().AddCheck<SiloCheck>("silo", tags: ["ready"]);
        builder.UseOrleans(silo => silo.AddBranches());
        return builder;
    }

    /// <summary>The grains and all they need of a silo but <see cref="BranchLanes"/>.</summary>
    public static ISiloBuilder AddBranches(this ISiloBuilder silo)
    {
        silo.Services.Configure<ClusterMembershipOptions>(membership =>
        {
            // A silo that was killed is missed within about two seconds, instead of a quarter of a minute.
            membership.ProbeTimeout = TimeSpan.FromSeconds(1);
            membership.NumMissedProbesLimit = 2;
            membership.NumVotesForDeathDeclaration = 1;
            // After a power cut of all silos nobody is left to vote: the new ones wait until the old entries are stale.
            membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
        });
        // On machines that are busy beyond measure a silo is soon missed that is only slow.
        silo.Services.Configure<ClusterMembershipOptions>(silo.Configuration.GetSection("Orleans:Membership"));
        silo.Services.Configure<SiloMessagingOptions>(messaging => messaging.ResponseTimeout = TimeSpan.FromSeconds(10));
        // Nobody calls from outside the cluster.
        silo.Services.Configure<EndpointOptions>(endpoints => endpoints.GatewayPort = 0);
        // The boards read every branch once an hour; longer than that nobody has asked for it.
        silo.Services.Configure<GrainCollectionOptions>(collection => collection.CollectionAge = TimeSpan.FromHours(2));
        silo.Services.Configure<ExceptionSerializationOptions>(exceptions => exceptions.SupportedNamespacePrefixes.UnionWith([nameof(ServiceQuality), nameof(Npgsql)]));
        silo.Services.AddPlacementDirector<RendezvousPlacement, RendezvousPlacementDirector>();
        silo.AddGrainService<HearMovements>();
        silo.Services.AddSingleton<MovementCaller>();
        silo.Services.AddSingleton<MovementFeed>();
        silo.Services.AddHostedService(services => services.GetRequiredService<MovementFeed>());
        silo.Services.AddHostedService<SpreadBranches>();
        silo.Services.AddSingleton<OrleansScoreTier>();
        silo.Services.TryAddSingleton<IScoreTier>(services => services.GetRequiredService<OrleansScoreTier>());
        return silo;
    }

    private sealed class RedisAddress
    {
        public string Value { get; set; } = "";
    }
}
