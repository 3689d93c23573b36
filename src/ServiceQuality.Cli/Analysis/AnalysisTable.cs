using System.Text;
using CsvHelper;

namespace ServiceQuality.Cli.Analysis;

/// <summary>Whether the first row of a table names the columns.</summary>
internal enum Heading
{
    /// <summary>It does.</summary>
    Required,

    /// <summary>It does unless all its cells are numbers.</summary>
    WhereNotNumbers,
}

/// <summary>What a verb takes: more is refused before it is computed.</summary>
/// <param name="Heading">Whether the first row names the columns.</param>
/// <param name="Rows">Most rows, the heading not counted.</param>
/// <param name="Columns">Most columns.</param>
internal sealed record TableForm(Heading Heading = Heading.Required, int Rows = 100_000, int Columns = 500);

/// <summary>One row and the line of the file on which it starts.</summary>
internal sealed record TableRow(long Line, IReadOnlyList<string> Cells);

/// <summary>
/// A CSV file (RFC 4180, UTF-8; comma, semicolon, tab or bar, found out from the file) held in memory for the verbs that analyse files. Every row has as many cells as the first;
/// cells are trimmed, empty lines skipped. Whatever is wrong is said with file, line and column.
/// </summary>
internal sealed class AnalysisTable
{
    private const int LargestRow = 1024 * 1024;
    private const long LargestFile = 64L * 1024 * 1024;

    private readonly Surroundings surroundings;

    private AnalysisTable(Surroundings surroundings, string name, IReadOnlyList<string>? columns, IReadOnlyList<TableRow> rows)
    {
        this.surroundings = surroundings;
        Name = name;
        HasHeading = columns is not null;
        Width = columns?.Count ?? rows[0].Cells.Count;
        Columns = columns ?? [.. Enumerable.Range(1, Width).Select(number => surroundings.Say($"column {number}", $"第 {number} 列"))];
        Rows = rows;
    }

    /// <summary>The file as messages call it.</summary>
    public string Name { get; }

    /// <summary>True when the first row of the file named the columns.</summary>
    public bool HasHeading { get; }

    /// <summary>Names of the columns, or "column 1" … where the file has none.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>At least one row.</summary>
    public IReadOnlyList<TableRow> Rows { get; }

    public int Width { get; }

    /// <summary>Reads a file; <c>-</c> is standard input.</summary>
    /// <exception cref="UsageException">The file is empty, too large, ragged or no CSV.</exception>
    public static AnalysisTable Read(Surroundings surroundings, string path, TableForm form)
    {
        var name = path == "-" ? surroundings.Say("standard input", "标准输入") : path;
        if (path != "-" && new FileInfo(path) is { Exists: true, Length: > LargestFile })
            throw new UsageException(surroundings.Say($"{name} is too large: at most 64 MiB", $"{name} 太大：最多 64 MiB"));

        var rows = new List<TableRow>();
        using (var reader = Open(surroundings, path))
        {
            try
            {
                while (reader.Read())
                {
                    rows.Add(new TableRow(reader.LineNumber, [.. reader.Current.ToArray().Select(cell => cell.Trim())]));
                    CheckShape(surroundings, name, rows, form);
                }
            }
            catch (CsvFormatException exception)
            {
                throw new UsageException($"{name}: {exception.Message}");
            }
        }

        var headed = rows.Count > 0 && (form.Heading == Heading.Required || rows[0].Cells.Any(cell => cell.Length > 0 && Numbers.Read(cell) is null));
        if (rows.Count <= (headed ? 1 : 0))
            throw new UsageException(surroundings.Say($"{name} is empty: it has no row of data", $"{name} 是空的：没有数据行"));
        if (!headed)
            return new AnalysisTable(surroundings, name, null, rows);

        var columns = rows[0].Cells;
        if (columns.Where(column => column.Length > 0).GroupBy(column => column).FirstOrDefault(group => group.Count() > 1) is { Key: var twice })
            throw new UsageException(surroundings.Say($"{name} has two columns named '{twice}'", $"{name} 有两列都叫 '{twice}'"));
        return new AnalysisTable(surroundings, name, columns, rows[1..]);
    }

    /// <summary>Place of a column.</summary>
    /// <exception cref="UsageException">There is none of this name.</exception>
    public int Column(string name) => Find(name) ?? throw new UsageException(surroundings.Say(
        $"{Name} has no column '{name}'; it has {string.Join(", ", Columns)}", $"{Name} 没有列 '{name}'；已有：{string.Join("、", Columns)}"));

    /// <summary>Place of a column, null when there is none of this name; capitals do not matter.</summary>
    public int? Find(string name)
    {
        for (var place = 0; place < Columns.Count; place++)
        {
            if (HasHeading && Columns[place].Equals(name, StringComparison.OrdinalIgnoreCase))
                return place;
        }
        return null;
    }

    /// <summary>A finite number, also written as a fraction (<c>1/3</c>).</summary>
    /// <exception cref="UsageException">The cell is empty or something else.</exception>
    public double Number(TableRow row, int column) => NumberOrNone(row, column) ?? throw Fault(row, column, surroundings.Say("a number is missing", "缺少数值"));

    /// <summary>The same; null for an empty cell.</summary>
    public double? NumberOrNone(TableRow row, int column)
    {
        var text = row.Cells[column];
        return text.Length == 0 ? null : Numbers.Read(text) ?? throw Fault(row, column, surroundings.Say($"'{text}' is not a number", $"'{text}' 不是数值"));
    }

    /// <summary>What is wrong in one cell, said with its place.</summary>
    public UsageException Fault(TableRow row, int column, string what)
    {
        var named = HasHeading && Columns[column].Length > 0 ? $" ({Columns[column]})" : "";
        return new(surroundings.Say($"{Name}, line {row.Line}, column {column + 1}{named}: {what}", $"{Name}，第 {row.Line} 行第 {column + 1} 列{named}：{what}"));
    }

    private static CsvReader Open(Surroundings surroundings, string path)
    {
        var options = new CsvReaderOptions { HasHeader = false, TrimWhitespace = true, TrackLineNumbers = true, MaxRecordSize = LargestRow };
        if (path != "-")
            return CsvReader.FromFile(path, options);
        var text = new StringBuilder();
        var buffer = new char[65_536];
        for (int read; (read = surroundings.Input.Read(buffer)) > 0;)
        {
            if (text.Append(buffer, 0, read).Length > LargestFile)
                throw new UsageException(surroundings.Say("standard input is too large: at most 64 MiB", "标准输入太大：最多 64 MiB"));
        }
        return CsvReader.FromText(text.ToString(), options);
    }

    /// <summary>Checked row by row, so that a hostile file is not held as a whole first.</summary>
    private static void CheckShape(Surroundings surroundings, string name, List<TableRow> rows, TableForm form)
    {
        var (first, last) = (rows[0].Cells.Count, rows[^1]);
        if (last.Cells.Count != first)
        {
            throw new UsageException(surroundings.Say(
                $"{name}, line {last.Line}: {last.Cells.Count} cells, but the first row has {first}", $"{name}，第 {last.Line} 行：有 {last.Cells.Count} 格，而首行有 {first} 格"));
        }
        if (first > form.Columns)
            throw new UsageException(surroundings.Say($"{name} has {first} columns: at most {form.Columns}", $"{name} 有 {first} 列：最多 {form.Columns} 列"));
        if (rows.Count > form.Rows + 1)
            throw new UsageException(surroundings.Say($"{name} has too many rows: at most {form.Rows}", $"{name} 行数太多：最多 {form.Rows} 行"));
    }
}
