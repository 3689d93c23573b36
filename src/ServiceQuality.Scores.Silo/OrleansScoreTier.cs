using Orleans.Runtime;
using Polly;
using Polly.Retry;
using Polly.Timeout;
using ServiceQuality.Scores.Branches;
using ServiceQuality.Scores.Silo.Branches;
using ServiceQuality.Scores.Silo.Movements;

namespace ServiceQuality.Scores.Silo;

/// <summary>
/// Branches as grains, spread over the silos of a cluster. A call that meets a silo which is going or gone is repeated until the branch is back elsewhere;
/// every call may be repeated, because the journal knows each fact.
/// </summary>
internal sealed class OrleansScoreTier(IGrainFactory grains, BranchLanes lanes, MovementFeed feed) : IScoreTier
{
    private const int WakeAtOnce = 32;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private static readonly ResiliencePipeline Repetition = new ResiliencePipelineBuilder().AddTimeout(Patience).AddRetry(new RetryStrategyOptions
    {
        ShouldHandle = attempt => ValueTask.FromResult(IsMembership(attempt.Outcome.Exception, attempt.Context.CancellationToken)),
        MaxRetryAttempts = int.MaxValue,
        Delay = FirstDelay,
        MaxDelay = LongestDelay,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
    }).Build();

    private readonly TaskCompletionSource _prepared = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _recovered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done once this silo knows the tree and the schemes, so that branches can live here.</summary>
    public Task Prepared => _prepared.Task;

    /// <inheritdoc/>
    public bool IsRecovered => _recovered.Task.IsCompletedSuccessfully;

    /// <inheritdoc/>
    public Task<AppendResult> AppendAsync(Guid unit, FactsAppend append, CancellationToken ct)
    {
        var sent = append;
        return CallAsync(unit, grain =>
        {
            var sending = grain.AppendAsync(sent);
            // If it has to be sent again, it may be there already.
            sent = append with { Redelivered = true };
            return sending;
        }, ct);
    }

    /// <inheritdoc/>
    public async Task<BranchState?> ReadAsync(Guid unit, BranchQuery query, CancellationToken ct) => await CallAsync(unit, grain => grain.ReadAsync(query), ct) is not { } answer
        ? null
        : answer.Unpack(lanes.FindCatalogue) ?? throw new TemporarilyUnavailableException("The schemes have changed, and this process has not followed yet.");

    /// <inheritdoc/>
    public Task<Verification?> VerifyAsync(Guid unit, CancellationToken ct) => CallAsync(unit, grain => grain.VerifyAsync(), ct);

    /// <inheritdoc/>
    public async Task<IReadOnlyCollection<Guid>> UnitsAsync(CancellationToken ct)
    {
        await _recovered.Task.WaitAsync(ct);
        return [.. feed.Units.Where(lanes.IsInTree)];
    }

    /// <inheritdoc/>
    public IDisposable Subscribe(Action<Movement> moved) => feed.Subscribe(moved);

    /// <summary>Wakes every branch of the cluster; those that are awake elsewhere only answer.</summary>
    public async Task RecoverAsync(CancellationToken ct)
    {
        _prepared.TrySetResult();
        var heads = await lanes.HeadsAsync(ct);
        await Parallel.ForEachAsync(heads.Where(head => head.Head > 0), new ParallelOptions { MaxDegreeOfParallelism = WakeAtOnce, CancellationToken = ct }, async (head, token) =>
            await CallAsync(head.Unit, async grain =>
            {
                await grain.WakeAsync();
                return true;
            }, token));
        feed.Know(heads.Where(head => head.Head > 0));
        _recovered.TrySetResult();
    }

    /// <inheritdoc/>
    public async Task FollowHeadsAsync(CancellationToken ct)
    {
        var heads = await lanes.HeadsAsync(ct);
        await lanes.FollowHeadsAsync(heads, ct);
        feed.Mend(heads);
    }

    private async Task<T> CallAsync<T>(Guid unit, Func<IBranchScoreGrain, Task<T>> call, CancellationToken ct)
    {
        try
        {
            return await Repetition.ExecuteAsync(async token => await call(grains.GetGrain<IBranchScoreGrain>(unit)).WaitAsync(token), ct);
        }
        catch (Exception e) when (IsMembership(e, ct))
        {
            throw new TemporarilyUnavailableException($"The silo of {unit} does not answer.", e);
        }
    }

    /// <summary>A silo is going or gone; one that goes cancels what it was about to bring back.</summary>
    private static bool IsMembership(Exception? failure, CancellationToken ct) =>
        failure is OrleansMessageRejectionException or SiloUnavailableException or TimeoutException or TimeoutRejectedException || (failure is OperationCanceledException && !ct.IsCancellationRequested);
}
