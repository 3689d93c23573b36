using System.Text.Json;
using Spectre.Console;

namespace ServiceQuality.Cli.Analysis;

/// <summary>How the verbs that analyse files print.</summary>
internal static class Printing
{
    /// <summary>A table: first column to the left, all others to the right.</summary>
    public static void Table(Surroundings surroundings, IReadOnlyList<string> headings, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new Table().Border(TableBorder.Simple);
        for (var column = 0; column < headings.Count; column++)
            table.AddColumn(column == 0 ? new TableColumn(Markup.Escape(headings[column])) : new TableColumn(Markup.Escape(headings[column])).RightAligned());
        foreach (var row in rows)
            table.AddRow([.. row.Select(Markup.Escape)]);
        surroundings.Tables().Write(table);
    }

    /// <summary>The result as JSON at full precision.</summary>
    public static Task JsonAsync(Surroundings surroundings, object result) => surroundings.Output.WriteLineAsync(JsonSerializer.Serialize(result, Numbers.Json));
}
