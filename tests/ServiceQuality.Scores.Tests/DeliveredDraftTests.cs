using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using ServiceQuality.Access;
using ServiceQuality.Testing;

namespace ServiceQuality.Scores.Tests;

/// <summary>Version 2 of the delivered scheme is offered as a draft beside version 1, and changes nothing until somebody approves it (SCO-02).</summary>
public sealed class DeliveredDraftTests(RealServers servers)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_draft_from_the_next_quarter_on_stands_beside_the_version_in_force_until_it_is_approved()
    {
        await using var database = await ScoresDatabase.CreateAsync(servers);
        // 29 September, 20:00 UTC: in Shanghai it is the 30th.
        await using var app = await StartAsync(database, new DateTimeOffset(2026, 9, 29, 20, 0, 0, TimeSpan.Zero));

        var versions = (await app.GetAsync("/api/schemes")).GetProperty("items").EnumerateArray().ToList();

        Assert.Equal([1, 2], versions.Select(one => one.GetProperty("version").GetInt32()));
        Assert.Equal([true, false], versions.Select(one => one.GetProperty("inForce").GetBoolean()));
        Assert.Equal(JsonValueKind.Null, versions[1].GetProperty("approver").ValueKind);
        Assert.Equal("2026-10-01", versions[1].GetProperty("effectiveFrom").GetString());
        using var auditor = app.ClientOf(Roles.Auditor, "hq/");
        Assert.Contains("scheme.drafted", await auditor.GetStringAsync("/api/audit/scores", Token), StringComparison.Ordinal);

        var approved = await app.PostAsync(ScoresApp.Person("Director"), "/api/schemes/telecom/versions/2/approve");
        Assert.Equal(204, approved.Status);
        // Its measures are folded in the background.
        await Eventually.Async(() => app.GetAsync("/api/scores/n01?version=2"), score => score.GetProperty("leaves").EnumerateArray().Any(leaf => leaf.GetProperty("code").GetString() == "hall-inspection"));
        Assert.Equal(1, (await app.GetAsync("/api/scores/n01")).GetProperty("scheme").GetProperty("version").GetInt32());
    }

    [Theory]
    [InlineData("2026-06-30T20:00:00Z", "2026-10-01")]
    [InlineData("2026-10-01T09:00:00Z", "2027-01-01")]
    public async Task On_the_last_day_of_a_quarter_somewhere_the_next_has_begun(string now, string from)
    {
        await using var database = await ScoresDatabase.CreateAsync(servers);
        await using var app = await StartAsync(database, DateTimeOffset.Parse(now, CultureInfo.InvariantCulture));

        Assert.Equal(from, (await app.GetAsync("/api/schemes")).GetProperty("items")[1].GetProperty("effectiveFrom").GetString());
    }

    [Fact]
    public async Task Who_has_a_version_2_of_their_own_is_left_alone()
    {
        await using var database = await ScoresDatabase.CreateAsync(servers);
        await database.ApproveAsync(Some.OtherScheme());
        await using var app = await StartAsync(database, Some.Noon);

        Assert.Single((await app.GetAsync("/api/schemes")).GetProperty("items").EnumerateArray());
        Assert.Contains("extra-measure", (await app.GetAsync("/api/schemes/telecom?version=2")).GetRawText(), StringComparison.Ordinal);
    }

    private static async Task<ScoresApp> StartAsync(ScoresDatabase database, DateTimeOffset now)
    {
        var app = await ScoresApp.StartAsync(database, rabbitMq: null, builder =>
        {
            builder.Configuration["Scores:OfferDeliveredDraft"] = "true";
            builder.Services.AddSingleton<TimeProvider>(new MovedClock(now));
        });
        await app.PublishTreeAsync();
        return app;
    }
}
