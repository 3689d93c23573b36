using System.Globalization;
using System.Text.Json;

namespace ServiceQuality.Cli.Tests.Analysis;

/// <summary>`sq chart` and `sq rank` as an analyst uses them (scoring.md §§ 8, 9).</summary>
public sealed class ChartCommandTests : IDisposable
{
    private readonly Sq sq = new();

    public void Dispose() => sq.Dispose();

    [Fact]
    public async Task Orange_juice_cans_come_out_as_montgomery_has_them()
    {
        // Montgomery, table 7.1, samples 13 to 17 with the limits of all 30: p = 0.2313.
        var file = sq.Write("cans.csv", "sample,count,size\nA,17,50\nB,12,50\nC,22,50\nD,8,50\nE,10,50\n");

        var ran = await sq.RunAsync("chart", file, "--type", "p", "--center", "0.2313", "--json");

        Assert.Equal(ExitCodes.Findings, ran.Code);
        var chart = JsonDocument.Parse(ran.Output).RootElement;
        var signal = Assert.Single(chart.GetProperty("signals").EnumerateArray().ToList());
        Assert.Equal((3, "C", "three-sigma", "upper"), (signal.GetProperty("point").GetInt32(), signal.GetProperty("label").GetString(), signal.GetProperty("rule").GetString(), signal.GetProperty("side").GetString()));
        Assert.Equal(0.2313 + (3 * Math.Sqrt(0.2313 * 0.7687 / 50)), chart.GetProperty("points")[0].GetProperty("upper").GetDouble()); // the same bits
        Assert.Equal(0, chart.GetProperty("estimated").GetInt32());
    }

    [Fact]
    public async Task Rows_become_points_and_an_empty_cell_is_a_gap()
    {
        var file = sq.Write("calls.csv", "date,wait,answered\n1,10,Y\n1,20,N\n2,,\n3,30,N\n3,34,N\n");

        var means = JsonDocument.Parse((await sq.RunAsync("chart", file, "--type", "i-mr", "--value", "wait", "--by", "date", "--json")).Output).RootElement.GetProperty("points");
        Assert.Equal(["15", "null", "32"], means.EnumerateArray().Select(point => point.GetProperty("value").GetRawText()));

        var shares = JsonDocument.Parse((await sq.RunAsync("chart", file, "--type", "p", "--event", "answered=n", "--by", "date:1", "--json")).Output).RootElement.GetProperty("points");
        Assert.Equal(["0.5/2", "null/null", "1/2"], shares.EnumerateArray().Select(point => $"{point.GetProperty("value").GetRawText()}/{point.GetProperty("size").GetRawText()}"));
    }

