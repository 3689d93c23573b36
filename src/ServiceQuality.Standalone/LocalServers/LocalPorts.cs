using System.Net;
using System.Net.Sockets;

namespace ServiceQuality.LocalServers;

/// <summary>Ports of loopback that nobody uses.</summary>
public static class LocalPorts
{
    /// <summary>Answers <paramref name="count"/> different ports that were free a moment ago.</summary>
    public static IReadOnlyList<int> Free(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(listener => listener.Start());
        var ports = listeners.ConvertAll(listener => ((IPEndPoint)listener.LocalEndpoint).Port);
        listeners.ForEach(listener => listener.Stop());
        return ports;
    }
}
