namespace ServiceQuality.Cli.Analysis;

/// <summary>A table by unit: one row per unit, one column per period or indicator; null where nothing is known.</summary>
internal sealed record UnitTable(IReadOnlyList<string> Units, IReadOnlyList<string> Columns, IReadOnlyList<List<double?>> Cells);

/// <summary>Raw records made into a table by unit: the means of what each unit has.</summary>
internal static class UnitMeans
{
    private const int MostUnits = 5_000;
    private const int MostColumns = 500;

    /// <summary>One column per text of the columns named by, in the order in which they come: the mean of one value.</summary>
    /// <exception cref="UsageException">A column is missing, a cell is no number, or there are too many units or columns.</exception>
    public static UnitTable ByPeriod(Surroundings surroundings, AnalysisTable table, string unit, IReadOnlyList<string> by, string value)
    {
        var period = RowLabel.Of(surroundings, table, by);
        var place = table.Column(value);
        return Of(surroundings, table, unit, row => [(period(row), place)]);
    }

    /// <summary>One column per value.</summary>
    /// <exception cref="UsageException">See <see cref="ByPeriod"/>.</exception>
    public static UnitTable ByValue(Surroundings surroundings, AnalysisTable table, string unit, IReadOnlyList<string> values)
    {
        var places = values.Select(value => (Name: value, Place: table.Column(value))).ToList();
        return Of(surroundings, table, unit, _ => places);
    }

    private static UnitTable Of(Surroundings surroundings, AnalysisTable table, string unit, Func<TableRow, IReadOnlyList<(string Column, int Place)>> cells)
    {
        var named = table.Column(unit);
        var (units, columns) = (new Dictionary<string, int>(StringComparer.Ordinal), new Dictionary<string, int>(StringComparer.Ordinal));
        var sums = new Dictionary<(int Unit, int Column), (double Sum, int Count)>();
        foreach (var row in table.Rows.Where(row => row.Cells[named].Length > 0))
        {
            var at = Place(units, row.Cells[named]);
            foreach (var (column, place) in cells(row))
            {
                var key = (at, Place(columns, column));
                if (table.NumberOrNone(row, place) is { } number)
                    sums[key] = sums.TryGetValue(key, out var so) ? (so.Sum + number, so.Count + 1) : (number, 1);
            }
            if (units.Count > MostUnits || columns.Count > MostColumns)
                throw new UsageException(surroundings.Say($"{table.Name} makes more than {MostUnits} units or {MostColumns} columns", $"{table.Name} 产生的单位超过 {MostUnits} 个或列超过 {MostColumns} 列"));
        }
        if (units.Count == 0)
            throw new UsageException(surroundings.Say($"{table.Name}: the column '{unit}' names no unit", $"{table.Name}：列 '{unit}' 没有单位"));
        return new([.. units.Keys], [.. columns.Keys], [.. units.Values.Select(at => columns.Values.Select(column => sums.TryGetValue((at, column), out var so) ? so.Sum / so.Count : (double?)null).ToList())]);
    }

    private static int Place(Dictionary<string, int> known, string name)
    {
        if (!known.TryGetValue(name, out var place))
            known[name] = place = known.Count;
        return place;
    }
}
