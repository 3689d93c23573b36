using System.CommandLine;
using ServiceQuality.Scoring;
using ServiceQuality.Scoring.Forecasts;

namespace ServiceQuality.Cli.Analysis;

/// <summary>A period ahead of `sq forecast --json`.</summary>
internal sealed record ForecastLine(int Ahead, double Value, double Low, double High, double Error);

/// <summary>What `sq forecast --json` writes.</summary>
internal sealed record ForecastReport(
    ForecastMethod? Method, double? Alpha, double? Beta, double? Phi, double? Level, double? Trend, double? Deviation, double? Aicc, int Points, string? Reason, IReadOnlyList<ForecastLine> Steps);

/// <summary>`sq forecast`: the next periods of a series (RPT-11).</summary>
internal static class ForecastCommand
{
    private const string Input = """
        The next one to three periods of a series with 95 % prediction intervals, by exponential smoothing.

        SERIES: CSV, one row per period in the order of time; the column value (or the last one) is read. An empty cell is a period without a value. Scores lie between 0 and 100;
        other series take --within LOW..HIGH, or --within none.
        """;

    public static Command Create(Surroundings surroundings)
    {
        var file = new Argument<string>("SERIES") { Description = "CSV file; - is standard input" };
        var periods = new Option<int>("--periods") { Description = "Periods ahead, 1 to 3", DefaultValueFactory = _ => Forecast.MostAhead, HelpName = "N" };
        var value = new Option<string?>("--value") { Description = "Column of the values", HelpName = "COLUMN" };
        var within = new Option<string>("--within") { Description = "Limits that no value can pass", DefaultValueFactory = _ => "0..100", HelpName = "LOW..HIGH|none" };
        var method = new Option<string>("--method") { Description = "level, damped-trend, or auto: the one that AICc prefers", DefaultValueFactory = _ => "auto", HelpName = "auto|level|damped-trend" };
        method.AcceptOnlyFromAmong("auto", "level", "damped-trend");
        var json = new Option<bool>("--json") { Description = "Write the result as JSON, numbers at full precision" };
        var command = new CommandWithExamples("forecast", Input, "sq forecast months.csv", "sq forecast months.csv --periods 1 --json", "sq forecast waits.csv --value wait --within none") { file, periods, value, within, method, json };
        command.SetAction(async (parsed, _) =>
        {
            var ahead = parsed.GetValue(periods);
            if (ahead is < 1 or > Forecast.MostAhead)
                throw new UsageException(surroundings.Say($"--periods is 1 to {Forecast.MostAhead}", $"--periods 为 1 至 {Forecast.MostAhead}"));
            var limits = Limits(surroundings, parsed.GetValue(within)!);
            ForecastMethod? chosen = parsed.GetValue(method) switch { "level" => ForecastMethod.Level, "damped-trend" => ForecastMethod.DampedTrend, _ => null };
            var forecast = Forecast.Of(Read(surroundings, parsed.GetValue(file)!, parsed.GetValue(value), limits), ahead, limits, chosen);
            if (parsed.GetValue(json))
                await Printing.JsonAsync(surroundings, Report(forecast));
            else
                Show(surroundings, forecast);
            return forecast.Reason is null ? ExitCodes.Done : ExitCodes.Findings;
        });
        return command;
    }

    private static Interval? Limits(Surroundings surroundings, string text)
    {
        if (text.Equals("none", StringComparison.OrdinalIgnoreCase))
            return null;
        var parts = text.Split("..");
        return parts.Length == 2 && Numbers.Read(parts[0]) is { } low && Numbers.Read(parts[1]) is { } high && low < high
            ? new Interval(low, high)
            : throw new UsageException(surroundings.Say($"--within: '{text}' is not LOW..HIGH or none", $"--within：'{text}' 应为 下限..上限 或 none"));
    }

    private static List<double?> Read(Surroundings surroundings, string path, string? column, Interval? limits)
    {
        var table = AnalysisTable.Read(surroundings, path, new TableForm(Heading.WhereNotNumbers, Rows: 1_000));
        var place = column is not null ? table.Column(column) : table.Find("value") ?? (table.Width - 1);
        return [.. table.Rows.Select(row => table.NumberOrNone(row, place) is not { } number ? default(double?)
            : number < limits?.Low || number > limits?.High ? throw table.Fault(row, place, surroundings.Say($"beyond {limits!.Value.Low:0.##}..{limits.Value.High:0.##}; see --within", $"超出 {limits!.Value.Low:0.##}..{limits.Value.High:0.##}；见 --within"))
            : number)];
    }

    private static ForecastReport Report(Forecast it) => new(
        it.Method, it.Alpha, it.Beta, it.Phi, it.Level, it.Trend, it.Deviation, it.Criterion, it.Points, it.Reason,
        [.. it.Steps.Select(step => new ForecastLine(step.Ahead, step.Value, step.Interval.Low, step.Interval.High, step.Error))]);

    private static void Show(Surroundings surroundings, Forecast forecast)
    {
        if (forecast.Reason is { } reason)
        {
            surroundings.Output.WriteLine(reason switch
            {
                "few-points" => surroundings.Say($"No forecast: {forecast.Points} values; {Forecast.Fewest} are needed at least, {Forecast.FewestForTrend} for a trend.", $"无法预测：只有 {forecast.Points} 个值；至少需要 {Forecast.Fewest} 个，趋势法需 {Forecast.FewestForTrend} 个。"),
                "many-gaps" => surroundings.Say("No forecast: less than two thirds of the periods have a value.", "无法预测：有值的周期不足三分之二。"),
                _ => surroundings.Say("No forecast: the values do not vary, so nothing says how far they may.", "无法预测：各值没有变动，无从估计波动。"),
            });
            return;
        }
        Printing.Table(surroundings,
            [surroundings.Say("Ahead", "向后"), surroundings.Say("Forecast", "预测"), surroundings.Say("95 %", "95% 区间"), surroundings.Say("Error", "标准误")],
            forecast.Steps.Select(step => (IReadOnlyList<string>)[$"{step.Ahead}", Numbers.Show(step.Value, 2), $"{Numbers.Show(step.Interval.Low, 2)}–{Numbers.Show(step.Interval.High, 2)}", Numbers.Show(step.Error, 2)]));
        surroundings.Output.WriteLine(forecast.Method == ForecastMethod.Level
            ? surroundings.Say($"Simple exponential smoothing of {forecast.Points} values: α {Numbers.Show(forecast.Alpha)}, level {Numbers.Show(forecast.Level, 2)}, σ {Numbers.Show(forecast.Deviation, 2)}.", $"对 {forecast.Points} 个值作简单指数平滑：α {Numbers.Show(forecast.Alpha)}，水平 {Numbers.Show(forecast.Level, 2)}，σ {Numbers.Show(forecast.Deviation, 2)}。")
            : surroundings.Say($"Damped trend of {forecast.Points} values: α {Numbers.Show(forecast.Alpha)}, β {Numbers.Show(forecast.Beta)}, φ {Numbers.Show(forecast.Phi)}, level {Numbers.Show(forecast.Level, 2)}, trend {Numbers.Show(forecast.Trend, 2)}, σ {Numbers.Show(forecast.Deviation, 2)}.",
                $"对 {forecast.Points} 个值作阻尼趋势：α {Numbers.Show(forecast.Alpha)}，β {Numbers.Show(forecast.Beta)}，φ {Numbers.Show(forecast.Phi)}，水平 {Numbers.Show(forecast.Level, 2)}，趋势 {Numbers.Show(forecast.Trend, 2)}，σ {Numbers.Show(forecast.Deviation, 2)}。"));
    }
}
