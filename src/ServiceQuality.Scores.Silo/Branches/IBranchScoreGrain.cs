using ServiceQuality.Scores.Branches;

namespace ServiceQuality.Scores.Silo.Branches;

/// <summary>The owner of one branch, wherever in the cluster it lives. Its key is the unit. Every call may be repeated.</summary>
internal interface IBranchScoreGrain : IGrainWithGuidKey
{
    /// <summary>Brings the branch back from its newest snapshot and the rows after it.</summary>
    Task WakeAsync();

    /// <summary>See <see cref="IScoreTier.AppendAsync"/>.</summary>
    Task<AppendResult> AppendAsync([Immutable] FactsAppend append);

    /// <summary>See <see cref="IScoreTier.ReadAsync"/>.</summary>
    Task<BranchAnswer?> ReadAsync([Immutable] BranchQuery query);

    /// <summary>See <see cref="IScoreTier.VerifyAsync"/>.</summary>
    Task<Verification?> VerifyAsync();

    /// <summary>Goes to the silo where the branch belongs, once nothing is under way.</summary>
    Task MoveAsync();
}
