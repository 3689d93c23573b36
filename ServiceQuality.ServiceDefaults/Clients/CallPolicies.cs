using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace ServiceQuality.Clients;

/// <summary>What the caller of a service allows.</summary>
/// <param name="IsRead">The request changes nothing and may be repeated.</param>
/// <param name="AttemptTimeout">Time limit of one attempt until the head of the answer is there; 5 s when null.</param>
/// <param name="Patience">
/// Time limit of the whole call, repetitions included, for a question that the caller can do without an answer to; none when null. Such questions
/// have circuits of their own, which open at the second failure: a service that hangs then costs nobody any time.
/// </param>
public sealed record CallTerms(bool IsRead, TimeSpan? AttemptTimeout = null, TimeSpan? Patience = null);

/// <summary>
/// The policy of every call between services (PLT-05): time out, repeat reads at the next replica, and leave a replica alone that does not answer.
/// Each address has a circuit breaker of its own, so that one dead replica closes the way to no other; its state is the metric
/// <c>servicequality.client.circuit</c>.
/// </summary>
public sealed class CallPolicies
{
    private const int Repeats = 2;
    private const int FewestCalls = 10;
    private const int FewestQuestions = 2;
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(2);

    private static readonly ResiliencePropertyKey<bool> IsRead = new("is-read");
    private static readonly ResiliencePropertyKey<bool> HasReplicas = new("has-replicas");
    private static readonly ResiliencePropertyKey<TimeSpan> AttemptTime = new("attempt-time");

    private readonly ResiliencePipeline<HttpResponseMessage> _repetition = Repetition();
    private readonly ConcurrentDictionary<(string Service, string Authority), (ResiliencePipeline<HttpResponseMessage> Pipeline, CircuitBreakerStateProvider Circuit)> _circuits = new();

    /// <summary>Policies of one application.</summary>
    public CallPolicies(IMeterFactory meters) =>
        meters.Create("ServiceQuality.Clients").CreateObservableGauge("servicequality.client.circuit", Observe, description: "0: calls flow, 1: trying again, 2: calls are held back.");

    /// <summary>Sends a request under the policy.</summary>
    /// <param name="service">Name of the service, for the metric.</param>
    /// <param name="addresses">Where its replicas are; the first attempt goes to the first, the next to the next.</param>
    /// <param name="terms">What the caller allows.</param>
    /// <param name="send">Sends it to an address.</param>
    /// <param name="ct">Ends the call.</param>
    /// <exception cref="TemporarilyUnavailableException">No replica answered.</exception>
    public async Task<HttpResponseMessage> SendAsync(
        string service, IReadOnlyList<Uri> addresses, CallTerms terms, Func<Uri, CancellationToken, ValueTask<HttpResponseMessage>> send, CancellationToken ct)
    {
        using var patience = terms.Patience is null ? null : CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience?.CancelAfter(terms.Patience!.Value);
        var context = ResilienceContextPool.Shared.Get(patience?.Token ?? ct);
        context.Properties.Set(IsRead, terms.IsRead);
        context.Properties.Set(HasReplicas, addresses.Count > 1);
        context.Properties.Set(AttemptTime, terms.AttemptTimeout ?? AttemptTimeout);
        var (kind, fewest) = terms.Patience is null ? (service, FewestCalls) : ($"question:{service}", FewestQuestions);
        var attempts = 0;
        try
        {
            return await _repetition.ExecuteAsync(attempt =>
            {
                var address = addresses[attempts++ % addresses.Count];
                var (circuit, _) = _circuits.GetOrAdd((kind, address.Authority), static (_, fewest) => Circuit(fewest), fewest);
                return circuit.ExecuteAsync(static (inner, call) => call.send(call.address, inner.CancellationToken), attempt, (send, address));
            }, context);
        }
        catch (Exception failure) when (failure is HttpRequestException or TimeoutRejectedException or BrokenCircuitException || (failure is OperationCanceledException && !ct.IsCancellationRequested))
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

    private static (ResiliencePipeline<HttpResponseMessage>, CircuitBreakerStateProvider) Circuit(int fewest)
    {
        var state = new CircuitBreakerStateProvider();
        var pipeline = new ResiliencePipelineBuilder<HttpResponseMessage>()
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<HttpResponseMessage>
            {
                ShouldHandle = call => ValueTask.FromResult(IsAway(call.Outcome)),
                FailureRatio = 0.5,
                MinimumThroughput = fewest,
                SamplingDuration = Watched,
                BreakDuration = Rest,
                StateProvider = state,
            })
            .AddTimeout(new TimeoutStrategyOptions { TimeoutGenerator = attempt => ValueTask.FromResult(attempt.Context.Properties.GetValue(AttemptTime, AttemptTimeout)) })
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
