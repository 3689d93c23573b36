using System.Text.Json;

namespace ServiceQuality.Cli.Tests.Analysis;

/// <summary>`sq fuzzy` and `sq servqual`: files in, evaluation out, no server (SCO-08, SCO-09, SCO-11).</summary>
public sealed class EvaluationCommandsTests : IDisposable
{
    // E-08.
    private const string R = "factor,excellent,good,qualified,unqualified\nquality,0.5,0.3,0.2,0\nefficiency,0.2,0.5,0.2,0.1\nattitude,0.6,0.3,0.1,0\ninnovation,0.1,0.3,0.4,0.2\n";
    private const string W = "name,weight\ninnovation,10\nquality,40\nefficiency,25\nattitude,25\n";

    // E-15.
    private const string Long = "item,expectation,perception\nreliability,4.8,4.0\nresponsiveness,4.5,3.5\nassurance,4.4,4.2\nempathy,4.2,3.8\ntangibles,4.3,4.5\n";

    private readonly Sq sq = new();

    public void Dispose() => sq.Dispose();

    [Fact]
    public async Task The_worked_example_of_the_fuzzy_evaluation_is_met()
    {
        var ran = await sq.RunAsync("fuzzy", sq.Write("r.csv", R), "--weights", sq.Write("w.csv", W), "--json");

        Assert.Equal(0, ran.Code);
        var result = JsonDocument.Parse(ran.Output).RootElement;
        Assert.Equal("weighted-mean", result.GetProperty("operator").GetString());
        var total = result.GetProperty("total");
        Assert.All(new[] { 0.41, 0.35, 0.195, 0.045 }.Zip(total.GetProperty("grades").EnumerateArray()), pair => Assert.Equal(pair.First, Number(pair.Second, "membership"), 12));
        Assert.Equal(84.60, Number(total, "mean"), 9);
        Assert.Equal(("excellent", "good", true), (total.GetProperty("verdict").GetString(), total.GetProperty("meanGrade").GetString(), total.GetProperty("doubtful").GetBoolean()));
    }

