using ServiceQuality.Scoring.Charts;

namespace ServiceQuality.Cli.Analysis;

/// <summary>Which columns of a file are charted.</summary>
/// <param name="Value">Values, or counts for p, p′ and u; null: <c>value</c>, or <c>count</c>.</param>
/// <param name="Size">Sizes for p, p′ and u; null: <c>size</c>.</param>
/// <param name="Event"><c>COLUMN=TEXT</c>: every row is a case, and counts when the cell is the text.</param>
/// <param name="Rows">Every row is one event, and every point has the size 1.</param>
/// <param name="By">Columns, each perhaps with a number of characters (<c>time:2</c>), whose equal text makes rows one point.</param>
internal sealed record ChartColumns(string? Value, string? Size, string? Event, bool Rows, IReadOnlyList<string> By);

/// <summary>Points to chart, with their names.</summary>
internal sealed record ChartData(IReadOnlyList<string> Labels, IReadOnlyList<Observation> Points)
{
    private const int MostPoints = 20_000;

    public static ChartData Read(Surroundings surroundings, IReadOnlyList<string> paths, ChartType type, ChartColumns columns)
    {
        var table = AnalysisTable.Read(surroundings, paths, new TableForm(columns.By.Count > 0 ? Heading.Required : Heading.WhereNotNumbers, Rows: 500_000));
        var read = Reader(surroundings, table, type, columns);
        var label = Label(surroundings, table, columns.By);
        var groups = new Dictionary<string, (double Sum, double Size, int Values)>(StringComparer.Ordinal);
        var order = new List<string>();
        foreach (var row in table.Rows)
        {
            var (name, point) = (columns.By.Count == 0 ? $"{order.Count}" : label(row), read(row));
            if (!groups.TryGetValue(name, out var group))
                order.Add(name);
            groups[name] = point is { Value: { } value } ? (group.Sum + value, group.Size + (point.Size ?? 0), group.Values + 1) : group;
            if (order.Count > MostPoints)
                throw new UsageException(surroundings.Say($"{table.Name}: more than {MostPoints} points; --by makes rows one point", $"{table.Name}：超过 {MostPoints} 个点；可用 --by 合并各行"));
        }
        var counted = HasSizes(type);
        return new(columns.By.Count == 0 ? [.. table.Rows.Select(label)] : order,
            [.. order.Select(name => groups[name]).Select(group => group.Values == 0 ? default : new Observation(counted ? group.Sum : group.Sum / group.Values, columns.Rows ? 1 : counted ? group.Size : null))]);
    }

    public static bool HasSizes(ChartType type) => type is ChartType.P or ChartType.PPrime or ChartType.U;

    private static Func<TableRow, Observation> Reader(Surroundings surroundings, AnalysisTable table, ChartType type, ChartColumns columns)
    {
        if (columns.Rows)
        {
            return type == ChartType.U && columns is { Event: null, Value: null, Size: null, By.Count: > 0 }
                ? _ => new(1, 1)
                : throw new UsageException(surroundings.Say("--rows goes with --type u and --by, without --event, --value and --size", "--rows 须与 --type u 和 --by 同用，不与 --event、--value、--size 同用"));
        }
        if (columns.Event is { } wanted)
        {
            var parts = wanted.Split('=', 2);
            if (!HasSizes(type) || parts.Length < 2)
                throw new UsageException(surroundings.Say("--event takes COLUMN=TEXT and goes with p, p-prime and u", "--event 的写法是 列名=文字，只用于 p、p-prime 和 u"));
            var place = table.Column(parts[0].Trim());
            return row => row.Cells[place].Length == 0 ? default : new(row.Cells[place].Equals(parts[1].Trim(), StringComparison.OrdinalIgnoreCase) ? 1 : 0, 1);
        }
        if (!HasSizes(type))
        {
            var place = Place(table, columns.Value, "value", table.Width - 1);
            return row => new(table.NumberOrNone(row, place));
        }
        var (count, size) = (Place(table, columns.Value, "count", table.Width - 2), Place(table, columns.Size, "size", table.Width - 1));
        if (count < 0)
            throw new UsageException(surroundings.Say($"{table.Name}: p, p-prime and u take two columns, count and size", $"{table.Name}：p、p-prime 和 u 需要两列：计数与样本量"));
        return row =>
        {
            var (k, n) = (table.NumberOrNone(row, count), table.NumberOrNone(row, size));
            if (n < 0)
                throw table.Fault(row, size, surroundings.Say("a size is not negative", "样本量不能为负"));
            return k < 0 || (type != ChartType.U && k > n) ? throw table.Fault(row, count, surroundings.Say("a count lies between 0 and its size", "计数须在 0 与样本量之间")) : n is null ? default : new(k, n);
        };
    }

    /// <summary>The column that was named, else the one with the usual name, else the usual place.</summary>
    private static int Place(AnalysisTable table, string? named, string usual, int otherwise) => named is not null ? table.Column(named) : table.Find(usual) ?? otherwise;

    private static Func<TableRow, string> Label(Surroundings surroundings, AnalysisTable table, IReadOnlyList<string> by)
    {
        if (by.Count == 0)
        {
            var number = 0;
            // A first column of names or dates labels the points; otherwise they are numbered.
            return table.Width > 1 && table.Rows.All(row => Numbers.Read(row.Cells[0]) is null) ? row => row.Cells[0] : _ => $"{++number}";
        }
        return RowLabel.Of(surroundings, table, by);
    }
}
