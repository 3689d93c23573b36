using ServiceQuality.Console.Figures;
using ServiceQuality.Console.Shell;
using ServiceQuality.Console.Suite;

namespace ServiceQuality.Console.Overview;

/// <summary>A row of the ranking.</summary>
/// <param name="Row">The figures.</param>
/// <param name="Region">The region it belongs to.</param>
/// <param name="Rank">Its place among the graded; null when not graded.</param>
public sealed record RankedRow(BoardRow Row, ScoredUnit? Region, int? Rank);

/// <summary>A unit whose score moved beyond noise, and the indicator that moved it most.</summary>
public sealed record Mover(BoardRow Row, Cause? Cause);

/// <summary>What to look at first.</summary>
public enum Concern
{
    Drop,
    Silence,
    Lowest,
}

/// <param name="Crossed">The band whose limit the score fell through.</param>
public sealed record Attention(Concern Concern, BoardRow Row, Band? Crossed, Cause? Cause);

/// <summary>Everything the overview shows; what could not be read is an obstacle in its place.</summary>
public sealed record BoardView(
    BoardQuery Query, string Period, Obstacle? Obstacle, Board? Board, Scheme Scheme, bool Branches,
    IReadOnlyList<RankedRow> All, IReadOnlyList<RankedRow> Matching, IReadOnlyList<RankedRow> Shown, int Page, int Pages,
    IReadOnlyList<BoardRow> Regions, IReadOnlyList<Mover> Movers, IReadOnlyList<Attention> Attention, Reading<IntakeStatus> Intake)
{
    /// <summary>A score as it is shown under the scheme of the page.</summary>
    public string Score(double? score) => Figure.Score(score, Scheme.Limits);
}

/// <summary>Reads and arranges the overview.</summary>
public sealed class BoardAssembly(SuiteReader suite, SchemeShelf schemes, MainCauses causes, Reader reader)
{
    public const int RowsPerPage = 100;
    private const int MostMovers = 9;

    public async Task<BoardView> OfAsync(BoardQuery query, CancellationToken ct)
    {
        var period = Periods.Known(query.Period);
        var intakeReading = suite.IntakeAsync(ct);
        var reading = await suite.BoardAsync(period, ct);
        var intake = await intakeReading;
        if (reading.Value is not { } board)
            return new(query, period, reading.Obstacle, null, Scheme.Default, true, [], [], [], 1, 1, [], [], [], intake);

        var scheme = await schemes.OfAsync(board.Scheme, suite, ct);
        var (compared, branches) = Compared(board);
        var all = Ranked(board, compared);
        var matching = Sorted(Matching(all, query), query).ToList();
        var pages = Math.Max(1, (matching.Count + RowsPerPage - 1) / RowsPerPage);
        var page = Math.Clamp(query.Page ?? 1, 1, pages);
        var movers = await Task.WhenAll(MoversOf(compared).Select(async row => new Mover(row, await causes.OfAsync(row, period, suite, ct))));
        var regions = board.Units.Where(row => row.Unit.Kind == "region").OrderBy(row => row.Unit.Path, StringComparer.Ordinal).ToList();
        return new(query, period, null, board, scheme, branches, all, matching, [.. matching.Skip((page - 1) * RowsPerPage).Take(RowsPerPage)], page, pages,
            regions, movers, AttentionOf(compared, movers, scheme), intake);
    }

    /// <summary>The units that are compared with each other: branches; for someone who sees one branch only, its contact points.</summary>
    internal static (IReadOnlyList<BoardRow> Rows, bool Branches) Compared(Board board)
    {
        var branches = board.Units.Where(row => row.Unit.Kind is "county-branch" or "department").ToList();
        if (branches.Count > 1)
            return (branches, true);

        var above = board.Units.Select(row => row.Unit.Above).ToHashSet(StringComparer.Ordinal);
        var leaves = board.Units.Where(row => !above.Contains(row.Unit.Path)).ToList();
        return leaves.Count > 0 ? (leaves, false) : (board.Units, false);
    }

    internal static IReadOnlyList<RankedRow> Ranked(Board board, IReadOnlyList<BoardRow> rows)
    {
        var byPath = board.Units.Where(row => row.Unit.Kind == "region").ToDictionary(row => row.Unit.Path, row => row.Unit, StringComparer.Ordinal);
        var graded = rows.Where(row => row.Grade is not null && row.Score is not null).Select(row => row.Score!.Value).OrderDescending().ToList();
        return [.. rows.Select(row => new RankedRow(row, RegionOf(row.Unit), row is { Grade: not null, Score: { } score } ? graded.FindIndex(each => each <= score) + 1 : null))];

        ScoredUnit? RegionOf(ScoredUnit unit) => byPath.Values.FirstOrDefault(region => unit.Path.StartsWith(region.Path, StringComparison.Ordinal));
    }

