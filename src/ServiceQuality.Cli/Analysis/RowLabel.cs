namespace ServiceQuality.Cli.Analysis;

/// <summary>The text that makes rows one point or one period: cells of some columns, perhaps only their first characters (<c>time:2</c>).</summary>
internal static class RowLabel
{
    /// <exception cref="UsageException">There is no such column, or what follows the colon is no number of characters.</exception>
    public static Func<TableRow, string> Of(Surroundings surroundings, AnalysisTable table, IReadOnlyList<string> by)
    {
        var parts = by.Select(part =>
        {
            var colon = part.LastIndexOf(':');
            // A heading may hold a colon itself.
            if (colon < 0 || table.Find(part) is not null)
                return (Place: table.Column(part), Length: int.MaxValue);
            return int.TryParse(part[(colon + 1)..], out var length) && length > 0
                ? (Place: table.Column(part[..colon]), Length: length)
                : throw new UsageException(surroundings.Say($"--by: '{part}' is a column, perhaps with a number of characters (time:2)", $"--by：'{part}' 应是列名，可加字符数（time:2）"));
        }).ToList();
        return row => string.Join(' ', parts.Select(part => row.Cells[part.Place] is var cell && cell.Length > part.Length ? cell[..part.Length] : row.Cells[part.Place]));
    }
}
