using ServiceQuality.Clients;
using Yarp.ReverseProxy.Forwarder;

namespace ServiceQuality.Gateway.Routes;

/// <summary>Connections to the services, under the call policy: reads are repeated at the next replica, a service that is away is left alone (PLT-05).</summary>
internal sealed class RepeatedReads(CallPolicies policies, IConfiguration configuration) : ForwarderHttpClientFactory
{
    /// <summary>Set on a proxied request that is under the policy, and says whether it may be repeated. Streams and the proxy's own probes are not under it.</summary>
    public static readonly HttpRequestOptionsKey<bool> MayRepeat = new("may-repeat");

    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(20);

    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        handler.ConnectTimeout = TimeSpan.FromSeconds(2);
        handler.PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1);
    }

    protected override HttpMessageHandler WrapHandler(ForwarderHttpClientContext context, HttpMessageHandler handler)
    {
        _ = ServiceEndpoints.TryRead(configuration, context.ClusterId, out var addresses);
        return new PolicyHandler($"proxy:{context.ClusterId}", policies, addresses) { InnerHandler = handler };
    }

    private sealed class PolicyHandler(string service, CallPolicies policies, IReadOnlyList<Uri> addresses) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (!request.Options.TryGetValue(MayRepeat, out var mayRepeat))
                return await base.SendAsync(request, cancellationToken);

            var target = request.RequestUri!.PathAndQuery;
            var chosen = addresses.TakeWhile(address => address.Authority != request.RequestUri.Authority).Count();
            try
            {
                return await policies.SendAsync(service, chosen == 0 ? addresses : [.. addresses.Skip(chosen), .. addresses.Take(chosen)], new CallTerms(mayRepeat, AttemptTimeout), async (address, ct) =>
                {
                    request.RequestUri = new Uri(address, target);
                    return await base.SendAsync(request, ct);
                }, cancellationToken);
            }
            catch (TemporarilyUnavailableException away)
            {
                // The forwarder knows this type as a failure of the destination.
                throw new HttpRequestException(away.Message, away);
            }
        }
    }
}
