using System.Text.Json;
using System.Text.Json.Nodes;
using ServiceQuality.Access;
using ServiceQuality.Scoring;
using ServiceQuality.Testing;

namespace ServiceQuality.Scores.Tests;

/// <summary>Weights and fuzzy evaluation over HTTP (scoring.md §§ 6, 7; SCO-04, SCO-08).</summary>
public sealed class EvaluationsTests(RealServers servers) : IAsyncLifetime
{
    private static readonly Caller Analyst = ScoresApp.Person("Analyst", Roles.Region, "hq/north/");

    private ScoresApp _app = null!;

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public async ValueTask InitializeAsync() => _app = await ScoresApp.StartAsync(servers, Some.StraightScheme());

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task SCO_08_The_fuzzy_evaluation_stands_beside_the_score()
    {
        await _app.SendAsync(Some.Points(ScoresApp.N01, "p", Now.AddHours(-1), 92));

        var fuzzy = await _app.GetAsync("/api/scores/n01/fuzzy");
        var wide = await _app.GetAsync("/api/scores/n01/fuzzy?operator=min-max&halfWidth=2.5");

        // 92 belongs to excellent by 0.7 and to good by 0.3; with half the width by 0.9.
        var grades = fuzzy.GetProperty("total").GetProperty("grades");
        Assert.Equal((0.7, 0.3, 95.0), (Math.Round(grades[0].GetProperty("membership").GetDouble(), 12), Math.Round(grades[1].GetProperty("membership").GetDouble(), 12), grades[0].GetProperty("worth").GetDouble()));
        Assert.Equal(92, fuzzy.GetProperty("total").GetProperty("mean").GetDouble(), 9);
        Assert.Equal(("excellent", "excellent", false), (fuzzy.GetProperty("total").GetProperty("verdict").GetProperty("code").GetString(), fuzzy.GetProperty("grade").GetProperty("code").GetString(), fuzzy.GetProperty("differs").GetBoolean()));
        Assert.Equal("quality", Assert.Single(fuzzy.GetProperty("families").EnumerateArray()).GetProperty("code").GetString());
        Assert.Equal(("min-max", 2.5), (wide.GetProperty("operator").GetString(), wide.GetProperty("halfWidth").GetDouble()));
        Assert.Equal(0.9, wide.GetProperty("total").GetProperty("grades")[0].GetProperty("membership").GetDouble(), 12);
    }

    [Fact]
    public async Task G_15_A_verdict_that_differs_from_the_grade_is_explained_in_both_languages()
    {
        await _app.SendAsync(Some.Points(ScoresApp.N01, "p", Now.AddHours(-1), 82), Some.Deduction(ScoresApp.N01, "d", Now.AddHours(-1), 3));

        var fuzzy = await _app.GetAsync("/api/scores/n01/fuzzy");

        Assert.True(fuzzy.GetProperty("differs").GetBoolean());
        Assert.Equal(("fair", "good"), (fuzzy.GetProperty("grade").GetProperty("code").GetString(), fuzzy.GetProperty("total").GetProperty("verdict").GetProperty("code").GetString()));
        Assert.Contains("adjustments", fuzzy.GetProperty("reasons").EnumerateArray().Select(reason => reason.GetProperty("code").GetString()));
        Assert.All(fuzzy.GetProperty("reasons").EnumerateArray(), reason => Assert.All(new[] { "zh", "en" }, language => Assert.NotEmpty(reason.GetProperty("text").GetProperty(language).GetString()!)));
    }

