using System.Text.Json;
using System.Text.Json.Nodes;
using ServiceQuality.Access;
using ServiceQuality.Contracts.Facts;
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
    public async Task SCO_08_SCO_21_The_explanation_holds_the_fuzzy_verdict_and_the_index_of_the_same_readings()
    {
        await _app.SendAsync(
            Some.Points(ScoresApp.N01, "p", Now.AddHours(-1), 82), Some.Deduction(ScoresApp.N01, "d", Now.AddHours(-1), 3), Some.Deduction(ScoresApp.N01, "w", Now.AddHours(-1), 2), new AcceptedFact(ScoresApp.N01, "inspection", "w2", FactTypes.AdjustmentWithdrawn, Now.AddMinutes(-30), JsonSerializer.SerializeToElement(new AdjustmentWithdrawn("inspection", "w", "appeal"), JsonSerializerOptions.Web)));

        var score = await _app.GetAsync("/api/scores/n01/explanation");
        var (index, fuzzy) = (score.GetProperty("index"), score.GetProperty("fuzzy"));

        // 82 points of quality, which is a result, less the deduction of 3 that stands.
        var part = Assert.Single(index.GetProperty("parts").EnumerateArray(), part => part.GetProperty("weight").GetDouble() > 0);
        Assert.Equal(("result", 82.0, 1.0), (part.GetProperty("code").GetString(), Math.Round(part.GetProperty("points").GetDouble(), 9), Math.Round(part.GetProperty("weight").GetDouble(), 9)));
        Assert.Equal(3m, index.GetProperty("deductions").GetDecimal());
        Assert.Equal(score.GetProperty("score").GetDouble(), index.GetProperty("value").GetDouble(), 9);
        var it = Assert.Single(index.GetProperty("cases").EnumerateArray());
        Assert.Equal((3m, "n01", "deduction"), (it.GetProperty("points").GetDecimal(), it.GetProperty("unit").GetProperty("code").GetString(), it.GetProperty("kind").GetString()));
        Assert.NotEmpty(it.GetProperty("reason").GetString()!);
        Assert.Equal((true, "good"), (fuzzy.GetProperty("differs").GetBoolean(), fuzzy.GetProperty("total").GetProperty("verdict").GetProperty("code").GetString()));

        var plain = await _app.GetAsync("/api/scores/n01");
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (plain.GetProperty("index").ValueKind, plain.GetProperty("fuzzy").ValueKind));
        var before = await _app.GetAsync("/api/scores/n02/explanation");
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null, 0), (before.GetProperty("index").GetProperty("value").ValueKind, before.GetProperty("fuzzy").GetProperty("total").ValueKind, before.GetProperty("index").GetProperty("cases").GetArrayLength()));
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
    public async Task E_15_The_gaps_of_the_worked_example_are_read_from_the_answers_in_the_journal()
    {
        await _app.SendAsync(
            Answer(ScoresApp.N01, "1", ("reliability", 4.8, 4.0), ("responsiveness", 4.5, 3.5), ("assurance", 4.4, 4.2), ("empathy", 4.2, 3.8), ("tangibles", 4.3, 4.5)),
            Answer(ScoresApp.N01, "flagged", ["straight-lining"], ("reliability", 1, 1)));

        var servqual = await _app.GetAsync("/api/scores/north/servqual");
        var elsewhere = await _app.GetAsync("/api/scores/s01/servqual");

        Assert.Equal(-0.556, servqual.GetProperty("total").GetDouble(), 9);
        Assert.Equal((1, 1, false), (servqual.GetProperty("answers").GetInt32(), servqual.GetProperty("flagged").GetInt32(), servqual.GetProperty("truncated").GetBoolean()));
        Assert.Equal(("responsiveness", "reliability"), (servqual.GetProperty("worstBySize")[0].GetProperty("key").GetString(), servqual.GetProperty("worstByWeight")[0].GetProperty("key").GetString()));
        Assert.Equal((0, JsonValueKind.Null), (elsewhere.GetProperty("answers").GetInt32(), elsewhere.GetProperty("total").ValueKind));
    }

    [Fact]
    public async Task Gaps_are_of_the_period_and_stand_on_the_positions_of_the_score()
    {
        await _app.SendAsync(Answer(ScoresApp.N01, "now", ("empathy.hours", 6, 5)), Answer(ScoresApp.N02, "old", Now.AddDays(-20), [], ("empathy", 7, 1)));

        var week = await _app.GetAsync("/api/scores/north/servqual");
        var month = await _app.GetAsync("/api/scores/north/servqual?period=30d");

        Assert.Equal((-1.0, 0.16), (week.GetProperty("total").GetDouble(), Math.Round(week.GetProperty("coverage").GetDouble(), 9)));
        Assert.Equal("Convenient hours", week.GetProperty("worstBySize")[0].GetProperty("name").GetProperty("en").GetString());
        Assert.Equal(-3.5, month.GetProperty("total").GetDouble(), 9);
    }

    [Fact]
    public async Task SCO_12_The_board_shows_what_there_is_and_names_what_is_missing()
    {
        await _app.SendAsync(Answer(ScoresApp.N01, "1", ("empathy", 6, 3)), Some.Points(ScoresApp.N01, "p", Now.AddHours(-1), 80));

        var board = await _app.GetAsync("/api/scores/n01/gaps");

        var gaps = board.GetProperty("gaps").EnumerateArray().ToList();
        Assert.Equal([1, 2, 3, 4, 5], gaps.Select(gap => gap.GetProperty("number").GetInt32()));
        Assert.Equal(["customers", "standards", null, "standards", null], gaps.Select(gap => gap.GetProperty("missing") is { ValueKind: JsonValueKind.Object } missing ? missing.GetProperty("service").GetString() : null));
        // XR-32: the target of the straight scheme is 90. XR-34: −3 of a scale of 6 is half of the widest possible.
        Assert.Equal((-10.0, "points"), (gaps[2].GetProperty("value").GetDouble(), gaps[2].GetProperty("unit").GetString()));
        Assert.Equal((-3.0, 0.5, 5), (gaps[4].GetProperty("value").GetDouble(), gaps[4].GetProperty("width").GetDouble(), board.GetProperty("widest").GetInt32()));
        Assert.Equal(403, (await _app.ReadAsync(Analyst, "/api/scores/s01/gaps")).Status);
        Assert.Equal(403, (await _app.ReadAsync(Analyst, "/api/scores/s01/servqual")).Status);
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

    private static AcceptedFact Answer(Guid unit, string id, params (string Key, double Expectation, double Perception)[] pairs) => Answer(unit, id, Now.AddHours(-1), [], pairs);

    private static AcceptedFact Answer(Guid unit, string id, string[] flags, params (string Key, double Expectation, double Perception)[] pairs) => Answer(unit, id, Now.AddHours(-1), flags, pairs);

    private static AcceptedFact Answer(Guid unit, string id, DateTimeOffset time, string[] flags, params (string Key, double Expectation, double Perception)[] pairs) => new(
        unit, "survey", id, FactTypes.SurveyResponse, time, JsonSerializer.Deserialize<JsonElement>(FactReader.Write(new SurveyResponse(
            "servqual-2026", SurveyKind.Servqual, new Dictionary<string, double>(), pairs.ToDictionary(pair => pair.Key, pair => new ServqualPair(pair.Expectation, pair.Perception)), null, flags.Length > 0 ? flags : null))));

    private static double[][] Matrix(string text) => [.. text.Split(';').Select(row => row.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(cell => double.Parse(cell, System.Globalization.CultureInfo.InvariantCulture)).ToArray())];
}
