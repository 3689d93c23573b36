using System.Text;
using CsvHelper;

namespace ServiceQuality.Cli.Import;

/// <summary>Reads a CSV file row by row (RFC 4180; quoted cells may hold line breaks), cells trimmed.</summary>
internal sealed class CsvSource : IDisposable
{
    // An unclosed quote near the top must not swallow a file of gigabytes into memory.
    private const int LargestRow = 1024 * 1024;

    private readonly CsvReader reader;
    private readonly Dictionary<string, int> places;
    private readonly long length;

    public CsvSource(string path, CsvForm form)
    {
        length = new FileInfo(path).Length;
        reader = CsvReader.FromFile(path, new CsvReaderOptions
        {
            Separator = form.Delimiter,
            Encoding = form.Encoding is UTF8Encoding ? null : form.Encoding,
            HasHeader = form.Columns is null,
            TrimWhitespace = true,
            TrackLineNumbers = true,
            MaxRecordSize = LargestRow,
        });
        reader.ReadHeader();
        Columns = form.Columns ?? [.. reader.Headers];
        if (Columns.Count == 0)
            throw new UsageException($"{path} is empty");
        if (Columns.GroupBy(column => column).FirstOrDefault(group => group.Count() > 1) is { Key: var twice })
            throw new UsageException($"{path} has two columns named '{twice}'");
        places = Columns.Select((column, place) => (column, place)).ToDictionary(pair => pair.column, pair => pair.place);
    }

    public IReadOnlyList<string> Columns { get; }

    /// <summary>Rows read so far, the header not counted.</summary>
    public long Rows { get; private set; }

    /// <summary>Line of the file on which the row starts.</summary>
    public long Line => reader.LineNumber;

    public string[] Cells { get; private set; } = [];

    public Row Row => new(Cells, places);

    /// <summary>Share of the file before the current row, 0–1.</summary>
    public double Share => length == 0 ? 1 : Math.Min(1, (double)reader.ByteOffset / length);

    public bool Read()
    {
        try
        {
            if (!reader.Read())
                return false;
        }
        catch (CsvFormatException exception)
        {
            throw new UsageException(exception.Message);
        }

        Cells = reader.Current.ToArray();
        Rows++;
        return true;
    }

    public void Dispose() => reader.Dispose();
}
