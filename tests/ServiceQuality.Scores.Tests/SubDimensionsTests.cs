using System.Text.Json;
using System.Text.Json.Nodes;
using ServiceQuality.Access;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Testing;

namespace ServiceQuality.Scores.Tests;

/// <summary>The sub-dimension library over HTTP (SCO-10).</summary>
public sealed class SubDimensionsTests(RealServers servers) : IAsyncLifetime
{
    private static readonly Caller Office = ScoresApp.Person("Office");
    private static readonly Caller Region = ScoresApp.Person("Region", Roles.Region, "hq/north/");

    private ScoresApp _app = null!;

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public async ValueTask InitializeAsync() => _app = await ScoresApp.StartAsync(servers, Some.StraightScheme());

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task SCO_10_Head_office_changes_the_library_for_a_day_to_come_with_an_audit_record_and_history()
    {
        var delivered = (await _app.ReadAsync(Region, "/api/sub-dimensions")).Body;
        Assert.Equal((1, "in-force", 10, 0), (delivered.GetProperty("version").GetProperty("version").GetInt32(), delivered.GetProperty("version").GetProperty("state").GetString(), delivered.GetProperty("subDimensions").GetArrayLength(), delivered.GetProperty("actions").GetArrayLength()));

        var body = await ChangeOfAsync(subs => Sub(subs, "courtesy")["dimension"] = "empathy");
        var written = await _app.PostAsync(Office, "/api/sub-dimensions", body);
        var again = await _app.PostAsync(Office, "/api/sub-dimensions", body);

        Assert.Equal((201, 2, "coming"), (written.Status, written.Body.GetProperty("version").GetProperty("version").GetInt32(), written.Body.GetProperty("version").GetProperty("state").GetString()));
        Assert.Equal((409, "library-changed-meanwhile"), (again.Status, ScoresApp.Code(again.Body)));
        var first = (await _app.ReadAsync(Region, "/api/sub-dimensions?version=1")).Body;
        Assert.Equal(("in-force", "assurance"), (first.GetProperty("version").GetProperty("state").GetString(), Sub(JsonNode.Parse(first.GetProperty("subDimensions").GetRawText())!.AsArray(), "courtesy")["dimension"]!.GetValue<string>()));
        Assert.Equal(["Office", null], first.GetProperty("history").EnumerateArray().Select(entry => entry.GetProperty("author").GetString()));
        using var auditor = _app.ClientOf(Roles.Auditor, "hq/");
        var trail = await auditor.GetStringAsync("/api/audit/scores", TestContext.Current.CancellationToken);
        Assert.Contains("moved for the test", Assert.Single(trail.Split('\n'), line => line.Contains("\"sub-dimensions.changed\"", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SCO_10_A_period_that_is_over_keeps_its_library_and_no_answer_vanishes()
    {
        var month = new DateTimeOffset(Now.Year, Now.Month, 1, 0, 0, 0, TimeSpan.Zero).AddDays(-10);
        await _app.SendAsync(Answer("now", Now.AddHours(-1), "assurance.polite"), Answer("then", month, "assurance.polite"), Answer("own", Now.AddHours(-1), "assurance.neat"));
        // A version that came into force today: courtesy counts under empathy, and neat is no check point any more.
        var content = new JsonArray([.. JsonNode.Parse((await _app.ReadAsync(Office, "/api/sub-dimensions")).Body.GetProperty("subDimensions").GetRawText())!.AsArray().Select(sub => sub!.DeepClone())]);
        var courtesy = Sub(content, "courtesy");
        courtesy["dimension"] = "empathy";
        courtesy["checkPoints"]!.AsArray().RemoveAt(2);
        await _app.Database.ScalarAsync<int>($"INSERT INTO sub_dimension_library VALUES (2, '{Now.ToOffset(TimeSpan.FromHours(8)):yyyy-MM-dd}', '{content.ToJsonString().Replace("'", "''", StringComparison.Ordinal)}', 'moved', gen_random_uuid(), 'Office', now()) RETURNING version");

        var week = await _app.GetAsync("/api/scores/n01/servqual?period=7d");
        var before = await _app.GetAsync($"/api/scores/n01/servqual?period={month:yyyy-MM}");

        Assert.Equal((2, 1), (week.GetProperty("libraryVersion").GetInt32(), before.GetProperty("libraryVersion").GetInt32()));
        Assert.Equal([("assurance.neat", "Neat appearance"), ("empathy.polite", "Polite and friendly")], Items(week));
        Assert.Equal([("assurance.polite", "Polite and friendly")], Items(before));
    }

    [Fact]
    public async Task SCO_10_Two_answers_that_would_fall_on_one_check_point_both_count()
    {
        await _app.SendAsync(Answer("both", Now.AddHours(-1), "tangibles.polite", "empathy.polite", "assurance.polite"));

        var view = await _app.GetAsync("/api/scores/n01/servqual");

        Assert.Equal(["assurance.polite", "empathy.polite", "tangibles.polite"], Items(view).Select(item => item.Key));
    }

    [Theory]
    [InlineData("today", 409, "library-date-too-early")]
    [InlineData("same", 409, "library-unchanged")]
    [InlineData("code", 400, "malformed-request")]
    [InlineData("reason", 400, "malformed-request")]
    [InlineData("empty", 400, "malformed-request")]
    [InlineData("null", 400, "malformed-request")]
    public async Task What_cannot_be_written_is_refused(string wrong, int status, string code)
    {
        var body = await ChangeOfAsync(subs =>
        {
            if (wrong == "code")
                subs[0]!["checkPoints"]![0]!["code"] = "<script>";
            else if (wrong == "empty")
                subs.Clear();
            else if (wrong == "null")
                subs[0] = null;
            else if (wrong != "same")
                subs[0]!["importance"] = 5;
        });
        if (wrong == "today")
            body["effectiveFrom"] = Now.AddDays(-1).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        if (wrong == "reason")
            body["reason"] = "";

        var (answered, problem) = await _app.PostAsync(Office, "/api/sub-dimensions", body);

        Assert.Equal((status, code), (answered, ScoresApp.Code(problem)));
        Assert.Equal(403, (await _app.PostAsync(Region, "/api/sub-dimensions", body)).Status);
        Assert.Equal(404, (await _app.ReadAsync(Office, "/api/sub-dimensions?version=9")).Status);
        Assert.Equal(0, await _app.Database.ScalarAsync<long>("SELECT count(*) FROM sub_dimension_library"));
    }

    private async Task<JsonNode> ChangeOfAsync(Action<JsonArray> change)
    {
        var library = (await _app.ReadAsync(Office, "/api/sub-dimensions")).Body;
        var subs = JsonNode.Parse(library.GetProperty("subDimensions").GetRawText())!.AsArray();
        change(subs);
        return new JsonObject { ["basedOn"] = library.GetProperty("version").GetProperty("version").GetInt32(), ["effectiveFrom"] = library.GetProperty("earliest").GetString(), ["reason"] = "moved for the test", ["subDimensions"] = subs };
    }

    private static JsonNode Sub(JsonArray subs, string code) => subs.Single(sub => sub!["code"]!.GetValue<string>() == code)!;

    private static List<(string Key, string? Name)> Items(JsonElement view) =>
        [.. view.GetProperty("worstBySize").EnumerateArray().Select(item => (item.GetProperty("key").GetString()!, item.GetProperty("name").GetProperty("en").GetString())).Order()];

    private static AcceptedFact Answer(string id, DateTimeOffset time, params string[] keys) => new(
        ScoresApp.N01, "survey", id, FactTypes.SurveyResponse, time,
        JsonSerializer.SerializeToElement(new SurveyResponse("relationship", SurveyKind.Servqual, new Dictionary<string, double>(), keys.ToDictionary(key => key, _ => new ServqualPair(6, 5))), JsonSerializerOptions.Web));
}
