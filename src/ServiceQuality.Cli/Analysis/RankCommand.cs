using System.CommandLine;
using System.Globalization;
using ServiceQuality.Scoring;
using ServiceQuality.Scoring.Comparison;

namespace ServiceQuality.Cli.Analysis;

/// <summary>A unit of `sq rank --json`.</summary>
/// <param name="Tied">How many units are tied with it within noise.</param>
/// <param name="TiedWith">Those of them, ten at most, whose ranks are nearest.</param>
internal sealed record RankLine(string Unit, int? Rank, RankInterval? RankInterval, double? Score, Interval? ScoreInterval, double? Shrunk, int? Tied, IReadOnlyList<string>? TiedWith, int Days);

/// <summary>What `sq rank --json` writes, best first.</summary>
internal sealed record RankReport(int Seed, int Draws, bool LowerIsBetter, IReadOnlyList<RankLine> Units);

/// <summary>`sq rank`: a ranking that says how sure it is (scoring.md §8).</summary>
internal static class RankCommand
{
    private const int MostTied = 10;

    private const string Input = """
        Ranks with 95 % intervals, ties within noise, and a second value for small units.

        TABLE: CSV with a heading; the first column names the units, every other one is a day (or another period of equal length) with the unit's score; an empty cell is a day
        without one. The unit's score is the mean of its days. With --weights the columns are indicators instead: the score is their weighted mean, and as nothing says how much
        it varies, ranks have no intervals. With --unit the rows are records, such as calls: each unit's periods (--by) are the means of its records' --value.
        """;

    public static Command Create(Surroundings surroundings)
    {
        var files = new Argument<string[]>("TABLE") { Description = "CSV file, with --unit also several with the same heading; - is standard input", Arity = ArgumentArity.OneOrMore };
        var unit = new Option<string?>("--unit") { Description = "The rows are records; this column names their unit", HelpName = "COLUMN" };
        var by = new Option<string[]>("--by") { Description = "With --unit: the columns that name the day or period, perhaps with a number of characters: --by date:7", HelpName = "COLUMN", AllowMultipleArgumentsPerToken = true };
        var value = new Option<string?>("--value") { Description = "With --unit: the column whose mean is the score of a period", HelpName = "COLUMN" };
        var weights = new Option<string?>("--weights") { Description = "The columns are indicators with the weights of this CSV file of name and weight", HelpName = "FILE" };
        var lower = new Option<bool>("--lower") { Description = "Less is better" };
        var seed = new Option<int>("--seed") { Description = "Seed of the draws: the same seed gives the same intervals", DefaultValueFactory = _ => 1, HelpName = "N" };
        var draws = new Option<int>("--draws") { Description = "Number of draws, 100 to 20000", DefaultValueFactory = _ => RankDraws.Draws, HelpName = "N" };
        var json = new Option<bool>("--json") { Description = "Write the result as JSON, numbers at full precision" };
        var command = new CommandWithExamples("rank", Input, "sq rank daily-scores.csv", "sq rank waits.csv --lower --seed 7 --json", "sq rank indicators.csv --weights judged.csv", "sq rank calls.csv --unit agent --by date --value rating") { files, unit, by, value, weights, lower, seed, draws, json };
        command.SetAction(async (parsed, ct) =>
        {
            if (parsed.GetValue(draws) is < 100 or > 20_000)
                throw new UsageException(surroundings.Say("--draws is 100 to 20000", "--draws 取值 100 至 20000"));
            var table = Table(surroundings, parsed.GetValue(files)!, parsed.GetValue(unit), parsed.GetValue(by) ?? [], parsed.GetValue(value), parsed.GetValue(weights));
            var report = Compute(surroundings, table, parsed.GetValue(weights), parsed.GetValue(lower), parsed.GetValue(seed), parsed.GetValue(draws), ct);
            if (parsed.GetValue(json))
                await Printing.JsonAsync(surroundings, report);
            else
                Show(surroundings, report);
            return ExitCodes.Done;
        });
        return command;
    }

    private static UnitTable Table(Surroundings surroundings, string[] paths, string? unit, string[] by, string? value, string? weights)
    {
        if (unit is not null)
        {
            return by.Length > 0 && value is not null && weights is null
                ? UnitMeans.ByPeriod(surroundings, AnalysisTable.Read(surroundings, paths, new TableForm(Rows: 500_000)), unit, by, value)
                : throw new UsageException(surroundings.Say("--unit goes with --by and --value, and without --weights", "--unit 须与 --by 和 --value 同用，不与 --weights 同用"));
        }
        if (by.Length > 0 || value is not null)
            throw new UsageException(surroundings.Say("--by and --value go with --unit", "--by 和 --value 须与 --unit 同用"));
        if (paths.Length > 1)
            throw new UsageException(surroundings.Say("several files go with --unit", "多个文件须与 --unit 同用"));
        var table = AnalysisTable.Read(surroundings, paths[0], new TableForm(Rows: 5_000));
        if (table.Width < 2)
            throw new UsageException(surroundings.Say($"{table.Name} needs a column of names and one of scores at least", $"{table.Name} 至少须有一列名称和一列分数"));
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (table.Rows.FirstOrDefault(row => !names.Add(row.Cells[0])) is { } twice)
            throw table.Fault(twice, 0, surroundings.Say($"'{twice.Cells[0]}' is there already; of records say which column names the unit: --unit", $"'{twice.Cells[0]}' 已出现过；若各行是记录，请用 --unit 指明单位列"));
        return new([.. table.Rows.Select(row => row.Cells[0])], [.. table.Columns.Skip(1)], [.. table.Rows.Select(row => Enumerable.Range(1, table.Width - 1).Select(column => table.NumberOrNone(row, column)).ToList())]);
    }

