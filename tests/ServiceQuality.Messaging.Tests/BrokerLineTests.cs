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
        await using var app = await MessagingApp.StartAsync(await servers.CreateDatabaseAsync(), Address(nobody, one.Port, two.Port));
        var sender = app.Services.GetRequiredService<IDurableSender>();
        List<string> accepted = ["first"];
        await sender.SendAsync(new Entrusted("first"), Token);

        foreach (var turn in Enumerable.Range(0, 4))
        {
            var used = turn % 2 == 0 ? one : two;
            used.Cut();
            var away = Stopwatch.StartNew();
            await Eventually.Async(() => SendAsync(sender, $"turn {turn}"), Bound);
            output.WriteLine($"turn {turn}: back after {away.ElapsedMilliseconds} ms");
            accepted.Add($"turn {turn}");
            // Cut again before they are back, consumers may never come back by themselves; that is another test.
            await Soon.Holds(() => Assert.Contains($"turn {turn}", app.Notes.Taken), Bound);
            used.Heal();
        }

        await Soon.Holds(() => Assert.Empty(accepted.Except(app.Notes.Taken)), Bound);
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

    private TcpProxy Line() => TcpProxy.Start(new IPEndPoint(IPAddress.Loopback, new Uri(servers.RabbitMq).Port));

    private string Address(params int[] ports) => $"amqp://{new Uri(servers.RabbitMq).UserInfo}@{string.Join(',', ports.Select(port => $"127.0.0.1:{port}"))}";

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
}
