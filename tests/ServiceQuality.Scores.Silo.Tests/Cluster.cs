using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Hosting;
using Orleans.TestingHost;
using ServiceQuality.Scores.Branches;
using ServiceQuality.Scores.Silo.Cluster;
using ServiceQuality.Scores.Tests;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Silo.Tests;

/// <summary>Silos in this process over one database, each with lanes, a journal writer and connections of its own.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private readonly InProcessTestCluster _silos;
    private readonly CancellationTokenSource _ending = new();
    private Task _following = Task.CompletedTask;

    private Cluster(InProcessTestCluster silos) => _silos = silos;

    public IReadOnlyList<InProcessSiloHandle> Silos => [.. _silos.Silos];

    public static MeasureCatalogue Catalogue { get; } = MeasureCatalogue.Of(DefaultSchemes.Telecom);

    /// <summary>Starts a cluster with every branch back.</summary>
    public static async Task<Cluster> StartAsync(ScoresDatabase database, TimeProvider clock, Func<Guid, TimeZoneInfo?> zone, int silos = 2)
    {
        var builder = new InProcessTestClusterBuilder((short)silos);
        builder.Options.ConfigureFileLogging = false;
        builder.Options.InitializeClientOnDeploy = false;
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton(_ => new BranchLanes(database.Source, clock, Catalogue, zone));
            silo.AddBranches();
        });
        var cluster = new Cluster(builder.Build());
        await cluster._silos.DeployAsync();
        await Task.WhenAll(cluster.Silos.Select(silo => TierOf(silo).RecoverAsync(TestContext.Current.CancellationToken)));
        cluster._following = cluster.FollowAsync();
        return cluster;
    }

    public static OrleansScoreTier TierOf(InProcessSiloHandle silo) => silo.ServiceProvider.GetRequiredService<OrleansScoreTier>();

    public static BranchLanes LanesOf(InProcessSiloHandle silo) => silo.ServiceProvider.GetRequiredService<BranchLanes>();

    public Task KillAsync(InProcessSiloHandle silo) => _silos.KillSiloAsync(silo);

    public Task StopAsync(InProcessSiloHandle silo) => _silos.StopSiloAsync(silo);

    public async Task<InProcessSiloHandle> AddAsync()
    {
        var silo = await _silos.StartAdditionalSiloAsync();
        await TierOf(silo).RecoverAsync(TestContext.Current.CancellationToken);
        return silo;
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _following;
        await _silos.StopAllSilosAsync();
        await _silos.DisposeAsync();
        _ending.Dispose();
    }

    /// <summary>What the service does once a second.</summary>
    private async Task FollowAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            foreach (var silo in Silos)
            {
                try
                {
                    await TierOf(silo).FollowHeadsAsync(_ending.Token);
                }
                catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or Npgsql.NpgsqlException)
                {
                    // The silo, or the test, has ended.
                }
            }
            await Task.Delay(TimeSpan.FromSeconds(1), _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
