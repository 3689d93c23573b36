using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using ServiceQuality.Access;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Messaging;
using ServiceQuality.Scores.Intake;
using ServiceQuality.Scoring;
using ServiceQuality.Testing;

namespace ServiceQuality.Scores.Tests;

/// <summary>Runs alone: its services take from the queues of every service of that name at the broker.</summary>
[CollectionDefinition(nameof(DomainFactsTests), DisableParallelization = true)]
public sealed class AloneAtTheBroker;

/// <summary>What services of the suite publish about inspections, complaints, training and risks reaches the journals and the score (scoring.md §1, PLT-04).</summary>
[Collection(nameof(DomainFactsTests))]
public sealed class DomainFactsTests(RealServers servers) : IAsyncLifetime
{
    private const string Source = "urn:servicequality:tests";
    private ScoresApp _app = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public async ValueTask InitializeAsync() => _app = await ScoresApp.StartAsync(servers, DefaultSchemes.TelecomDraft(new DateOnly(2026, 1, 1)), overRabbitMq: true);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    public static TheoryData<string, string> Leaves => new()
    {
        { "hall-inspection", "82.5" }, { "complaint-rate", "500" }, { "complaint-acknowledged", "1" }, { "complaint-resolved", "0" }, { "complaint-reopened", "1000" }, { "complaint-overdue", "1000" },
        { "complaint-accepted", "1" }, { "exam-passed", "1" }, { "certified-share", "0.75" }, { "residual-risk", "6" }, { "risk-events", "1500" },
    };

