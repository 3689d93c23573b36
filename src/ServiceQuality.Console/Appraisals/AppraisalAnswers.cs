using ServiceQuality.Console.Suite;

namespace ServiceQuality.Console.Appraisals;

public sealed record Finding(string Code, Guid? Unit, string? UnitCode, string? Value);

public sealed record Findings(int Total, IReadOnlyDictionary<string, int> Counts, IReadOnlyList<Finding> Items);

/// <summary>A closing, as GET /api/results/closings tells.</summary>
public sealed record Closing(
    Guid Id, ScoredUnit Unit, string Period, string State, DateTimeOffset Moment, string Scheme, int Units, int Done, string? Failure, string Closer, DateTimeOffset Started, DateTimeOffset? Computed,
    DateTimeOffset? Checked, Findings? Findings, string? Publisher, DateTimeOffset? Published, string? Comment, DateTimeOffset? AppealsUntil, DateTimeOffset? Frozen, IReadOnlyList<string> Actions, string? Barred)
{
    /// <summary>The scheme version that the results were computed with.</summary>
    public SchemeRef? SchemeRef => Scheme.LastIndexOf('@') is var at and > 0 && int.TryParse(Scheme.AsSpan(at + 1), out var version) ? new SchemeRef(Scheme[..at], version) : null;
}

public sealed record Closings(IReadOnlyList<Closing> Items);

public sealed record Place(int Of, [property: System.Text.Json.Serialization.JsonPropertyName("place")] int Number);

public sealed record LiveScore(string Period, double? Score, string? Grade, double Coverage, DateTimeOffset AsOf);

public sealed record ResultLine(ScoredUnit Unit, string Period, int Number, decimal? Official, string? Grade, double Coverage, Place? Rank, string Hash, LiveScore? Live, double? Difference);

public sealed record ResultPage(Closing Closing, int Total, IReadOnlyList<ResultLine> Items, int? Next);

public sealed record AppealLine(
    Guid Id, ScoredUnit Unit, string Period, int Number, string State, string Reason, string Evidence, string Filer, DateTimeOffset Filed, string? Judge, DateTimeOffset? Judged, string? Judgement,
    IReadOnlyList<string> Actions, string? Barred);

public sealed record AppealLines(IReadOnlyList<AppealLine> Items);

public sealed record LeafDifference(string Code, double? FromPoints, double? ToPoints, double PointsEffect, double WeightEffect);

public sealed record Difference(decimal? Official, double? Exact, IReadOnlyList<LeafDifference> Leaves, decimal Adjustments, double Limit);

/// <summary>A document of another unit that changes with a restatement.</summary>
public sealed record AffectedResult(ScoredUnit Unit, int Number, decimal? Former, decimal? Official, decimal? Difference, string? FormerGrade, string? Grade);

public sealed record RestatementLine(
    Guid Id, ScoredUnit Unit, string Period, int Number, string State, Guid? Appeal, string Reason, Difference Difference, decimal? Official, string Hash, IReadOnlyList<AffectedResult>? With, string Proposer,
    DateTimeOffset Proposed, string? Decider, IReadOnlyList<string> Actions, string? Barred);

public sealed record RestatementLines(IReadOnlyList<RestatementLine> Items);

public sealed record DocumentLine(string Period, int Number, decimal? Official, string? Grade, double Coverage, Place? Rank, string Hash, string Author, DateTimeOffset Written);

public sealed record DocumentSum(decimal Base, decimal Bonuses, decimal Deductions, decimal Limit, decimal Official);

public sealed record DocumentFamily(string Code, double? Points, double EffectiveWeight, double Contribution, double Coverage);

public sealed record DocumentAdjustment(string Rule, string Kind, decimal Points, decimal Counted, int Facts, string? Reason);

public sealed record DocumentQuarter(string Period, int? Number, decimal? Official);

public sealed record DocumentAnnual(IReadOnlyList<DocumentQuarter> Quarters, decimal? Mean, decimal OrdersNotHeld, int Orders);

public sealed record DocumentMissing(string Code, LocalName? Name);

public sealed record DocumentJournal(Guid Unit, long Seq);

public sealed record DocumentCause(string Code, int Number, string Hash);

public sealed record DocumentRestatement(string Former, string Reason, Difference Difference, DocumentCause? Cause);

public sealed record DocumentFact(Guid? Unit, string? Code, long Seq, DateTimeOffset Time, double Cost, double? Value);

public sealed record DocumentLeaf(string Code, double Contribution, IReadOnlyList<DocumentFact>? Facts);

/// <summary>A sealed document, as far as a page shows it.</summary>
public sealed record ResultDocument(
    int Number, DateTimeOffset From, DateTimeOffset To, DateTimeOffset AsOf, SchemeRef Scheme, IReadOnlyList<DocumentJournal> Journals, decimal? Official, string? Grade, double Coverage, Place? Rank,
    DocumentSum? Sum, IReadOnlyList<DocumentFamily> Families, IReadOnlyList<DocumentAdjustment> Adjustments, IReadOnlyList<DocumentMissing> NotScored, DocumentAnnual? Annual, DocumentRestatement? Restatement, string Hash,
    int? FactsPerLeaf, IReadOnlyList<DocumentLeaf>? Leaves);

/// <summary>GET /api/results/units/{unit}/{period}.</summary>
public sealed record UnitResult(
    ScoredUnit Unit, string Period, string State, DateTimeOffset? Published, DateTimeOffset? AppealsUntil, DateTimeOffset? Frozen, ResultDocument Document, IReadOnlyList<DocumentLine> Documents,
    IReadOnlyList<AppealLine> Appeals, LiveScore? Live, double? Difference, IReadOnlyList<string> Actions, string? Barred);

/// <summary>GET …/comparison.</summary>
public sealed record Comparison(int Number, decimal? Official, decimal? Recomputed, DateTimeOffset AsOf, bool Differs, Difference Difference, IReadOnlyList<AffectedResult>? With);

/// <summary>The page of all closings.</summary>
public sealed record ResultsView(
    Reading<Closings> Closings, Reading<AppealLines> Appeals, Reading<RestatementLines> Restatements, bool Manages, IReadOnlyList<string> Periods, string TypedUnit, string TypedPeriod, Answered? Refused);

/// <summary>The page of one closing.</summary>
public sealed record ClosingView(Closing Closing, Reading<ResultPage> Page, Scheme Scheme, int Offset, string? Done, string Typed, Answered? Refused);

/// <summary>A place in an official ranking; tied: how many others share it.</summary>
public sealed record OfficialPlace(int Place, int Tied, ScoredUnit Unit, decimal Official, string? Grade, double Coverage, int Number);

public sealed record NotAssessed(ScoredUnit Unit, string Reason);

/// <summary>GET /api/results/closings/{id}/ranking.</summary>
public sealed record OfficialRanking(
    Closing Closing, ScoredUnit Under, string? Level, IReadOnlyList<string> Levels, int Ranked, int Hidden, IReadOnlyList<OfficialPlace> Units, IReadOnlyList<NotAssessed> NotAssessed);

/// <summary>The ranking notice of a closing.</summary>
public sealed record RankingView(OfficialRanking Ranking, Scheme Scheme);

/// <summary>The page of a unit's result.</summary>
public sealed record ResultView(
    UnitResult Result, Scheme Scheme, IReadOnlyList<RestatementLine> Restatements, IReadOnlyList<RestatementLine> Elsewhere, Comparison? Comparison, string? Done, string TypedReason, string TypedEvidence, Answered? Refused);
