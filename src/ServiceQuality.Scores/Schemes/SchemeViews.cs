using ServiceQuality.Access;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Schemes;

/// <summary>One line of the list of scheme versions.</summary>
/// <param name="Id">Id of the scheme.</param>
/// <param name="Version">Version.</param>
/// <param name="Name">Name.</param>
/// <param name="EffectiveFrom">First day on which it is in force.</param>
/// <param name="Author">Who wrote it.</param>
/// <param name="Written">When it was written, or replaced the last time.</param>
/// <param name="Approver">Who approved it.</param>
/// <param name="Approved">When.</param>
/// <param name="InForce">Whether it scores today.</param>
/// <param name="Hash">SHA-256 of the document; the ETag of a draft.</param>
/// <param name="State">draft, tried-out, approved (its day is still to come), effective, superseded, withdrawn or rejected.</param>
/// <param name="TryOuts">On how many past periods the draft was tried.</param>
/// <param name="End">How the draft ended without an approval.</param>
internal sealed record SchemeListing(
    string Id, int Version, Bilingual Name, DateOnly EffectiveFrom, string Author, DateTimeOffset Written, string? Approver, DateTimeOffset? Approved, bool InForce, string Hash,
    string State, int TryOuts, DraftEnd? End)
{
    public static SchemeListing Of(SchemeVersion version, Scheme inForce, DateOnly today, int tryOuts) => new(
        version.Scheme.Id, version.Scheme.Version, version.Scheme.Name, version.Scheme.EffectiveFrom, version.AuthorName, version.Written, version.ApproverName, version.Approved,
        version.Scheme.Reference == inForce.Reference, version.Scheme.Hash, StateOf(version, inForce, today, tryOuts), tryOuts, version.End);

    private static string StateOf(SchemeVersion version, Scheme inForce, DateOnly today, int tryOuts)
    {
        if (version.End is { } end)
            return end.How;
        if (!version.IsApproved)
            return tryOuts > 0 ? "tried-out" : "draft";
        return version.Scheme.Reference == inForce.Reference ? "effective" : version.Scheme.EffectiveFrom > today ? "approved" : "superseded";
    }
}

/// <summary>A list of scheme versions.</summary>
internal sealed record SchemeList(IReadOnlyList<SchemeListing> Items);

/// <summary>A version with what the caller may do with it.</summary>
/// <param name="Listing">As in the list.</param>
/// <param name="MayChange">Whether the caller may replace, try out and withdraw it: its author, while nobody has decided.</param>
/// <param name="MayDecide">Whether the caller may approve it.</param>
/// <param name="WhyNot">Code of the refusal when the caller may not.</param>
/// <param name="Deciders">Roles over the whole organisation that may approve, each but for the author.</param>
internal sealed record SchemeStanding(SchemeListing Listing, bool MayChange, bool MayDecide, string? WhyNot, IReadOnlyList<string> Deciders)
{
    public static SchemeStanding Of(SchemeListing listing, SchemeVersion version, Caller caller, bool manages, DateOnly today)
    {
        var refusal = manages ? SchemeDrafts.Refusal(version, caller, today) : Outcome.Refused("not-allowed", "");
        return new(listing, manages && version.IsDraft && version.Author == caller.Subject, refusal is null, refusal?.Code, [.. Roles.All.Where(role => Roles.Allow(role, Permissions.ManageSchemes))]);
    }
}

/// <summary>What a check of a scheme found.</summary>
internal sealed record SchemeCheck(bool Valid, IReadOnlyList<SchemeError> Errors);

/// <summary>The measure language, for forms.</summary>
/// <param name="Facts">Kinds of facts.</param>
/// <param name="LatestValues">What latest takes, by kind of fact.</param>
/// <param name="Blendable">Aggregators that a blend can mix.</param>
internal sealed record MeasureLanguageView(IReadOnlyList<FactLanguage> Facts, IReadOnlyDictionary<string, IReadOnlyList<string>> LatestValues, IReadOnlyList<string> Blendable)
{
    public static MeasureLanguageView Now { get; } = new(MeasureLanguage.Facts, MeasureLanguage.LatestValues, MeasureLanguage.Blendable);
}