    [Fact]
    public async Task The_chart_is_drawn_and_its_rules_are_explained_in_both_languages()
    {
        var file = sq.Write("waits.csv", string.Join('\n', Enumerable.Range(0, 30).Select(i => (i == 20 ? 99 : 10 + (i % 3)).ToString(CultureInfo.InvariantCulture))));

        var english = await sq.RunAsync("chart", file, "--type", "i-mr", "--rules", "nelson");
        Assert.Contains("◆1↑", english.Output, StringComparison.Ordinal);
        Assert.Contains("1 nelson-1: a point beyond 3σ", english.Output, StringComparison.Ordinal);
        Assert.Contains("a false alarm comes every 73.4 points", english.Output, StringComparison.Ordinal);

        sq["LANG"] = "zh_CN.UTF-8";
        Assert.Contains("有一点超出 3σ", (await sq.RunAsync("chart", file, "--type", "i-mr", "--rules", "nelson")).Output, StringComparison.Ordinal);
        Assert.Contains("中心线 10.9", (await sq.RunAsync("chart", file, "--type", "cusum", "--baseline", "10")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("value\n1\nx\n", "i-mr", "", "line 3, column 1 (value): 'x' is not a number")]
    [InlineData("count,size\n3,2\n", "p", "", "line 2, column 1 (count): a count lies between 0 and its size")]
    [InlineData("count,size\n3,-2\n", "u", "", "line 2, column 2 (size): a size is not negative")]
    [InlineData("value\n1\n2\n", "p", "", "two columns, count and size")]
    [InlineData("value\n1\n", "i-mr", "--rules nelson:9", "1 to 8")]
    [InlineData("value\n1\n", "ewma", "--rules nelson", "successive points depend on each other")]
    [InlineData("value\n1\n", "ewma", "--lambda 2", "--lambda is above 0 and at most 1")]
    [InlineData("value\n1\n", "i-mr", "--value wait", "no column 'wait'")]
    [InlineData("value\n1\n", "i-mr", "--event value=1", "goes with p")]
    [InlineData("value\n1\n", "i-mr", "--by value:x", "value:x")]
    [InlineData("", "i-mr", "", "empty")]
    [InlineData("value\n1\n", "shewhart", "", "shewhart")]
    public async Task Bad_input_is_refused_with_its_place(string content, string type, string more, string message)
    {
        var ran = await sq.RunAsync(["chart", sq.Write("data.csv", content), "--type", type, .. more.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Equal(ExitCodes.Usage, ran.Code);
        Assert.Contains(message, ran.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Parameter", ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_limits_the_chart_says_why()
    {
        var ran = await sq.RunAsync("chart", sq.Write("data.csv", "value\n5\n5\n5\n"), "--type", "i-mr");
        Assert.Equal(ExitCodes.Findings, ran.Code);
        Assert.Contains("do not vary", ran.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_ranking_says_who_is_tied_within_noise_and_who_is_not_scored()
    {
        var file = sq.Write("scores.csv", "unit,d1,d2,d3,d4,d5\nnorth,90,80,92,78,85\nsouth,84,86,79,91,84\nwest,50,51,,50,49\neast,,,,,\n");

        var report = JsonDocument.Parse((await sq.RunAsync("rank", file, "--json", "--seed", "3")).Output).RootElement;
        var units = report.GetProperty("units").EnumerateArray().ToList();
        Assert.Equal(["north", "south", "west", "east"], units.Select(unit => unit.GetProperty("unit").GetString()));
        Assert.Equal(["south"], units[0].GetProperty("tiedWith").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal((0, 4, JsonValueKind.Null), (units[2].GetProperty("tied").GetInt32(), units[2].GetProperty("days").GetInt32(), units[3].GetProperty("rank").ValueKind));
        Assert.Equal(3, report.GetProperty("seed").GetInt32());

        Assert.Contains("not scored", (await sq.RunAsync("rank", file)).Output, StringComparison.Ordinal);
        var least = JsonDocument.Parse((await sq.RunAsync("rank", file, "--lower", "--json")).Output).RootElement.GetProperty("units")[0];
        Assert.Equal("west", least.GetProperty("unit").GetString());
        Assert.True(least.GetProperty("scoreInterval").GetProperty("low").GetDouble() < 50 && least.GetProperty("scoreInterval").GetProperty("high").GetDouble() > 50);
    }

    [Fact]
    public async Task With_weights_the_columns_are_indicators_and_ranks_have_no_intervals()
    {
        var table = sq.Write("indicators.csv", "unit,wait,rating\nnorth,80,60\nsouth,60,90\n");
        var ran = await sq.RunAsync("rank", table, "--weights", sq.Write("weights.csv", "name,weight\nwait,3\nrating,1\n"), "--json");

        var first = JsonDocument.Parse(ran.Output).RootElement.GetProperty("units")[0];
        Assert.Equal(("north", 75.0, JsonValueKind.Null), (first.GetProperty("unit").GetString(), first.GetProperty("score").GetDouble(), first.GetProperty("rankInterval").ValueKind));
    }

    [Theory]
    [InlineData("unit,d1\nnorth,x\n", "line 2, column 2 (d1): 'x' is not a number")]
    [InlineData("unit,d1\nnorth,1\nnorth,2\n", "line 3, column 1 (unit): 'north' is there already")]
    [InlineData("unit\nnorth\n", "a column of names and one of scores")]
    public async Task A_bad_table_is_refused_with_its_place(string content, string message)
    {
        var ran = await sq.RunAsync("rank", sq.Write("table.csv", content));
        Assert.Equal((ExitCodes.Usage, true), (ran.Code, ran.Error.Contains(message, StringComparison.Ordinal)));
    }
}
