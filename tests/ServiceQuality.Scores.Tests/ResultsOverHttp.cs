using System.Collections.Concurrent;
using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using ServiceQuality.Access;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Contracts.Scores;
using ServiceQuality.Messaging;
using ServiceQuality.Testing;

namespace ServiceQuality.Scores.Tests;

/// <summary>Official results over HTTP: a suite on a Friday in November, October being over, and the people who close, publish, appeal and audit.</summary>
public abstract class ResultsOverHttp(RealServers servers) : IAsyncLifetime
{
    protected static readonly Caller Closer = ScoresApp.Person("Closer");
    protected static readonly Caller Publisher = ScoresApp.Person("Publisher");
    protected static readonly Caller Manager = ScoresApp.Person("Manager", Roles.Branch, "hq/north/n01/");
    protected static readonly Caller Auditor = ScoresApp.Person("Auditor", Roles.Auditor);
    // A Friday in November; October is over.
    protected static readonly DateTimeOffset Start = new(2025, 11, 21, 4, 0, 0, TimeSpan.Zero);
    protected static readonly DateTimeOffset October = new(2025, 10, 15, 4, 0, 0, TimeSpan.Zero);

    private protected MovedClock Clock { get; } = new(Start);

    protected ScoresApp App { get; set; } = null!;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>What the rest of the suite hears (XR-50).</summary>
    private protected HeardResults Heard { get; } = new();

    public async ValueTask InitializeAsync()
    {
        var (database, scheme) = (await ScoresDatabase.CreateAsync(servers), Some.StraightScheme());
        await database.ApproveAsync(scheme);
        App = await ScoresApp.StartAsync(database, scheme.Id, publishTree: true, builder =>
        {
            builder.Services.AddSingleton<TimeProvider>(Clock);
            builder.Services.AddSingleton(Heard);
            builder.AddConsumers("result-listener", bus => bus.AddConsumer<NoteResults>());
        });
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected static int Place(JsonElement line) => line.GetProperty("rank").GetProperty("place").GetInt32();

    protected static string Raw(JsonElement document, string part) => document.GetProperty("sum").GetProperty(part).GetRawText();

    protected static Caller Auditing() => ScoresApp.Person("Third");

    protected static Caller Both() => Manager with { Grants = [.. Manager.Grants, new Grant(Roles.HeadOffice, "hq/")] };

    protected static object Case(string rule, string reference) => new { unit = "n01", rule, @case = reference, happened = October, reason = "Late by a day.", evidence = "Mail of the office." };

    protected async Task SendAsync(params AcceptedFact[] facts) => await App.Services.GetRequiredService<IDurableSender>().SendAsync(Some.Batch(Clock.GetUtcNow(), facts), Token);

    protected async Task<Guid> ConfirmedAsync(string rule, string reference)
    {
        var id = (await App.PostAsync(Closer, "/api/deductions", Case(rule, reference))).Body.GetProperty("id").GetGuid();
        Assert.Equal(200, (await App.PostAsync(Publisher, $"/api/deductions/{id}/confirm")).Status);
        return id;
    }

    protected async Task<Guid> DraftAsync(string period, string unit = "hq")
    {
        var (status, body) = await App.PostAsync(Closer, "/api/results/closings", new { unit, period });
        Assert.Equal(202, status);
        var id = body.GetProperty("id").GetGuid();
        await Eventually.Async(async () => (await App.ReadAsync(Closer, $"/api/results/closings/{id}")).Body, closing => closing.GetProperty("state").GetString() == "draft");
        return id;
    }

    protected async Task PublishAsync(Guid id)
    {
        await App.PostAsync(Closer, $"/api/results/closings/{id}/check");
        Assert.Equal("published", (await App.PostAsync(Publisher, $"/api/results/closings/{id}/publish", new { comment = "Looked at." })).Body.GetProperty("state").GetString());
    }

    protected async Task<Guid> PublishedAsync(string period)
    {
        var id = await DraftAsync(period);
        await PublishAsync(id);
        return id;
    }

    protected async Task<JsonElement> ResultAsync(string unit, string period) => (await App.ReadAsync(Closer, $"/api/results/units/{unit}/{period}")).Body;

    protected async Task<string> DocumentAsync(string unit, int number)
    {
        using var client = TestTickets.ClientWith(App.Address, TestTickets.For(Closer));
        return await client.GetStringAsync($"/api/results/units/{unit}/2025-10/documents/{number}", Token);
    }
}

internal sealed class HeardResults
{
    public ConcurrentBag<AppraisalPublished> Published { get; } = [];
}

internal sealed class NoteResults(HeardResults heard) : IConsumer<AppraisalPublished>
{
    public Task Consume(ConsumeContext<AppraisalPublished> context)
    {
        heard.Published.Add(context.Message);
        return Task.CompletedTask;
    }
}
