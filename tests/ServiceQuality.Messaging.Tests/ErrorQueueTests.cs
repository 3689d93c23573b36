using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using ServiceQuality.Access;
using ServiceQuality.Testing;

namespace ServiceQuality.Messaging.Tests;

/// <summary>PLT-04: failed messages go to an error queue and can be replayed.</summary>
public sealed class ErrorQueueTests(RealServers servers)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Failed_messages_are_listed_shown_and_replayed()
    {
        var database = await servers.CreateDatabaseAsync();
        var queues = MessagingApp.QueuesOf(database);
        await using var app = await MessagingApp.StartAsync(database, servers.RabbitMq);
        app.Notes.Refuse = text => text.StartsWith("bitter", StringComparison.Ordinal) ? new InvalidOperationException("It is bitter.") : null;
        var sender = app.Services.GetRequiredService<IDurableSender>();
        await sender.SendAsync(new Entrusted("bitter one"), Token);
        await sender.SendAsync(new Entrusted("bitter two"), Token);
        using var admin = app.ClientAs(Roles.Administrator, "hq/");
        await Eventually.Async(async () => Assert.Equal(2, Assert.Single((await admin.GetFromJsonAsync<FailedQueues>("/api/messages/failed", Token))!.Queues).Messages));

        var shown = await admin.GetFromJsonAsync<FailedPage>($"/api/messages/failed/{queues}_error", Token);
        var one = Assert.Single(shown!.Items, message => message.Body.Contains("bitter one", StringComparison.Ordinal));
        app.Notes.Refuse = _ => null;
        var replayed = await admin.PostAsJsonAsync($"/api/messages/failed/{queues}_error/replay", new Replay([one.Id]), Token);

        Assert.Equal($"{queues}-entrusted", one.Origin);
        Assert.Equal("It is bitter.", one.Failure);
        Assert.Equal(new ReplayResult(1, 1), await replayed.Content.ReadFromJsonAsync<ReplayResult>(Token));
        await Soon.Holds(() => Assert.Equal(["bitter one"], app.Notes.Taken));
        // What the first replay left behind is back in its queue a moment later.
        await Eventually.Async(async () =>
        {
            await admin.PostAsync($"/api/messages/failed/{queues}_error/replay", null, Token);
            Assert.Contains("bitter two", app.Notes.Taken);
        });
        Assert.Equal(["bitter one", "bitter two"], app.Notes.Taken.Order());
        await Eventually.Async(async () => Assert.Equal(0, Assert.Single((await admin.GetFromJsonAsync<FailedQueues>("/api/messages/failed", Token))!.Queues).Messages));
    }

    [Fact]
    public async Task PLT_07_Failed_messages_are_given_up_by_name_and_the_audit_trail_tells_who_did_what()
    {
        var database = await servers.CreateDatabaseAsync();
        var queue = $"{MessagingApp.QueuesOf(database)}_error";
        await using var app = await MessagingApp.StartAsync(database, servers.RabbitMq);
        app.Notes.Refuse = text => new InvalidOperationException("It is bitter.");
        var sender = app.Services.GetRequiredService<IDurableSender>();
        await sender.SendAsync(new Entrusted("bitter one"), Token);
        await sender.SendAsync(new Entrusted("bitter two"), Token);
        using var admin = app.ClientAs(Roles.Administrator, "hq/");
        await Eventually.Async(async () => Assert.Equal(2, Assert.Single((await admin.GetFromJsonAsync<FailedQueues>("/api/messages/failed", Token))!.Queues).Messages));
        var one = (await admin.GetFromJsonAsync<FailedPage>($"/api/messages/failed/{queue}", Token))!.Items[0];

        Assert.Equal(HttpStatusCode.BadRequest, (await admin.PostAsJsonAsync($"/api/messages/failed/{queue}/delete", new { }, Token)).StatusCode);
        var deleted = await admin.PostAsJsonAsync($"/api/messages/failed/{queue}/delete", new Deletion([one.Id]), Token);

        Assert.Equal(new DeletionResult(1, 1), await deleted.Content.ReadFromJsonAsync<DeletionResult>(Token));
        await Eventually.Async(async () => Assert.DoesNotContain((await admin.GetFromJsonAsync<FailedPage>($"/api/messages/failed/{queue}", Token))!.Items, message => message.Id == one.Id));
        using var auditor = app.ClientAs(Roles.Auditor, "hq/");
        var trail = await auditor.GetStringAsync("/api/audit/testing", Token);
        Assert.Contains("failed-messages.deleted", Assert.Single(trail.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Contains(one.Id, trail, StringComparison.Ordinal);
        Assert.DoesNotContain("bitter", trail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Roles.Administrator, "hq/", HttpStatusCode.NotFound)]
    [InlineData(Roles.Administrator, "hq/north/", HttpStatusCode.Forbidden)]
    [InlineData(Roles.Auditor, "hq/", HttpStatusCode.Forbidden)]
    public async Task Only_an_administrator_of_the_whole_organisation_may_look(string role, string path, HttpStatusCode expected)
    {
        await using var app = await MessagingApp.StartAsync(await servers.CreateDatabaseAsync(), servers.RabbitMq);
        using var client = app.ClientAs(role, path);

        Assert.Equal(expected, (await client.GetAsync("/api/messages/failed/elsewhere_error", Token)).StatusCode);
    }
}