    private static RankReport Compute(Surroundings surroundings, UnitTable table, string? weights, bool lower, int seed, int draws, CancellationToken ct)
    {
        var days = table.Cells.ToList();
        var share = weights is null ? null : WeightsFile.Of(surroundings, weights, WeightsFile.Read(surroundings, weights), table.Columns);
        var scores = days.ConvertAll(row => Mean(row, share));
        var sign = lower ? -1 : 1;
        var placed = RankDraws.Place([.. scores.Select((score, i) => new RankedUnit(sign * score, share is null ? [.. days[i].Select(day => sign * day)] : []))], seed, draws, ct);
        var shrunk = share is null ? Shrink(days, scores) : new double?[days.Count];
        var lines = placed.Select((unit, i) => new RankLine(table.Units[i], unit.Rank, unit.Interval, scores[i], Turned(unit.Score, sign), shrunk[i], unit.Tied, TiedWith(table, placed, i), days[i].Count(day => day is not null)));
        return new(seed, draws, lower, [.. lines.OrderBy(line => line.Rank ?? int.MaxValue).ThenBy(line => line.Unit, StringComparer.Ordinal)]);
    }

    /// <summary>The mean of the cells that are there, weighted where there are weights.</summary>
    private static double? Mean(List<double?> row, List<double>? weights)
    {
        var cells = row.Select((cell, i) => (Cell: cell, Weight: weights?[i] ?? 1)).Where(pair => pair.Cell is not null && pair.Weight > 0).ToList();
        return cells.Count == 0 ? null : cells.Sum(pair => pair.Weight * pair.Cell) / cells.Sum(pair => pair.Weight);
    }

    /// <summary>The second value, from the standard errors of the means; units with fewer than two days have none, and are not heard.</summary>
    private static double?[] Shrink(List<List<double?>> days, List<double?> scores)
    {
        var known = days.Select((row, i) => (Place: i, Values: row.Where(day => day is not null).Select(day => day!.Value).ToList()))
            .Where(unit => unit.Values.Count > 1)
            .Select(unit => (unit.Place, Error: Math.Sqrt(unit.Values.Sum(day => (day - scores[unit.Place]!.Value) * (day - scores[unit.Place]!.Value)) / (unit.Values.Count - 1) / unit.Values.Count)))
            .Where(unit => unit.Error > 0).ToList();
        var result = new double?[days.Count];
        if (Shrinkage.OfMeans([.. known.Select(unit => (scores[unit.Place]!.Value, unit.Error))]) is not { } shrunk)
            return result;
        for (var i = 0; i < known.Count; i++)
            result[known[i].Place] = shrunk[i].Value;
        return result;
    }

    private static Interval? Turned(Interval? interval, int sign) => interval is { } known ? sign < 0 ? new(-known.High, -known.Low) : known : null;

    private static List<string>? TiedWith(UnitTable table, IReadOnlyList<Placing> placed, int unit) => placed[unit].Interval is { } own
        ? [.. placed.Select((other, i) => (other, i)).Where(pair => pair.i != unit && pair.other.Interval?.Overlaps(own) == true).OrderBy(pair => Math.Abs(pair.other.Rank!.Value - placed[unit].Rank!.Value)).Take(MostTied).Select(pair => table.Units[pair.i])]
        : null;

    private static void Show(Surroundings surroundings, RankReport report)
    {
        Printing.Table(surroundings,
            [surroundings.Say("Unit", "单位"), surroundings.Say("Rank", "名次"), surroundings.Say("95 % of draws", "95% 区间"), surroundings.Say("Score", "分数"), surroundings.Say("95 %", "95% 区间"), surroundings.Say("Shrunk", "收缩值"), surroundings.Say("Days", "天数"), surroundings.Say("Tied within noise with", "在误差内并列")],
            report.Units.Select(line => (IReadOnlyList<string>)
            [
                line.Unit, line.Rank?.ToString(CultureInfo.InvariantCulture) ?? surroundings.Say("not scored", "未评分"), line.RankInterval is { } ranks ? $"{ranks.Best}–{ranks.Worst}" : "—", Numbers.Show(line.Score, 2),
                line.ScoreInterval is { } scores ? $"{Numbers.Show(scores.Low, 2)}–{Numbers.Show(scores.High, 2)}" : "—", Numbers.Show(line.Shrunk, 2), line.Days.ToString(CultureInfo.InvariantCulture), Names(surroundings, line),
            ]));
        surroundings.Output.WriteLine(surroundings.Say($"{report.Draws} draws over the days, seed {report.Seed}.", $"按天重抽样 {report.Draws} 次，种子 {report.Seed}。"));
    }

    private static string Names(Surroundings surroundings, RankLine line) => line.TiedWith switch
    {
        null => "",
        [] => "—",
        var names when line.Tied > names.Count => string.Join(", ", names) + surroundings.Say($" and {line.Tied - names.Count} more", $" 等 {line.Tied} 个"),
        var names => string.Join(", ", names),
    };
}
