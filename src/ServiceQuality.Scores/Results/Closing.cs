using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Results;

/// <summary>A period that is being closed, or was, for a unit and everything under it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Unit">The uppermost unit.</param>
/// <param name="Period">A whole month, quarter, half-year or year.</param>
/// <param name="State">computing → draft → checked → published → frozen; discarded before it is published.</param>
/// <param name="Moment">As of then.</param>
/// <param name="Scheme">id@version in force at the period's end.</param>
/// <param name="Units">Units to compute.</param>
/// <param name="Done">Units computed.</param>
/// <param name="Attempts">Failed attempts to compute.</param>
/// <param name="Failure">Why the newest attempt failed.</param>
/// <param name="Closer">Who closed it.</param>
/// <param name="CloserName">Their name.</param>
/// <param name="Started">When.</param>
/// <param name="Computed">When the last document was written.</param>
/// <param name="Findings">What the newest check found, JSON.</param>
/// <param name="Checked">When that was.</param>
/// <param name="PublisherName">Who published it.</param>
/// <param name="Published">When.</param>
/// <param name="Comment">Why it was published despite findings, or discarded.</param>
/// <param name="AppealsUntil">End of the appeal window.</param>
/// <param name="Frozen">When it was frozen.</param>
/// <param name="FactsPerLeaf">Costliest facts that its documents name per indicator; null for none.</param>
internal sealed record Closing(
    Guid Id, Guid Unit, Period Period, string State, DateTimeOffset Moment, string Scheme, int Units, int Done, int Attempts, string? Failure, Guid Closer, string CloserName, DateTimeOffset Started,
    DateTimeOffset? Computed, string? Findings, DateTimeOffset? Checked, string? PublisherName, DateTimeOffset? Published, string? Comment, DateTimeOffset? AppealsUntil, DateTimeOffset? Frozen,
    int? FactsPerLeaf)
{
    public const string Computing = "computing", Draft = "draft", IsChecked = "checked", IsPublished = "published", IsFrozen = "frozen", Discarded = "discarded";

    public static IReadOnlyList<string> States { get; } = [Computing, Draft, IsChecked, IsPublished, IsFrozen, Discarded];

    /// <summary>The results are out: units see them.</summary>
    public bool IsOut => State is IsPublished or IsFrozen;

    public bool IsAnnual => Period.Kind == PeriodKind.Year;
}

/// <summary>What may be done to a closing, when and by whom (SCO-24). Pure.</summary>
internal static class ClosingRules
{
    /// <summary>How long the days of a period are kept, and so how long it can be closed or restated.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(400);

    /// <summary>Which periods can be closed: whole months, quarters, half-years and years that are over and not older than the day buckets.</summary>
    public static Outcome Start(Period period, IEnumerable<TimeZoneInfo> zones, DateTimeOffset now)
    {
        if (period is not { Kind: PeriodKind.Month or PeriodKind.Quarter or PeriodKind.HalfYear or PeriodKind.Year, Start: not null })
            return Outcome.Refused("period-invalid", "A period to be closed is a whole month, quarter, half-year or year: 2026-10, 2026-Q3, 2026-H2, 2026.");
        zones = [.. zones];
        if (zones.Select(zone => period.Window(now, zone)).Any(window => window.To >= window.AsOf))
            return Outcome.Refused("period-not-over", "The period is not over yet in every unit's time zone.");
        return Recompute(period, zones, now);
    }

    /// <summary>Of which periods something new can be said: those whose days are still kept.</summary>
    public static Outcome Recompute(Period period, IEnumerable<TimeZoneInfo> zones, DateTimeOffset now) =>
        zones.Any(zone => now - period.Window(now, zone).From >= Kept)
            ? Outcome.Refused("period-too-old", "The period began more than 400 days ago; its days are not kept any more.")
            : Outcome.Done;

    public static Outcome Check(Closing it) => it.State switch
    {
        Closing.Draft or Closing.IsChecked => Outcome.Done,
        Closing.Computing => Outcome.Refused("closing-still-computing", "The results are still being computed."),
        _ => Outcome.Refused("closing-decided", "The closing is published or discarded."),
    };

    /// <summary>Publishing takes a second person, a check, and a word about what the check found.</summary>
    public static Outcome Publish(Closing it, Guid who, int findings, string? comment)
    {
        if (it.State != Closing.IsChecked)
            return it.State == Closing.Draft ? Outcome.Refused("closing-not-checked", "The results must be checked first.") : Check(it);
        if (it.Closer == who)
            return Outcome.Refused("closing-publisher-is-closer", "Results are published by somebody else than who closed the period.");
        return findings > 0 && string.IsNullOrWhiteSpace(comment)
            ? Outcome.Refused("closing-comment-needed", "The check found something; publishing needs a comment.")
            : Outcome.Done;
    }

    public static Outcome Discard(Closing it) => it.State is Closing.Computing or Closing.Draft or Closing.IsChecked
        ? Outcome.Done
        : Outcome.Refused("closing-decided", "What is published is restated, never discarded.");

    /// <summary>Appeals are taken from the publication to the end of the window.</summary>
    public static Outcome Appeal(Closing it, DateTimeOffset now) => it switch
    {
        { IsOut: false } => Outcome.Refused("closing-not-published", "The results are not published."),
        _ when it.State == Closing.IsFrozen || now >= it.AppealsUntil => Outcome.Refused("appeal-window-over", "The appeal window is over; the result is frozen."),
        _ => Outcome.Done,
    };
}
