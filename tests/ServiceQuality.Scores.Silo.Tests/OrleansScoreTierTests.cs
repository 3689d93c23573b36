using ServiceQuality.Scores.Branches;
using ServiceQuality.Scores.Tests;
using ServiceQuality.Testing;

namespace ServiceQuality.Scores.Silo.Tests;

/// <summary>Two silos are one tier; two tiers on one database are two clusters that know nothing of each other.</summary>
public sealed class OrleansScoreTierTests(RealServers servers) : ScoreTierContract(servers)
{
    protected override async Task<(IScoreTier Tier, IAsyncDisposable Stop)> StartAsync(ScoresDatabase database, TimeProvider clock, Func<Guid, TimeZoneInfo?> zone)
    {
        var cluster = await Cluster.StartAsync(database, clock, zone);
        return (Cluster.TierOf(cluster.Silos[0]), cluster);
    }
}
