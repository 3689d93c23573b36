using Orleans.Concurrency;
using ServiceQuality.Scores.Branches;

namespace ServiceQuality.Scores.Silo.Branches;

/// <summary>
/// One branch: a place in the cluster for a lane of <see cref="BranchLanes"/>, which does all the work and puts calls in order by itself. Should two
/// silos believe that they own the branch, only one of them can write: the journal decides (ADR 0002).
/// </summary>
[Reentrant, RendezvousPlacement]
internal sealed class BranchScoreGrain(BranchLanes lanes, OrleansScoreTier tier) : Grain, IBranchScoreGrain
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private Guid Unit => this.GetPrimaryKey();

    public Task WakeAsync() => lanes.OpenAsync(Unit, CancellationToken.None);

    public Task<AppendResult> AppendAsync(FactsAppend append) => lanes.AppendAsync(Unit, append, CancellationToken.None);

    public async Task<BranchAnswer?> ReadAsync(BranchQuery query) => await lanes.ReadAsync(Unit, query, CancellationToken.None) is { } state ? new BranchAnswer(state) : null;

    public Task<Verification?> VerifyAsync() => lanes.VerifyAsync(Unit, CancellationToken.None);

    public Task MoveAsync()
    {
        this.MigrateOnIdle();
        return Task.CompletedTask;
    }

    /// <summary>A silo that has not read the tree and the schemes yet does not know what to fold.</summary>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await tier.Prepared.WaitAsync(Patience, cancellationToken);
        await lanes.OpenAsync(Unit, cancellationToken);
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => lanes.CloseAsync(Unit, cancellationToken);
}
