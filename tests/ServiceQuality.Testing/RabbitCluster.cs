using System.Globalization;
using System.Security.Cryptography;
using ServiceQuality.LocalServers;

namespace ServiceQuality.Testing;

/// <summary>Brokers that form a cluster on this machine, so that a quorum queue has a member on each.</summary>
public sealed class RabbitCluster : IAsyncDisposable
{
    private readonly Lifeline _mapper;
    private readonly List<PrivateRabbit> _nodes = [];

    private RabbitCluster(Lifeline mapper) => _mapper = mapper;

    /// <summary>The brokers.</summary>
    public IReadOnlyList<PrivateRabbit> Nodes => _nodes;

    /// <summary>Starts the nodes; the first founds the cluster, the others join it.</summary>
    public static async Task<RabbitCluster> StartAsync(string folder, int nodes, CancellationToken ct = default)
    {
        Directory.CreateDirectory(folder);
        var port = LocalPorts.Free(1)[0];
        var mapper = Lifeline.Start(["epmd", "-port", port.ToString(CultureInfo.InvariantCulture), "-address", "127.0.0.1"], folder, Path.Combine(folder, "epmd.log"), "KILL");
        var cluster = new RabbitCluster(mapper);
        try
        {
            var (names, secret) = (Enumerable.Range(1, nodes).Select(NameOf).ToList(), Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));
            foreach (var name in names)
                cluster._nodes.Add(await PrivateRabbit.StartAsync(Path.Combine(folder, name), new RabbitNode(name, names, port, secret), ct));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    private static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"servicequality{number}@localhost");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_nodes.Select(async node => await node.DisposeAsync()));
        await _mapper.DisposeAsync();
    }
}
