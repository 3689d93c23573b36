using ServiceQuality.Scores.Branches;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Board;

/// <summary>What a board knows of one unit.</summary>
internal sealed class BoardPlace
{
    public BranchState? Own { get; set; }

    public Readings? Merged { get; set; }

    public long Seq { get; set; }

    public DateTimeOffset? Newest { get; set; }

    public DateTimeOffset? Received { get; set; }

    public DayBefore? Before { get; set; }

    public IReadOnlyList<double?> Trend { get; set; } = new double?[Board.Trend.Points - 1];

    public BoardRow? Row { get; set; }

    public long ComputedAt { get; set; }

    public void Show(DayBefore? before, IReadOnlyList<double?> trend)
    {
        (Before, Trend) = (before, trend);
        Row = Row?.With(before, trend);
    }
}
