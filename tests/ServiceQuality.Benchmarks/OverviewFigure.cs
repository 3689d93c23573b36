using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.LocalServers;
using ServiceQuality.Messaging;

namespace ServiceQuality.Benchmarks;

/// <summary>The overview of all branches with every indicator, asked of the score service while facts come in.</summary>
internal static class OverviewFigure
{
    private const int Branches = 3_000;
    private const int FactsPerBranch = 400;
    private const int FactsPerSecond = 1_000;
    private const int Requests = 300;
    private const string Address = "/api/overview?indicators=true";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(string folder, CancellationToken ct)
    {
        await using var postgres = await PrivatePostgres.StartAsync(Path.Combine(folder, "postgres"), durable: true, ct);
        await using var rabbit = await PrivateRabbit.StartAsync(Path.Combine(folder, "rabbit"), ct);
        await using var data = await ScoresData.CreateAsync(postgres, "scores", Branches, ct);
        var facts = new BranchFacts(FactsPerBranch);
        await data.FillAsync(facts, 0, FactsPerBranch, ct);
        await using var scores = new ScoresProcess(data.ConnectionString, rabbit.Uri, folder);
        await scores.ReadyAsync(ct);

        var size = await SettledAsync(scores, data, ct);
        var quiet = await AskAsync(scores, ct);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var traffic = SendAsync(rabbit.Uri, data, stop.Token);
        await Task.Delay(TimeSpan.FromSeconds(3), ct);
        var busy = await AskAsync(scores, ct);
        await stop.CancelAsync();
        await traffic;

        return
        [
            new($"overview of {Branches:N0} branches with every indicator, at the service", "p50 < 5 ms, p99 < 25 ms",
                string.Create(CultureInfo.InvariantCulture, $"p50 {busy.Percentile(0.5):0.0} ms, p99 {busy.Percentile(0.99):0.0} ms while {FactsPerSecond:N0} facts/s come in (quiet: {quiet.Percentile(0.5):0.0} and {quiet.Percentile(0.99):0.0} ms); {size / 1e6:0.0} MB over HTTP"),
                "quoted, not measured here: VictoriaMetrics took 15–27 ms for one `avg_over_time` over 3,000 series, a single measure", null, busy.Percentile(0.5) < 5 && busy.Percentile(0.99) < 25),
        ];
    }

    /// <summary>Waits until every branch is on the board with its indicators and trends are drawn; answers the size.</summary>
    private static async Task<int> SettledAsync(ScoresProcess scores, ScoresData data, CancellationToken ct)
    {
        for (var (same, last) = (0, -1); ; await Task.Delay(500, ct))
        {
            var body = await scores.GetAsync(Address, ct);
            using var overview = JsonDocument.Parse(body);
            var shown = overview.RootElement.GetProperty("units").EnumerateArray().Count(unit => unit.GetProperty("score").ValueKind == JsonValueKind.Number);
            same = body.Length == last ? same + 1 : 0;
            last = body.Length;
            if (shown == data.Rows && same >= 4)
                return last;
        }
    }

    /// <summary>Milliseconds of each request, at a pace at which the board changes in between.</summary>
    private static async Task<IReadOnlyCollection<double>> AskAsync(ScoresProcess scores, CancellationToken ct)
    {
        var times = new List<double>(Requests);
        for (var i = 0; i < Requests; i++)
        {
            await Task.Delay(Pause, ct);
            var clock = Stopwatch.StartNew();
            await scores.ReadAsync(Address, ct);
            times.Add(clock.Elapsed.TotalMilliseconds);
        }
        return times;
    }

    private static async Task SendAsync(string rabbit, ScoresData data, CancellationToken ct)
    {
        const int BatchSize = 100;
        var builder = WebApplication.CreateBuilder();
        builder.Configuration["ConnectionStrings:rabbitmq"] = rabbit;
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.AddBus("bench");
        builder.Services.Configure<MassTransitHostOptions>(bus => bus.WaitUntilStarted = true);
        await using var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        await app.StartAsync(ct);

        var sender = app.Services.GetRequiredService<IDurableSender>();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds((double)BatchSize / FactsPerSecond));
        using var visit = JsonDocument.Parse("""{"channel":"hall","service":"enquiry","agent":"a7","waitSeconds":421,"handleSeconds":377,"outcome":"resolved","errors":0,"rating":4}""");
        var number = 0;
        try
        {
            while (await timer.WaitForNextTickAsync(ct))
            {
                var now = TimeProvider.System.GetUtcNow();
                await sender.SendAsync(new FactsAccepted(Guid.CreateVersion7(now), null, null, now,
                    [.. Enumerable.Range(number, BatchSize).Select(one => new AcceptedFact(data.Units[one * 7 % Branches], "urn:bench:live", $"{one}", FactTypes.ServiceCompleted, now, visit.RootElement))]), CancellationToken.None);
                number += BatchSize;
            }
        }
        catch (OperationCanceledException)
        {
            // Enough was asked.
        }
        await app.StopAsync(CancellationToken.None);
    }
}