    [Fact]
    public async Task A_verdict_that_differs_from_the_mean_is_said()
    {
        var ran = await sq.RunAsync("fuzzy", sq.Write("r.csv", R), "--weights", sq.Write("w.csv", W));

        Assert.Contains("The mean is nearest to good, the largest membership is excellent: the mean decides.", ran.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Families_make_a_second_level_and_votes_become_memberships()
    {
        var r = sq.Write("r.csv", "family,factor,a,b\nx,x1,3,1\nx,x2,1,1\ny,y1,0,2\n");
        var w = sq.Write("w.csv", "name,weight\nx,3\ny,1\nx1,1\nx2,1\ny1,1\n");

        var result = JsonDocument.Parse((await sq.RunAsync("fuzzy", r, "--weights", w, "--votes", "--worth", "90,40", "--json")).Output).RootElement;

        // x: ½ · ¾ + ½ · ½ = 0.625; total: ¾ · 0.625 + ¼ · 0.
        Assert.Equal(0.625, Number(result.GetProperty("families")[0].GetProperty("grades")[0], "membership"), 12);
        Assert.Equal(0.75 * 0.625, Number(result.GetProperty("total").GetProperty("grades")[0], "membership"), 12);
        Assert.Equal(JsonValueKind.Null, result.GetProperty("families")[1].GetProperty("validity").ValueKind);
    }

    [Fact]
    public async Task The_operator_is_chosen()
    {
        var ran = await sq.RunAsync("fuzzy", sq.Write("r.csv", R), "--weights", sq.Write("w.csv", W), "--operator", "min-max", "--json");

        // max min: 0.4, 0.3, 0.2, 0.1.
        Assert.All(new[] { 0.4, 0.3, 0.2, 0.1 }.Zip(JsonDocument.Parse(ran.Output).RootElement.GetProperty("total").GetProperty("grades").EnumerateArray()), pair => Assert.Equal(pair.First, Number(pair.Second, "membership"), 12));
        Assert.Equal(2, (await sq.RunAsync("fuzzy", sq.Write("r.csv", R), "--weights", sq.Write("w.csv", W), "--operator", "average")).Code);
    }

    [Theory]
    [InlineData("f,a,b\nx,0.5,0.4\n", "", "r.csv, line 2, column 2 (a): the memberships of this row sum to 0.9000, not to 1")]
    [InlineData("f,a,b\nx,3,-2\n", "", "r.csv, line 2, column 2 (a): 3 is no membership")]
    [InlineData("f,a,b\nx,3,-2\n", "--votes", "r.csv, line 2, column 3 (b): votes are not negative")]
    [InlineData("f,a,b\nx,0,0\n", "--votes", "r.csv, line 2, column 2 (a): nobody has voted on this factor")]
    [InlineData("f,a,b\nx,1,0\nx,0,1\n", "", "r.csv, line 3, column 1 (f): 'x' stands twice")]
    [InlineData("f,a\nx,1\n", "", "behind the factors stand at least 2 columns")]
    [InlineData("f,a,b\nz,1,0\n", "--worth 1,2", "has no weight for 'z'")]
    [InlineData("f,a,b\nx,1,0\n", "", "say what each of the 2 grades is worth with --worth")]
    [InlineData("f,a,b\nx,1,0\n", "--worth 90", "--worth takes 2 numbers")]
    [InlineData("f,a,b\nx,one,0\n", "", "r.csv, line 2, column 2 (a): 'one' is not a number")]
    public async Task Memberships_that_are_none_are_refused_with_the_cell(string content, string options, string message)
    {
        var ran = await sq.RunAsync(["fuzzy", sq.Write("r.csv", content), "--weights", sq.Write("w.csv", "name,weight\nx,1\n"), .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

        Assert.Equal(2, ran.Code);
        Assert.Contains(message, ran.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name,weight\nx,-1\n", "w.csv, line 2, column 2 (weight): a weight is not negative")]
    [InlineData("name,weight\nx,1\nx,2\n", "w.csv, line 3, column 1 (name): 'x' has a weight already")]
    [InlineData("name,weight\nx,0\n", "w.csv: all weights are 0")]
    [InlineData("name\nx\n", "w.csv: weights take two columns, name and weight")]
    public async Task Weights_that_are_none_are_refused_with_the_cell(string content, string message)
    {
        var ran = await sq.RunAsync("fuzzy", sq.Write("r.csv", "f,a,b\nx,1,0\n"), "--worth", "1,2", "--weights", sq.Write("w.csv", content));

        Assert.Equal(2, ran.Code);
        Assert.Contains(message, ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_worked_example_of_the_gaps_is_met()
    {
        var ran = await sq.RunAsync("servqual", sq.Write("a.csv", Long), "--json");

        Assert.Equal(0, ran.Code);
        var result = JsonDocument.Parse(ran.Output).RootElement;
        Assert.Equal(-0.556, Number(result, "total"), 9);
        Assert.Equal("responsiveness", result.GetProperty("worstBySize")[0].GetProperty("item").GetString());
        Assert.Equal("reliability", result.GetProperty("worstByWeight")[0].GetProperty("item").GetString());
        Assert.Equal(5, Number(result, "responses"));
    }

    [Fact]
    public async Task A_wide_file_says_the_same_as_a_long_one()
    {
        var (one, other) = (
            sq.Write("long.csv", "respondent,item,expectation,perception\nc1,reliability.on-time,6,5\nc1,empathy,5,6\nc2,reliability.on-time,7,6\n"),
            sq.Write("wide.csv", "respondent,reliability.on-time:e,reliability.on-time:p,empathy:E,empathy:P\nc1,6,5,5,6\nc2,7,6,,\n"));

        var (wide, longer) = (JsonDocument.Parse((await sq.RunAsync("servqual", other, "--json")).Output).RootElement, JsonDocument.Parse((await sq.RunAsync("servqual", one, "--json")).Output).RootElement);

        Assert.Equal(longer.GetProperty("dimensions").GetRawText(), wide.GetProperty("dimensions").GetRawText());
        Assert.Equal(2, Number(wide, "responses"));
    }

    [Fact]
    public async Task A_second_answer_of_the_same_respondent_is_noted_with_its_line_and_does_not_count()
    {
        var ran = await sq.RunAsync("servqual", sq.Write("a.csv", "respondent,item,expectation,perception\nc1,empathy,5,6\nc1,empathy,1,1\n"));

        Assert.Contains("1 sheets, weighted gap 1.0000", ran.Output, StringComparison.Ordinal);
        Assert.Contains("Answered before, not counted: 1 (line 3)", ran.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("item,expectation,perception\nspeed,5,5\n", "", "a.csv, line 2, column 1 (item): 'speed' is no dimension")]
    [InlineData("item,expectation,perception\nempathy,5,8\n", "", "a.csv, line 2, column 3 (perception): 8 is not on the scale from 1 to 7")]
    [InlineData("item,expectation,perception\nempathy,5,6\n", "--scale 1-5", "6 is not on the scale from 1 to 5")]
    [InlineData("item,expectation,perception\nempathy,,6\n", "", "a.csv, line 2, column 2 (expectation): a number is missing")]
    [InlineData("item,expectation\nempathy,5\n", "", "a.csv has no column 'perception'")]
    [InlineData("empathy:e\n5\n", "", "a.csv has no column 'empathy:p'")]
    [InlineData("speed:e,speed:p\n5,5\n", "", "'speed' is no dimension")]
    [InlineData("unit,empathy:e,empathy:p\nn,5,5\n", "", "column 'unit' is neither respondent nor ITEM:e nor ITEM:p")]
    [InlineData("respondent\nc1\n", "", "a.csv has no item")]
    [InlineData("item,expectation,perception\nempathy,5,6\n", "--scale 7", "--scale is LOW-HIGH")]
    public async Task Answers_that_are_none_are_refused_with_the_cell(string content, string options, string message)
    {
        var ran = await sq.RunAsync(["servqual", sq.Write("a.csv", content), .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

        Assert.Equal(2, ran.Code);
        Assert.Contains(message, ran.Error, StringComparison.Ordinal);
    }

    private static double Number(JsonElement parent, string name) => parent.GetProperty(name).GetDouble();
}