    [Fact]
    public async Task Facts_of_every_type_leave_through_an_outbox_enter_the_journal_once_and_move_the_score()
    {
        var facts = OfEveryType();
        Assert.Equal(FactTypes.Domain.Order(StringComparer.Ordinal), facts.Select(fact => fact.Type).Distinct().Order(StringComparer.Ordinal));
        await _app.SendAsync(Some.Service(ScoresApp.N01, 1, Now.AddMinutes(-2)), Some.Service(ScoresApp.N01, 2, Now.AddMinutes(-2)));

        // The same message twice, as after a crash between send and note, each fact again in a message of its own, and a marker behind them.
        var message = new FactsAccepted(Guid.CreateVersion7(), null, null, Now, facts);
        await PublishAsync(message);
        await PublishAsync(message);
        await PublishAsync([.. facts.Select(fact => new FactsAccepted(Guid.CreateVersion7(), null, null, Now, [fact]))]);
        await PublishAsync(new FactsAccepted(Guid.CreateVersion7(), null, null, Now, [Fact("marker", new RiskAssessed("marker", 6, 6), Now.AddSeconds(-1))]));

        var score = await Eventually.Async(() => _app.GetAsync("/api/scores/n01/explanation?period=quarter"), it => it.GetProperty("position").GetProperty("seq").GetInt64() >= facts.Count + 3);
        Assert.Equal(facts.Count + 3, score.GetProperty("position").GetProperty("seq").GetInt64());
        foreach (var (code, value) in Leaves.Select(row => row.Data))
            Assert.Equal(double.Parse(value, System.Globalization.CultureInfo.InvariantCulture), Leaf(score, code).GetProperty("value").GetDouble(), 9);
        var hall = Leaf(score, "hall-inspection");
        Assert.Equal(["province-not-sampled"], hall.GetProperty("marks").EnumerateArray().Select(mark => mark.GetString()!));
        Assert.Equal("scored", hall.GetProperty("state").GetString());
        Assert.Equal("mystery-visit", hall.GetProperty("worst")[0].GetProperty("data").GetProperty("inspection").GetString());

        using var auditor = _app.ClientOf(Roles.Auditor, "hq/");
        using var verified = await auditor.PostAsync("/api/journal/n01/verify", null, Token);
        Assert.Contains("\"agrees\":true", await verified.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_taken_holds_up_nothing_and_is_in_the_error_queue_with_its_reason()
    {
        var good = Fact("good", new InspectionScored("mystery-visit", InspectionLevel.City, Channel.Hall, 90, 0), Now.AddMinutes(-1));
        AcceptedFact[] bad =
        [
            good with { Id = "later", Type = "servicequality.weather.v1" },
            good with { Id = "range", Data = Json("""{"inspection":"mystery-visit","level":"city","object":"hall","score":101,"criticalFailures":0}""") },
            good with { Id = "number", Data = Json("""{"inspection":"mystery-visit","level":7,"object":"hall","score":90,"criticalFailures":0}""") },
            good with { Id = "field", Data = Json("""{"inspection":"mystery-visit","level":"city","object":"hall"}""") },
            good with { Id = "word", Data = Json("""{"inspection":"mystery-visit","level":"village","object":"hall","score":90,"criticalFailures":0}""") },
            good with { Id = "ahead", Time = Now.AddHours(1) },
            good with { Id = "", Time = Now.AddHours(-1) },
        ];
        await PublishAsync(new FactsAccepted(Guid.CreateVersion7(), null, null, Now, [bad[0], good, .. bad[1..]]));
        await PublishAsync(new FactsAccepted(Guid.CreateVersion7(), null, null, Now.AddHours(3), [good with { Id = "clock" }]));
        await PublishAsync(new FactsAccepted(Guid.CreateVersion7(), null, null, Now, [good with { Id = "behind" }]));

        await Eventually.Async(async () => Assert.Equal(2, await _app.Database.ScalarAsync<long>("SELECT count(*) FROM journal")));
        var reasons = await Eventually.Async(ReasonsAsync, all => all.Count >= 2);
        var refused = Assert.Single(reasons, reason => reason.StartsWith("7 facts cannot be taken", StringComparison.Ordinal));
        foreach (var part in new[] { "later: /type", "range: /data/score", "number: /data/level", "field: /data", "word: /data/level", "ahead: /time", ": /id" })
            Assert.Contains(part, refused, StringComparison.Ordinal);
        Assert.Single(reasons, reason => reason.Contains("clock: /received", StringComparison.Ordinal));
        Assert.Equal(2, await _app.Database.ScalarAsync<long>("SELECT count(*) FROM journal"));
        Assert.Equal(90, Leaf(await _app.GetAsync("/api/scores/n01?period=quarter"), "hall-inspection").GetProperty("value").GetDouble());
    }

    [Fact]
    public void What_telemetry_was_checked_for_by_its_own_door_is_taken_as_it_is()
    {
        // A newer Monitoring may know types that this process does not: the journal keeps them for the version that will.
        var fact = Fact("x", new RiskEvent(Severity.Low), Now);
        Assert.Null(DomainDoor.Refuse(fact, Now, Now));
        Assert.Equal("/type", DomainDoor.Refuse(fact with { Type = "servicequality.later.v9" }, Now, Now));
        Assert.Equal("/source", DomainDoor.Refuse(fact with { Source = "a\0b" }, Now, Now));
        Assert.Equal("/data", DomainDoor.Refuse(fact with { Data = Json("[]") }, Now, Now));
    }

    private static List<AcceptedFact> OfEveryType()
    {
        var at = Now.AddMinutes(-1);
        FactData[] data =
        [
            new InspectionScored("mystery-visit", InspectionLevel.City, Channel.Hall, 75, 0), new InspectionScored("mystery-visit", InspectionLevel.City, Channel.Hall, 90, 1),
            new ComplaintReceived("c1", Severity.High, Channel.Hall, "bill"), new ComplaintAcknowledged("c1", Severity.High, Channel.Hall, "bill", AckSeconds: 600, WithinTarget: true),
            new ComplaintOverdue("c1", Severity.High, Channel.Hall, "bill"), new ComplaintResolved("c1", Severity.High, Channel.Hall, "bill", ResolveSeconds: 200_000, WithinTarget: false),
            new ComplaintReopened("c1", Severity.High, Channel.Hall, "bill"), new ComplaintClosed("c1", Severity.High, Channel.Hall, "bill", "skill", Accepted: true),
            new TrainingCompleted("safety", "s-7", true, 88, 8), new TrainingCoverage(30, 40), new RiskAssessed("fire", 20, 6), new RiskEvent(Severity.High, "fire"),
        ];
        return [.. data.Select((one, i) => Fact($"fact-{i}", one, at))];
    }

    private static AcceptedFact Fact(string id, FactData data, DateTimeOffset time) =>
        new(ScoresApp.N01, Source, id, FactReader.TypeOf(data), time, JsonSerializer.Deserialize<JsonElement>(FactReader.Write(data)));

    private static JsonElement Json(string json) => JsonSerializer.Deserialize<JsonElement>(json);

    private static JsonElement Leaf(JsonElement score, string code) => score.GetProperty("leaves").EnumerateArray().Single(leaf => leaf.GetProperty("code").GetString() == code);

    private async Task PublishAsync(params FactsAccepted[] messages)
    {
        await using var connection = await _app.Services.GetRequiredKeyedService<NpgsqlDataSource>(ScoresService.Name).OpenConnectionAsync(Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);
        foreach (var message in messages)
            await Outbox.AddAsync(transaction, message, Token);
        await transaction.CommitAsync(Token);
    }

    /// <summary>What the error queue says of its messages; they stay in it.</summary>
    private async Task<IReadOnlyList<string>> ReasonsAsync()
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(servers.RabbitMq) }.CreateConnectionAsync(Token);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Token);
        var reasons = new List<string>();
        try
        {
            while (await channel.BasicGetAsync("scores_error", autoAck: false, Token) is { } message)
                reasons.Add(Encoding.UTF8.GetString((byte[])message.BasicProperties.Headers!["MT-Fault-Message"]!));
        }
        catch (OperationInterruptedException)
        {
            // There is no error queue before the first failure.
        }
        return reasons;
    }
}
