using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using ServiceQuality.Cli.Simulation;
using ServiceQuality.Cli.Telemetry;

namespace ServiceQuality.Standalone;

/// <summary>
/// The branch systems of the demo: on the first run thirty days of the past, then a gentle stream, all through the front door with the
/// regions' API keys. What was sent before is known by its ids, so that a restart goes on where the last run ended.
/// </summary>
internal static class DemoTraffic
{
    private const int Seed = 20260101;
    private const double Volume = 0.35;
    private static readonly TimeSpan Past = TimeSpan.FromDays(30);

    public static async Task RunAsync(DemoAccess access, string folder, CancellationToken ct)
    {
        using var http = new HttpClient { BaseAddress = new Uri(access.Address) };
        var units = await UnitsAsync(access, http, ct);
        var clock = TimeProvider.System;
        var mark = Path.Combine(folder, "demo-traffic-until");
        var regions = access.Keys
            .Select(key => (Sender: new TelemetrySender(http, key.Key, clock), Simulator: new BranchSimulator(Seed, [.. units.Where(unit => unit.Region == key.Region).Select(unit => unit.Unit)], Volume)))
            .ToList();

        var sent = await ReadMarkAsync(mark, ct) ?? clock.GetUtcNow() - Past;
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        do
        {
            // At most half a day at a time, so that an interrupted start repeats little.
            var until = clock.GetUtcNow();
            while (sent < until)
            {
                var next = until - sent > TimeSpan.FromHours(12) ? sent.AddHours(12) : until;
                await Task.WhenAll(regions.Select(region => SendAsync(region.Sender, region.Simulator, sent, next, ct)));
                Tell(done: next == until, share: 1 - (until - next) / Past, worthTelling: next - sent >= TimeSpan.FromHours(1));
                sent = next;
                await File.WriteAllTextAsync(mark, sent.ToString("O"), ct);
            }
        }
        while (await timer.WaitForNextTickAsync(ct));
    }

    private static void Tell(bool done, double share, bool worthTelling)
    {
        if (done && worthTelling)
            System.Console.WriteLine("\rSimulating the past 30 days: done. ");
        else if (!done && !System.Console.IsOutputRedirected)
            System.Console.Write($"\rSimulating the past 30 days: {share:P0} ");
    }

    private static async Task SendAsync(TelemetrySender sender, BranchSimulator simulator, DateTimeOffset from, DateTimeOffset to, CancellationToken ct)
    {
        foreach (var batch in simulator.Between(from, to).Chunk(500))
        {
            // Monitoring may be a moment behind the score tier in hearing of a unit. Repeating is safe.
            while ((await sender.SendAsync(batch, ct)).Refused.Any(refusal => refusal.Code == "unknown-unit"))
                await Task.Delay(250, ct);
        }
    }

    private static async Task<IReadOnlyList<(string Region, SimulatedUnit Unit)>> UnitsAsync(DemoAccess access, HttpClient http, CancellationToken ct)
    {
        var director = access.Accounts.First(account => account.Role == "head-office");
        using var signIn = await http.PostAsJsonAsync("/api/sign-in", new { user = director.User, password = director.Password }, ct);
        signIn.EnsureSuccessStatusCode();
        var token = (await signIn.Content.ReadFromJsonAsync<JsonElement>(ct)).GetProperty("accessToken").GetString();

        var page = await ReadAsync(http, token, "/api/units", ct);

        // The tree travels as events: facts for units that nobody has heard of yet would be refused.
        while ((await ReadAsync(http, token, "/api/overview", ct)).GetProperty("units").GetArrayLength() < page.GetProperty("items").GetArrayLength() - 1)
            await Task.Delay(100, ct);

        var units = new List<(string, SimulatedUnit)>();
        foreach (var item in page.GetProperty("items").EnumerateArray())
        {
            var path = item.GetProperty("path").GetString()!;
            var unit = SimulatedUnit.Of(item.GetProperty("code").GetString()!, item.GetProperty("kind").GetString()!, path, item.GetProperty("timeZone").GetString()!);
            if (unit is not null)
                units.Add((path.Split('/')[1], unit));
        }
        return units;
    }

    private static async Task<JsonElement> ReadAsync(HttpClient http, string? token, string path, CancellationToken ct)
    {
        using var ask = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        using var answer = await http.SendAsync(ask, ct);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>(ct);
    }

    private static async Task<DateTimeOffset?> ReadMarkAsync(string file, CancellationToken ct) =>
        File.Exists(file) && DateTimeOffset.TryParse(await File.ReadAllTextAsync(file, ct), System.Globalization.CultureInfo.InvariantCulture, out var mark) ? mark : null;
}
