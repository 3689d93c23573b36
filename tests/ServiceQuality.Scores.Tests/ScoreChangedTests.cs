using System.Collections.Concurrent;
using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using ServiceQuality.Contracts.Scores;
using ServiceQuality.Messaging;
using ServiceQuality.Testing;

namespace ServiceQuality.Scores.Tests;

/// <summary>What other services learn of scores (docs/adr/0008).</summary>
public sealed class ScoreChangedTests(RealServers servers)
{
    [Fact]
    public async Task PLT_04_A_consumer_that_missed_every_change_ends_with_the_newest_score_of_every_unit()
    {
        var unheard = await ScoresApp.StartAsync(servers);
        await unheard.SendServicesAsync(ScoresApp.N01, 60);
        var score = (await Eventually.Async(() => unheard.GetAsync("/api/scores/n01"), answer => answer.GetProperty("score").ValueKind == JsonValueKind.Number)).GetProperty("score").GetDouble();
        await unheard.StopAsync();
        // The hour has not been kept yet.
        await unheard.Database.ExecuteAsync("delete from score_history");

        var notes = new Heard();
        await using var app = await ScoresApp.StartAsync(unheard.Database, rabbitMq: null, builder =>
        {
            builder.Services.AddSingleton(notes);
            builder.AddConsumers("listener", bus => bus.AddConsumer<NoteScoreChanged>());
        });

        // A unit without a score is told through the outbox only.
        await Eventually.Async(() => Task.FromResult(notes.Of(ScoresApp.S01)), heard => heard.Score is null);
        var newest = await Eventually.Async(() => Task.FromResult(notes.Of(ScoresApp.N01)), heard => heard.Seq == 60);
        Assert.Equal(score, newest.Score!.Value, 1e-5);
        Assert.True(await app.Database.ScalarAsync<bool>($"select exists (select from score_history where unit = '{ScoresApp.N01}')"));
    }
}

/// <summary>The newest message of each unit.</summary>
internal sealed class Heard
{
    public ConcurrentDictionary<Guid, ScoreChanged> Newest { get; } = new();

    public ScoreChanged Of(Guid unit) => Newest.TryGetValue(unit, out var newest) ? newest : throw new InvalidOperationException($"Nothing was heard of {unit}.");
}

internal sealed class NoteScoreChanged(Heard heard) : IConsumer<ScoreChanged>
{
    public Task Consume(ConsumeContext<ScoreChanged> context)
    {
        heard.Newest.AddOrUpdate(context.Message.Unit, context.Message, (_, known) => context.Message.AsOf > known.AsOf ? context.Message : known);
        return Task.CompletedTask;
    }
}
