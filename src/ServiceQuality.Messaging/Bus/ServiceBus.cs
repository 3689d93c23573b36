using System.ComponentModel.DataAnnotations;
using System.Text.Encodings.Web;
using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using ServiceQuality.Contracts;

namespace ServiceQuality.Messaging;

/// <summary>How the bus behaves.</summary>
public sealed class BusSettings
{
    /// <summary>Configuration section: <c>Bus</c>.</summary>
    public const string Section = "Bus";

    /// <summary>How long a durable send may take before it counts as failed. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long sends are refused at once after one timed out. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan PauseAfterTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often a broker that is away is tried again. Default 200 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:01:00")]
    public TimeSpan ReconnectInterval { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The service ends, to be started again, when its consumers stay away, or nothing it sends is confirmed, for so long although the broker is well. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan RestartAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the broker is asked for a sign of life; a connection that stays silent for twice as long is given up. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the outbox is looked at. Default 200 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:01:00")]
    public TimeSpan OutboxInterval { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long the inbox remembers a message. Default 35 days; a message replayed later than that takes effect again.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3660.00:00:00")]
    public TimeSpan InboxKeeps { get; set; } = TimeSpan.FromDays(35);

    /// <summary>Services beyond <see cref="ServiceNames.OnTheBus"/> whose error queues are listed. Default none.</summary>
    public string[] Services { get; set; } = [];
}

/// <summary>Registers what a service consumes, and the bus itself.</summary>
public static class ServiceBus
{
    /// <summary>Collects the consumers of a service; <see cref="AddBus"/> connects them.</summary>
    public static IHostApplicationBuilder AddConsumers(this IHostApplicationBuilder builder, string service, Action<ServiceConsumers> consumers)
    {
        consumers(new ServiceConsumers(service, BusRegistrations.Of(builder)));
        return builder;
    }

    /// <summary>
    /// Registers <typeparamref name="THandler"/> for messages that were sent durably (<see cref="IDurableSender"/>). Over RabbitMQ they come from
    /// the quorum queue <paramref name="queue"/>, which all instances of the service empty together.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="queue">Name of the queue, beginning with the service's name: <c>scores-facts</c>.</param>
    /// <param name="prefetch">Messages that the broker hands out ahead.</param>
    /// <param name="concurrency">Messages handled at the same time; 1 keeps the order of the queue.</param>
    public static IHostApplicationBuilder AddDurableHandler<TMessage, THandler>(this IHostApplicationBuilder builder, string queue, int prefetch = 64, int concurrency = 16)
        where TMessage : class
        where THandler : class, IDurableHandler<TMessage>
    {
        builder.Services.TryAddScoped<THandler>();
        builder.Services.AddScoped<IDurableHandler<TMessage>>(services => services.GetRequiredService<THandler>());
        var registrations = BusRegistrations.Of(builder);
        registrations.OverBroker.Add(bus => bus.AddConsumer<DurableConsumer<TMessage, THandler>>().Endpoint(endpoint =>
        {
            endpoint.Name = queue;
            endpoint.PrefetchCount = prefetch;
            endpoint.ConcurrentMessageLimit = concurrency;
        }));
        // What an outbox publishes reaches the same handler within one process.
        registrations.WithinProcess.Add(mediator => mediator.AddConsumer<DurableConsumer<TMessage, THandler>>());
        return builder;
    }

    /// <summary>
    /// The bus over RabbitMQ with quorum queues, once for the whole process and after everything was collected. <c>ConnectionStrings:rabbitmq</c> names
    /// the broker; without it the service does not start, because processes with a bus of their own would each talk to nobody. Starts an outbox
    /// dispatcher for every database that was registered with <c>AddServiceDatabase</c>.
    /// </summary>
    public static IHostApplicationBuilder AddBus(this IHostApplicationBuilder builder, string service)
    {
        builder.Services.AddOptions<BrokerAddress>()
            .Configure<IConfiguration>((address, configuration) => address.Text = configuration.GetConnectionString("rabbitmq") ?? "")
            .Validate(address => address.IsValid, "ConnectionStrings:rabbitmq (environment ConnectionStrings__rabbitmq) must be the address of RabbitMQ, of the form amqp://user:password@host:port; nodes of a cluster: …@host1:port,host2:port.")
            .ValidateOnStart();
        builder.AddRabbitMq(service, BusRegistrations.Of(builder));
        return builder.AddOutboxes();
    }

    /// <summary>The bus within this process, for a process that holds every service; whatever is configured, no broker is used. Otherwise as <see cref="AddBus"/>.</summary>
    public static IHostApplicationBuilder AddInProcessBus(this IHostApplicationBuilder builder)
    {
        builder.AddInProcess(BusRegistrations.Of(builder));
        return builder.AddOutboxes();
    }

    private static IHostApplicationBuilder AddOutboxes(this IHostApplicationBuilder builder)
    {
        builder.AddSettings<BusSettings>(BusSettings.Section);
        builder.Services.TryAddSingleton(TimeProvider.System);
        // A message that is being retried must not hold up the stop: it goes back to its queue.
        builder.Services.AddOptions<MassTransitHostOptions>().Configure(host => host.ConsumerStopTimeout = TimeSpan.FromSeconds(3));
        foreach (var database in BusRegistrations.Of(builder).Databases)
        {
            builder.Services.AddSingleton<IHostedService>(services => new OutboxDispatcher(
                database, services.GetRequiredKeyedService<NpgsqlDataSource>(database), services.GetRequiredService<IOutboxTransport>(),
                services.GetRequiredService<IOptions<BusSettings>>(), services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<OutboxDispatcher>>()));
            builder.Services.AddKeyedSingleton(database, (services, _) => new OutboxFailures(database, services.GetRequiredKeyedService<NpgsqlDataSource>(database)));
            builder.Services.AddSingleton<IFailedMessages>(services => services.GetRequiredKeyedService<OutboxFailures>(database));
        }
        return builder;
    }

    /// <summary>Without indentation and needless escapes a batch of facts is a third smaller.</summary>
    private static JsonSerializerOptions Compact(JsonSerializerOptions options) => new(options) { WriteIndented = false, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static void AddInProcess(this IHostApplicationBuilder builder, BusRegistrations registrations)
    {
        builder.Services.AddMediator(mediator =>
        {
            registrations.Everywhere.ForEach(add => add(mediator, false));
            registrations.WithinProcess.ForEach(add => add(mediator));
        });
        builder.Services.AddMassTransit(bus =>
        {
            registrations.Everywhere.ForEach(add => add(bus, true));
            bus.AddConfigureEndpointsCallback((_, _, endpoint) => Retries.Configure(endpoint));
            bus.UsingInMemory((context, memory) => memory.ConfigureEndpoints(context));
        });
        builder.Services.AddSingleton<IOutboxTransport, MediatorTransport>();
        builder.Services.AddSingleton<IDurableSender, InProcessSender>();
    }

    private static void AddRabbitMq(this IHostApplicationBuilder builder, string service, BusRegistrations registrations)
    {
        builder.Services.AddSingleton<BrokerLink>();
        builder.Services.AddMassTransit(bus =>
        {
            registrations.Everywhere.ForEach(add => add(bus, true));
            registrations.OverBroker.ForEach(add => add(bus));
            bus.AddConfigureEndpointsCallback((_, name, endpoint) =>
            {
                Retries.Configure(endpoint);
                endpoint.PublishFaults = false;
                if (endpoint is not IRabbitMqReceiveEndpointConfigurator rabbit)
                    return;
                if (registrations.PerInstance.Contains(name))
                {
                    rabbit.DiscardFaultedMessages();
                    return;
                }
                rabbit.SetQuorumQueue();
            });
            bus.UsingRabbitMq((context, rabbit) =>
            {
                var link = context.GetRequiredService<BrokerLink>();
                rabbit.Host(context.GetRequiredService<IOptions<BrokerAddress>>().Value.Nodes[0], service, host =>
                {
                    host.PublisherConfirmation = true;
                    host.Heartbeat(context.GetRequiredService<IOptions<BusSettings>>().Value.Heartbeat);
                    host.OnRefreshConnectionFactory = link.AwaitBrokerAsync;
                });
                rabbit.ConfigureJsonSerializerOptions(Compact);
                rabbit.SendTopology.ErrorQueueNameFormatter = ErrorQueueNames.Instance;
                rabbit.ConfigureEndpoints(context);
            });
        });
        builder.Services.AddHostedService<BusWatch>();
        builder.Services.AddSingleton<IOutboxTransport, BusTransport>();
        builder.Services.AddSingleton<IDurableSender, ConfirmedSender>();
        builder.Services.AddSingleton<IFailedMessages>(services => new ErrorQueues(
            services.GetRequiredService<IOptions<BrokerAddress>>(), services.GetRequiredService<IOptions<BusSettings>>(), services.GetRequiredKeyedService<NpgsqlDataSource>(service)));
    }
}

/// <summary>The consumers of one service.</summary>
public sealed class ServiceConsumers
{
    private readonly string _service;
    private readonly BusRegistrations _registrations;

    internal ServiceConsumers(string service, BusRegistrations registrations) => (_service, _registrations) = (service, registrations);

    /// <summary>
    /// Adds a consumer with a queue of its own, <c>{service}-{consumer-in-kebab-case}</c>, shared by all instances of the service.
    /// With <paramref name="everyInstance"/> each instance has a queue that ends with it and gets every message: for caches.
    /// </summary>
    public ServiceConsumers AddConsumer<TConsumer>(bool everyInstance = false) where TConsumer : class, IConsumer
    {
        var queue = $"{_service}-{KebabCaseEndpointNameFormatter.Instance.Consumer<TConsumer>()}";
        if (everyInstance)
            _registrations.PerInstance.Add(queue += $"-{NewId.NextGuid():N}");
        _registrations.Everywhere.Add((bus, withQueue) =>
        {
            var consumer = bus.AddConsumer<TConsumer>();
            if (withQueue)
                consumer.Endpoint(endpoint =>
                {
                    endpoint.Name = queue;
                    endpoint.Temporary = everyInstance;
                });
        });
        return this;
    }
}

/// <summary>What the services of this process have asked for before the bus is built.</summary>
internal sealed class BusRegistrations
{
    public List<string> Databases { get; } = [];
    public List<Action<IRegistrationConfigurator, bool>> Everywhere { get; } = [];
    public List<Action<IBusRegistrationConfigurator>> OverBroker { get; } = [];
    public List<Action<IRegistrationConfigurator>> WithinProcess { get; } = [];
    public HashSet<string> PerInstance { get; } = [];

    public static BusRegistrations Of(IHostApplicationBuilder builder)
    {
        if (builder.Properties.TryGetValue(typeof(BusRegistrations), out var held))
            return (BusRegistrations)held;
        var created = new BusRegistrations();
        builder.Properties[typeof(BusRegistrations)] = created;
        return created;
    }
}

/// <summary>Every service has one error queue: <c>scores-facts</c> → <c>scores_error</c>.</summary>
internal sealed class ErrorQueueNames : IErrorQueueNameFormatter
{
    public static readonly ErrorQueueNames Instance = new();

    public string FormatErrorQueueName(string queueName) => Of(queueName.Split('-')[0]);

    public static string Of(string service) => $"{service}_error";
}
