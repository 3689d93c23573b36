using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Board;

/// <summary>Every row of one period at one moment; a reader holds one view from start to end.</summary>
/// <param name="Version">Rises with every view of this process.</param>
/// <param name="Rows">Rows in the order of the paths, parents before children.</param>
/// <param name="Scheme">The scheme in force.</param>
/// <param name="AsOf">When it was computed.</param>
internal sealed record BoardView(long Version, IReadOnlyList<BoardRow> Rows, Scheme Scheme, DateTimeOffset AsOf);
