using System.CommandLine;
using ServiceQuality.Scoring.Charts;

namespace ServiceQuality.Cli.Analysis;

/// <summary>A point of `sq chart --json`.</summary>
internal sealed record ChartedPoint(string Label, double? Value, double? Size, double? Lower, double? Upper, double? Z, double? MovingRange, double? LowerSum);

/// <summary>A signal of `sq chart --json`; points are counted from 1.</summary>
internal sealed record ChartedSignal(int Point, string Label, string Rule, int Number, SignalSide Side, IReadOnlyList<int> Points, double Evidence);

/// <summary>What `sq chart --json` writes.</summary>
internal sealed record ChartReport(
    string Type, string Rules, double? Center, double? Sigma, double? MovingRangeLimit, int Estimated, bool Preliminary, string? Reason, double? FalseAlarmEvery,
    IReadOnlyList<ChartedPoint> Points, IReadOnlyList<ChartedSignal> Signals);

/// <summary>`sq chart`: a control chart of a file (scoring.md §9).</summary>
internal static class ChartCommand
{
    private static readonly Dictionary<string, ChartType> types = new(StringComparer.OrdinalIgnoreCase)
    {
        ["i-mr"] = ChartType.IMr, ["p"] = ChartType.P, ["u"] = ChartType.U, ["p-prime"] = ChartType.PPrime, ["ewma"] = ChartType.Ewma, ["cusum"] = ChartType.Cusum,
    };

    private const string Input = """
        A control chart: limits, and which points signal by which rule.

        DATA: CSV, one row per point in the order of time. i-mr, ewma and cusum read the column value (or the last one), p, p-prime and u the columns count and size
        (or the last two); a first column that is no number names the points. An empty cell is a gap. With --by, rows of equal text become one point: the mean of the values,
        the sums of counts and sizes. With --event, every row is a case; with --rows, every row is an event and each point has the size 1. Several files are read one after the other.
        """;

    public static Command Create(Surroundings surroundings)
    {
        var files = new Argument<string[]>("DATA") { Description = "CSV file, or several with the same heading; - is standard input", Arity = ArgumentArity.OneOrMore };
        var type = new Option<string>("--type") { Description = "Kind of chart", Required = true, HelpName = "i-mr|p|u|p-prime|ewma|cusum" };
        type.AcceptOnlyFromAmong([.. types.Keys]);
        var rules = new Option<string?>("--rules") { Description = "three-sigma (default), western-electric, nelson, western-electric:1,4, or numbers of Nelson's: 1,2,5; not with ewma and cusum", HelpName = "RULES" };
        var value = new Option<string?>("--value") { Description = "Column of the values or counts", HelpName = "COLUMN" };
        var size = new Option<string?>("--size") { Description = "Column of the sizes or exposures", HelpName = "COLUMN" };
        var happened = new Option<string?>("--event") { Description = "Count the rows whose cell is this text, out of those with a cell", HelpName = "COLUMN=TEXT" };
        var rows = new Option<bool>("--rows") { Description = "Every row is one event: with u and --by, how many rows each point has" };
        var by = new Option<string[]>("--by") { Description = "Columns that make rows one point, perhaps with a number of characters: --by date time:2", HelpName = "COLUMN", AllowMultipleArgumentsPerToken = true };
        var baseline = new Option<int?>("--baseline") { Description = "Estimate from so many first points", HelpName = "N" };
        var center = new Option<double?>("--center") { Description = "Given centre line or target", HelpName = "X" };
        var sigma = new Option<double?>("--sigma") { Description = "Given σ of a value (p-prime: factor on the binomial σ)", HelpName = "S" };
        var lambda = new Option<double>("--lambda") { Description = "λ of an EWMA", DefaultValueFactory = _ => 0.2, HelpName = "λ" };
        var width = new Option<double>("--width") { Description = "L of an EWMA", DefaultValueFactory = _ => 2.962, HelpName = "L" };
        var slack = new Option<double>("--slack") { Description = "k of a CUSUM", DefaultValueFactory = _ => 0.5, HelpName = "k" };
        var decision = new Option<double>("--decision") { Description = "h of a CUSUM", DefaultValueFactory = _ => 4.77, HelpName = "h" };
        var json = new Option<bool>("--json") { Description = "Write the result as JSON, numbers at full precision" };
        var command = new CommandWithExamples("chart", Input, "sq chart waits.csv --type i-mr --rules nelson", "sq chart calls.csv --type p --event answered=N --by date --rules western-electric",
            "sq chart calls.csv --type ewma --value speed_of_answer_in_seconds --by date --json", "sq chart january.csv february.csv --type u --rows --by date")
        {
            files, type, rules, value, size, happened, rows, by, baseline, center, sigma, lambda, width, slack, decision, json,
        };
        command.SetAction(async (parsed, _) =>
        {
            ChartData data;
            ControlChart chart;
            try
            {
                var design = new ChartDesign(types[parsed.GetValue(type)!], parsed.GetValue(rules) is { } named ? RuleSet.Parse(named) : null)
                {
                    Baseline = parsed.GetValue(baseline), Center = parsed.GetValue(center), Sigma = parsed.GetValue(sigma), Lambda = parsed.GetValue(lambda),
                    Width = parsed.GetValue(width), Slack = parsed.GetValue(slack), Decision = parsed.GetValue(decision),
                };
                ControlChart.Of(design, []);
                data = ChartData.Read(surroundings, parsed.GetValue(files)!, design.Type, new(parsed.GetValue(value), parsed.GetValue(size), parsed.GetValue(happened), parsed.GetValue(rows), parsed.GetValue(by) ?? []));
                chart = ControlChart.Of(design, data.Points);
            }
            catch (ChartRefusal refusal)
            {
                throw ChartWords.Say(surroundings, refusal);
            }
            if (parsed.GetValue(json))
                await Printing.JsonAsync(surroundings, Report(parsed.GetValue(type)!, data, chart));
            else
                ChartPrint.Show(surroundings, data, chart);
            return chart.Reason is null && chart.Signals.Count == 0 ? ExitCodes.Done : ExitCodes.Findings;
        });
        return command;
    }

    private static ChartReport Report(string type, ChartData data, ControlChart chart) => new(
        type.ToLowerInvariant(), chart.Design.Type is ChartType.Ewma or ChartType.Cusum ? "limit" : (chart.Design.Rules ?? RuleSet.ThreeSigma).Name, chart.Center, chart.Sigma, chart.MovingRangeLimit,
        chart.Estimated, chart.Preliminary, chart.Reason, chart.FalseAlarmEvery,
        [.. chart.Points.Select((point, i) => new ChartedPoint(data.Labels[i], point.Value, data.Points[i].Size, point.Lower, point.Upper, point.Z, point.MovingRange, point.LowerSum))],
        [.. chart.Signals.Select(signal => new ChartedSignal(signal.Point + 1, data.Labels[signal.Point], signal.Rule, signal.Number, signal.Side, [.. signal.Points.Select(i => i + 1)], signal.Evidence))]);
}
