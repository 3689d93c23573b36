using System.Text.Json;

namespace ServiceQuality.Cli.Tests.Analysis;

/// <summary>`sq forecast` as an analyst uses it (RPT-11).</summary>
public sealed class ForecastCommandTests : IDisposable
{
    private const string Months = "month,value\n01,81.2\n02,82.0\n03,80.9\n04,\n05,82.4\n06,81.7\n07,82.9\n08,81.5\n";

    private readonly Sq sq = new();

    public void Dispose() => sq.Dispose();

    [Fact]
    public async Task Oil_production_comes_out_as_the_book_has_it()
    {
        // Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 2nd ed., §7.1: 542.6806 for every year ahead, α 0.8339.
        var file = sq.Write("oil.csv", "445.3641\n453.1950\n454.4096\n422.3789\n456.0371\n440.3866\n425.1944\n486.2052\n500.4291\n521.2759\n508.9476\n488.8889\n509.8706\n456.7229\n473.8166\n525.9509\n549.8338\n542.3405\n");

        var ran = await sq.RunAsync("forecast", file, "--within", "none", "--json");

        Assert.Equal(ExitCodes.Done, ran.Code);
        var report = JsonDocument.Parse(ran.Output).RootElement;
        Assert.Equal(("level", 18, 3), (report.GetProperty("method").GetString(), report.GetProperty("points").GetInt32(), report.GetProperty("steps").GetArrayLength()));
        Assert.Equal(542.6806, report.GetProperty("steps")[2].GetProperty("value").GetDouble(), 0.001);
        Assert.Equal(0.8339, report.GetProperty("alpha").GetDouble(), 0.0001);
    }

    [Fact]
    public async Task A_series_is_forecast_in_words_of_both_languages()
    {
        var file = sq.Write("months.csv", Months);
        var english = await sq.RunAsync("forecast", file, "--periods", "1");
        Assert.Contains("Simple exponential smoothing of 7 values", english.Output, StringComparison.Ordinal);

        sq["LANG"] = "zh_CN.UTF-8";
        Assert.Contains("对 7 个值作简单指数平滑", (await sq.RunAsync("forecast", file)).Output, StringComparison.Ordinal);
        Assert.Contains("无法预测", (await sq.RunAsync("forecast", sq.Write("short.csv", "80\n81\n"))).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("80\n81\n82\n", "3 values; 6 are needed")]
    [InlineData("value\n80\n\"\"\n\"\"\n81\n82\n\"\"\n\"\"\n80\n84\n85\n", "two thirds")]
    [InlineData("80\n80\n80\n80\n80\n80\n", "do not vary")]
    public async Task Too_little_data_are_said_so_and_a_finding(string content, string message)
    {
        var ran = await sq.RunAsync("forecast", sq.Write("series.csv", content));
        Assert.Equal((ExitCodes.Findings, true), (ran.Code, ran.Output.Contains(message, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("", "line 5, column 2 (value): beyond 0..100; see --within")]
    [InlineData("--periods 4", "--periods is 1 to 3")]
    [InlineData("--periods 0", "--periods is 1 to 3")]
    [InlineData("--within 100..0", "'100..0' is not LOW..HIGH or none")]
    [InlineData("--value wait", "no column 'wait'")]
    [InlineData("--method holt", "holt")]
    public async Task Bad_input_is_refused_with_its_place(string more, string message)
    {
        var ran = await sq.RunAsync(["forecast", sq.Write("series.csv", "month,value\n1,80\n2,81\n3,82\n4,182\n5,81\n6,80\n7,81\n"), .. more.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Equal((ExitCodes.Usage, true), (ran.Code, ran.Error.Contains(message, StringComparison.Ordinal)));
    }
}