    private static IEnumerable<RankedRow> Matching(IEnumerable<RankedRow> rows, BoardQuery query)
    {
        if (query.Region is { Length: > 0 } region)
            rows = rows.Where(row => row.Region?.Code == region);
        if (query.Grade is { Length: > 0 } grade)
            rows = rows.Where(row => (row.Row.Grade?.Code ?? "none") == grade);
        if (query.Find?.Trim() is { Length: > 0 } find)
            rows = rows.Where(row => row.Row.Unit.Code.Contains(find, StringComparison.OrdinalIgnoreCase) || Has(row.Row.Unit.Named.Zh, find) || Has(row.Row.Unit.Named.En, find));
        return rows;
    }

    private static bool Has(string? name, string find) => name?.Contains(find, StringComparison.OrdinalIgnoreCase) == true;

    private IEnumerable<RankedRow> Sorted(IEnumerable<RankedRow> rows, BoardQuery query)
    {
        var (key, descending) = BoardOrder.Of(query);
        if (key == "name")
            return descending ? rows.OrderByDescending(row => reader.Name(row.Row.Unit), StringComparer.Ordinal) : rows.OrderBy(row => reader.Name(row.Row.Unit), StringComparer.Ordinal);

        Func<RankedRow, double?> by = key switch
        {
            "coverage" => row => row.Row.Coverage,
            "change" => row => row.Row.Change24h,
            "fresh" => row => row.Row.Freshness?.Since is { } since ? (reader.Now - since).TotalSeconds : null,
            _ => row => row.Row.Grade is null ? null : row.Row.Score,
        };
        // Rows without the figure come last either way, rows that are equal in it stay in the order of their codes.
        var first = rows.OrderBy(row => by(row) is null);
        return (descending ? first.ThenByDescending(by) : first.ThenBy(by)).ThenBy(row => row.Row.Unit.Code, StringComparer.Ordinal);
    }

    private static IEnumerable<BoardRow> MoversOf(IEnumerable<BoardRow> rows) => rows
        .Where(row => row is { ChangeSignificant: true, Change24h: not null })
        .OrderByDescending(row => Math.Abs(row.Change24h!.Value))
        .Take(MostMovers)
        .OrderByDescending(row => row.Change24h);

    /// <summary>The worst fall, the longest silence, the lowest score: three different units at most.</summary>
    internal static IReadOnlyList<Attention> AttentionOf(IReadOnlyList<BoardRow> rows, IReadOnlyList<Mover> movers, Scheme scheme)
    {
        var found = new List<Attention>();
        if (movers.Where(mover => mover.Row is { Score: not null, Change24h: < 0 }).MinBy(mover => mover.Row.Change24h) is { } fall)
        {
            var (now, change) = (fall.Row.Score!.Value, fall.Row.Change24h!.Value);
            var before = scheme.BandOf(now - change);
            found.Add(new(Concern.Drop, fall.Row, before.Code != scheme.BandOf(now).Code ? before : null, fall.Cause));
        }

        if (rows.Where(row => row.Freshness?.State == "silent" && !Named(row)).MinBy(row => row.Freshness!.Since) is { } silent)
            found.Add(new(Concern.Silence, silent, null, null));
        if (rows.Where(row => row is { Score: not null, Grade: not null } && !Named(row)).MinBy(row => row.Score) is { } lowest)
            found.Add(new(Concern.Lowest, lowest, null, null));
        return found;

        bool Named(BoardRow row) => found.Any(item => item.Row.Unit.Code == row.Unit.Code);
    }
}

/// <summary>The orders of the ranking.</summary>
public static class BoardOrder
{
    /// <summary>Column and direction that the address asks for; highest score first when it does not.</summary>
    public static (string Key, bool Descending) Of(BoardQuery query)
    {
        var key = query.Sort is "name" or "coverage" or "change" or "fresh" ? query.Sort : "score";
        var descending = query.Dir switch { "asc" => false, "desc" => true, _ => StartsDescending(key) };
        return (key, descending);
    }

    public static bool StartsDescending(string key) => key is "score" or "coverage" or "change" or "fresh";
}

/// <summary>The periods that pages offer; any other identifier of the service works in the address too.</summary>
public static class Periods
{
    public const string Main = "7d";

    public static readonly IReadOnlyList<string> Offered = ["24h", "7d", "30d", "month", "quarter"];

    public static string Known(string? period) => period is { Length: > 0 and <= 20 } ? period : Main;
}
