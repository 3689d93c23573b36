using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using ServiceQuality.Access;
using ServiceQuality.Contracts.Scores;
using ServiceQuality.Messaging;
using ServiceQuality.Testing;

namespace ServiceQuality.Scores.Tests;

/// <summary>Alerts of the live score, from the fact to the message and the list (SCO-31, XR-51).</summary>
public sealed class AlertsTests(RealServers servers)
{
    [Fact]
    public async Task XR_51_A_fall_is_told_once_with_its_causes_and_stays_told_after_a_restart()
    {
        var heard = new HeardAlerts();
        var database = await ScoresDatabase.CreateAsync(servers);
        var scheme = Some.StraightScheme();
        await database.ApproveAsync(scheme);
        var app = await StartAsync(database, scheme.Id, heard, publishTree: true);
        var now = TimeProvider.System.GetUtcNow();
        // 84 for days, seen by the watch as good; then 40 and more of it, so that the week falls to 62.
        await app.SendAsync([.. Enumerable.Range(0, 40).Select(i => Some.Points(ScoresApp.N01, $"a{i}", now.AddHours(-30 - i), 84))]);
        await Eventually.Async(() => app.Database.ScalarAsync<string>($"select coalesce((select grade from alert_state where unit = '{ScoresApp.N01}'), '')"), grade => grade == "good");
        await app.SendAsync([.. Enumerable.Range(0, 40).Select(i => Some.Points(ScoresApp.N01, $"b{i}", now.AddMinutes(-1 - i), 40))]);

        var alerts = await Eventually.Async(() => app.GetAsync("/api/alerts?unit=n01"), page => page.GetProperty("alerts").GetArrayLength() == 2);

        var fall = alerts.GetProperty("alerts").EnumerateArray().Single(alert => alert.GetProperty("kind").GetString() == "score-drop");
        Assert.InRange(fall.GetProperty("change24h").GetDouble(), -44, -5);
        var cause = fall.GetProperty("causes")[0];
        Assert.True(cause.GetProperty("effect").GetDouble() < 0);
        Assert.Equal(84, cause.GetProperty("from").GetDouble(), 1e-6);
        var crossing = alerts.GetProperty("alerts").EnumerateArray().Single(alert => alert.GetProperty("kind").GetString() == "grade-band-crossed");
        Assert.Equal(("good", true), (crossing.GetProperty("from").GetProperty("code").GetString(), crossing.GetProperty("isFall").GetBoolean()));
        await Eventually.Async(() => Task.FromResult(heard.Drops.Count(drop => drop.Unit == ScoresApp.N01)), count => count == 1);
        await Eventually.Async(() => Task.FromResult(heard.Crossings.Count(drop => drop.Unit == ScoresApp.N01)), count => count == 1);
        Assert.Equal(fall.GetProperty("id").GetGuid(), heard.Drops.Single(drop => drop.Unit == ScoresApp.N01).Alert);

        // Another process with nothing in memory; a marker from another unit says that it has looked.
        await app.StopAsync();
        await using var again = await StartAsync(database, scheme.Id, heard, publishTree: false);
        await again.SendAsync([.. Enumerable.Range(0, 5).Select(i => Some.Points(ScoresApp.S01, $"m{i}", now.AddMinutes(-i - 1), 95))]);
        await Eventually.Async(() => again.Database.ScalarAsync<string>($"select coalesce((select grade from alert_state where unit = '{ScoresApp.S01}'), '')"), grade => grade == "excellent");
        Assert.Equal(2, (await again.GetAsync("/api/alerts?unit=n01")).GetProperty("alerts").GetArrayLength());

        // Only the caller's units, in pages.
        Assert.Empty((await again.GetAsync("/api/alerts", Roles.Region, "hq/south/")).GetProperty("alerts").EnumerateArray());
        Assert.Equal(403, (await again.StatusAsync("/api/alerts?unit=n01", Roles.Region, "hq/south/")).Status);
        var first = await again.GetAsync("/api/alerts?limit=1&unit=n01");
        var second = await again.GetAsync($"/api/alerts?limit=1&unit=n01&after={first.GetProperty("next").GetString()}");
        Assert.NotEqual(first.GetProperty("alerts")[0].GetProperty("id").GetString(), second.GetProperty("alerts")[0].GetProperty("id").GetString());
        Assert.Equal(400, (await again.StatusAsync("/api/alerts?limit=0", Roles.HeadOffice, "hq/")).Status);
        Assert.Equal(400, (await again.StatusAsync("/api/alerts?kind=x", Roles.HeadOffice, "hq/")).Status);
    }

    private static Task<ScoresApp> StartAsync(ScoresDatabase database, string scheme, HeardAlerts heard, bool publishTree) =>
        ScoresApp.StartAsync(database, scheme, publishTree, builder =>
        {
            builder.Services.AddSingleton(heard);
            builder.AddConsumers("alert-listener", bus => bus.AddConsumer<NoteDrops>().AddConsumer<NoteCrossings>());
        });
}

internal sealed class HeardAlerts
{
    public ConcurrentBag<ScoreDropDetected> Drops { get; } = [];

    public ConcurrentBag<GradeBandCrossed> Crossings { get; } = [];
}

internal sealed class NoteDrops(HeardAlerts heard) : IConsumer<ScoreDropDetected>
{
    public Task Consume(ConsumeContext<ScoreDropDetected> context)
    {
        heard.Drops.Add(context.Message);
        return Task.CompletedTask;
    }
}

internal sealed class NoteCrossings(HeardAlerts heard) : IConsumer<GradeBandCrossed>
{
    public Task Consume(ConsumeContext<GradeBandCrossed> context)
    {
        heard.Crossings.Add(context.Message);
        return Task.CompletedTask;
    }
}
