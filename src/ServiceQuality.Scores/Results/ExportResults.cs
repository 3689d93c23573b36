using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ServiceQuality.Access;
using ServiceQuality.Scoring.Results;

namespace ServiceQuality.Scores.Results;

/// <summary>Streams the documents of a closing as they were sealed, or a table of them.</summary>
internal static class ExportResults
{
    private const string Header = "unit,name_zh,name_en,path,period,number,official,grade,coverage,place,of,base,bonuses,deductions,limit,scheme,as_of,hash";

    public static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> Get(
        Guid id, string? format, HttpContext context, ResultAccess access, [FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db, CancellationToken ct)
    {
        if ((format ??= "json") is not ("json" or "csv"))
            return Problems.Of(StatusCodes.Status400BadRequest, "format-invalid", "'format' is json or csv.");
        var (problem, closing, unit) = await access.ClosingAsync(context, id, toManage: false, ct);
        if (problem is not null)
            return problem;
        var scope = context.Caller().Scope(Permissions.ReadScores);
        return TypedResults.Stream(body => WriteAsync(db, id, scope, format, body, context.RequestAborted), format == "csv" ? "text/csv" : "application/json", $"results-{unit!.Code}-{closing!.Period}.{format}");
    }

    private static async Task WriteAsync(NpgsqlDataSource db, Guid closing, IReadOnlyList<string> scope, string format, Stream body, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        await using var command = ResultRows.NewestCommand(connection, closing, scope, withContent: true);
        await using var reader = await command.ExecuteReaderAsync(ct);
        // Spreadsheets take a CSV for Chinese only with the mark.
        await using var text = new StreamWriter(body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: format == "csv"), leaveOpen: true) { NewLine = "\n" };
        await text.WriteLineAsync(format == "csv" ? Header : "[");
        for (var first = true; await reader.ReadAsync(ct); first = false)
        {
            var content = reader.GetString(16);
            if (format == "json" && !first)
                await text.WriteLineAsync(",".AsMemory(), ct);
            if (format == "json")
                await text.WriteAsync(content.AsMemory(), ct);
            else
                await text.WriteLineAsync(Line(ResultSeal.Read(content), reader.GetString(12)).AsMemory(), ct);
        }
        if (format == "json")
            await text.WriteLineAsync("\n]".AsMemory(), ct);
    }

    private static string Line(ResultDocument it, string hash) => string.Join(',', new[]
    {
        it.Unit.Code, it.Unit.Name.Zh, it.Unit.Name.En, it.Unit.Path, it.Period, Text(it.Number), Text(it.Official), it.Grade, Text(it.Coverage), Text(it.Rank?.Place), Text(it.Rank?.Of),
        Text(it.Sum?.Base), Text(it.Sum?.Bonuses), Text(it.Sum?.Deductions), Text(it.Sum?.Limit), $"{it.Scheme.Id}@{it.Scheme.Version}", it.AsOf.ToString("O", CultureInfo.InvariantCulture), hash,
    }.Select(Field));

    internal static string Text(IFormattable? value) => value?.ToString(null, CultureInfo.InvariantCulture) ?? "";

    /// <summary>Quoted where it must be; a name that a spreadsheet would take for a formula is marked as text.</summary>
    internal static string Field(string? text)
    {
        text ??= "";
        if (text.Length > 0 && text[0] is '=' or '+' or '@' or '\t' or '\r' || (text.StartsWith('-') && !double.TryParse(text, CultureInfo.InvariantCulture, out _)))
            text = "'" + text;
        return text.AsSpan().ContainsAny(",\"\n\r") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }
}
