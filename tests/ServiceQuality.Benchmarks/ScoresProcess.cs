using System.Net.Http.Json;
using System.Security.Cryptography;
using ServiceQuality.Access;
using ServiceQuality.LocalServers;
using ServiceQuality.Standalone;

namespace ServiceQuality.Benchmarks;

/// <summary>The score service as a process of its own, and a caller whose ticket it trusts.</summary>
internal sealed class ScoresProcess : IAsyncDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly Caller _other = new(Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), "Second", IsMachine: false, [new Grant(Roles.HeadOffice, "hq/")]);
    private readonly Caller _caller = new(Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), "Benchmark", IsMachine: false, [new Grant(Roles.HeadOffice, "hq/")]);
    private readonly HttpClient _http;
    private readonly Lifeline _process;
    private readonly byte[] _buffer = new byte[1 << 18];

    /// <summary>Starts the service on a database and a broker.</summary>
    public ScoresProcess(string database, string rabbit, string folder, IReadOnlyDictionary<string, string>? settings = null)
    {
        var address = $"http://127.0.0.1:{LocalPorts.Free(1)[0]}";
        var environment = new Dictionary<string, string>(SuiteProcesses.Runtime)
        {
            ["ASPNETCORE_URLS"] = address,
            ["ConnectionStrings__scores"] = database,
            ["ConnectionStrings__rabbitmq"] = rabbit,
            ["Tickets__VerificationKeys"] = _key.ExportSubjectPublicKeyInfoPem(),
            ["Logging__LogLevel__Default"] = "Warning",
        };
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
            environment[name] = value;
        _http = new HttpClient { BaseAddress = new Uri(address) };
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;
        var program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "ServiceQuality.Scores.Host", configuration, "ServiceQuality.Scores.Host"));
        _process = Lifeline.Start([program], folder, Path.Combine(folder, $"scores-{new Uri(address).Port}.log"), "TERM", environment: environment);
    }

    /// <summary>Waits until every branch is back.</summary>
    public async Task ReadyAsync(CancellationToken ct)
    {
        while (!_process.HasExited)
        {
            try
            {
                using var answer = await _http.GetAsync(new Uri("/readyz", UriKind.Relative), ct);
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }
            await Task.Delay(20, ct);
        }
        throw new InvalidOperationException("The score service ended.");
    }

    /// <summary>Reads an answer to its end and drops it; answers its length. The service is measured here, not what a client does with the bytes.</summary>
    public async Task<int> ReadAsync(string address, CancellationToken ct)
    {
        using var request = Request(address);
        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        answer.EnsureSuccessStatusCode();
        await using var body = await answer.Content.ReadAsStreamAsync(ct);
        var length = 0;
        while (await body.ReadAsync(_buffer, ct) is var read and > 0)
            length += read;
        return length;
    }

    public async Task<byte[]> GetAsync(string address, CancellationToken ct)
    {
        using var request = Request(address);
        using var answer = await _http.SendAsync(request, ct);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsByteArrayAsync(ct);
    }

    /// <summary>Posts, as the caller or as a second person.</summary>
    public async Task<byte[]> PostAsync(string address, object body, bool other, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = JsonContent.Create(body), Headers = { { Ticket.Header, Ticket.Sign(other ? _other : _caller, _key, TimeProvider.System.GetUtcNow()) } } };
        using var answer = await _http.SendAsync(request, ct);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsByteArrayAsync(ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _http.Dispose();
        _key.Dispose();
    }

    private HttpRequestMessage Request(string address) =>
        new(HttpMethod.Get, address) { Headers = { { Ticket.Header, Ticket.Sign(_caller, _key, TimeProvider.System.GetUtcNow()) } } };
}
