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
        Columns where less is better are named with --lower. A column that is the same in every row weighs 0. With --value only those columns are taken; with --unit the rows are records, such as calls, and each unit has the means of its records.
        """;

    public static Command Create(Surroundings surroundings)
    {
        var files = new Argument<string[]>("TABLE") { Description = "CSV file, or several with the same heading; - is standard input", Arity = ArgumentArity.OneOrMore };
        var unit = new Option<string?>("--unit") { Description = "The rows are records; this column names their unit", HelpName = "COLUMN" };
        var values = new Option<string[]>("--value") { Description = "Columns to take", HelpName = "COLUMN", AllowMultipleArgumentsPerToken = true };
        var lower = new Option<string[]>("--lower") { Description = "Columns where less is better, for example waiting times", HelpName = "COLUMN", AllowMultipleArgumentsPerToken = true };
        var scale = new Option<EntropyScale>("--scale")
        {
            Description = "range: (x − min) / (max − min), any numbers; share: x / Σx as Hwang and Yoon do, numbers from 0 up", DefaultValueFactory = _ => EntropyScale.Range, HelpName = "range|share",
        };
        var with = new Option<string?>("--with") { Description = "CSV file of name and weight, for example from sq ahp: also the combination w ∝ w · w(entropy)", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "Write the result as JSON, numbers at full precision" };
        var command = new CommandWithExamples("entropy", Input, "sq entropy branches.csv --lower wait complaints", "sq entropy branches.csv --scale share --json", "sq entropy branches.csv --with judged.csv", "sq entropy calls.csv --unit agent --value wait rating --lower wait") { files, unit, values, lower, scale, with, json };
        command.SetAction(async (parsed, _) =>
        {
            var report = Compute(surroundings, Table(surroundings, parsed.GetValue(files)!, parsed.GetValue(unit), parsed.GetValue(values) ?? []), parsed.GetValue(lower) ?? [], parsed.GetValue(scale), parsed.GetValue(with));
            if (parsed.GetValue(json))
                await Printing.JsonAsync(surroundings, report);
            else
                Show(surroundings, report);
            return report.Reason is null ? ExitCodes.Done : ExitCodes.Findings;
        });
        return command;
    }

    private static Indicators Table(Surroundings surroundings, string[] paths, string? unit, string[] values)
    {
        var table = AnalysisTable.Read(surroundings, paths, new TableForm(Rows: unit is null ? 100_000 : 500_000));
        if (unit is not null)
        {
            if (values.Length == 0)
                throw new UsageException(surroundings.Say("--unit goes with --value: which columns to take", "--unit 须与 --value 同用：取哪些列"));
            var means = UnitMeans.ByValue(surroundings, table, unit, values);
            return new(table.Name, [.. means.Columns], means.Units.Count, (i, j) => means.Cells[i][j] ?? throw Missing(means.Units[i], means.Columns[j]), (i, j, what) => new($"{table.Name}, {means.Units[i]}, {means.Columns[j]}: {what}"));
        }
        var named = table.Rows.All(row => Numbers.Read(row.Cells[0]) is null) ? 1 : 0;
        List<int> places = values.Length > 0 ? [.. values.Select(table.Column)] : [.. Enumerable.Range(named, table.Width - named)];
        return new(table.Name, places.ConvertAll(place => table.Columns[place]), table.Rows.Count, (i, j) => table.Number(table.Rows[i], places[j]), (i, j, what) => table.Fault(table.Rows[i], places[j], what));

        UsageException Missing(string name, string column) => new(surroundings.Say($"{table.Name}: '{name}' has no number in {column}", $"{table.Name}：'{name}' 在 {column} 中没有数值"));
    }

    private static EntropyReport Compute(Surroundings surroundings, Indicators table, string[] lower, EntropyScale scale, string? with)
    {
        var columns = table.Columns;
        if (columns.Count == 0 || table.Rows < 2)
            throw new UsageException(surroundings.Say($"{table.Name} needs at least 2 rows and 1 column of numbers", $"{table.Name} 至少须有 2 行和 1 列数值"));
        if (lower.FirstOrDefault(column => !columns.Contains(column, StringComparer.OrdinalIgnoreCase)) is { } unknown)
            throw new UsageException(surroundings.Say($"--lower: '{unknown}' is none of the columns {string.Join(", ", columns)}", $"--lower：'{unknown}' 不在各列之中：{string.Join("、", columns)}"));
        var less = columns.ConvertAll(column => lower.Contains(column, StringComparer.OrdinalIgnoreCase));
        var cells = new double[table.Rows, columns.Count];
        for (var i = 0; i < table.Rows; i++)
        {
            for (var j = 0; j < columns.Count; j++)
                cells[i, j] = table.Cell(i, j);
        }
        if (Entropy.Faults(cells, less, scale) is [var fault, ..])
        {
            throw table.Fault(fault.Row, fault.Column, fault.NeedsPositive
                ? surroundings.Say($"with --scale share a number where less is better is above 0, not {fault.Value}", $"采用 --scale share 时，越小越好的数值须大于 0，而不是 {fault.Value}")
                : surroundings.Say($"with --scale share a number is not negative, not {fault.Value}", $"采用 --scale share 时数值不能为负，而不是 {fault.Value}"));
        }
        var result = Entropy.Weigh(cells, less, scale);
        var combined = with is not null && result.Weights is { } weights ? Combined(surroundings, with, columns, weights) : null;
        return new(table.Rows, scale, result.Reason, [.. columns.Select((column, j) =>
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

    /// <summary>What is weighed: numbers by row and column, and how a fault in one of them is said.</summary>
    private sealed record Indicators(string Name, List<string> Columns, int Rows, Func<int, int, double> Cell, Func<int, int, string, UsageException> Fault);
}
