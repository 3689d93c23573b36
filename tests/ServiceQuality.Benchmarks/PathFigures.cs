using System.Diagnostics;
using System.Globalization;
using Npgsql;
using ServiceQuality.LocalServers;

namespace ServiceQuality.Benchmarks;

/// <summary>The way of a fact through the suite as processes: POST → gateway → Monitoring → RabbitMQ → score tier → PostgreSQL.</summary>
internal static class PathFigures
{
    private const int Senders = 8;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(8);

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(double appendRate, string folder, CancellationToken ct)
    {
        var broker = await BrokerAsync(folder, ct);
        await using var suite = await LocalSuite.StartAsync(folder, ct);
        var database = suite.Databases["scores"];
        var keys = suite.Access.Keys.Select(key => (key.Key, (IReadOnlyList<string>)[.. Enumerable.Range(1, 8).SelectMany(branch => new[] { $"{key.Region[0]}{branch:00}-hall1", $"{key.Region[0]}{branch:00}-hall2" })])).ToList();
        await Task.Delay(TimeSpan.FromSeconds(3), ct);

        // Full speed.
        // Five processes that have just started compile their hot paths for a while.
        await new LoadGenerator(suite.Address, keys, 500).RunAsync(Senders, TimeSpan.FromSeconds(30), null, ct);
        await SettledAsync(database, ct);
        var before = await JournalledAsync(database, ct);
        var full = new LoadGenerator(suite.Address, keys, 500);
        var clock = Stopwatch.StartNew();
        await full.RunAsync(Senders, Duration, null, ct);
        while (await JournalledAsync(database, ct) < before + full.Accepted)
            await Task.Delay(20, ct);
        var rate = full.Accepted / clock.Elapsed.TotalSeconds;

        // 100-fact POSTs at half that rate, and the same to an endpoint that only parses.
        var small = new LoadGenerator(suite.Address, keys, 100);
        var p99 = (await small.RunAsync(Senders, Duration, rate / 2, ct)).Percentile(0.99);
        await SettledAsync(database, ct);

        var bareAddress = $"http://127.0.0.1:{LocalPorts.Free(1)[0]}";
        var second = $"http://127.0.0.1:{LocalPorts.Free(1)[0]}";
        await using var bare = await BareEndpoint.StartAsync(bareAddress, ct);
        await using var gateway = suite.Processes.AddGateway(second, new Dictionary<string, string> { ["services__monitoring__http__0"] = bareAddress });
        await suite.Processes.ReadyAsync("gateway", second, ct);
        await new LoadGenerator(second, keys, 500).RunAsync(Senders, TimeSpan.FromSeconds(2), null, ct);
        var parsing = new LoadGenerator(second, keys, 500);
        clock.Restart();
        await parsing.RunAsync(Senders, Duration, null, ct);
        var bareRate = parsing.Accepted / clock.Elapsed.TotalSeconds;
        var bareP99 = (await new LoadGenerator(second, keys, 100).RunAsync(Senders, Duration, rate / 2, ct)).Percentile(0.99);

        var series = 1 / (1 / bareRate + 1 / broker + 1 / appendRate);
        return
        [
            new("accepted → scored through gateway, RabbitMQ and PostgreSQL", "≥ 60,000 facts/s and ≥ 0.5 × the series limit", $"{rate:N0} facts/s{Refused(full)}",
                string.Create(CultureInfo.InvariantCulture, $"series limit {series:N0}/s of: gateway + bare endpoint {bareRate:N0}, broker {broker:N0}, append {appendRate:N0}"), rate / series, rate >= 60_000 && rate >= series / 2),
            new("p99 of a 100-fact POST at half that rate", "< 100 ms", string.Create(CultureInfo.InvariantCulture, $"{p99:0.0} ms{Refused(small)}"),
                string.Create(CultureInfo.InvariantCulture, $"the same POST to the bare endpoint: {bareP99:0.0} ms"), null, p99 < 100),
        ];
    }

    /// <summary>Answers other than 202, if there were any.</summary>
    public static string Refused(LoadGenerator load) =>
        load.Others.IsEmpty ? "" : $" (refused: {string.Join(", ", load.Others.Select(other => $"{(int)other.Key} × {other.Value}"))})";

    /// <summary>On a broker of its own: its queue would take a copy of every batch of the suite.</summary>
    private static async Task<double> BrokerAsync(string folder, CancellationToken ct)
    {
        await using var rabbit = await PrivateRabbit.StartAsync(Path.Combine(folder, "yardstick"), ct);
        return await BrokerYardstick.FactsPerSecondAsync(rabbit.Uri, Duration, ct);
    }

    private static async Task<long> JournalledAsync(string database, CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand("select coalesce(sum(head), 0)::bigint from scores.branch", connection);
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    private static async Task SettledAsync(string database, CancellationToken ct)
    {
        for (var last = -1L; await JournalledAsync(database, ct) is var now && now != last; last = now)
            await Task.Delay(500, ct);
    }
}
