using System.Collections.Concurrent;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using ServiceQuality.Access;
using ServiceQuality.Messaging.Tests;
using ServiceQuality.Testing;

[assembly: AssemblyFixture(typeof(RealServers))]
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace ServiceQuality.Messaging.Tests;

/// <summary>Something worth telling.</summary>
public sealed record Told(string Text);

/// <summary>Something that must not be lost.</summary>
public sealed record Entrusted(string Text);

/// <summary>A small service on the bus that notes what reaches it.</summary>
internal sealed class MessagingApp : IAsyncDisposable
{
    public const string Service = "testing";

    public static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(3);

    private readonly WebApplication _app;

    private MessagingApp(WebApplication app) => _app = app;

    /// <summary>Starts the service on a database; its queues are named after the database, so that no test gets what another has left behind.</summary>
    public static async Task<MessagingApp> StartAsync(string database, string? broker, bool consume = true, Notes? notes = null, TimeSpan? heartbeat = null)
    {
        var queues = QueuesOf(database);
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:postgres"] = database,
            ["ConnectionStrings:rabbitmq"] = broker,
            ["Tickets:VerificationKeys"] = TestTickets.VerificationKeys,
            ["Bus:Services:0"] = queues,
            ["Bus:SendTimeout"] = SendTimeout.ToString(),
            ["Bus:RestartAfter"] = "00:00:05",
            ["Bus:Heartbeat"] = (heartbeat ?? TimeSpan.FromSeconds(10)).ToString(),
            ["Migrations:AtStart"] = "true",
        });
        builder.AddServiceDefaults(Service);
        builder.AddServiceDatabase(Service, typeof(Migrator).Assembly);
        builder.Services.AddSingleton(notes ?? new Notes());
        builder.Services.Configure<MassTransitHostOptions>(bus => bus.WaitUntilStarted = true);
        if (consume)
        {
            builder.AddConsumers(queues, bus => bus.AddConsumer<NoteTold>());
            builder.AddDurableHandler<Entrusted, KeepEntrusted>($"{queues}-entrusted");
        }
        _ = broker is null ? builder.AddInProcessBus() : builder.AddBus(Service);
        var app = builder.Build();
        app.UseServiceDefaults();
        app.MapAudit(Service);
        app.MapErrorQueues(Service);
        app.MapOutbox(Service);
        await app.StartAsync();
        return new MessagingApp(app);
    }

    public IServiceProvider Services => _app.Services;

    /// <summary>True when the service has asked to be started again.</summary>
    public bool HasEnded => _app.Lifetime.ApplicationStopping.IsCancellationRequested;

    public Notes Notes => _app.Services.GetRequiredService<Notes>();

    public NpgsqlDataSource Database() => _app.Services.GetRequiredKeyedService<NpgsqlDataSource>(Service);

    public static string QueuesOf(string database) => $"{new NpgsqlConnectionStringBuilder(database).Database}";

    public HttpClient ClientAs(string role, string path) => TestTickets.ClientWith(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First(), TestTickets.For(new Grant(role, path)));

    public async Task CommitAsync(object message, CancellationToken ct)
    {
        await using var connection = await Database().OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await Outbox.AddAsync(transaction, message, ct);
        await transaction.CommitAsync(ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}

/// <summary>What reached the service, in order, and what it is told to do with it.</summary>
internal sealed class Notes
{
    public ConcurrentQueue<string> Taken { get; } = new();

    public ConcurrentQueue<(string Text, bool Redelivered)> Tried { get; } = new();

    public Func<string, Exception?> Refuse { get; set; } = _ => null;

    public void Take(string text, bool redelivered = false)
    {
        Tried.Enqueue((text, redelivered));
        if (Refuse(text) is { } refusal)
            throw refusal;
        Taken.Enqueue(text);
    }
}

internal sealed class NoteTold([FromKeyedServices(MessagingApp.Service)] NpgsqlDataSource db, Notes notes) : IConsumer<Told>
{
    public Task Consume(ConsumeContext<Told> context) => db.Once(context, nameof(NoteTold), (told, _) =>
    {
        notes.Take(told.Text, context.ReceiveContext.Redelivered);
        return Task.CompletedTask;
    });
}

internal sealed class KeepEntrusted(Notes notes) : IDurableHandler<Entrusted>
{
    public Task HandleAsync(Entrusted message, bool redelivered, CancellationToken ct)
    {
        notes.Take(message.Text, redelivered);
        return Task.CompletedTask;
    }
}

/// <summary>Waits for an assertion about what reached the service.</summary>
internal static class Soon
{
    public static Task Holds(Action assertion, TimeSpan? within = null) => Eventually.Async(() =>
    {
        assertion();
        return Task.CompletedTask;
    }, within);
}
