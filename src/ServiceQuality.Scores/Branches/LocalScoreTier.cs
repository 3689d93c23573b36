using Npgsql;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Branches;

/// <summary>Every branch in this process.</summary>
/// <param name="lanes">The branches; the tier ends with them.</param>
public sealed class LocalScoreTier(BranchLanes lanes) : IScoreTier, IAsyncDisposable
{
    private readonly TaskCompletionSource _recovered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>An empty tier with lanes of its own; <see cref="RecoverAsync"/> fills it.</summary>
    /// <param name="db">Database with the tables of the score service in its search path.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="catalogue">What ledgers measure.</param>
    /// <param name="zones">Time zone of a unit; null while the unit is unknown, when its facts are kept but not scored.</param>
    public LocalScoreTier(NpgsqlDataSource db, TimeProvider clock, MeasureCatalogue catalogue, Func<Guid, TimeZoneInfo?> zones)
        : this(new BranchLanes(db, clock, catalogue, zones))
    {
    }

    /// <summary>The branches.</summary>
    public BranchLanes Lanes => lanes;

    /// <inheritdoc/>
    public bool IsRecovered => _recovered.Task.IsCompletedSuccessfully;

    /// <inheritdoc/>
    public Task<AppendResult> AppendAsync(Guid unit, FactsAppend append, CancellationToken ct) => lanes.AppendAsync(unit, append, ct);

    /// <inheritdoc/>
    public Task<BranchState?> ReadAsync(Guid unit, BranchQuery query, CancellationToken ct) => lanes.ReadAsync(unit, query, ct);

    /// <inheritdoc/>
    public Task<Verification?> VerifyAsync(Guid unit, CancellationToken ct) => lanes.VerifyAsync(unit, ct);

    /// <inheritdoc/>
    public async Task<IReadOnlyCollection<Guid>> UnitsAsync(CancellationToken ct)
    {
        // Before every branch is back a roll-up would be wrong without showing it.
        await _recovered.Task.WaitAsync(ct);
        return lanes.Units;
    }

    /// <inheritdoc/>
    public IDisposable Subscribe(Action<Movement> moved) => lanes.Subscribe(moved);

    /// <inheritdoc/>
    public async Task RecoverAsync(CancellationToken ct)
    {
        using var activity = ScoresTelemetry.Activities.StartActivity("recover");
        var heads = await lanes.HeadsAsync(ct);
        await lanes.OpenAsync(heads, ct);
        activity?.SetTag("branches", heads.Count);
        _recovered.TrySetResult();
    }

    /// <inheritdoc/>
    public async Task FollowHeadsAsync(CancellationToken ct)
    {
        var heads = await lanes.HeadsAsync(ct);
        // Branches that are new through another process live here too.
        foreach (var head in heads.Where(head => head.Head > 0))
            await lanes.OpenAsync(head.Unit, ct);
        await lanes.FollowHeadsAsync(heads, ct);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => lanes.DisposeAsync();
}