    [Fact]
    public async Task A_unit_without_data_has_no_evaluation_and_no_number_that_is_none()
    {
        var fuzzy = await _app.GetAsync("/api/scores/n02/fuzzy");

        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null, false, 0), (fuzzy.GetProperty("total").ValueKind, fuzzy.GetProperty("score").ValueKind, fuzzy.GetProperty("differs").GetBoolean(), fuzzy.GetProperty("families").GetArrayLength()));
    }

    [Theory]
    [InlineData("operator=mean", "operator-invalid")]
    [InlineData("halfWidth=51", "half-width-invalid")]
    [InlineData("halfWidth=NaN", "half-width-invalid")]
    [InlineData("halfWidth=-1", "half-width-invalid")]
    [InlineData("period=ever", "period-invalid")]
    public async Task What_cannot_be_evaluated_is_refused(string query, string code)
    {
        var (status, problem) = await _app.ReadAsync(Analyst, $"/api/scores/n01/fuzzy?{query}");

        Assert.Equal((400, code), (status, ScoresApp.Code(problem)));
        Assert.Equal(403, (await _app.ReadAsync(Analyst, "/api/scores/s01/fuzzy")).Status);
    }

    [Fact]
    public async Task SCO_04_Judgements_give_weights_or_are_refused_with_the_worst_triads()
    {
        var good = (await _app.PostAsync(Analyst, "/api/weights/ahp", new { elements = new[] { "a", "b" }, matrices = new[] { Matrix("1 3; 0.3333333333 1") } })).Body;
        var bad = (await _app.PostAsync(Analyst, "/api/weights/ahp", new { matrices = new[] { Matrix("1 2 0.2; 0.5 1 3; 5 0.333 1") } })).Body;

        Assert.Equal(0.75, good.GetProperty("group").GetProperty("weights")[0].GetDouble(), 9);
        Assert.Equal((false, JsonValueKind.Null), (bad.GetProperty("group").GetProperty("accepted").GetBoolean(), bad.GetProperty("group").GetProperty("weights").ValueKind));
        var triad = bad.GetProperty("group").GetProperty("worstTriads")[0];
        Assert.Equal((0, 1, 2), (triad.GetProperty("from").GetInt32(), triad.GetProperty("via").GetInt32(), triad.GetProperty("to").GetInt32()));
        Assert.Equal(6, triad.GetProperty("consistent").GetDouble(), 0.01);
    }

    [Theory]
    [InlineData("ahp", """{"matrices":[]}""", "matrices-invalid", "/matrices")]
    [InlineData("ahp", """{"matrices":[null]}""", "matrix-size", "/matrices/0")]
    [InlineData("ahp", """{"matrices":[[[1,3],[0.33,1]]]}""", "judgement-invalid", "/matrices/0/1/0")]
    [InlineData("ahp", """{"matrices":[[[1,2],[0.5,1]],[[1]]]}""", "matrix-size", "/matrices/1")]
    [InlineData("ahp", """{"matrices":[[[1]]],"elements":["a","b"]}""", "matrix-size", "/matrices/0")]
    [InlineData("ahp", """{"matrices":[[[1]]],"threshold":2}""", "threshold-invalid", "/threshold")]
    [InlineData("entropy", """{"rows":[[1]]}""", "table-size", "/rows")]
    [InlineData("entropy", """{"rows":[[1,2],[1]]}""", "table-size", "/rows/1")]
    [InlineData("entropy", """{"rows":[[1],[-2]],"scale":"share"}""", "value-invalid", "/rows/1/0")]
    [InlineData("entropy", """{"rows":[[1],[2]],"scale":"log"}""", "scale-invalid", "/scale")]
    [InlineData("entropy", """{"rows":[[1],[2]],"lowerIsBetter":[true,false]}""", "columns-invalid", "/lowerIsBetter")]
    [InlineData("combined", """{"judged":[1,2],"objective":[1]}""", "weights-invalid", "/judged")]
    [InlineData("combined", """{"judged":[1,-2],"objective":[1,1]}""", "weights-invalid", "/judged/1")]
    [InlineData("combined", """{"judged":[1,0],"objective":[0,1]}""", "weights-disjoint", "/objective")]
    public async Task Weights_that_cannot_be_computed_are_refused_with_the_place(string route, string body, string code, string place)
    {
        var (status, problem) = await _app.PostAsync(Analyst, $"/api/weights/{route}", JsonNode.Parse(body));

        Assert.Equal((400, code, place), (status, ScoresApp.Code(problem), problem.GetProperty("pointer").GetString()));
    }

    [Fact]
    public async Task Weights_of_data_and_of_judgement_are_joined()
    {
        var entropy = (await _app.PostAsync(Analyst, "/api/weights/entropy", new { columns = new[] { "wait", "share" }, lowerIsBetter = new[] { true, false }, rows = new[] { new[] { 300, 0.8 }, [500, 0.8], [100, 0.9] } })).Body;
        var none = (await _app.PostAsync(Analyst, "/api/weights/entropy", new { rows = new[] { new[] { 1 }, [1] } })).Body;
        var weights = entropy.GetProperty("columns").EnumerateArray().Select(column => column.GetProperty("weight").GetDouble()).ToList();
        var joined = (await _app.PostAsync(Analyst, "/api/weights/combined", new { judged = new[] { 1, 1 }, objective = weights })).Body;

        Assert.Equal(1, weights.Sum(), 12);
        Assert.Equal(weights[0], joined.GetProperty("weights")[0].GetDouble(), 12);
        Assert.Equal("no-column-varies", none.GetProperty("reason").GetString());
    }

    private static double[][] Matrix(string text) => [.. text.Split(';').Select(row => row.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(cell => double.Parse(cell, System.Globalization.CultureInfo.InvariantCulture)).ToArray())];
}
