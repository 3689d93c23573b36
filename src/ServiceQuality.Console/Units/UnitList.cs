using ServiceQuality.Access;
using ServiceQuality.Console.Overview;
using ServiceQuality.Console.Shell;
using ServiceQuality.Console.Suite;

namespace ServiceQuality.Console.Units;

/// <summary>A line of the tree.</summary>
/// <param name="Depth">How far below the topmost unit that is shown.</param>
/// <param name="Row">Its score; null when there is none or it cannot be read.</param>
public sealed record UnitLine(Unit Unit, int Depth, BoardRow? Row);

/// <param name="Only">The code of the one unit that a search found.</param>
public sealed record UnitsView(UnitsQuery Query, Obstacle? Obstacle, Obstacle? ScoresObstacle, Scheme Scheme, IReadOnlyList<UnitLine> Lines, int Total, int Page, int Pages, string? Only)
{
    public string Score(double? score) => Figures.Figure.Score(score, Scheme.Limits);
}

/// <summary>The reader's part of the tree with scores.</summary>
public sealed class UnitList(SuiteReader suite, SchemeShelf schemes, Reader reader)
{
    private const int LinesPerPage = 200;

    public async Task<UnitsView> OfAsync(UnitsQuery query, CancellationToken ct)
    {
        var scored = reader.Caller?.May(Permissions.ReadScores) == true ? suite.BoardAsync(Periods.Known(query.Period), ct) : null;
        var units = await suite.UnitsAsync(ct);
        var board = scored is null ? new Reading<Board>(null, Obstacle.NotAllowed) : await scored;
        var scheme = await schemes.OfAsync(board.Value?.Scheme, suite, ct);
        if (units.Value is not { } known)
            return new(query, units.Obstacle, board.Obstacle, scheme, [], 0, 1, 1, null);

        var find = query.Find?.Trim();
        var found = known.OrderBy(unit => unit.Path, StringComparer.Ordinal).ToList();
        if (find is { Length: > 0 })
        {
            if (found.FirstOrDefault(unit => unit.Code.Equals(find, StringComparison.OrdinalIgnoreCase)) is { } exact)
                return new(query, null, board.Obstacle, scheme, [], 1, 1, 1, exact.Code);

            found = [.. found.Where(unit => unit.Code.Contains(find, StringComparison.OrdinalIgnoreCase) || Has(unit.Name.Zh, find) || Has(unit.Name.En, find))];
            if (found.Count == 1)
                return new(query, null, board.Obstacle, scheme, [], 1, 1, 1, found[0].Code);
        }

        var rows = (board.Value?.Units ?? []).Concat(board.Value?.Organisation is { } top ? [top] : []).DistinctBy(row => row.Unit.Id).ToDictionary(row => row.Unit.Id);
        var pages = Math.Max(1, (found.Count + LinesPerPage - 1) / LinesPerPage);
        var page = Math.Clamp(query.Page ?? 1, 1, pages);
        var shown = found.Skip((page - 1) * LinesPerPage).Take(LinesPerPage).ToList();
        var least = known.Count == 0 ? 0 : known.Min(unit => Level(unit.Path));
        return new(query, null, board.Obstacle, scheme, [.. shown.Select(unit => new UnitLine(unit, find is { Length: > 0 } ? 0 : Level(unit.Path) - least, rows.GetValueOrDefault(unit.Id)))], found.Count, page, pages, null);
    }

    private static int Level(string path) => path.Count(c => c == '/');

    private static bool Has(string? name, string find) => name?.Contains(find, StringComparison.OrdinalIgnoreCase) == true;
}
