using ServiceQuality.Scores.Scores;
using ServiceQuality.Scoring;
using ServiceQuality.Scoring.Servqual;

namespace ServiceQuality.Scores.Evaluations;

/// <summary>Cronbach's α; reason says why there is none.</summary>
internal sealed record AlphaView(double? Alpha, int Items, int Respondents, string? Reason)
{
    public static AlphaView Of(Reliability one) => new(one.Alpha, one.Items, one.Respondents, one.Reason);
}

/// <summary>A dimension's gap; α of the perceptions of its items.</summary>
internal sealed record DimensionView(string Code, Bilingual Name, long Count, double? Expectation, double? Perception, double? Gap, double Weight, double? Weighted, AlphaView Reliability);

/// <summary>An item's gap; its weighted gap is its part in the total.</summary>
internal sealed record ItemView(string Key, string Dimension, Bilingual? Name, long Count, double Expectation, double Perception, double Gap, double Weighted)
{
    public static ItemView Of(ItemGap item, UnitSurvey answers) =>
        new(item.Key, item.Dimension.Code, answers.Library.NameOf(answers.Version, item.Key), item.Count, item.Expectation, item.Perception, item.Gap, item.Weighted);
}

/// <summary>SERVQUAL of a unit: gaps by dimension and item, worst first by size and by weight (at most 20 each), and what the answers are worth.</summary>
internal sealed record ServqualView(
    UnitView Unit, string Period, DateTimeOffset From, DateTimeOffset To, DateTimeOffset AsOf, double ScaleLow, double ScaleHigh, int Answers, int Flagged, int StraightLines, int Incomplete, bool Truncated,
    double? Total, double? Index, double Coverage, double? TotalWithoutStraightLines, IReadOnlyList<DimensionView> Dimensions, IReadOnlyList<ItemView> WorstBySize, IReadOnlyList<ItemView> WorstByWeight, int LibraryVersion)
{
    private const int Shown = 20;

    public static ServqualView Of(UnitScore unit, UnitSurvey answers)
    {
        var (survey, window) = (answers.Survey, unit.Score.Window);
        return new(
            UnitView.Of(unit.Unit), window.Period.ToString(), window.From, window.To, unit.AsOf, ServqualAnswers.Low, ServqualAnswers.High, survey.Responses, answers.Flagged, Count(AnswerNoteKind.StraightLine), Count(AnswerNoteKind.Incomplete), answers.Truncated,
            survey.Gaps.Total, survey.Index, survey.Gaps.Coverage, survey.WithoutNoted,
            [.. survey.Gaps.Dimensions.Zip(survey.Reliabilities, (gap, alpha) => new DimensionView(
                gap.Dimension.Code, gap.Dimension.Name, gap.Count, gap.Expectation, gap.Perception, gap.Gap, gap.Weight, gap.Weighted, AlphaView.Of(alpha.Perception)))],
            [.. survey.Gaps.WorstBySize.Take(Shown).Select(Item)], [.. survey.Gaps.WorstByWeight.Take(Shown).Select(Item)], answers.Version.Number);

        ItemView Item(ItemGap item) => ItemView.Of(item, answers);

        int Count(AnswerNoteKind kind) => survey.Notes.Count(note => note.Kind == kind);
    }
}

/// <summary>One part of a gap.</summary>
internal sealed record GapPartView(string Code, Bilingual Name, double Weight, double Aim, double Found, double Gap);

/// <summary>What a gap lacks, and the service that has to publish it.</summary>
internal sealed record GapNeedView(Bilingual Data, string Service);

/// <summary>One of the five gaps; unit: scale (steps of the answers), share, points. Width: 0 (closed) to 1, comparable between gaps.</summary>
internal sealed record GapView(int Number, string Code, Bilingual Name, Bilingual Meaning, double? Value, string Unit, double? Width, long Sample, IReadOnlyList<GapPartView> Parts, GapNeedView? Missing)
{
    public static GapView Of(ServiceGap gap) => new(
        gap.Number, gap.Code, gap.Name, gap.Meaning, gap.Value, gap.Unit switch { GapUnit.Scale => "scale", GapUnit.Share => "share", _ => "points" }, gap.Width, gap.Sample,
        [.. gap.Parts.Select(part => new GapPartView(part.Code, part.Name, part.Weight, part.Aim, part.Found, part.Gap))], gap.Missing is { } need ? new(need.Data, need.Service) : null);
}

/// <summary>The five-gap board of a unit (SCO-12); widest is the number of the widest gap among those with data.</summary>
internal sealed record GapBoardView(UnitView Unit, string Period, DateTimeOffset AsOf, SchemeReference Scheme, int? Widest, IReadOnlyList<GapView> Gaps)
{
    public static GapBoardView Of(UnitScore unit, UnitSurvey answers)
    {
        var board = GapBoard.Of(new GapInputs(Deliveries: Delivery.Of(unit.Score), Perceptions: answers.Survey.Gaps, ScaleLow: ServqualAnswers.Low, ScaleHigh: ServqualAnswers.High));
        return new(UnitView.Of(unit.Unit), unit.Score.Window.Period.ToString(), unit.AsOf, SchemeReference.Of(unit.Score.Scheme), board.Widest?.Number, [.. board.Gaps.Select(GapView.Of)]);
    }
}
