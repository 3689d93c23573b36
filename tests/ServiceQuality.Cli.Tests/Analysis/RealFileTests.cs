using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ServiceQuality.Cli.Analysis;
using ServiceQuality.Scoring.Charts;

namespace ServiceQuality.Cli.Tests.Analysis;

/// <summary>Files as spreadsheets, old systems and ticket systems write them, and refusals in both languages.</summary>
public sealed partial class RealFileTests : IDisposable
{
    private const string Calls = "call,agent,date,answered,talk,rating\n1,Ann,d1,Y,0:02:00,4\n2,Ann,d2,N,,\n3,Bo,d1,Y,00:04:00,2\n4,Bo,d2,Y,NA,5\n5,Ann,d2,Y,0:03:30,5\n";

    private readonly Sq sq = new();

    public RealFileTests() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    public void Dispose() => sq.Dispose();

    [Theory]
    [InlineData("utf-8", "")]
    [InlineData("utf-16", "")]
    [InlineData("utf-16BE", "")]
    [InlineData("GB18030", "")]
    [InlineData("utf-8", "sep=;\r\n")]
    public async Task A_file_is_read_in_the_encoding_it_was_saved_in_with_commas_as_decimal_points(string encoding, string hint)
    {
        var code = Encoding.GetEncoding(encoding);
        var file = Path.Combine(sq.Folder, "t.csv");
        await File.WriteAllBytesAsync(file, [.. code.GetPreamble(), .. code.GetBytes(hint + "日期;数值\r\n一日;3,5\r\n二日;无\r\n三日;4.5\r\n;\r\n")], TestContext.Current.CancellationToken);

        var chart = await JsonAsync("chart", file, "--type", "i-mr", "--json");

        Assert.Equal(["一日 3.5", "二日 null", "三日 4.5"], chart.GetProperty("points").EnumerateArray().Select(point => $"{point.GetProperty("label").GetString()} {point.GetProperty("value").GetRawText()}"));
    }

