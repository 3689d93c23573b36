using ServiceQuality.Console.Suite;

namespace ServiceQuality.Console.Schemes;

/// <summary>How a draft ended without an approval.</summary>
public sealed record DraftEnd(string How, string By, DateTimeOffset At, string? Reason);

/// <summary>A version in the list, as GET /api/schemes tells.</summary>
public sealed record SchemeListing(
    string Id, int Version, LocalName? Name, DateOnly EffectiveFrom, string Author, DateTimeOffset Written, string? Approver, DateTimeOffset? Approved, bool InForce, string Hash,
    string State, int TryOuts, DraftEnd? End)
{
    /// <summary>Waits for a decision.</summary>
    public bool IsDraft => State is "draft" or "tried-out";
}

public sealed record SchemeListings(IReadOnlyList<SchemeListing> Items);

/// <summary>GET /api/schemes/{id}/versions/{version}.</summary>
public sealed record SchemeStanding(SchemeListing Listing, bool MayChange, bool MayDecide, string? WhyNot, IReadOnlyList<string> Deciders);

public sealed record TrialTotals(
    int Units, int Compared, int Winners, int Losers, double? MeanChange, double? MedianChange, int Ranked, double? Tau, int MovedTwo, int LargestMove, int GradeChanges);

public sealed record Leading(string Code, LocalName? Name, double Effect);

public sealed record TrialRow(
    ScoredUnit Unit, double? Before, double? After, double? Change, Grade? GradeBefore, Grade? GradeAfter, double CoverageAfter, int? RankBefore, int? RankAfter, int? RankMove, Leading? Leading);

public sealed record TrialGroup(ScoredUnit Unit, int Units, double? Before, double? After, double? Change, Grade? GradeBefore, Grade? GradeAfter);

public sealed record GradeMove(Grade? From, Grade? To, int Units);

public sealed record LeafEffect(string Code, LocalName? Name, double MeanEffect, double PointsEffect, double WeightEffect, int Units);

public sealed record IndicatorName(string Code, LocalName? Name, string Measure);

public sealed record AxisValues(string Indicator, string Unit, IReadOnlyList<double> Values);

/// <summary>POST /api/what-if, and the result of a try-out.</summary>
public sealed record Trial(
    SchemeRef Present, SchemeRef Edited, string Period, DateTimeOffset AsOf, string Knowledge, TrialTotals Totals, IReadOnlyList<GradeMove> GradeMoves, IReadOnlyList<LeafEffect> Leaves,
    TrialGroup? Whole, IReadOnlyList<TrialGroup> Groups, IReadOnlyList<TrialRow> Winners, IReadOnlyList<TrialRow> Losers, IReadOnlyList<TrialRow> Units, int Left,
    IReadOnlyList<IndicatorName> NotMeasured, IReadOnlyList<IndicatorName> Silent, int? HeldDays, AxisValues? Axis, OfficialComparison? Official = null, Trial? Then = null);

/// <summary>A trial beside the published results of its period.</summary>
public sealed record OfficialComparison(int Units, double? MeanPresent, double? MeanEdited, double? Tau);

public sealed record TryOut(Guid Id, string Period, DateTimeOffset Made, string MadeBy, Trial Result);

public sealed record TryOutList(IReadOnlyList<TryOut> Items);

/// <summary>An error in a scheme, as the service says it.</summary>
public sealed record SchemeError(string Location, string Code, string Message);

public sealed record SchemeCheck(bool Valid, IReadOnlyList<SchemeError> Errors);
