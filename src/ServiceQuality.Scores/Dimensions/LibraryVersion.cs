using ServiceQuality.Scoring.Servqual;

namespace ServiceQuality.Scores.Dimensions;

/// <summary>A version of the sub-dimension library; the first is the delivered one and has no author.</summary>
internal sealed record LibraryVersion(int Number, DateOnly EffectiveFrom, SubDimensionLibrary Library, string? Author, DateTimeOffset? Written, string? Reason)
{
    public static readonly LibraryVersion Delivered = new(1, DateOnly.MinValue, SubDimensionLibrary.Delivered, null, null, null);
}

/// <summary>Every version, oldest first. Later ones never take effect before earlier ones.</summary>
internal sealed record LibraryVersions(IReadOnlyList<LibraryVersion> All)
{
    public LibraryVersion Newest => All[^1];

    /// <summary>The version in force on a day.</summary>
    public LibraryVersion On(DateOnly day) => All.Last(version => version.EffectiveFrom <= day);

    /// <summary>The version that a period is evaluated by: that of its last day.</summary>
    public LibraryVersion Of(Scoring.PeriodWindow window, TimeZoneInfo zone) =>
        On(window.Period.End is { } end && window.To < window.AsOf ? end : DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(window.To, zone).DateTime));

    /// <summary>What an item looks at, also when only another version knows it: answers may be older than the library.</summary>
    public Scoring.Bilingual? NameOf(LibraryVersion version, string key) =>
        version.Library.NameOf(key) ?? All.Reverse().Select(other => other.Library.NameOf(key)).FirstOrDefault(name => name is not null);

    /// <summary>Why a change cannot be made.</summary>
    public Outcome Refusal(int basedOn, DateOnly effectiveFrom, DateOnly today, IReadOnlyList<SubDimension> changed)
    {
        var earliest = Newest.EffectiveFrom > today ? Newest.EffectiveFrom : today.AddDays(1);
        if (basedOn != Newest.Number)
            return Outcome.Refused("library-changed-meanwhile", $"The library has changed meanwhile: version {Newest.Number} is the newest.");
        if (effectiveFrom < earliest)
            return Outcome.Refused("library-date-too-early", $"A version takes effect on {earliest:yyyy-MM-dd} at the earliest: periods that are over keep theirs.");
        return LibraryContent.Write(changed) == LibraryContent.Write(Newest.Library.SubDimensions)
            ? Outcome.Refused("library-unchanged", "Nothing differs from the newest version.")
            : Outcome.Done;
    }
}
