using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using ServiceQuality.Access;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Scoring;
using ServiceQuality.Testing;

namespace ServiceQuality.Scores.Tests;

/// <summary>Schemes tried on today's buckets without saving anything (scoring.md §10, SCO-34).</summary>
public sealed class WhatIfTests(RealServers servers) : IAsyncLifetime
{
    private ScoresApp _app = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _app = await ScoresApp.StartAsync(servers);
        // n01 answers slowly and is liked, n02 the other way round, s01 lies between.
        await _app.SendServicesAsync(ScoresApp.N01, 60, wait: 1_500, rating: 5);
        await _app.SendServicesAsync(ScoresApp.N02, 60, wait: 60, rating: 2);
        await _app.SendServicesAsync(ScoresApp.S01, 60, wait: 600, rating: 4);
        await Eventually.Async(() => _app.GetAsync("/api/overview"), overview => overview.GetProperty("units").EnumerateArray().Count(row => row.GetProperty("position").GetProperty("seq").GetInt64() >= 60) >= 5);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task More_weight_for_speed_lifts_the_quick_branch_and_nothing_is_saved()
    {
        var answer = await TryAsync(new { edits = new[] { Weight("efficiency", 90), Weight("attitude", 1) } });

        Assert.Equal((3, 3), (answer.GetProperty("totals").GetProperty("units").GetInt32(), answer.GetProperty("totals").GetProperty("compared").GetInt32()));
        Assert.Equal("n02", answer.GetProperty("winners")[0].GetProperty("unit").GetProperty("code").GetString());
        Assert.Equal("n01", answer.GetProperty("losers")[0].GetProperty("unit").GetProperty("code").GetString());
        Assert.Equal(3, answer.GetProperty("gradeMoves").EnumerateArray().Sum(move => move.GetProperty("units").GetInt32()));
        Assert.Equal(["north", "south"], answer.GetProperty("groups").EnumerateArray().Select(group => group.GetProperty("unit").GetProperty("code").GetString()));
        Assert.Equal(3, answer.GetProperty("whole").GetProperty("units").GetInt32());
        Assert.Equal(("7d", "now"), (answer.GetProperty("period").GetString(), answer.GetProperty("knowledge").GetString()));
        Assert.Equal(1, (await _app.GetAsync("/api/schemes")).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Scores_under_the_present_scheme_are_those_of_the_board_and_under_the_edited_one_those_of_the_scorer()
    {
        var edited = await EditedAsync(scheme => Leaf(scheme, "hall-wait-p90")["breakpoints"] = JsonNode.Parse("[[60,100],[120,50],[600,0]]"));

        var answer = await TryAsync(new { scheme = edited, order = "code", axis = "hall-wait-p90" });

        foreach (var row in answer.GetProperty("units").EnumerateArray())
        {
            var code = row.GetProperty("unit").GetProperty("code").GetString();
            Assert.Equal((await _app.GetAsync($"/api/scores/{code}")).GetProperty("score").GetDouble(), row.GetProperty("before").GetDouble(), 1e-5);
            Assert.Equal("hall-wait-p90", row.GetProperty("leading").GetProperty("code").GetString());
        }
        var leaf = Assert.Single(answer.GetProperty("leaves").EnumerateArray());
        Assert.Equal((0, 3), (leaf.GetProperty("weightEffect").GetDouble(), leaf.GetProperty("units").GetInt32()));
        Assert.Equal(answer.GetProperty("totals").GetProperty("meanChange").GetDouble(), leaf.GetProperty("meanEffect").GetDouble(), 1e-9);
        Assert.Equal(3, answer.GetProperty("axis").GetProperty("values").GetArrayLength());
    }

    [Fact]
    public async Task Another_roll_up_changes_the_regions_and_no_branch()
    {
        await _app.SendServicesAsync(ScoresApp.N01, 240, wait: 1_500, rating: 5, from: 1_000);
        await Eventually.Async(() => _app.GetAsync("/api/overview"), overview => overview.GetProperty("units").EnumerateArray().Any(row => row.GetProperty("position").GetProperty("seq").GetInt64() == 300));

        var answer = await TryAsync(new { edits = new[] { new { op = "replace", path = "/rollUp", value = "equal" } } });

        Assert.Equal((0, 0), (answer.GetProperty("totals").GetProperty("winners").GetInt32(), answer.GetProperty("totals").GetProperty("losers").GetInt32()));
        var groups = answer.GetProperty("groups").EnumerateArray().ToDictionary(group => group.GetProperty("unit").GetProperty("code").GetString()!, group => group.GetProperty("change").GetDouble());
        Assert.NotEqual(0, groups["north"]);
        Assert.Equal(0, groups["south"]);
    }

    [Fact]
    public async Task Only_units_of_the_callers_scope_are_tried_and_ranked()
    {
        using var client = _app.ClientOf(Roles.Region, "hq/north/");

        var answer = await TryAsync(new { edits = new[] { Weight("efficiency", 90) } }, client);
        using var foreign = await client.PostAsJsonAsync("/api/what-if", new { edits = Array.Empty<object>(), under = "south" }, Token);

        Assert.Equal(2, answer.GetProperty("totals").GetProperty("units").GetInt32());
        Assert.DoesNotContain("s01", answer.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("hq\"", answer.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, foreign.StatusCode);
    }

    [Fact]
    public async Task A_part_can_be_asked_for_and_the_list_is_bounded()
    {
        var answer = await TryAsync(new { edits = new[] { Weight("efficiency", 90) }, under = "north", limit = 1, period = "24h", order = "rank" });

        Assert.Equal((2, 1, 1), (answer.GetProperty("totals").GetProperty("units").GetInt32(), answer.GetProperty("units").GetArrayLength(), answer.GetProperty("left").GetInt32()));
        Assert.Equal(1, answer.GetProperty("units")[0].GetProperty("rankAfter").GetInt32());
        Assert.Equal("24h", answer.GetProperty("period").GetString());
    }

    [Fact]
    public async Task Present_points_weigh_the_children_of_a_family_by_entropy()
    {
        var scheme = await EditedAsync(_ => { });

        var (status, answer) = await WeighAsync(new { scheme, family = "attitude" });

        // The three branches differ in their ratings; what none of them has points for is left out (scoring.md § 6).
        Assert.Equal((200, 3, JsonValueKind.Null), (status, answer.GetProperty("units").GetInt32(), answer.GetProperty("reason").ValueKind));
        var weights = answer.GetProperty("children").EnumerateArray().Where(child => child.GetProperty("weight").ValueKind == JsonValueKind.Number).ToList();
        Assert.Equal(1, weights.Sum(child => child.GetProperty("weight").GetDouble()), 1e-9);
        Assert.All(weights, child => Assert.Equal(3, child.GetProperty("units").GetInt32()));
        Assert.Contains(answer.GetProperty("children").EnumerateArray(), child => child.GetProperty("weight").ValueKind == JsonValueKind.Null && child.GetProperty("units").GetInt32() == 0);

        Assert.Equal(400, (await WeighAsync(new { scheme, family = "unknown" })).Status);
        Assert.Equal(400, (await WeighAsync(new { family = "attitude" })).Status);
    }

    private async Task<(int Status, JsonElement Answer)> WeighAsync(object body)
    {
        using var client = _app.ClientOf(Roles.HeadOffice, "hq/");
        using var response = await client.PostAsJsonAsync("/api/what-if/weights", body, Token);
        return ((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(Token));
    }

    [Fact]
    public async Task What_nobody_measures_yet_is_named()
    {
        var edited = await EditedAsync(scheme =>
        {
            var measure = scheme["measures"]!.AsArray().First(one => one!["code"]!.GetValue<string>() == "rating-mean")!.DeepClone();
            (measure["code"], measure["where"]) = ("rating-move", JsonNode.Parse("""{ "service": ["move"] }"""));
            scheme["measures"]!.AsArray().Add(measure);
            Leaf(scheme, "rating-mean")["measure"] = "rating-move";
        });

        var answer = await TryAsync(new { scheme = edited });

        Assert.Equal("rating-mean", Assert.Single(answer.GetProperty("notMeasured").EnumerateArray()).GetProperty("code").GetString());
        Assert.Contains("nps", answer.GetProperty("silent").EnumerateArray().Select(leaf => leaf.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Every_error_of_a_scheme_is_answered_with_its_place()
    {
        var edits = new object[] { new { op = "replace", path = "/bands/0/from", value = 12 }, new { op = "replace", path = "/root/children/0/weight", value = -1 } };

        using var response = await PostAsync(new { edits });

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var errors = (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("errors").EnumerateArray().Select(error => (error.GetProperty("location").GetString(), error.GetProperty("code").GetString())).ToList();
        Assert.Contains(("/root/children/0/weight", "weight-out-of-range"), errors);
        Assert.Contains(("/bands/1/from", "bands-not-descending"), errors);
    }

    [Theory]
    [InlineData("replace", "/root/children/77/weight", "1", "path", "no-such-place")]
    [InlineData("remove", "/nothing", null, "path", "no-such-place")]
    [InlineData("add", "/bands/9", "{}", "path", "no-such-place")]
    [InlineData("replace", "root", "1", "path", "not-a-pointer")]
    [InlineData("move", "/root", "1", "op", "unknown-choice")]
    [InlineData("replace", "/rollUp", null, "value", "required")]
    public async Task An_edit_that_does_not_fit_is_named(string op, string path, string? value, string field, string code)
    {
        using var response = await PostAsync(new { edits = new object[] { Weight("efficiency", 30), new { op, path, value = value is null ? null : JsonNode.Parse(value) } } });

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("errors")[0];
        Assert.Equal(($"/edits/1/{field}", code), (error.GetProperty("location").GetString(), error.GetProperty("code").GetString()));
    }

    [Theory]
    [InlineData("""{}""", "scheme-or-edits")]
    [InlineData("""{"edits":[],"scheme":{}}""", "scheme-or-edits")]
    [InlineData("""{"edits":[],"period":"fortnight"}""", "period-invalid")]
    [InlineData("""{"edits":[],"order":"luck"}""", "order-invalid")]
    [InlineData("""{"edits":[],"limit":501}""", "limit-invalid")]
    [InlineData("""{"edits":[],"limit":-1}""", "limit-invalid")]
    [InlineData("""{"edits":[],"against":9}""", "version-invalid")]
    [InlineData("""{"edits":[],"version":9}""", "version-invalid")]
    [InlineData("""{"edits":[],"under":"nowhere"}""", "unknown-unit")]
    public async Task Bad_questions_are_refused_with_a_stable_code(string body, string code)
    {
        using var response = await PostAsync(JsonNode.Parse(body)!);

        Assert.Equal($"urn:service-quality:{code}", (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("type").GetString());
    }

    [Fact]
    public async Task More_edits_than_a_scheme_has_places_are_refused()
    {
        using var response = await PostAsync(new { edits = Enumerable.Repeat(Weight("efficiency", 30), 501) });

        Assert.Equal("urn:service-quality:edits-too-many", (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("type").GetString());
    }

    [Theory]
    [InlineData("""{"scheme":[]}""")]
    [InlineData("""{"edits":7}""")]
    public async Task Bodies_of_the_wrong_shape_are_refused(string body)
    {
        using var response = await PostAsync(JsonNode.Parse(body)!);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Who_may_not_read_schemes_may_not_try_them()
    {
        using var client = _app.ClientOf(Roles.Administrator, "hq/");

        using var response = await client.PostAsJsonAsync("/api/what-if", new { edits = Array.Empty<object>() }, Token);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    private static object Weight(string family, double weight)
    {
        var index = DefaultSchemes.Telecom.Root.Children.Index().Single(child => child.Item.Code == family).Index;
        return new { op = "replace", path = $"/root/children/{index}/weight", value = weight };
    }

    private static JsonNode Leaf(JsonNode scheme, string code) =>
        scheme["root"]!["children"]!.AsArray().SelectMany(family => family!["children"]!.AsArray()).Single(leaf => leaf!["code"]!.GetValue<string>() == code)!;

    private async Task<JsonNode> EditedAsync(Action<JsonNode> change)
    {
        var scheme = JsonNode.Parse((await _app.GetAsync("/api/schemes/telecom")).GetRawText())!;
        change(scheme);
        return scheme;
    }

    private async Task<HttpResponseMessage> PostAsync(object body)
    {
        using var client = _app.ClientOf(Roles.HeadOffice, "hq/");
        return await client.PostAsJsonAsync("/api/what-if", body, Token);
    }

    private async Task<JsonElement> TryAsync(object body, HttpClient? client = null)
    {
        using var own = client is null ? _app.ClientOf(Roles.HeadOffice, "hq/") : null;
        using var response = await (client ?? own!).PostAsJsonAsync("/api/what-if", body, Token);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Token));
        return await response.Content.ReadFromJsonAsync<JsonElement>(Token);
    }
}