    [Fact]
    public async Task A_fault_behind_a_hint_of_the_separator_is_said_with_the_line_of_the_file()
    {
        var ran = await sq.RunAsync("chart", sq.Write("t.csv", "sep=;\nday;value\na;1\nb;x\n"), "--type", "i-mr");
        Assert.Contains("line 4, column 2 (value): 'x' is not a number", ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Records_are_ranked_by_unit_and_day_and_weighed_by_unit()
    {
        var file = sq.Write("calls.csv", Calls);

        var ranking = (await JsonAsync("rank", file, "--unit", "agent", "--by", "date", "--value", "rating", "--json")).GetProperty("units");
        // Ann: 4 and 5; Bo: 2 and 5.
        Assert.Equal([("Ann", 4.5, 2), ("Bo", 3.5, 2)], ranking.EnumerateArray().Select(unit => (unit.GetProperty("unit").GetString(), unit.GetProperty("score").GetDouble(), unit.GetProperty("days").GetInt32())));

        var weights = await JsonAsync("entropy", file, "--unit", "agent", "--value", "talk", "rating", "--lower", "talk", "--json");
        Assert.Equal([("talk", true), ("rating", false)], weights.GetProperty("columns").EnumerateArray().Select(column => (column.GetProperty("column").GetString(), column.GetProperty("lowerIsBetter").GetBoolean())));
        Assert.Equal(2, weights.GetProperty("rows").GetInt32());
    }

    [Fact]
    public async Task Durations_are_seconds_and_rows_can_be_counted_over_several_files()
    {
        var (one, two) = (sq.Write("jan.csv", Calls), sq.Write("feb.csv", "Call,Agent,Date,Answered,Talk,Rating\n6,Ann,d3,Y,0:01:00,4\n"));

        var talk = (await JsonAsync("chart", one, two, "--type", "i-mr", "--value", "talk", "--by", "date", "--json")).GetProperty("points");
        Assert.Equal([180.0, 210, 60], talk.EnumerateArray().Select(point => point.GetProperty("value").GetDouble()));
        var rows = (await JsonAsync("chart", one, two, "--type", "u", "--rows", "--by", "date", "--json")).GetProperty("points");
        Assert.Equal([(2.0, 1.0), (3, 1), (1, 1)], rows.EnumerateArray().Select(point => (point.GetProperty("value").GetDouble(), point.GetProperty("size").GetDouble())));
    }

    [Fact]
    public void Every_refusal_of_a_chart_has_words() => Assert.Equal(ChartRefusal.Codes.Order(StringComparer.Ordinal), ChartWords.Codes.Order(StringComparer.Ordinal));

    public static TheoryData<string, string, string> Refusals => new()
    {
        { "chart F --type i-mr --value rating --center 1e999", "--center is a number", "--center 须为有限数值" },
        { "chart F --type p --event answered=N --center 2", "centre line of a share", "比率的中心线" },
        { "chart F --type u --rows --by date --center -1", "is not negative", "不能为负" },
        { "chart F --type i-mr --value rating --baseline 1", "--baseline takes two points", "--baseline 至少须有两个点" },
        { "chart F --type p --event answered=N --sigma 1", "--sigma does not go with", "不接受 --sigma" },
        { "chart F --type ewma --value rating --rules nelson", "do not apply to ewma", "不适用判异规则" },
        { "chart F --type ewma --value rating --lambda 2", "--lambda is above 0", "--lambda 须大于 0" },
        { "chart F --type ewma --value rating --width 0", "--width (L) is above 0", "--width (L) 须大于 0" },
        { "chart F --type cusum --value rating --slack -1", "--slack (k) is 0 or more", "--slack（k）不能小于 0" },
        { "chart F --type cusum --value rating --decision 0", "--decision (h) is above 0", "--decision (h) 须大于 0" },
        { "chart F --type i-mr --value rating --sigma 0", "--sigma is above 0", "--sigma 须大于 0" },
        { "chart F --type i-mr --value rating --rules shewhart", "'shewhart' is no rule set", "'shewhart' 不是判异规则" },
        { "chart F --type i-mr --value rating --rules nelson:9", "'9' is no rule of nelson: its rules are 1 to 8", "'9' 不是 nelson 的规则：编号为 1 至 8" },
        { "chart F --type i-mr --value agent", "'Ann' is not a number", "'Ann' 不是数值" },
        { "chart F --type i-mr --rows --by date", "--rows goes with --type u", "--rows 须与 --type u" },
        { "chart F --type i-mr --event answered=N", "--event takes COLUMN=TEXT", "--event 的写法" },
        { "chart F --type p --event answered=N --by date:x", "is a column, perhaps", "应是列名" },
        { "chart F X --type i-mr --value rating", "has not the same heading", "的表头与" },
        { "chart none.csv --type i-mr", "none.csv does not exist", "none.csv 不存在" },
        { "chart . --type i-mr", "is a folder", "是文件夹" },
        { "chart O --type i-mr", "no row of CSV", "不是有效的 CSV 行" },
        { "chart H --type i-mr", "is beyond ±1e150", "超出 ±1e150" },
        { "rank H", "is beyond ±1e150", "超出 ±1e150" },
        { "rank F --by date", "--by and --value go with --unit", "须与 --unit 同用" },
        { "rank F --unit agent", "--unit goes with --by and --value", "--unit 须与 --by 和 --value 同用" },
        { "rank F X", "several files go with --unit", "多个文件须与 --unit 同用" },
        { "rank F --unit agent --by date --value nosuch", "has no column 'nosuch'", "没有列 'nosuch'" },
        { "entropy F --unit agent", "--unit goes with --value", "--unit 须与 --value 同用" },
        { "entropy F --unit call --value rating", "'2' has no number in rating", "'2' 在 rating 中没有数值" },
        { "entropy F --value rating --lower nosuch", "'nosuch' is none of the columns", "'nosuch' 不在各列之中" },
        { "chart F", "Option '--type' is required.", "缺少选项 '--type'。" },
        { "chart", "Required argument missing for command: 'chart'.", "'chart' 缺少必需的参数。" },
        { "chart F --type zzz", "Must be one of:", "须为以下之一：" },
        { "chart F --type p --baseline x", "'x' is no value of '--baseline'.", "'x' 不是 '--baseline' 可接受的值。" },
        { "nosuch", "Unrecognized command or argument 'nosuch'.", "无法识别的命令或参数 'nosuch'。" },
    };

    [Theory, MemberData(nameof(Refusals))]
    public async Task A_refusal_is_said_in_the_language_of_its_reader(string command, string english, string chinese)
    {
        var files = new Dictionary<string, string>
        {
            ["F"] = sq.Write("calls.csv", Calls), ["X"] = sq.Write("x.csv", "a,b\n1,2\n"), ["O"] = sq.Write("o.csv", "a\n\"" + new string('x', 1_100_000)), ["H"] = sq.Write("h.csv", "a,b\nx,1e308\ny,-1e308\n"), ["."] = sq.Folder,
        };
        string[] arguments = [.. command.Split(' ').Select(word => files.GetValueOrDefault(word, word))];

        var inEnglish = await sq.RunAsync(arguments);
        sq["LANG"] = "zh_CN.UTF-8";
        var inChinese = await sq.RunAsync(arguments);

        Assert.Equal((ExitCodes.Usage, ExitCodes.Usage), (inEnglish.Code, inChinese.Code));
        Assert.Contains(english, inEnglish.Error, StringComparison.Ordinal);
        Assert.DoesNotMatch(Han(), inEnglish.Error);
        Assert.Contains(chinese, inChinese.Error, StringComparison.Ordinal);
    }

    private async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        var ran = await sq.RunAsync(arguments);
        Assert.Equal("", ran.Error);
        return JsonDocument.Parse(ran.Output).RootElement;
    }

    [GeneratedRegex(@"\p{IsCJKUnifiedIdeographs}", RegexOptions.NonBacktracking)]
    private static partial Regex Han();
}
