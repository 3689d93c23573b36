using ServiceQuality.Console.Suite;

namespace ServiceQuality.Console.Evaluations;

/// <summary>A grade, what it is worth, and how far it holds.</summary>
public sealed record GradeMembership(string Code, LocalName Name, double Worth, double Membership);

/// <summary>One fuzzy evaluation; no validity says that everything belongs to one grade.</summary>
public sealed record FuzzyOutcome(IReadOnlyList<GradeMembership> Grades, Grade Verdict, bool Tied, double? Validity, bool Doubtful, double Mean);

/// <summary>Why the verdict is another grade than the score's.</summary>
public sealed record FuzzyReason(string Code, LocalName Text);

/// <summary>The whole's evaluation as it stands beside a score.</summary>
public sealed record FuzzySummary(FuzzyOutcome? Total, bool Differs, IReadOnlyList<FuzzyReason> Reasons);

/// <summary>A family's evaluation.</summary>
public sealed record FuzzyFamily(string Code, LocalName Name, string? Parent, double Weight, FuzzyOutcome Result);

/// <summary>GET /api/scores/{unit}/fuzzy.</summary>
public sealed record FuzzyEvaluation(
    ScoredUnit Unit, DateTimeOffset AsOf, string Operator, double HalfWidth, double? Score, Grade? Grade, FuzzyOutcome? Total, Grade? MeanGrade, bool Differs,
    IReadOnlyList<FuzzyReason> Reasons, IReadOnlyList<FuzzyFamily> Families);

/// <summary>Cronbach's α of a dimension's items.</summary>
public sealed record Reliability(double? Alpha, int Items, int Respondents, string? Reason);

/// <summary>A dimension's gap.</summary>
public sealed record DimensionGap(string Code, LocalName Name, long Count, double? Expectation, double? Perception, double? Gap, double Weight, double? Weighted, Reliability Reliability);

/// <summary>An item's gap.</summary>
public sealed record ItemGap(string Key, LocalName? Name, long Count, double Gap, double Weighted);

/// <summary>GET /api/scores/{unit}/servqual.</summary>
public sealed record ServqualGaps(
    double ScaleLow, double ScaleHigh, int Answers, int Flagged, int StraightLines, int Incomplete, bool Truncated, double? Total, double? Index, double Coverage, double? TotalWithoutStraightLines,
    IReadOnlyList<DimensionGap> Dimensions, IReadOnlyList<ItemGap> WorstBySize, IReadOnlyList<ItemGap> WorstByWeight);

/// <summary>One part of a gap.</summary>
public sealed record GapPart(string Code, LocalName Name, double Weight, double Aim, double Found, double Gap);

/// <summary>What a gap lacks.</summary>
public sealed record GapNeed(LocalName Data, string Service);

/// <summary>One of the five gaps.</summary>
public sealed record ServiceGap(int Number, string Code, LocalName Name, LocalName Meaning, double? Value, string Unit, double? Width, long Sample, IReadOnlyList<GapPart> Parts, GapNeed? Missing);

/// <summary>GET /api/scores/{unit}/gaps.</summary>
public sealed record GapBoard(ScoredUnit Unit, DateTimeOffset AsOf, int? Widest, IReadOnlyList<ServiceGap> Gaps);

/// <summary>Everything the page of a unit's gaps shows; what could not be read is an obstacle in its place.</summary>
public sealed record ServiceGapsView(string Code, string Period, Reading<FuzzyEvaluation> Fuzzy, Reading<ServqualGaps> Servqual, Reading<GapBoard> Board);
