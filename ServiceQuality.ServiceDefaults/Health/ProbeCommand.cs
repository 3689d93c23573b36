using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace ServiceQuality.Health;

/// <summary>
/// The argument <c>--probe</c>: asks the same service, already running on this machine or in this container, whether it is ready. For supervisors
/// that can only run a command, in images without a shell.
/// </summary>
internal static class ProbeCommand
{
    public const string Argument = "--probe";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    /// <summary>0 when it is ready, else 1 with the reason on standard error.</summary>
    public static async Task<int> RunAsync(IConfiguration configuration)
    {
        using var client = new HttpClient { Timeout = Patience };
        try
        {
            using var answer = await client.GetAsync(AddressOf(configuration));
            if (answer.IsSuccessStatusCode)
                return 0;
            await Console.Error.WriteLineAsync(await answer.Content.ReadAsStringAsync());
        }
        catch (Exception away) when (away is HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync(away.Message);
        }

        return 1;
    }

    /// <summary>The address that the service listens on, from within: a wildcard stands for every address of the machine, loopback among them.</summary>
    internal static Uri AddressOf(IConfiguration configuration)
    {
        var bound = BindingAddress.Parse((configuration[WebHostDefaults.ServerUrlsKey] ?? "http://localhost:5000").Split(';')[0]);
        var host = bound.Host is "+" or "*" or "0.0.0.0" or "[::]" ? "127.0.0.1" : bound.Host;
        return new UriBuilder(bound.Scheme, host, bound.Port, "/readyz").Uri;
    }
}
