using System.Diagnostics;
using System.Text.Json;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Messaging;

namespace ServiceQuality.Benchmarks;

/// <summary>What the broker alone can do: batches of 500 facts, confirmed, persistent, consumed.</summary>
internal static class BrokerYardstick
{
    private const int Senders = 8;
    private static readonly TimeSpan Warming = TimeSpan.FromSeconds(2);

    public static async Task<double> FactsPerSecondAsync(string rabbit, TimeSpan duration, CancellationToken ct)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration["ConnectionStrings:rabbitmq"] = rabbit;
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.Services.AddSingleton<Count>();
        builder.AddDurableHandler<FactsAccepted, Counting>("bench-facts");
        builder.AddBus("bench");
        builder.Services.Configure<MassTransitHostOptions>(bus => bus.WaitUntilStarted = true);
        await using var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        await app.StartAsync(ct);

        var count = app.Services.GetRequiredService<Count>();
        var sender = app.Services.GetRequiredService<IDurableSender>();
        using var data = JsonDocument.Parse("""{"channel":"hall","service":"enquiry","agent":"a7","waitSeconds":421,"handleSeconds":377,"outcome":"resolved","errors":0,"rating":4}""");
        var now = TimeProvider.System.GetUtcNow();
        var unit = Guid.CreateVersion7(now);
        var facts = Enumerable.Range(0, 500).Select(i => new AcceptedFact(unit, "urn:bench:broker", $"{i:D20}", FactTypes.ServiceCompleted, now, data.RootElement)).ToList();

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var sending = Task.WhenAll(Enumerable.Range(0, Senders).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
                await sender.SendAsync(new FactsAccepted(Guid.CreateVersion7(now), null, null, now, facts), ct);
        }, ct)));
        await Task.Delay(Warming, ct);
        var before = Volatile.Read(ref count.Facts);
        var clock = Stopwatch.StartNew();
        await Task.Delay(duration, ct);
        var rate = (Volatile.Read(ref count.Facts) - before) / clock.Elapsed.TotalSeconds;
        await stop.CancelAsync();
        await sending;
        await app.StopAsync(ct);
        return rate;
    }

    private sealed class Count
    {
        public long Facts;
    }

    private sealed class Counting(Count count) : IDurableHandler<FactsAccepted>
    {
        public Task HandleAsync(FactsAccepted message, bool redelivered, CancellationToken ct)
        {
            Interlocked.Add(ref count.Facts, message.Facts.Count);
            return Task.CompletedTask;
        }
    }
}
