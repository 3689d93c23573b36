using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ServiceQuality.Cli.Access;
using Spectre.Console;

namespace ServiceQuality.Cli.Scores;

/// <summary>`sq score`: one unit's score with all that made it.</summary>
internal static class ScoreCommand
{
    private const string None = "—";

    public static Command Create(Surroundings surroundings)
    {
        var connection = new Connection(surroundings);
        var unit = new Argument<string>("UNIT") { Description = "Code or id of the unit" };
        var period = new Option<string?>("--period") { Description = "24h, 7d, 30d, day, week, month, quarter, half-year, year, or a whole one such as 2026-11 or 2026-W47 [7d]", HelpName = "PERIOD" };
        var asOf = new Option<DateTimeOffset?>("--as-of") { Description = "As it stood at this moment (RFC 3339)", HelpName = "TIME" };
        var json = new Option<bool>("--json") { Description = "Write the suite's answer as it is" };
        var command = new CommandWithExamples("score", "Show a unit's score: grade, coverage, every indicator with what it costs.",
            "sq score n01", "sq score north --period 2026-11 --json", "sq score n01 --as-of 2026-11-19T18:00:00+08:00")
        {
            unit, connection.Url, connection.Token, period, asOf, json,
        };
        command.SetAction(async (parsed, ct) =>
        {
            var client = await connection.AsPersonAsync(parsed, ct);
            var query = new List<string>();
            if (parsed.GetValue(period) is { } wanted)
                query.Add("period=" + Uri.EscapeDataString(wanted));
            if (parsed.GetValue(asOf) is { } moment)
                query.Add("asOf=" + Uri.EscapeDataString(moment.ToString("O", CultureInfo.InvariantCulture)));
            var address = $"api/scores/{Uri.EscapeDataString(parsed.GetValue(unit)!)}{(query.Count > 0 ? "?" + string.Join('&', query) : "")}";
            var score = await client.GetAsync(address, ct);
            if (parsed.GetValue(json))
                await surroundings.Output.WriteLineAsync(score.GetRawText());
            else
                Show(surroundings, score);
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Show(Surroundings surroundings, JsonElement score)
    {
        var console = surroundings.Tables();
        var unit = score.GetProperty("unit");
        var grade = score.TryGetProperty("grade", out var given) && given.ValueKind == JsonValueKind.Object ? Name(surroundings, given) : surroundings.Say("no grade", "不定级");
        console.MarkupLineInterpolated($"[bold]{Text(unit, "code")} {Name(surroundings, unit)}[/]  {Text(score, "period")}  {Text(score, "asOf")}");
        var interval = score.TryGetProperty("interval", out var range) && range.ValueKind == JsonValueKind.Object
            ? $" ({Number(range, "low")} … {Number(range, "high")})"
            : "";
        console.MarkupLineInterpolated($"[bold]{Number(score, "score", "0.00")}[/]{interval}  {grade}  {surroundings.Say("coverage", "覆盖率")} {Percent(score, "coverage")}");

        var table = new Table().Border(TableBorder.Simple).AddColumns(surroundings.Say("Indicator", "指标"), surroundings.Say("Family", "类别"));
        foreach (var heading in new[] { ("Value", "值"), ("Unit", "单位"), ("Sample", "样本"), ("Points", "得分"), ("Weight", "权重"), ("Contribution", "贡献") })
            table.AddColumn(new TableColumn(surroundings.Say(heading.Item1, heading.Item2)).RightAligned());
        table.AddColumn("");
        var leaves = score.GetProperty("leaves").EnumerateArray().OrderBy(leaf => Value(leaf, "contribution") ?? 0);
        foreach (var leaf in leaves)
        {
            table.AddRow([.. new[]
            {
                Text(leaf, "code"), Text(leaf, "family"), Number(leaf, "value", "0.###"), Text(leaf, "unit"), Number(leaf, "sample", "0"), Number(leaf, "points"),
                Percent(leaf, "effectiveWeight"), Number(leaf, "contribution", "+0.00;-0.00;0.00"), Text(leaf, "state") is "scored" ? "" : $"{Text(leaf, "state")} {Text(leaf, "reason")}".TrimEnd(),
            }.Select(Markup.Escape)]);
        }

        console.Write(table);
        foreach (var adjustment in Items(score, "adjustments"))
            console.MarkupLineInterpolated($"{Text(adjustment, "kind")} {Text(adjustment, "rule")}: {Number(adjustment, "counted")} / {Number(adjustment, "points")}");
        if (Items(score, "notScored").ToList() is { Count: > 0 } missing)
            console.MarkupLineInterpolated($"{surroundings.Say("Not scored", "未评分")}: {string.Join(", ", missing.Select(one => Text(one, "code")))}");
        console.MarkupLineInterpolated($"{surroundings.Say("Scheme", "方案")} {Text(score.GetProperty("scheme"), "id")}@{Number(score.GetProperty("scheme"), "version", "0")}  {surroundings.Say("hash", "哈希")} {Text(score, "hash")}");
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var items) && items.ValueKind == JsonValueKind.Array ? items.EnumerateArray() : default;

    private static string Name(Surroundings surroundings, JsonElement named) =>
        named.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.Object ? Text(name, surroundings.Chinese ? "zh" : "en") : Text(named, "code");

    private static string Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static double? Value(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    private static string Number(JsonElement parent, string name, string form = "0.0") => Value(parent, name)?.ToString(form, CultureInfo.InvariantCulture) ?? None;

    private static string Percent(JsonElement parent, string name) => Value(parent, name)?.ToString("P1", CultureInfo.InvariantCulture) ?? None;
}
