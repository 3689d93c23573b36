using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using ServiceQuality.EndToEnd;

namespace ServiceQuality.Operations;

/// <summary>
/// Branch systems that deliver and a person who reads, without pause, until they are told to stop. As a load balancer would, they keep to gateways whose
/// <c>/readyz</c> says so; whatever is not accepted is sent again under the same ids.
/// </summary>
internal sealed class Traffic : IAsyncDisposable
{
    private const int BatchSize = 20;

    private readonly Installation _installation;
    private readonly IReadOnlyList<string> _gateways;
    private readonly string _source;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, byte> _accepted = new();
    private readonly ConcurrentDictionary<string, int> _answers = new();
    private readonly List<Task> _work = [];
    private readonly bool[] _ready;

    private Traffic(Installation installation, IReadOnlyList<string> gateways, string source) => (_installation, _gateways, _source, _ready) = (installation, gateways, source, [.. gateways.Select(_ => true)]);

    /// <summary>Ids of the facts whose acceptance was told.</summary>
    public ICollection<string> Accepted => _accepted.Keys;

    /// <summary>How requests ended: method, then status, or the name of what went wrong, and how often.</summary>
    public IReadOnlyDictionary<string, int> Answers => _answers;

    /// <summary>Longest time from a batch's first attempt to its acceptance.</summary>
    public TimeSpan LongestDelivery { get; private set; }

    public static async Task<Traffic> StartAsync(Installation installation, string source, IReadOnlyList<string>? gateways = null)
    {
        var traffic = new Traffic(installation, gateways ?? [installation.Suite.Address], source);
        var units = await installation.UnitsAsync();
        var token = await installation.TokenAsync("head-office");
        foreach (var region in installation.Demo.Keys.Select(key => key.Region))
            traffic._work.Add(Task.Run(() => traffic.DeliverAsync(region, [.. units.Where(unit => unit[0] == region[0])])));
        traffic._work.Add(Task.Run(() => traffic.ReadAsync(token)));
        if (traffic._gateways.Count > 1)
            traffic._work.AddRange(traffic._gateways.Select((_, number) => Task.Run(() => traffic.ProbeAsync(number))));
        return traffic;
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_work);
        _work.Clear();
    }

    public override string ToString() =>
        $"{_accepted.Count} facts accepted, longest delivery {LongestDelivery.TotalMilliseconds:0} ms; {string.Join(", ", _answers.OrderBy(answer => answer.Key, StringComparer.Ordinal).Select(answer => $"{answer.Key}: {answer.Value}"))}";

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task DeliverAsync(string region, List<string> units)
    {
        using var clients = new Clients(_gateways, _ready, address => _installation.KeyOf(region, address));
        var random = new Random(region[0]);
        for (var batch = 0; !_stop.IsCancellationRequested; batch++)
        {
            var events = Enumerable.Range(batch * BatchSize, BatchSize).Select(number =>
                BranchSystem.Visit(units[random.Next(units.Count)], _source, $"{region}-{number}", random.Next(900), random.Next(10) == 0 ? "unresolved" : "resolved", random.Next(1, 6))).ToList();
            var began = Stopwatch.StartNew();
            while (!await TryAsync(clients, events) && !_stop.IsCancellationRequested)
                await Task.Delay(100, CancellationToken.None);
            LongestDelivery = began.Elapsed > LongestDelivery ? began.Elapsed : LongestDelivery;
            await Task.Delay(30, CancellationToken.None);
        }
    }

    private Task<bool> TryAsync(Clients clients, List<Dictionary<string, object?>> events) => SendAsync(clients, async client =>
    {
        using var answer = await client.PostAsync("/api/telemetry", JsonContent.Create(events, new MediaTypeHeaderValue("application/cloudevents-batch+json")));
        Count("POST", answer);
        if (answer.StatusCode != HttpStatusCode.Accepted)
            return false;
        var receipt = await answer.Content.ReadFromJsonAsync<JsonElement>();
        var refused = receipt.GetProperty("items").EnumerateArray().Where(item => item.GetProperty("status").GetString() != "duplicate").Select(item => item.GetRawText()).ToList();
        if (refused.Count > 0)
            _answers.AddOrUpdate($"rejected {refused[0]}", 1, (_, count) => count + 1);
        foreach (var item in events)
            _accepted[(string)item["id"]!] = 1;
        return true;
    });

    private async Task ReadAsync(string token)
    {
        using var clients = new Clients(_gateways, _ready, address => _installation.ClientWith(token, address));
        string[] paths = ["/api/overview", "/api/units", "/api/telemetry/status"];
        for (var turn = 0; !_stop.IsCancellationRequested; turn++)
        {
            await SendAsync(clients, async client =>
            {
                using var answer = await client.GetAsync(paths[turn % paths.Length]);
                Count("GET", answer);
                return true;
            });
            await Task.Delay(30, CancellationToken.None);
        }
    }

    private async Task<bool> SendAsync(Clients clients, Func<HttpClient, Task<bool>> send)
    {
        try
        {
            return await send(clients.Current);
        }
        catch (Exception lost) when (lost is HttpRequestException or TaskCanceledException or IOException)
        {
            _answers.AddOrUpdate($"lost: {lost.GetType().Name} {(lost as HttpRequestException)?.HttpRequestError}", 1, (_, count) => count + 1);
            return false;
        }
    }

    private async Task ProbeAsync(int gateway)
    {
        using var client = new HttpClient { BaseAddress = new Uri(_gateways[gateway]), Timeout = TimeSpan.FromSeconds(2) };
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var answer = await client.GetAsync("/readyz");
                _ready[gateway] = answer.IsSuccessStatusCode;
            }
            catch (Exception away) when (away is HttpRequestException or TaskCanceledException)
            {
                _ready[gateway] = false;
            }
            await Task.Delay(250, CancellationToken.None);
        }
    }

    /// <summary>A 503 that says when to come back is a promise kept; anything else is told as it is.</summary>
    private void Count(string method, HttpResponseMessage answer)
    {
        var what = answer.StatusCode == HttpStatusCode.ServiceUnavailable && answer.Headers.RetryAfter is not null ? "503 with Retry-After" : ((int)answer.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);
        _answers.AddOrUpdate($"{method} {what}", 1, (_, count) => count + 1);
    }

    /// <summary>One client per gateway; the first that is ready, or the first at all.</summary>
    private sealed class Clients(IReadOnlyList<string> gateways, bool[] ready, Func<string, HttpClient> create) : IDisposable
    {
        private readonly List<HttpClient> _clients = [.. gateways.Select(create)];

        public HttpClient Current => _clients[Math.Max(0, Array.IndexOf(ready, true))];

        public void Dispose() => _clients.ForEach(client => client.Dispose());
    }
}
