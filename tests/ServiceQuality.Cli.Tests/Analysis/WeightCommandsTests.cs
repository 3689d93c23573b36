using System.Text.Json;

namespace ServiceQuality.Cli.Tests.Analysis;

/// <summary>`sq ahp` and `sq entropy`: files in, weights out, no server (SCO-04).</summary>
public sealed class WeightCommandsTests : IDisposable
{
    // Saaty 1990, "How to make a decision", European Journal of Operational Research 48, table 3.
    private const string House = "1,5,3,7,6,6,1/3,1/4\n,1,1/3,5,3,3,1/5,1/7\n,,1,6,3,4,6,1/5\n,,,1,1/3,1/4,1/7,1/8\n,,,,1,1/2,1/5,1/6\n,,,,,1,1/5,1/6\n,,,,,,1,1/2\n,,,,,,,1\n";
    private const string Families = ",quality,efficiency,attitude\nquality,1,2,4\nefficiency,1/2,1,2\nattitude,1/4,1/2,1\n";

    private readonly Sq sq = new();

    public void Dispose() => sq.Dispose();

    [Fact]
    public async Task Consistent_judgements_give_their_weights()
    {
        var ran = await sq.RunAsync("ahp", sq.Write("m.csv", Families), "--json");

        Assert.Equal(0, ran.Code);
        var result = JsonDocument.Parse(ran.Output).RootElement;
        Assert.Equal(["quality", "efficiency", "attitude"], result.GetProperty("weights").EnumerateArray().Select(one => one.GetProperty("element").GetString()));
        Assert.Equal(4 / 7.0, result.GetProperty("weights")[0].GetProperty("weight").GetDouble(), 12);
        Assert.Equal((3.0, 0.0, 0.58, true), (Number(result, "lambdaMax"), Number(result, "consistencyRatio"), Number(result, "randomIndex"), result.GetProperty("accepted").GetBoolean()));
        Assert.Equal(0, result.GetProperty("worstTriads").GetArrayLength());
    }

    [Fact]
    public async Task Saatys_house_is_refused_with_the_judgement_that_saaty_found_worst()
    {
        var path = sq.Write("house.csv", House);

        var ran = await sq.RunAsync("ahp", path);

        Assert.Equal(1, ran.Code);
        Assert.Contains("λmax 9.6689, CI 0.2384, CR 0.1691", ran.Output, StringComparison.Ordinal);
        Assert.Contains("3 / 7 is 6.0000, but 3 / 1 × 1 / 7 makes 0.1111", ran.Output, StringComparison.Ordinal);
        var json = JsonDocument.Parse((await sq.RunAsync("ahp", path, "--json")).Output).RootElement;
        Assert.Equal(JsonValueKind.Null, json.GetProperty("weights").ValueKind);
        Assert.Equal(3, json.GetProperty("worstTriads").GetArrayLength());
        Assert.Equal(0, (await sq.RunAsync("ahp", path, "--threshold", "0.17")).Code);
    }

