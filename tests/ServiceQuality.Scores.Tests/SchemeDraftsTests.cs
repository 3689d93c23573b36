using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using ServiceQuality.Access;
using ServiceQuality.Scoring;
using ServiceQuality.Testing;

namespace ServiceQuality.Scores.Tests;

/// <summary>The way of a scheme version from a draft to its approval (SCO-02, SCO-34, XR-57).</summary>
public sealed class SchemeDraftsTests(RealServers servers) : IAsyncLifetime
{
    private readonly Caller _author = Person("Author");
    private readonly Caller _director = Person("Director");
    private ScoresApp _app = null!;
    private HttpClient _writing = null!;
    private HttpClient _deciding = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _app = await ScoresApp.StartAsync(servers);
        _writing = TestTickets.ClientWith(_app.Address, TestTickets.For(_author));
        _deciding = TestTickets.ClientWith(_app.Address, TestTickets.For(_director));
    }

    public async ValueTask DisposeAsync()
    {
        _writing.Dispose();
        _deciding.Dispose();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task A_draft_is_replaced_by_its_author_alone_and_only_as_it_was_read()
    {
        await DraftAsync();
        var tag = await TagAsync();
        var edited = Draft(json => json["bands"]![1]!["from"] = 82);

        Assert.Equal((428, "if-match-needed"), await PutAsync(_writing, edited, null));
        Assert.Equal((412, "changed-meanwhile"), await PutAsync(_writing, edited, "\"other\""));
        Assert.Equal((409, "scheme-not-your-draft"), await PutAsync(_deciding, edited, tag));
        Assert.Equal((409, "scheme-changed-meanwhile"), await PutAsync(_writing, Draft(json => json["id"] = "another"), tag));
        Assert.Equal((200, null), await PutAsync(_writing, edited, tag));
        Assert.Equal((412, "changed-meanwhile"), await PutAsync(_writing, edited, tag));

        Assert.Equal(82, (await _app.GetAsync("/api/schemes/telecom?version=2")).GetProperty("bands")[1].GetProperty("from").GetDouble());
        Assert.Equal(["scheme.drafted", "scheme.draft-replaced"], await ActionsAsync());
    }

    [Fact]
    public async Task Errors_of_a_replacement_name_their_places_and_leave_the_draft()
    {
        await DraftAsync();
        var (tag, faulty) = (await TagAsync(), JsonNode.Parse(Draft())!);
        faulty["bands"]![0]!["from"] = 12;
        using var request = new HttpRequestMessage(HttpMethod.Put, "/api/schemes/telecom/versions/2") { Content = JsonContent.Create(faulty) };
        request.Headers.TryAddWithoutValidation("If-Match", tag);

        using var response = await _writing.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.StartsWith("/bands", (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("errors")[0].GetProperty("location").GetString(), StringComparison.Ordinal);
        Assert.Equal(tag, await TagAsync());
    }

    [Fact]
    public async Task Who_approves_approves_what_they_have_read()
    {
        await DraftAsync();
        var read = await TagAsync();
        await PutAsync(_writing, Draft(json => json["bands"]![1]!["from"] = 82), read);

        Assert.Equal((412, "changed-meanwhile"), await PostAsync(_deciding, "approve", null, read));
        Assert.Equal((204, null), await PostAsync(_deciding, "approve", null, await TagAsync()));
        Assert.Equal((409, "scheme-already-decided"), await PutAsync(_writing, Draft(), await TagAsync()));
        Assert.Equal((409, "scheme-already-decided"), await PostAsync(_writing, "withdraw"));
        Assert.Equal("approved", (await StandingAsync(_writing)).GetProperty("listing").GetProperty("state").GetString());
    }

    [Fact]
    public async Task The_author_is_told_why_not_and_who_may_and_somebody_else_may()
    {
        await DraftAsync();
        using var region = _app.ClientOf(Roles.Region, "hq/north/");

        var (mine, theirs, foreign) = (await StandingAsync(_writing), await StandingAsync(_deciding), await StandingAsync(region));

        Assert.Equal((true, false, "scheme-approver-is-author"), Rights(mine));
        Assert.Equal((false, true, null), Rights(theirs));
        Assert.Equal((false, false, "not-allowed"), Rights(foreign));
        Assert.Equal([Roles.HeadOffice], mine.GetProperty("deciders").EnumerateArray().Select(role => role.GetString()));

        static (bool, bool, string?) Rights(JsonElement standing) =>
            (standing.GetProperty("mayChange").GetBoolean(), standing.GetProperty("mayDecide").GetBoolean(), standing.GetProperty("whyNot").GetString());
    }

    [Fact]
    public async Task A_draft_is_rejected_with_a_reason_by_somebody_else_and_its_number_is_not_used_again()
    {
        await DraftAsync();

        Assert.Equal((400, "malformed-request"), await PostAsync(_deciding, "reject", new { reason = "" }));
        Assert.Equal((409, "scheme-approver-is-author"), await PostAsync(_writing, "reject", new { reason = "no" }));
        Assert.Equal((409, "scheme-not-your-draft"), await PostAsync(_deciding, "withdraw"));
        Assert.Equal((204, null), await PostAsync(_deciding, "reject", new { reason = "The waiting time weighs too little." }));
        Assert.Equal((409, "scheme-draft-ended"), await PostAsync(_deciding, "approve"));

        var listed = (await _app.GetAsync("/api/schemes")).GetProperty("items")[1];
        Assert.Equal(("rejected", "Director", "The waiting time weighs too little."),
            (listed.GetProperty("state").GetString(), listed.GetProperty("end").GetProperty("by").GetString(), listed.GetProperty("end").GetProperty("reason").GetString()));
        using var again = await _writing.PostAsync("/api/schemes", Content(Draft()), Token);
        using var next = await _writing.PostAsync("/api/schemes", Content(Draft(json => json["version"] = 3)), Token);
        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.Created), (again.StatusCode, next.StatusCode));
        Assert.Equal(["scheme.drafted", "scheme.rejected", "scheme.drafted"], await ActionsAsync());
    }

    [Fact]
    public async Task A_withdrawn_draft_counts_for_nothing()
    {
        await DraftAsync();

        Assert.Equal((204, null), await PostAsync(_writing, "withdraw"));

        Assert.Equal((409, "scheme-draft-ended"), await PostAsync(_deciding, "approve"));
        Assert.Equal("withdrawn", (await StandingAsync(_writing)).GetProperty("listing").GetProperty("state").GetString());
        Assert.Equal(1, (await _app.GetAsync("/api/overview")).GetProperty("scheme").GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task A_monthly_scheme_takes_effect_on_the_first_of_a_month()
    {
        // XR-57: live scores switch at the start of the cycle only.
        var first = new DateOnly(TimeProvider.System.GetUtcNow().Year + 1, 3, 1);
        await DraftAsync(json => (json["mainPeriod"], json["effectiveFrom"]) = ("month", Day(first.AddDays(1))));

        Assert.Equal((409, "scheme-effective-inside-cycle"), await PostAsync(_deciding, "approve"));
        await PutAsync(_writing, Draft(json => (json["mainPeriod"], json["effectiveFrom"]) = ("month", Day(first))), await TagAsync());
        Assert.Equal((204, null), await PostAsync(_deciding, "approve"));
    }

    [Fact]
    public async Task A_draft_is_tried_on_past_periods_and_whoever_approves_sees_what_was_found()
    {
        var yesterday = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(TimeProvider.System.GetUtcNow(), TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai")).DateTime).AddDays(-1);
        await SendOnAsync(yesterday, ScoresApp.N01, wait: 1_500, rating: 5);
        await SendOnAsync(yesterday, ScoresApp.S01, wait: 60, rating: 2);
        await DraftAsync(json => json["root"]!["children"]![1]!["weight"] = 90);

        Assert.Equal((200, null), await PostAsync(_writing, "try-outs", new { periods = new[] { Day(yesterday), Day(yesterday.AddDays(-1)) } }));

        Assert.Equal(("tried-out", 2), State(await StandingAsync(_deciding)));
        var tried = (await ReadAsync(_deciding, "/api/schemes/telecom/versions/2/try-outs")).GetProperty("items");
        var result = tried[0].GetProperty("result");
        Assert.Equal((Day(yesterday), "Author", "now"), (tried[0].GetProperty("period").GetString(), tried[0].GetProperty("madeBy").GetString(), result.GetProperty("knowledge").GetString()));
        Assert.Equal((1, 2), (result.GetProperty("present").GetProperty("version").GetInt32(), result.GetProperty("edited").GetProperty("version").GetInt32()));
        Assert.Equal(("s01", "n01"), (Code(result.GetProperty("winners")[0]), Code(result.GetProperty("losers")[0])));
        Assert.Equal(["north", "south"], result.GetProperty("groups").EnumerateArray().Select(Code));
        Assert.Equal(2, result.GetProperty("whole").GetProperty("units").GetInt32());
        Assert.Equal(0, tried[1].GetProperty("result").GetProperty("totals").GetProperty("compared").GetInt32());
        // The score under the present scheme is the one that everybody can read.
        Assert.Equal((await _app.GetAsync($"/api/scores/n01?period={Day(yesterday)}")).GetProperty("score").GetDouble(),
            result.GetProperty("units").EnumerateArray().Single(row => Code(row) == "n01").GetProperty("before").GetDouble(), 1e-5);

        // Another content has not been tried on anything.
        await PutAsync(_writing, Draft(json => json["bands"]![1]!["from"] = 82), await TagAsync());
        Assert.Equal(("draft", 0), State(await StandingAsync(_deciding)));

        static (string?, int) State(JsonElement standing) => (standing.GetProperty("listing").GetProperty("state").GetString(), standing.GetProperty("listing").GetProperty("tryOuts").GetInt32());
        static string? Code(JsonElement row) => row.GetProperty("unit").GetProperty("code").GetString();
    }

    [Fact]
    public async Task As_known_then_a_try_out_leaves_out_what_was_received_after_the_end_of_the_period()
    {
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(TimeProvider.System.GetUtcNow(), TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai")).DateTime);
        // Of yesterday, but told today only (scoring.md § 4: as of T means facts received up to T).
        await SendOnAsync(today.AddDays(-1), ScoresApp.N01, wait: 1_500, rating: 5);
        await SendOnAsync(today.AddDays(-1), ScoresApp.S01, wait: 60, rating: 2);
        await DraftAsync(json => json["root"]!["children"]![1]!["weight"] = 90);

        Assert.Equal((200, null), await PostAsync(_writing, "try-outs", new { periods = new[] { Day(today.AddDays(-1)) }, knowledge = "then" }));

        var result = (await ReadAsync(_deciding, "/api/schemes/telecom/versions/2/try-outs")).GetProperty("items")[0].GetProperty("result");
        var then = result.GetProperty("then");
        Assert.Equal(("now", 2), (result.GetProperty("knowledge").GetString(), result.GetProperty("totals").GetProperty("compared").GetInt32()));
        Assert.Equal(("then", 0), (then.GetProperty("knowledge").GetString(), then.GetProperty("totals").GetProperty("compared").GetInt32()));
        Assert.Equal(JsonValueKind.Null, result.GetProperty("official").ValueKind);
        Assert.Equal((400, "knowledge-invalid"), await PostAsync(_writing, "try-outs", new { periods = new[] { Day(today.AddDays(-1)) }, knowledge = "guessed" }));
    }

    [Theory]
    [InlineData("""{"periods":[]}""", 400, "periods-invalid")]
    [InlineData("""{}""", 400, "periods-invalid")]
    [InlineData("""{"periods":["7d"]}""", 400, "period-not-over")]
    [InlineData("""{"periods":["2999-01"]}""", 400, "period-not-over")]
    [InlineData("""{"periods":["2024-01","2024-02","2024-03","2024-04","2024-05","2024-06","2024-07"]}""", 400, "periods-invalid")]
    public async Task Only_a_few_whole_periods_that_are_over_can_be_tried(string body, int status, string code)
    {
        await DraftAsync();

        Assert.Equal((status, code), await PostAsync(_writing, "try-outs", JsonNode.Parse(body)));
    }

    [Fact]
    public async Task Try_outs_show_the_scores_of_all_and_so_only_to_who_may_see_them()
    {
        await DraftAsync();

        Assert.Equal((403, "urn:service-quality:not-allowed"), await _app.StatusAsync("/api/schemes/telecom/versions/2/try-outs", Roles.Branch, "hq/north/n01/"));
        Assert.Equal((403, "urn:service-quality:not-allowed"), await _app.StatusAsync("/api/schemes/telecom/versions/2/try-outs", Roles.Region, "hq/north/", HttpMethod.Post));
        Assert.Equal((404, "urn:service-quality:unknown-scheme"), await _app.StatusAsync("/api/schemes/telecom/versions/7/try-outs", Roles.HeadOffice, "hq/"));
        Assert.Equal((404, "urn:service-quality:unknown-scheme"), await _app.StatusAsync("/api/schemes/telecom/versions/7", Roles.HeadOffice, "hq/"));
    }

    [Fact]
    public async Task A_version_that_only_holds_values_longer_is_followed_without_a_restart()
    {
        await _app.SendServicesAsync(ScoresApp.N01, 60);
        await DraftAsync(json => json["root"]!["children"]![0]!["missing"] = JsonNode.Parse("""{"policy":"hold","points":50,"days":9}"""));

        Assert.Equal((204, null), await PostAsync(_deciding, "approve"));

        var days = MeasureCatalogue.Of(DefaultSchemes.Telecom, Scheme.Parse(System.Text.Encoding.UTF8.GetBytes(Draft(json => json["root"]!["children"]![0]!["missing"] = JsonNode.Parse("""{"policy":"hold","points":50,"days":9}""")))).Scheme!).Hash;
        var book = (Schemes.SchemeBook)_app.Services.GetService(typeof(Schemes.SchemeBook))!;
        await Eventually.Async(() => { Assert.Equal(days, book.Active.Hash); return Task.CompletedTask; });
        Assert.Equal(60, (await _app.GetAsync("/api/scores/n01?version=2")).GetProperty("position").GetProperty("seq").GetInt64());
    }

    private static Caller Person(string name) => new(Guid.CreateVersion7(), name, IsMachine: false, [new Grant(Roles.HeadOffice, "hq/")]);

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>Version 2 of the delivered scheme, in force from the day after tomorrow unless changed.</summary>
    private static string Draft(Action<JsonNode>? change = null)
    {
        var json = JsonNode.Parse(DefaultSchemes.Telecom.Json.Span)!;
        (json["version"], json["effectiveFrom"]) = (2, Day(DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddDays(2)));
        change?.Invoke(json);
        return json.ToJsonString();
    }

    private static StringContent Content(string json) => new(json, System.Text.Encoding.UTF8, "application/json");

    private static async Task<(int, string?)> AnswerAsync(HttpResponseMessage response)
    {
        var problem = response.Content.Headers.ContentType?.MediaType == "application/problem+json" ? await response.Content.ReadFromJsonAsync<JsonElement>(Token) : default;
        return ((int)response.StatusCode, problem.ValueKind == JsonValueKind.Object ? problem.GetProperty("type").GetString()!["urn:service-quality:".Length..] : null);
    }

    private static async Task<JsonElement> ReadAsync(HttpClient client, string address) => await client.GetFromJsonAsync<JsonElement>(address, Token);

    private static Task<JsonElement> StandingAsync(HttpClient client) => ReadAsync(client, "/api/schemes/telecom/versions/2");

    private async Task DraftAsync(Action<JsonNode>? change = null)
    {
        using var response = await _writing.PostAsync("/api/schemes", Content(Draft(change)), Token);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    private async Task<string> TagAsync()
    {
        using var response = await _writing.GetAsync("/api/schemes/telecom?version=2", Token);
        return response.Headers.ETag!.Tag;
    }

    private static async Task<(int Status, string? Code)> PutAsync(HttpClient client, string json, string? tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/api/schemes/telecom/versions/2") { Content = Content(json) };
        if (tag is not null)
            request.Headers.TryAddWithoutValidation("If-Match", tag);
        using var response = await client.SendAsync(request, Token);
        return await AnswerAsync(response);
    }

    private static async Task<(int Status, string? Code)> PostAsync(HttpClient client, string verb, object? body = null, string? tag = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/schemes/telecom/versions/2/{verb}") { Content = body is null ? null : JsonContent.Create(body) };
        if (tag is not null)
            request.Headers.TryAddWithoutValidation("If-Match", tag);
        using var response = await client.SendAsync(request, Token);
        return await AnswerAsync(response);
    }

    private async Task<IReadOnlyList<string?>> ActionsAsync()
    {
        using var auditor = _app.ClientOf(Roles.Auditor, "hq/");
        var lines = (await auditor.GetStringAsync("/api/audit/scores", Token)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("action").GetString())];
    }

    private Task SendOnAsync(DateOnly day, Guid unit, double wait, int rating)
    {
        var noon = new DateTimeOffset(day.ToDateTime(new TimeOnly(12, 0)), TimeSpan.FromHours(8));
        return _app.SendAsync([.. Enumerable.Range(0, 60).Select(number => Some.Service(unit, number, noon.AddSeconds(number), wait, rating))]);
    }
}
