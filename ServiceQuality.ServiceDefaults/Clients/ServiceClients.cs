using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ServiceQuality.Access;

namespace ServiceQuality.Clients;

/// <summary>HTTP clients for calls from one service to another (PLT-05).</summary>
public static class ServiceClients
{
    /// <summary>Set on a request other than GET and HEAD: it changes nothing and may be repeated.</summary>
    public static readonly HttpRequestOptionsKey<bool> ChangesNothing = new("changes-nothing");

    /// <summary>
    /// Set on a request whose answer the caller can do without for a while: how long it waits at most, repetitions included. A single attempt
    /// then takes two thirds of it, so that a hanging replica leaves time for another.
    /// </summary>
    public static readonly HttpRequestOptionsKey<TimeSpan> Patience = new("patience");

    /// <summary>
    /// Registers the named client <paramref name="service"/> for <see cref="IHttpClientFactory"/>. Its base address leads to the service;
    /// each attempt takes the next replica. Attempts time out after 5 s; GET and HEAD are tried up to three times; a replica that fails half of its
    /// calls is left alone for 2 s. A service that does not answer throws <see cref="TemporarilyUnavailableException"/>.
    /// </summary>
    public static IHttpClientBuilder AddServiceClient(this IHostApplicationBuilder builder, string service)
    {
        builder.Services.AddOptions<ServiceAddresses>(service)
            .Configure<IConfiguration>((options, configuration) => options.Read(configuration, service))
            .Validate(options => options.Failure is null, $"services:{service}:http:0 (environment services__{service}__http__0) — must hold the absolute http address of the {service} service.")
            .ValidateOnStart();
        builder.Services.AddHttpContextAccessor();
        builder.Services.TryAddSingleton<CallPolicies>();
        return builder.Services.AddHttpClient(service, client =>
            {
                client.BaseAddress = new Uri($"http://{service}/");
                client.Timeout = Timeout.InfiniteTimeSpan;
            })
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                UseProxy = false,
                AutomaticDecompression = DecompressionMethods.All,
                ConnectTimeout = TimeSpan.FromSeconds(2),
                PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            })
            .AddHttpMessageHandler(provider => new PolicyHandler(
                service, provider.GetRequiredService<IOptionsMonitor<ServiceAddresses>>().Get(service).Addresses, provider.GetRequiredService<CallPolicies>()));
    }

    /// <summary>The client passes on the ticket of the request that is being served, so that the other service sees the same caller.</summary>
    public static IHttpClientBuilder ForwardTicket(this IHttpClientBuilder client) =>
        client.AddHttpMessageHandler(provider => new TicketForwarder(provider.GetRequiredService<IHttpContextAccessor>()));

    internal sealed class ServiceAddresses
    {
        public IReadOnlyList<Uri> Addresses { get; private set; } = [];
        public string? Failure { get; private set; }

        public void Read(IConfiguration configuration, string service)
        {
            Failure = ServiceEndpoints.TryRead(configuration, service, out var addresses);
            Addresses = addresses;
        }
    }

    private sealed class TicketForwarder(IHttpContextAccessor current) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (!request.Headers.Contains(Ticket.Header) && current.HttpContext?.Request.Headers[Ticket.Header].ToString() is { Length: > 0 } ticket)
                request.Headers.TryAddWithoutValidation(Ticket.Header, ticket);
            return base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class PolicyHandler(string service, IReadOnlyList<Uri> addresses, CallPolicies policies) : DelegatingHandler
    {
        private uint _turn;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var target = request.RequestUri!.PathAndQuery;
            var first = (int)(Interlocked.Increment(ref _turn) % (uint)addresses.Count);
            var isRead = request.Method == HttpMethod.Get || request.Method == HttpMethod.Head || request.Options.TryGetValue(ChangesNothing, out var nothing) && nothing;
            var terms = request.Options.TryGetValue(Patience, out var patience) ? new CallTerms(isRead, patience * 2 / 3, patience) : new CallTerms(isRead);
            return policies.SendAsync(service, first == 0 ? addresses : [.. addresses.Skip(first), .. addresses.Take(first)], terms, async (address, ct) =>
            {
                request.RequestUri = new Uri(address, target);
                return await base.SendAsync(request, ct);
            }, cancellationToken);
        }
    }
}
