using System.Globalization;
using ServiceQuality.Scoring.Charts;

namespace ServiceQuality.Cli.Analysis;

/// <summary>A control chart in text: a line per point, its place between the limits drawn.</summary>
internal static class ChartPrint
{
    private const int MostLines = 120;
    private const int Inside = 31;
    private const int Outside = 6;

    public static void Show(Surroundings surroundings, ChartData data, ControlChart chart)
    {
        var first = Math.Max(0, chart.Points.Count - MostLines);
        if (first > 0)
            surroundings.Output.WriteLine(surroundings.Say($"The last {MostLines} of {chart.Points.Count} points; all of them with --json.", $"共 {chart.Points.Count} 个点，此处为最后 {MostLines} 个；--json 给出全部。"));
        var signals = chart.Signals.ToLookup(signal => signal.Point);
        List<string> headings = [surroundings.Say("Point", "点"), surroundings.Say("Value", "值"), surroundings.Say("Lower", "下限"), surroundings.Say("Upper", "上限")];
        if (chart.Design.Type == ChartType.Cusum)
            (headings[1], headings[2]) = (surroundings.Say("Sum up", "上累积和"), surroundings.Say("Sum down", "下累积和"));
        Printing.Table(surroundings, [.. headings, surroundings.Say("Lower limit · centre · upper limit", "下限 · 中心线 · 上限"), surroundings.Say("Rule", "规则")],
            Enumerable.Range(first, chart.Points.Count - first).Select(i => Line(data.Labels[i], chart, chart.Points[i], [.. signals[i]])));
        surroundings.Output.WriteLine(Summary(surroundings, chart));
    }

    private static IReadOnlyList<string> Line(string label, ControlChart chart, ChartPoint point, IReadOnlyList<Signal> signals) =>
    [
        label, Show(point.Value), Show(point.LowerSum ?? point.Lower), Show(point.Upper), Strip(chart, point, signals.Count > 0),
        string.Join(' ', signals.Select(signal => $"◆{signal.Number}{(signal.Side == SignalSide.Upper ? "↑" : signal.Side == SignalSide.Lower ? "↓" : "↕")}")),
    ];

    /// <summary>Where the point lies: 31 places between the limits, a few beyond; what is further out stands at the edge.</summary>
    private static string Strip(ControlChart chart, ChartPoint point, bool signals)
    {
        var strip = new string(' ', Inside + (2 * Outside)).ToCharArray();
        if (point.Value is not { } value || point.Upper is not { } upper || chart.Center is null)
            return new string(strip);
        // A CUSUM has both its sums in one strip, down to the left and up to the right of 0.
        var (high, low, middle) = chart.Design.Type == ChartType.Cusum ? (upper, -upper, 0) : (upper, point.Lower!.Value, chart.Center.Value);
        Put(middle, '·');
        Put(low, '|');
        Put(high, '|');
        if (point.LowerSum is > 0 and var sum)
            Put(-sum, signals && sum > upper ? '◆' : '○');
        Put(value, signals && (point.LowerSum is null || value > upper) ? '◆' : '●');
        return new string(strip);

        void Put(double at, char mark)
        {
            var place = high > low ? Outside + ((at - low) / (high - low) * (Inside - 1)) : Outside;
            strip[(int)Math.Round(Math.Clamp(place, 0, strip.Length - 1))] = mark;
        }
    }

    private static string Summary(Surroundings surroundings, ControlChart chart)
    {
        if (chart.Reason is { } reason)
        {
            return reason switch
            {
                "no-data" => surroundings.Say("No limits: there is no point.", "没有控制限：没有数据点。"),
                "zero-variance" => surroundings.Say("No limits: the points do not vary.", "没有控制限：各点没有变化。"),
                _ => surroundings.Say("No limits: there are too few points in a row to estimate them from.", "没有控制限：连续的点太少，无法估计。"),
            };
        }
        var lines = new List<string>
        {
            surroundings.Say($"Centre {Show(chart.Center)}", $"中心线 {Show(chart.Center)}") + (chart.Sigma is null ? "" : $", σ {Show(chart.Sigma)}") + (chart.Estimated == 0
                ? surroundings.Say(" (given)", "（给定）") : surroundings.Say($" from {chart.Estimated} points{(chart.Preliminary ? ": preliminary, 20 are wanted" : "")}", $"，由 {chart.Estimated} 个点估计{(chart.Preliminary ? "（初步，宜有 20 个）" : "")}")),
            surroundings.Say($"{chart.Signals.Count} signals; in control a false alarm comes every {chart.FalseAlarmEvery:0.0} points, so {chart.Points.Count(p => p.Value is not null) / chart.FalseAlarmEvery:0.0} of them would be no surprise.",
                $"{chart.Signals.Count} 个信号；受控时平均每 {chart.FalseAlarmEvery:0.0} 个点误报一次，因此其中约 {chart.Points.Count(p => p.Value is not null) / chart.FalseAlarmEvery:0.0} 个不足为奇。"),
        };
        lines.AddRange(chart.Signals.Select(signal => signal.Rule).Distinct().Order(StringComparer.Ordinal).Select(rule => $"  ◆ {Meaning(surroundings, rule)}"));
        return string.Join(Environment.NewLine, lines);
    }

    private static string Meaning(Surroundings surroundings, string code)
    {
        if (code == "limit")
            return surroundings.Say("limit: beyond the decision limit", "limit：越过判定限");
        var rule = Rule.Nelson.Concat(Rule.WesternElectric).Append(Rule.ThreeSigma).First(known => known.Code == code);
        return $"{rule.Number} {code}: " + rule.Kind switch
        {
            RuleKind.Beyond => surroundings.Say("a point beyond 3σ", "有一点超出 3σ"),
            RuleKind.Several => surroundings.Say($"{rule.Points} of {rule.Of} points beyond {rule.Limit}σ on one side", $"{rule.Of} 点中有 {rule.Points} 点在同侧 {rule.Limit}σ 之外"),
            RuleKind.SameSide => surroundings.Say($"{rule.Points} points in a row on one side", $"连续 {rule.Points} 点在同侧"),
            RuleKind.Monotone => surroundings.Say($"{rule.Points} points in a row rising or falling", $"连续 {rule.Points} 点递增或递减"),
            RuleKind.Alternating => surroundings.Say($"{rule.Points} points in a row up and down in turn", $"连续 {rule.Points} 点上下交替"),
            RuleKind.Within => surroundings.Say($"{rule.Points} points in a row within 1σ", $"连续 {rule.Points} 点在 1σ 之内"),
            _ => surroundings.Say($"{rule.Points} points in a row none within 1σ", $"连续 {rule.Points} 点都在 1σ 之外"),
        };
    }

    /// <summary>Five digits that count.</summary>
    private static string Show(double? number) => number?.ToString("G5", CultureInfo.InvariantCulture) ?? "";
}
