using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RabbitMQ.Client;
using ServiceQuality.LocalServers;
using ServiceQuality.Testing;

namespace ServiceQuality.Messaging.Tests;

/// <summary>PLT-05: the line to the broker is cut, or carries nothing without anybody being told.</summary>
public sealed class BrokerLineTests(RealServers servers, ITestOutputHelper output)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_several_nodes_the_next_is_used_when_one_is_cut_off_and_nothing_accepted_is_lost()
    {
        await using var one = Line();
        await using var two = Line();
        var nobody = LocalPorts.Free(1)[0];
        var (database, notes) = (await servers.CreateDatabaseAsync(), new Notes());
        await using var service = new Supervised(() => MessagingApp.StartAsync(database, Address(nobody, one.Port, two.Port), notes: notes));
        List<string> accepted = ["first"];
        await SendAsync(await service.RunningAsync(), "first");

        foreach (var turn in Enumerable.Range(0, 4))
        {
            var used = turn % 2 == 0 ? one : two;
            used.Cut();
            var away = Stopwatch.StartNew();
            await Eventually.Async(async () => await SendAsync(await service.RunningAsync(), $"turn {turn}"), Bound);
            output.WriteLine($"turn {turn}: back after {away.ElapsedMilliseconds} ms");
            accepted.Add($"turn {turn}");
            // Cut again before they are back, consumers may never come back by themselves; that is another test.
            await Soon.Holds(() => Assert.Contains($"turn {turn}", notes.Taken), Bound);
            used.Heal();
        }

        await Soon.Holds(() => Assert.Empty(accepted.Except(notes.Taken)), Bound);
        Assert.True(one.Accepted > 0 && two.Accepted > 0, $"{one.Accepted} and {two.Accepted} connections");
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task A_line_that_swallows_what_is_sent_makes_a_send_fail_in_time_and_afterwards_it_works(bool toServer, bool toClient)
    {
        await using var line = Line();
        await using var app = await MessagingApp.StartAsync(await servers.CreateDatabaseAsync(), Address(line.Port));
        var sender = app.Services.GetRequiredService<IDurableSender>();
        await sender.SendAsync(new Entrusted("before"), Token);

        line.Swallow(toServer, toClient);
        var silent = Stopwatch.StartNew();
        await Assert.ThrowsAsync<DeliveryUnavailableException>(() => sender.SendAsync(new Entrusted("during"), Token));
        Assert.InRange(silent.Elapsed, TimeSpan.Zero, MessagingApp.SendTimeout * 10);
        line.Heal();

        await Eventually.Async(() => SendAsync(sender, "after"), Bound);
        await Soon.Holds(() => Assert.Superset(new HashSet<string> { "before", "after" }, app.Notes.Taken.ToHashSet()), Bound);
    }

    [Fact]
    public async Task A_service_whose_consumers_do_not_come_back_although_the_broker_answers_ends()
    {
        var database = await servers.CreateDatabaseAsync();
        await using var app = await MessagingApp.StartAsync(database, servers.RabbitMq);
        var stopping = app.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        await app.Services.GetRequiredService<IDurableSender>().SendAsync(new Entrusted("before"), Token);

        // Another kind of queue under the same name is one of the things that a consumer never gets over.
        var queue = $"{MessagingApp.QueuesOf(database)}-entrusted";
        await using var connection = await new ConnectionFactory { Uri = new Uri(servers.RabbitMq) }.CreateConnectionAsync(Token);
        await Eventually.Async(async () =>
        {
            await using var channel = await connection.CreateChannelAsync(cancellationToken: Token);
            await channel.QueueDeleteAsync(queue, cancellationToken: Token);
            var declared = await Record.ExceptionAsync(() => channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: Token));
            Assert.Null(declared);
        }, Bound);

        await Soon.Holds(() => Assert.True(stopping.IsCancellationRequested), Bound);
    }

    [Fact]
    public async Task A_service_of_which_nothing_is_confirmed_although_the_broker_confirms_to_others_ends()
    {
        await using var one = Line();
        await using var two = Line();
        await using var app = await MessagingApp.StartAsync(await servers.CreateDatabaseAsync(), Address(one.Port, two.Port), heartbeat: TimeSpan.FromMinutes(5));
        await SendAsync(app, "before");

        // Whoever asks anew reaches the broker over the other line.
        var used = one.Open > two.Open ? one : two;
        used.Swallow();

        await Soon.Holds(() => Assert.True(app.HasEnded), Bound);
    }

    [Fact]
    public async Task A_service_goes_on_while_the_broker_is_away_for_everybody()
    {
        await using var line = Line();
        await using var app = await MessagingApp.StartAsync(await servers.CreateDatabaseAsync(), Address(line.Port), heartbeat: TimeSpan.FromMinutes(5));
        await SendAsync(app, "before");

        line.Swallow();
        await Task.Delay(MessagingApp.SendTimeout * 5, Token);

        Assert.False(app.HasEnded);
        line.Heal();
        await Eventually.Async(() => SendAsync(app, "after"), Bound);
    }

    private TcpProxy Line() => TcpProxy.Start(new IPEndPoint(IPAddress.Loopback, new Uri(servers.RabbitMq).Port));

    private string Address(params int[] ports) => $"amqp://{new Uri(servers.RabbitMq).UserInfo}@{string.Join(',', ports.Select(port => $"127.0.0.1:{port}"))}";

    private static Task SendAsync(MessagingApp app, string text) => SendAsync(app.Services.GetRequiredService<IDurableSender>(), text);

    private static async Task SendAsync(IDurableSender sender, string text)
    {
        try
        {
            await sender.SendAsync(new Entrusted(text), Token);
        }
        catch (DeliveryUnavailableException away)
        {
            throw new InvalidOperationException("Not yet.", away);
        }
        catch (InvalidOperationException broken)
        {
            throw new AggregateException("A send works or is refused; nothing else.", broken);
        }
    }

    /// <summary>Starts the service again when it has ended, as a supervisor does.</summary>
    private sealed class Supervised(Func<Task<MessagingApp>> start) : IAsyncDisposable
    {
        private MessagingApp? _app;

        public async Task<MessagingApp> RunningAsync()
        {
            if (_app is { HasEnded: true })
                await DisposeAsync();
            return _app ??= await start();
        }

        public async ValueTask DisposeAsync()
        {
            if (_app is { } ended)
                await ended.DisposeAsync();
            _app = null;
        }
    }
}
