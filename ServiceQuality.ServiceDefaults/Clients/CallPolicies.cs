using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace ServiceQuality.Clients;

/// <summary>
/// The policy of every call between services (PLT-05): time out, repeat reads at the next replica, and leave a replica alone that does not answer.
/// Each address has a circuit breaker of its own, so that one dead replica closes the way to no other; its state is the metric
/// <c>servicequality.client.circuit</c>.
/// </summary>
public sealed class CallPolicies
{
    private const int Repeats = 2;
    private const int FewestCalls = 10;
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(2);

    private static readonly ResiliencePropertyKey<bool> IsRead = new("is-read");
    private static readonly ResiliencePropertyKey<bool> HasReplicas = new("has-replicas");

    private readonly ResiliencePipeline<HttpResponseMessage> _repetition = Repetition();
    private readonly ConcurrentDictionary<(string Service, string Authority), (ResiliencePipeline<HttpResponseMessage> Pipeline, CircuitBreakerStateProvider Circuit)> _circuits = new();

    /// <summary>Policies of one application.</summary>
    public CallPolicies(IMeterFactory meters) =>
        meters.Create("ServiceQuality.Clients").CreateObservableGauge("servicequality.client.circuit", Observe, description: "0: calls flow, 1: trying again, 2: calls are held back.");

    /// <summary>Sends a request under the policy.</summary>
    /// <param name="service">Name of the service, for the metric.</param>
    /// <param name="addresses">Where its replicas are; the first attempt goes to the first, the next to the next.</param>
    /// <param name="isRead">The request changes nothing and may be repeated.</param>
    /// <param name="send">Sends it to an address.</param>
    /// <param name="attemptTimeout">Time limit of one attempt until the head of the answer is there; 5 s when null.</param>
    /// <param name="ct">Ends the call.</param>
    /// <exception cref="TemporarilyUnavailableException">No replica answered.</exception>
    public async Task<HttpResponseMessage> SendAsync(
        string service, IReadOnlyList<Uri> addresses, bool isRead, Func<Uri, CancellationToken, ValueTask<HttpResponseMessage>> send, TimeSpan? attemptTimeout, CancellationToken ct)
    {
        var context = ResilienceContextPool.Shared.Get(ct);
        context.Properties.Set(IsRead, isRead);
        context.Properties.Set(HasReplicas, addresses.Count > 1);
        var attempts = 0;
        try
        {
            return await _repetition.ExecuteAsync(attempt =>
            {
                var address = addresses[attempts++ % addresses.Count];
                var (circuit, _) = _circuits.GetOrAdd((service, address.Authority), static (_, timeout) => Circuit(timeout), attemptTimeout ?? AttemptTimeout);
                return circuit.ExecuteAsync(token => send(address, token), attempt.CancellationToken);
            }, context);
        }
        catch (Exception failure) when (failure is HttpRequestException or TimeoutRejectedException or BrokenCircuitException)
        {
            throw new TemporarilyUnavailableException($"The {service} service does not answer: {failure.Message}", failure);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private static ResiliencePipeline<HttpResponseMessage> Repetition() => new ResiliencePipelineBuilder<HttpResponseMessage>()
        .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
        {
            ShouldHandle = attempt => ValueTask.FromResult(attempt.Outcome switch
            {
                // Nothing was sent, so also a change may go to another replica.
                { Exception: BrokenCircuitException } => attempt.Context.Properties.GetValue(HasReplicas, false),
                { Result.StatusCode: HttpStatusCode.ServiceUnavailable } => attempt.Context.Properties.GetValue(IsRead, false),
                _ => IsAway(attempt.Outcome) && attempt.Context.Properties.GetValue(IsRead, false),
            }),
            MaxRetryAttempts = Repeats,
            Delay = FirstDelay,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
        })
        .Build();

    private static (ResiliencePipeline<HttpResponseMessage>, CircuitBreakerStateProvider) Circuit(TimeSpan attemptTimeout)
    {
        var state = new CircuitBreakerStateProvider();
        var pipeline = new ResiliencePipelineBuilder<HttpResponseMessage>()
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<HttpResponseMessage>
            {
                ShouldHandle = call => ValueTask.FromResult(IsAway(call.Outcome)),
                FailureRatio = 0.5,
                MinimumThroughput = FewestCalls,
                SamplingDuration = Watched,
                BreakDuration = Rest,
                StateProvider = state,
            })
            .AddTimeout(attemptTimeout)
            .Build();
        return (pipeline, state);
    }

    /// <summary>A service that says 503 itself is there, so the circuit stays closed for it.</summary>
    private static bool IsAway(Outcome<HttpResponseMessage> outcome) =>
        outcome.Exception is HttpRequestException or TimeoutRejectedException
        || outcome.Result?.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout;

    private IEnumerable<Measurement<int>> Observe() =>
        _circuits.Select(each => new Measurement<int>(each.Value.Circuit.CircuitState switch
        {
            CircuitState.Closed => 0,
            CircuitState.HalfOpen => 1,
            _ => 2,
        }, new("service", each.Key.Service), new("address", each.Key.Authority)));
}