    [Fact]
    public async Task Several_experts_are_joined_and_each_is_told_apart()
    {
        var (one, other) = (sq.Write("a.csv", "1,2,4\n,1,2\n,,1\n"), sq.Write("b.csv", "1,2,1\n,1,2\n,,1\n"));

        var ran = await sq.RunAsync("ahp", one, other, "--json");

        var result = JsonDocument.Parse(ran.Output).RootElement;
        Assert.Equal(0, ran.Code);
        Assert.Equal([true, false], result.GetProperty("experts").EnumerateArray().Select(expert => expert.GetProperty("accepted").GetBoolean()));
        Assert.Contains("too inconsistent", (await sq.RunAsync("ahp", one, other)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_matrix_may_come_from_standard_input()
    {
        sq.Input = "1,3\n1/3,1\n";

        Assert.Equal(0.75, JsonDocument.Parse((await sq.RunAsync("ahp", "-", "--json")).Output).RootElement.GetProperty("weights")[0].GetProperty("weight").GetDouble(), 12);
    }

    [Theory]
    [InlineData("1,3\n0.5,1\n", "m.csv, line 2, column 1: 0.5 is not one over row 1, column 2 of the matrix: 0.3333333333333333 would be")]
    [InlineData("a,b\n1,3\n1/3,2\n", "m.csv, line 3, column 2 (b): an element compared with itself is 1, not 2")]
    [InlineData(",a,b\na,1,-3\nb,,1\n", "m.csv, line 2, column 3 (b): -3 is no judgement")]
    [InlineData(",a,b\na,1,0\nb,,1\n", "m.csv, line 2, column 3 (b): 0 is no judgement")]
    [InlineData(",a,b\na,1,3\nc,,1\n", "m.csv, line 3, column 1: 'c' stands where column 3 says 'b'")]
    [InlineData(",a,b\na,1,\nb,,1\n", "m.csv, line 2, column 3 (b): a number is missing")]
    [InlineData("a,b\n1,three\n1/3,1\n", "m.csv, line 2, column 2 (b): 'three' is not a number")]
    [InlineData("1,3\n1/3\n", "m.csv, line 2: 1 cells, but the first row has 2")]
    [InlineData("1,3\n1/3,1\n1,1\n", "m.csv has 3 rows and 2 columns of judgements: a matrix is square")]
    [InlineData("1,1,1,1,1,1,1,1,1,1,1,1\n", "m.csv has 12 columns: at most 11")]
    [InlineData("", "m.csv is empty")]
    public async Task A_matrix_that_is_none_is_refused_with_the_cell(string content, string message)
    {
        var ran = await sq.RunAsync("ahp", sq.Write("m.csv", content));

        Assert.Equal(2, ran.Code);
        Assert.Contains(message, ran.Error, StringComparison.Ordinal);
        Assert.Empty(ran.Output);
    }

    [Fact]
    public async Task Matrices_of_other_elements_and_thresholds_off_the_range_are_refused()
    {
        var families = sq.Write("a.csv", Families);

        Assert.Contains("does not compare the same elements", (await sq.RunAsync("ahp", families, sq.Write("b.csv", House))).Error, StringComparison.Ordinal);
        Assert.Equal(2, (await sq.RunAsync("ahp", families, "--threshold", "1.5")).Code);
        Assert.Equal(2, (await sq.RunAsync("ahp", families, "--threshold", "NaN")).Code);
        Assert.Equal(2, (await sq.RunAsync("ahp", Path.Combine(sq.Folder, "none.csv"))).Code);
        Assert.Equal(2, (await sq.RunAsync("ahp")).Code);
    }

    [Fact]
    public async Task Refusals_are_chinese_for_those_who_read_chinese()
    {
        sq["LANG"] = "zh_CN.UTF-8";

        Assert.Contains("不予采用：CR 大于 0.1000", (await sq.RunAsync("ahp", sq.Write("house.csv", House))).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_fighter_aircraft_of_hwang_and_yoon_weigh_as_published_at_full_precision()
    {
        // Hwang and Yoon 1981, "Multiple Attribute Decision Making", ch. 3; the book rounds shares to four digits.
        var path = sq.Write("aircraft.csv", "aircraft,speed,range,payload,cost,reliability,manoeuvrability\nA1,2.0,1500,20000,5.5,5,9\nA2,2.5,2700,18000,6.5,3,5\nA3,1.8,2000,21000,4.5,7,7\nA4,2.2,1800,20000,5.0,5,5\n");

        var ran = await sq.RunAsync("entropy", path, "--scale", "share", "--json");

        var weights = JsonDocument.Parse(ran.Output).RootElement.GetProperty("columns").EnumerateArray().Select(column => Number(column, "weight")).ToList();
        Assert.All(new[] { 0.0649, 0.2055, 0.0133, 0.0829, 0.3570, 0.2764 }.Zip(weights), pair => Assert.Equal(pair.First, pair.Second, 0.002));
        Assert.Equal(1, weights.Sum(), 12);
        Assert.Matches("\"weight\": 0\\.[0-9]{15,}", ran.Output);
    }

    [Fact]
    public async Task Entropy_weights_are_joined_with_judged_ones()
    {
        var table = sq.Write("t.csv", "wait,share\n300,0.8\n500,0.8\n200,0.8\n100,0.9\n");

        var result = JsonDocument.Parse((await sq.RunAsync("entropy", table, "--lower", "wait", "--with", sq.Write("w.csv", "name,weight\nshare,0.5\nwait,0.5\n"), "--json")).Output).RootElement;

        Assert.All(result.GetProperty("columns").EnumerateArray(), column => Assert.Equal(Number(column, "weight"), Number(column, "combined"), 12));
        Assert.True(result.GetProperty("columns")[0].GetProperty("lowerIsBetter").GetBoolean());
    }

    [Fact]
    public async Task A_table_that_tells_no_rows_apart_is_a_finding()
    {
        var ran = await sq.RunAsync("entropy", sq.Write("t.csv", "unit,a\nn01,1\nn02,1\n"));

        Assert.Equal(1, ran.Code);
        Assert.Contains("No weights: no column tells the rows apart.", ran.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unit,a\nn01,1\n", "", "needs at least 2 rows")]
    [InlineData("unit\nn01\nn02\n", "", "needs at least 2 rows and 1 column")]
    [InlineData("unit,a\nn01,1\nn02,many\n", "", "t.csv, line 3, column 2 (a): 'many' is not a number")]
    [InlineData("unit,a\nn01,1\nn02,-2\n", "--scale share", "t.csv, line 3, column 2 (a): with --scale share a number is not negative, not -2")]
    [InlineData("unit,a\nn01,1\nn02,0\n", "--scale share --lower a", "t.csv, line 3, column 2 (a): with --scale share a number where less is better is above 0, not 0")]
    [InlineData("unit,a\nn01,1\nn02,2\n", "--lower b", "--lower: 'b' is none of the columns a")]
    [InlineData("unit,a\nn01,1\nn02,2\n", "--lower unit", "--lower: 'unit' is none of the columns a")]
    [InlineData("unit,a\nn01,1\nn02,2\n", "--with t.csv", "a number is missing")]
    public async Task A_table_that_cannot_be_weighed_is_refused(string content, string options, string message)
    {
        var path = sq.Write("t.csv", content);
        var weights = sq.Write("w.csv", "name,weight\na,\n");

        var ran = await sq.RunAsync(["entropy", path, .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(option => option == "t.csv" ? weights : option)]);

        Assert.Equal(2, ran.Code);
        Assert.Contains(message, ran.Error, StringComparison.Ordinal);
    }

    private static double Number(JsonElement parent, string name) => parent.GetProperty(name).GetDouble();
}
