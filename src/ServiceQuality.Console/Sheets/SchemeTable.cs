using System.Globalization;
using System.Text;
using ServiceQuality.Console.Schemes;
using ServiceQuality.Console.Suite;

namespace ServiceQuality.Console.Sheets;

/// <summary>A row of a scheme's tree.</summary>
/// <param name="Part">The part.</param>
/// <param name="Path">Codes from the top, separated by slashes.</param>
/// <param name="Effective">Share of the whole score in per cent.</param>
public sealed record TreeRow(SchemePart Part, string Path, double Effective);

/// <summary>A scheme as rows, for spreadsheets and paper.</summary>
internal static class SchemeTable
{
    private static readonly string[] Columns = ["path", "code", "zh", "en", "kind", "weight", "effective_weight", "measure", "unit", "aggregator", "direction", "minimum_sample", "breakpoints", "missing", "missing_points", "missing_days", "target", "warning", "critical", "owner_zh", "owner_en"];

    /// <summary>Every part with its place and its share of the whole.</summary>
    public static IReadOnlyList<TreeRow> Rows(SchemeDocument document)
    {
        var rows = new Dictionary<string, TreeRow>(StringComparer.Ordinal);
        foreach (var part in document.Parts)
        {
            var above = SchemeTree.Above(document, part) is { } family ? rows.GetValueOrDefault(family.Code) : null;
            rows[part.Code] = new(part, above is null ? part.Code : $"{above.Path}/{part.Code}", (above?.Effective ?? 100) * part.Share / 100);
        }
        return [.. document.Parts.Select(part => rows[part.Code])];
    }

    /// <summary>The tree as CSV (RFC 4180) with a byte order mark, so that spreadsheets read the Chinese names.</summary>
    public static byte[] Csv(SchemeDocument document)
    {
        var text = new StringBuilder("\uFEFF").AppendJoin(',', Columns).Append("\r\n");
        foreach (var row in Rows(document).Prepend(new(document.Root, "", 100)))
        {
            var (part, measure) = (row.Part, Measures.MeasureList.Find(document, SchemeDocument.Text(row.Part.Node["measure"]) ?? ""));
            var owner = SchemeDocument.LocalOf(part.Node["owner"]);
            string?[] cells =
            [
                row.Path, part.Code, part.Name.Zh, part.Name.En, part.IsFamily ? "family" : "indicator", SchemeDocument.Field(part.Share), SchemeDocument.Field(Math.Round(row.Effective, 6)),
                measure?.Code, measure?.Unit, measure?.Aggregator, SchemeDocument.Text(part.Node["direction"]), part.IsFamily ? null : part.MinimumSample.ToString(CultureInfo.InvariantCulture),
                string.Join(' ', part.Curve.Select(point => $"{SchemeDocument.Field(point.Value)}:{SchemeDocument.Field(point.Points)}")), part.IsFamily ? part.Policy : null,
                part.IsFamily ? SchemeDocument.Field(part.PolicyPoints) : null, part.IsFamily ? SchemeDocument.Field(part.PolicyDays) : null,
                Number("target"), Number("warning"), Number("critical"), owner.Zh, owner.En,
            ];
            text.AppendJoin(',', cells.Select(Cell)).Append("\r\n");

            string Number(string property) => SchemeDocument.Field(SchemeDocument.Number(part.Node[property]));
        }
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>What a spreadsheet would take for a formula begins with an apostrophe; numbers are numbers.</summary>
    private static string Cell(string? cell)
    {
        if (cell is not { Length: > 0 })
            return "";
        if (cell[0] is '=' or '+' or '@' or '\t' or '-' && !double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out _))
            cell = "'" + cell;
        return cell.AsSpan().IndexOfAny(",\"\r\n") < 0 ? cell : $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
