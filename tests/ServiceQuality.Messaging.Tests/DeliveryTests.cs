using System.Diagnostics;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using ServiceQuality.Testing;

namespace ServiceQuality.Messaging.Tests;

/// <summary>PLT-04: nothing lost, nothing twice, over a real broker.</summary>
public sealed class DeliveryTests(RealServers servers, ITestOutputHelper output)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_durable_message_reaches_its_handler()
    {
        await using var app = await StartAsync();

        await SenderOf(app).SendAsync(new Entrusted("one"), Token);

        await Soon.Holds(() => Assert.Single(app.Notes.Taken));
    }

    [Fact]
    public async Task A_message_that_no_queue_takes_is_refused_although_the_broker_acknowledges_it()
    {
        await using var app = await MessagingApp.StartAsync(await servers.CreateDatabaseAsync(), servers.RabbitMq, consume: false);

        await Assert.ThrowsAsync<DeliveryUnavailableException>(() => SenderOf(app).SendAsync(new Unheard("anyone?"), Token));
    }

    [Fact]
    public async Task While_the_broker_is_away_sends_fail_at_once_and_afterwards_they_work_and_nothing_accepted_is_lost()
    {
        await using var app = await StartAsync();
        var sender = SenderOf(app);
        await sender.SendAsync(new Entrusted("before"), Token);

        await servers.Broker.CrashAsync();
        var refused = Stopwatch.StartNew();
        await Assert.ThrowsAsync<DeliveryUnavailableException>(() => sender.SendAsync(new Entrusted("during"), Token));
        var first = refused.Elapsed;
        refused.Restart();
        await Assert.ThrowsAsync<DeliveryUnavailableException>(() => sender.SendAsync(new Entrusted("during"), Token));
        var next = refused.Elapsed;
        await servers.Broker.LaunchAsync(Token);

        var back = Stopwatch.StartNew();
        await Eventually.Async(async () => await SendOrFailAsync(sender, "after"), TimeSpan.FromSeconds(30));
        output.WriteLine($"first refusal after {first.TotalMilliseconds:F0} ms, next after {next.TotalMilliseconds:F0} ms, back {back.ElapsedMilliseconds} ms after the broker");
        await Soon.Holds(() => Assert.Superset(new HashSet<string> { "before", "after" }, app.Notes.Taken.ToHashSet()), TimeSpan.FromSeconds(30));
        Assert.True(next < MessagingApp.SendTimeout, $"The second send waited {next} although the broker was known to be away.");
    }

    [Fact]
    public async Task A_poisonous_message_ends_in_the_error_queue_and_the_next_one_is_handled()
    {
        await using var app = await StartAsync();
        app.Notes.Refuse = text => text == "poison" ? new InvalidOperationException("It is bitter.") : null;

        await SenderOf(app).SendAsync(new Entrusted("poison"), Token);
        await SenderOf(app).SendAsync(new Entrusted("bread"), Token);

        await Soon.Holds(() => Assert.Contains("bread", app.Notes.Taken));
        await Soon.Holds(() => Assert.Equal(4, app.Notes.Tried.Count(tried => tried.Text == "poison")));
        Assert.Contains(app.Notes.Tried, tried => tried is { Text: "poison", Redelivered: true });
    }

    [Fact]
    public async Task While_the_database_is_away_a_message_waits_instead_of_going_to_the_error_queue()
    {
        await using var app = await StartAsync();
        var away = true;
        app.Notes.Refuse = text => away ? new NpgsqlException("away", new TimeoutException()) : null;

        await SenderOf(app).SendAsync(new Entrusted("patient"), Token);
        await Soon.Holds(() => Assert.True(app.Notes.Tried.Count >= 5));
        away = false;

        await Soon.Holds(() => Assert.Equal(["patient"], app.Notes.Taken));
    }

    [Fact]
    public async Task A_service_that_stops_while_a_message_waits_hands_it_to_the_next()
    {
        var (database, notes) = (await servers.CreateDatabaseAsync(), new Notes());
        notes.Refuse = _ => new TimeoutException("away");
        await using (var app = await MessagingApp.StartAsync(database, servers.RabbitMq, notes: notes))
        {
            await SenderOf(app).SendAsync(new Entrusted("handed over"), Token);
            await Soon.Holds(() => Assert.NotEmpty(notes.Tried));
        }
        notes.Refuse = _ => null;

        await using var next = await MessagingApp.StartAsync(database, servers.RabbitMq, notes: notes);

        await Soon.Holds(() => Assert.Equal(["handed over"], notes.Taken));
        Assert.True(notes.Tried.Last().Redelivered);
    }

    [Fact]
    public async Task A_redelivered_message_has_one_effect()
    {
        await using var app = await StartAsync();
        var (bus, id) = (app.Services.GetRequiredService<IBus>(), NewId.NextGuid());

        for (var delivery = 0; delivery < 3; delivery++)
            await bus.Publish(new Told("once"), context => context.MessageId = id, Token);
        await bus.Publish(new Told("marker"), Token);

        await Soon.Holds(() => Assert.Contains("marker", app.Notes.Taken));
        Assert.Single(app.Notes.Taken, "once");
    }

    [Fact]
    public async Task Within_one_process_a_durable_send_returns_when_it_was_handled()
    {
        await using var app = await MessagingApp.StartAsync(await servers.CreateDatabaseAsync(), broker: null);

        await SenderOf(app).SendAsync(new Entrusted("here"), Token);

        Assert.Equal(["here"], app.Notes.Taken);
        app.Notes.Refuse = _ => new TimeoutException("away");
        await Assert.ThrowsAsync<DeliveryUnavailableException>(() => SenderOf(app).SendAsync(new Entrusted("lost"), Token));
    }

    [Theory]
    [InlineData("ConnectionStrings:postgres", "")]
    [InlineData("ConnectionStrings:rabbitmq", "")]
    [InlineData("ConnectionStrings:rabbitmq", "localhost")]
    [InlineData("ConnectionStrings:rabbitmq", "https://localhost")]
    [InlineData("ConnectionStrings:rabbitmq", "amqp://user:password@one:5672,two:not-a-port")]
    public async Task A_wrong_setting_stops_the_start_and_names_the_key(string key, string value)
    {
        var failure = await Assert.ThrowsAnyAsync<OptionsValidationException>(() => MessagingApp.StartAsync(
            key.EndsWith("postgres", StringComparison.Ordinal) ? value : servers.Postgres, key.EndsWith("rabbitmq", StringComparison.Ordinal) ? value : null));

        Assert.Contains(key, failure.Message, StringComparison.Ordinal);
    }

    private static async Task SendOrFailAsync(IDurableSender sender, string text)
    {
        try
        {
            await sender.SendAsync(new Entrusted(text), Token);
        }
        catch (DeliveryUnavailableException away)
        {
            throw new InvalidOperationException("Not yet.", away);
        }
    }

    private async Task<MessagingApp> StartAsync() => await MessagingApp.StartAsync(await servers.CreateDatabaseAsync(), servers.RabbitMq);

    private static IDurableSender SenderOf(MessagingApp app) => app.Services.GetRequiredService<IDurableSender>();
}

/// <summary>Nobody listens to this.</summary>
public sealed record Unheard(string Text);
