using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using ServiceQuality.LocalServers;
using ServiceQuality.Standalone;

namespace ServiceQuality.Benchmarks;

/// <summary>The suite as processes with servers and demo organisation of its own.</summary>
internal sealed class LocalSuite : IAsyncDisposable
{
    private readonly PrivatePostgres _postgres;
    private readonly PrivateRabbit _rabbit;

    private LocalSuite(PrivatePostgres postgres, PrivateRabbit rabbit, IReadOnlyDictionary<string, string> databases, SuiteProcesses processes, DemoAccess access) =>
        (_postgres, _rabbit, Databases, Processes, Access) = (postgres, rabbit, databases, processes, access);

    public IReadOnlyDictionary<string, string> Databases { get; }

    public SuiteProcesses Processes { get; }

    public DemoAccess Access { get; }

    public string Address => Processes.Address;

    /// <summary>Limits protect against strangers; here the machine is the limit.</summary>
    private static Dictionary<string, string> Unlimited { get; } = new()
    {
        ["RateLimits__Key__Count"] = "100000000",
        ["RateLimits__Account__Count"] = "100000000",
        ["RateLimits__Address__Count"] = "100000000",
        ["Logging__LogLevel__Default"] = "Warning",
    };

    public static async Task<LocalSuite> StartAsync(string folder, CancellationToken ct)
    {
        var postgres = await PrivatePostgres.StartAsync(Path.Combine(folder, "postgres"), durable: true, ct);
        var rabbit = await PrivateRabbit.StartAsync(Path.Combine(folder, "rabbit"), ct);
        var databases = new Dictionary<string, string>();
        foreach (var name in new[] { "organisation", "monitoring", "scores", "gateway" })
            databases[name] = await PrivatePostgres.CreateDatabaseAsync(postgres.ConnectionString, name, ct);
        var address = $"http://127.0.0.1:{LocalPorts.Free(1)[0]}";
        var processes = await SuiteProcesses.StartAsync(new SuiteSettings(databases, rabbit.Uri, address, folder) { Environment = Unlimited }, ct);
        return new(postgres, rabbit, databases, processes, await DemoSession.SeedAsync(databases["organisation"], address, folder, ct));
    }

    /// <summary>A client of the first demo account with a role.</summary>
    public async Task<HttpClient> SignInAsync(string role, CancellationToken ct)
    {
        var account = Access.Accounts.First(account => account.Role == role);
        var client = new HttpClient { BaseAddress = new Uri(Address) };
        using var answer = await client.PostAsJsonAsync("/api/sign-in", new { user = account.User, password = account.Password }, ct);
        answer.EnsureSuccessStatusCode();
        var token = (await answer.Content.ReadFromJsonAsync<JsonElement>(ct)).GetProperty("accessToken").GetString();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await Processes.DisposeAsync();
        await _rabbit.DisposeAsync();
        await _postgres.DisposeAsync();
    }
}
