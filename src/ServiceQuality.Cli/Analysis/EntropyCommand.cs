using System.CommandLine;
using ServiceQuality.Scoring.Weights;

namespace ServiceQuality.Cli.Analysis;

/// <summary>One column of `sq entropy`.</summary>
internal sealed record EntropyLine(string Column, bool LowerIsBetter, double Entropy, double Divergence, bool Constant, double? Weight, double? Combined);

/// <summary>What `sq entropy --json` writes.</summary>
internal sealed record EntropyReport(int Rows, EntropyScale Scale, string? Reason, IReadOnlyList<EntropyLine> Columns);

/// <summary>`sq entropy`: weights from data (scoring.md §6).</summary>
internal static class EntropyCommand
{
    private const string Input = """
        Objective weights from a table: an indicator weighs the more, the more it tells the branches apart.

        TABLE: CSV with a heading; one row per branch, one column of numbers per indicator; a first column with names may precede them. At least 2 rows.
        Columns where less is better are named with --lower. A column that is the same in every row weighs 0.
        """;

    public static Command Create(Surroundings surroundings)
    {
        var file = new Argument<string>("TABLE") { Description = "CSV file; - is standard input" };
        var lower = new Option<string[]>("--lower") { Description = "Columns where less is better, for example waiting times", HelpName = "COLUMN", AllowMultipleArgumentsPerToken = true };
        var scale = new Option<EntropyScale>("--scale")
        {
            Description = "range: (x − min) / (max − min), any numbers; share: x / Σx as Hwang and Yoon do, numbers from 0 up", DefaultValueFactory = _ => EntropyScale.Range, HelpName = "range|share",
        };
        var with = new Option<string?>("--with") { Description = "CSV file of name and weight, for example from sq ahp: also the combination w ∝ w · w(entropy)", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "Write the result as JSON, numbers at full precision" };
        var command = new CommandWithExamples("entropy", Input, "sq entropy branches.csv --lower wait complaints", "sq entropy branches.csv --scale share --json", "sq entropy branches.csv --with judged.csv") { file, lower, scale, with, json };
        command.SetAction(async (parsed, _) =>
        {
            var report = Compute(surroundings, parsed.GetValue(file)!, parsed.GetValue(lower) ?? [], parsed.GetValue(scale), parsed.GetValue(with));
            if (parsed.GetValue(json))
                await Printing.JsonAsync(surroundings, report);
            else
                Show(surroundings, report);
            return report.Reason is null ? ExitCodes.Done : ExitCodes.Findings;
        });
        return command;
    }

    private static EntropyReport Compute(Surroundings surroundings, string path, string[] lower, EntropyScale scale, string? with)
    {
        var table = AnalysisTable.Read(surroundings, path, new TableForm());
        var named = table.Rows.All(row => Numbers.Read(row.Cells[0]) is null) ? 1 : 0;
        var columns = table.Columns.Skip(named).ToList();
        if (columns.Count == 0 || table.Rows.Count < 2)
            throw new UsageException(surroundings.Say($"{table.Name} needs at least 2 rows and 1 column of numbers", $"{table.Name} 至少须有 2 行和 1 列数值"));
        var less = columns.ConvertAll(column => lower.Contains(column, StringComparer.OrdinalIgnoreCase));
        foreach (var column in lower)
        {
            if (table.Column(column) < named)
                throw new UsageException(surroundings.Say($"--lower: '{column}' holds names", $"--lower：'{column}' 是名称列"));
        }
        var cells = new double[table.Rows.Count, columns.Count];
        for (var i = 0; i < table.Rows.Count; i++)
        {
            for (var j = 0; j < columns.Count; j++)
                cells[i, j] = table.Number(table.Rows[i], named + j);
        }
        if (Entropy.Faults(cells, less, scale) is [var fault, ..])
        {
            throw table.Fault(table.Rows[fault.Row], named + fault.Column, fault.NeedsPositive
                ? surroundings.Say($"with --scale share a number where less is better is above 0, not {fault.Value}", $"采用 --scale share 时，越小越好的数值须大于 0，而不是 {fault.Value}")
                : surroundings.Say($"with --scale share a number is not negative, not {fault.Value}", $"采用 --scale share 时数值不能为负，而不是 {fault.Value}"));
        }
        var result = Entropy.Weigh(cells, less, scale);
        var combined = with is not null && result.Weights is { } weights ? Combined(surroundings, with, columns, weights) : null;
        return new(table.Rows.Count, scale, result.Reason, [.. columns.Select((column, j) =>
            new EntropyLine(column, less[j], result.Columns[j].Entropy, result.Columns[j].Divergence, result.Columns[j].Constant, result.Columns[j].Weight, combined?[j]))]);
    }

    private static IReadOnlyList<double> Combined(Surroundings surroundings, string with, List<string> columns, IReadOnlyList<double> weights)
    {
        var judged = WeightsFile.Of(surroundings, with, WeightsFile.Read(surroundings, with), columns);
        return judged.Zip(weights).Any(pair => pair.First * pair.Second > 0)
            ? WeightVector.Combined(judged, weights)
            : throw new UsageException(surroundings.Say($"no indicator has weight both in {with} and by entropy", $"没有一个指标同时在 {with} 和熵权中有权重"));
    }

    private static void Show(Surroundings surroundings, EntropyReport report)
    {
        List<string> headings = [surroundings.Say("Indicator", "指标"), surroundings.Say("Better", "方向"), surroundings.Say("Entropy", "熵"), surroundings.Say("Divergence", "差异度"), surroundings.Say("Weight", "权重")];
        var combined = report.Columns.Any(column => column.Combined is not null);
        if (combined)
            headings.Add(surroundings.Say("Combined", "组合权重"));
        Printing.Table(surroundings, headings, report.Columns.Select(column =>
        {
            List<string> row = [column.Column, column.LowerIsBetter ? surroundings.Say("lower", "越小越好") : surroundings.Say("higher", "越大越好"), Numbers.Show(column.Entropy, 6), Numbers.Show(column.Divergence, 6), Numbers.Show(column.Weight, 6)];
            if (combined)
                row.Add(Numbers.Show(column.Combined, 6));
            return row;
        }));
        if (report.Reason is not null)
            surroundings.Output.WriteLine(surroundings.Say("No weights: no column tells the rows apart.", "没有权重：没有一列能区分各行。"));
    }
}
