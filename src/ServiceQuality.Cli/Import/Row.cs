namespace ServiceQuality.Cli.Import;

/// <summary>One row of the CSV file: its cells by column, trimmed.</summary>
internal sealed class Row(string[] cells, IReadOnlyDictionary<string, int> columns)
{
    public string this[string column] => columns.TryGetValue(column, out var place) && place < cells.Length ? cells[place] : "";
}

/// <summary>What a rule makes of a row: a value, nothing, or a fault that refuses the row.</summary>
/// <param name="Value">Text, decimal or bool; null for no value.</param>
/// <param name="Fault">Why the row cannot be taken.</param>
internal sealed record Cell(object? Value, string? Fault)
{
    public static Cell Of(object? value) => new(value, null);

    public static Cell Bad(string fault) => new(null, fault);
}
