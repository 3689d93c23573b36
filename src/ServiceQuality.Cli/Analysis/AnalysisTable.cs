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

/// <summary>One row and where it starts.</summary>
internal sealed record TableRow(string File, long Line, IReadOnlyList<string> Cells);

/// <summary>
/// A CSV file, or several with the same heading (RFC 4180; UTF-8, UTF-16 or GB18030; comma, semicolon, tab or bar, found out from the file) held in memory for the verbs that analyse files.
/// Every row has as many cells as the first; cells are trimmed, empty lines and empty rows at the end skipped. Whatever is wrong is said with file, line and column.
/// </summary>
internal sealed class AnalysisTable
{
    private const int LargestRow = 1024 * 1024;
    private const long LargestFile = 64L * 1024 * 1024;

    // Sums and squares of larger numbers could leave the range of numbers.
    private const double Largest = 1e150;

    // What people and programs write where there is no number.
    private static readonly HashSet<string> Missing = new(StringComparer.OrdinalIgnoreCase) { "NA", "N/A", "#N/A", "NaN", "null", "none", "-", "–", "—", "无", "缺失" };

    private readonly Surroundings surroundings;

    // Where cells end with a semicolon, numbers may have a comma: 3,5.
    private readonly bool decimalCommas;

    private AnalysisTable(Surroundings surroundings, string name, IReadOnlyList<string>? columns, IReadOnlyList<TableRow> rows, bool decimalCommas)
    {
        this.surroundings = surroundings;
        this.decimalCommas = decimalCommas;
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

    /// <summary>Reads several files with the same heading one after the other, as sheets of one table.</summary>
    /// <exception cref="UsageException">A file is empty, too large, ragged, no CSV, or has another heading than the first.</exception>
    public static AnalysisTable Read(Surroundings surroundings, IReadOnlyList<string> paths, TableForm form)
    {
        var tables = paths.Select(path => Read(surroundings, path, form)).ToList();
        if (tables.Count == 1)
            return tables[0];
        if (tables.FirstOrDefault(table => !table.HasHeading || !table.Columns.SequenceEqual(tables[0].Columns, StringComparer.OrdinalIgnoreCase)) is { } other)
            throw new UsageException(surroundings.Say($"{other.Name} has not the same heading as {tables[0].Name}", $"{other.Name} 的表头与 {tables[0].Name} 不同"));
        if (tables.Sum(table => (long)table.Rows.Count) > form.Rows)
            throw new UsageException(surroundings.Say($"too many rows in all files: at most {form.Rows}", $"各文件合计行数太多：最多 {form.Rows} 行"));
        return new AnalysisTable(surroundings, tables[0].Name, tables[0].Columns, [.. tables.SelectMany(table => table.Rows)], tables.Exists(table => table.decimalCommas));
    }

    /// <summary>Reads a file; <c>-</c> is standard input.</summary>
    /// <exception cref="UsageException">The file is empty, too large, ragged or no CSV.</exception>
    public static AnalysisTable Read(Surroundings surroundings, string path, TableForm form)
    {
        var name = path == "-" ? surroundings.Say("standard input", "标准输入") : path;
        var (text, separator) = TextFile.WithoutHint(Text(surroundings, path, name));
        var rows = new List<TableRow>();
        using var reader = CsvReader.FromText(text, new CsvReaderOptions { Separator = separator, HasHeader = false, TrimWhitespace = true, TrackLineNumbers = true, MaxRecordSize = LargestRow });
        try
        {
            while (reader.Read())
            {
                rows.Add(new TableRow(name, reader.LineNumber + (separator is null ? 0 : 1), [.. reader.Current.ToArray().Select(cell => cell.Trim())]));
                CheckShape(surroundings, name, rows, form);
            }
        }
        catch (CsvFormatException malformed)
        {
            throw new UsageException(surroundings.Say(
                $"{name}, line {malformed.LineNumber}: no row of CSV; a quote may be open, or the row is larger than 1 MiB", $"{name}，第 {malformed.LineNumber} 行：不是有效的 CSV 行；可能有未闭合的引号，或该行超过 1 MiB"));
        }
        while (rows.Count > 0 && rows[^1].Cells.All(cell => cell.Length == 0))
            rows.RemoveAt(rows.Count - 1);

        var headed = rows.Count > 0 && (form.Heading == Heading.Required || rows[0].Cells.Any(cell => cell.Length > 0 && Numbers.Read(cell) is null));
        if (rows.Count <= (headed ? 1 : 0))
            throw new UsageException(surroundings.Say($"{name} is empty: it has no row of data", $"{name} 是空的：没有数据行"));
        var commas = reader.Separator == ';';
        if (!headed)
            return new AnalysisTable(surroundings, name, null, rows, commas);

        var columns = rows[0].Cells;
        if (columns.Where(column => column.Length > 0).GroupBy(column => column).FirstOrDefault(group => group.Count() > 1) is { Key: var twice })
            throw new UsageException(surroundings.Say($"{name} has two columns named '{twice}'", $"{name} 有两列都叫 '{twice}'"));
        return new AnalysisTable(surroundings, name, columns, rows[1..], commas);
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

    /// <summary>The same; null for an empty cell and for words that say that there is none (NA, null, -, 无). Durations h:mm:ss are seconds.</summary>
    public double? NumberOrNone(TableRow row, int column)
    {
        var text = row.Cells[column];
        if (text.Length == 0 || Missing.Contains(text))
            return null;
        var written = decimalCommas && !text.Contains('.', StringComparison.Ordinal) ? text.Replace(',', '.') : text;
        var number = Numbers.Read(written) ?? Numbers.Seconds(text);
        if (Math.Abs(number ?? 0) > Largest)
            throw Fault(row, column, surroundings.Say($"'{text}' is beyond ±1e150", $"'{text}' 超出 ±1e150"));
        return number ?? throw Fault(row, column, text.EndsWith('%')
            ? surroundings.Say($"'{text}' has a per cent sign; write the number alone", $"'{text}' 带百分号；请只写数值")
            : surroundings.Say($"'{text}' is not a number", $"'{text}' 不是数值"));
    }

    /// <summary>What is wrong in one cell, said with its place.</summary>
    public UsageException Fault(TableRow row, int column, string what)
    {
        var named = HasHeading && Columns[column].Length > 0 ? $" ({Columns[column]})" : "";
        return new(surroundings.Say($"{row.File}, line {row.Line}, column {column + 1}{named}: {what}", $"{row.File}，第 {row.Line} 行第 {column + 1} 列{named}：{what}"));
    }

    private static string Text(Surroundings surroundings, string path, string name)
    {
        var large = new UsageException(surroundings.Say($"{name} is too large: at most 64 MiB", $"{name} 太大：最多 64 MiB"));
        if (path != "-")
        {
            if (Directory.Exists(path))
                throw new UsageException(surroundings.Say($"{name} is a folder", $"{name} 是文件夹"));
            return new FileInfo(path) is { Exists: true, Length: > LargestFile } ? throw large : TextFile.Decode(File.ReadAllBytes(path));
        }
        var text = new StringBuilder();
        var buffer = new char[65_536];
        for (int read; (read = surroundings.Input.Read(buffer)) > 0;)
        {
            if (text.Append(buffer, 0, read).Length > LargestFile)
                throw large;
        }
        return text.ToString().TrimStart('\uFEFF');
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
