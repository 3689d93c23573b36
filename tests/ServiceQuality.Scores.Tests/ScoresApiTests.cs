using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using ServiceQuality.Access;
using ServiceQuality.Messaging;
using ServiceQuality.Testing;

namespace ServiceQuality.Scores.Tests;

public sealed class ScoresApiTests(RealServers servers) : IAsyncLifetime
{
    private ScoresApp _app = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _app = await ScoresApp.StartAsync(servers);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task A_committed_fact_is_in_the_next_answer_with_its_journal_position()
    {
        await _app.SendServicesAsync(ScoresApp.N01, 60);

        var score = await _app.GetAsync("/api/scores/n01");

        Assert.Equal(60, score.GetProperty("position").GetProperty("seq").GetInt64());
        Assert.Equal("telecom", score.GetProperty("scheme").GetProperty("id").GetString());
        Assert.Equal("7d", score.GetProperty("period").GetString());
        Assert.Equal("live", score.GetProperty("freshness").GetProperty("state").GetString());
        Assert.Equal("hq/north/n01/", score.GetProperty("unit").GetProperty("path").GetString());
        Assert.Equal("单位n01", score.GetProperty("unit").GetProperty("name").GetProperty("zh").GetString());
        var leaf = Leaf(score, "hall-wait-p90");
        Assert.Equal("scored", leaf.GetProperty("state").GetString());
        Assert.Equal(60, leaf.GetProperty("sample").GetInt64());
        Assert.InRange(leaf.GetProperty("value").GetDouble(), 118.8, 121.2);
        Assert.Equal(JsonValueKind.Null, Leaf(score, "nps").GetProperty("value").ValueKind);
        Assert.Equal("no-data", Leaf(score, "nps").GetProperty("state").GetString());
    }

    [Fact]
    public async Task Contributions_and_adjustments_sum_to_the_score_less_a_hundred()
    {
        await _app.SendServicesAsync(ScoresApp.N01, 80, wait: 900, rating: 2);
        await _app.SendAsync(Some.Deduction(ScoresApp.N01, "d1", TimeProvider.System.GetUtcNow().AddMinutes(-1)));

        var score = await _app.GetAsync($"/api/scores/{ScoresApp.N01}/explanation");

        var leaves = score.GetProperty("leaves").EnumerateArray().Sum(leaf => leaf.GetProperty("contribution").GetDouble());
        var deducted = score.GetProperty("adjustments").EnumerateArray().Sum(rule => rule.GetProperty("counted").GetDouble());
        Assert.Equal(score.GetProperty("unclamped").GetDouble() - 100, leaves - deducted, 1e-9);
        var families = score.GetProperty("families").EnumerateArray().Where(family => family.GetProperty("parent").GetString() is { } parent && parent == Root(score)).Sum(family => family.GetProperty("contribution").GetDouble());
        Assert.Equal(leaves, families, 1e-9);
    }

    [Fact]
    public async Task The_explanation_names_the_facts_that_cost_the_most()
    {
        await _app.SendServicesAsync(ScoresApp.N01, 50, wait: 100);
        await _app.SendServicesAsync(ScoresApp.N01, 10, wait: 3_000, rating: 1, from: 1_000);

        var score = await _app.GetAsync("/api/scores/n01/explanation");

        var worst = Leaf(score, "rating-mean").GetProperty("worst").EnumerateArray().ToList();
        Assert.Equal(5, worst.Count);
        Assert.All(worst, fact => Assert.InRange(int.Parse(fact.GetProperty("id").GetString()!, CultureInfo.InvariantCulture), 1_000, 1_009));
        Assert.Equal(1, worst[0].GetProperty("data").GetProperty("rating").GetInt32());
        Assert.Equal(JsonValueKind.Null, Leaf(await _app.GetAsync("/api/scores/n01"), "rating-mean").GetProperty("worst").ValueKind);
    }

    [Fact]
    public async Task A_region_merges_the_facts_of_its_branches_and_lists_the_silent_ones()
    {
        await _app.SendServicesAsync(ScoresApp.N01Hall, 90, wait: 100);
        await _app.SendServicesAsync(ScoresApp.N02, 10, wait: 1_000);

        var region = await _app.GetAsync("/api/scores/north");
        var all = await _app.GetAsync("/api/scores/hq");

        Assert.Equal(100, Leaf(region, "hall-wait-p90").GetProperty("sample").GetInt64());
        Assert.Equal(2, region.GetProperty("scoredUnits").GetInt32());
        Assert.Equal("volume", region.GetProperty("weighting").GetString());
        Assert.Empty(region.GetProperty("notScored").EnumerateArray());
        Assert.Equal(["south"], all.GetProperty("notScored").EnumerateArray().Select(unit => unit.GetProperty("code").GetString()));
        Assert.Equal(2, region.GetProperty("position").GetProperty("units").GetArrayLength());
    }

    [Fact]
    public async Task As_of_an_earlier_moment_answers_what_was_known_then()
    {
        await _app.SendServicesAsync(ScoresApp.N01, 60, rating: 5);
        var then = TimeProvider.System.GetUtcNow();
        await Task.Delay(20, Token);
        await _app.SendServicesAsync(ScoresApp.N01, 60, rating: 1, from: 5_000);

        var past = await _app.GetAsync($"/api/scores/n01?asOf={Uri.EscapeDataString(then.ToString("O", CultureInfo.InvariantCulture))}");
        var changes = await _app.GetAsync($"/api/scores/n01/changes?from={Uri.EscapeDataString(then.ToString("O", CultureInfo.InvariantCulture))}");

        Assert.Equal(60, past.GetProperty("position").GetProperty("seq").GetInt64());
        Assert.Equal(5, Leaf(past, "rating-mean").GetProperty("value").GetDouble(), 1e-6);
        Assert.Equal(3, Leaf(await _app.GetAsync("/api/scores/n01"), "rating-mean").GetProperty("value").GetDouble(), 1e-6);
        var parts = changes.GetProperty("leaves").EnumerateArray().Sum(leaf => leaf.GetProperty("total").GetDouble()) + changes.GetProperty("adjustments").GetDouble() + changes.GetProperty("clamping").GetDouble();
        Assert.Equal(changes.GetProperty("total").GetDouble(), parts, 1e-9);
        Assert.True(changes.GetProperty("total").GetDouble() < 0);
    }

    [Fact]
    public async Task History_gives_a_point_for_each_full_hour_and_null_before_there_was_anything()
    {
        var now = TimeProvider.System.GetUtcNow();
        await _app.SendAsync([.. Enumerable.Range(0, 60).Select(number => Some.Service(ScoresApp.N01, number, now.AddHours(-30)))]);

        var history = await _app.GetAsync($"/api/scores/n01/history?from={Uri.EscapeDataString(now.AddHours(-48).ToString("O", CultureInfo.InvariantCulture))}&step=hour");

        var points = history.GetProperty("points").EnumerateArray().ToList();
        Assert.InRange(points.Count, 47, 49);
        Assert.Equal(JsonValueKind.Null, points[0].GetProperty("score").ValueKind);
        Assert.Equal(JsonValueKind.Number, points[^1].GetProperty("score").ValueKind);
        Assert.All(points, point => Assert.Equal(0, point.GetProperty("at").GetDateTimeOffset().Minute));
    }

    [Fact]
    public async Task The_overview_shows_the_callers_subtree_and_nothing_else()
    {
        await _app.SendServicesAsync(ScoresApp.N01, 60);
        await _app.SendServicesAsync(ScoresApp.S01, 60);
        var all = await Eventually.Async(() => _app.GetAsync("/api/overview"), overview => Row(overview, "s01").GetProperty("position").GetProperty("seq").GetInt64() == 60 && Row(overview, "n01").GetProperty("position").GetProperty("seq").GetInt64() == 60);

        var north = await _app.GetAsync("/api/overview", Roles.Region, "hq/north/");
        var n01 = await _app.GetAsync("/api/overview", Roles.Branch, "hq/north/n01/");

        Assert.Equal("hq", all.GetProperty("organisation").GetProperty("unit").GetProperty("code").GetString());
        Assert.Equal(120, all.GetProperty("organisation").GetProperty("position").GetProperty("seq").GetInt64());
        Assert.Equal(["n01", "n01-hall1", "n02"], north.GetProperty("units").EnumerateArray().Select(row => row.GetProperty("unit").GetProperty("code").GetString()));
        Assert.Equal("north", north.GetProperty("organisation").GetProperty("unit").GetProperty("code").GetString());
        Assert.Equal(["n01-hall1"], n01.GetProperty("units").EnumerateArray().Select(row => row.GetProperty("unit").GetProperty("code").GetString()));
        Assert.DoesNotContain("s01", north.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(120, all.GetProperty("facts").GetProperty("lastHour").GetInt64());
        Assert.Equal(60, n01.GetProperty("facts").GetProperty("lastHour").GetInt64());
        Assert.Equal(28, Row(all, "n01").GetProperty("trend").GetArrayLength());
        Assert.Equal((await _app.GetAsync("/api/scores/n01")).GetProperty("score").GetDouble(), Row(all, "n01").GetProperty("score").GetDouble(), 1e-5);
    }

    [Fact]
    public async Task The_change_over_a_day_compares_with_the_same_window_a_day_ago()
    {
        var now = TimeProvider.System.GetUtcNow();
        await _app.SendAsync([.. Enumerable.Range(0, 300).Select(number => Some.Service(ScoresApp.N01, number, now.AddHours(-40), wait: 60, rating: 5))]);
        await _app.SendAsync([.. Enumerable.Range(1_000, 300).Select(number => Some.Service(ScoresApp.N01, number, now.AddMinutes(-5), wait: 2_000, rating: 1))]);
        await _app.StopAsync();
        await using var again = await ScoresApp.StartAsync(_app.Database, rabbitMq: null);

        var row = Row(await Eventually.Async(() => again.GetAsync("/api/overview"), overview => overview.GetProperty("units").GetArrayLength() == 6), "n01");

        Assert.True(row.GetProperty("change24h").GetDouble() < -20);
        Assert.True(row.GetProperty("changeSignificant").GetBoolean());
        _app = again;
    }

    [Fact]
    public async Task A_backfill_changes_the_past_of_the_board_and_of_the_units_above()
    {
        var now = TimeProvider.System.GetUtcNow();
        await _app.SendAsync([.. Enumerable.Range(0, 300).Select(number => Some.Service(ScoresApp.N01, number, now.AddMinutes(-5), wait: 2_000, rating: 1))]);
        await _app.SendAsync([.. Enumerable.Range(0, 300).Select(number => Some.Service(ScoresApp.S01, number, now.AddMinutes(-5), wait: 60, rating: 5))]);
        await Eventually.Async(() => _app.GetAsync("/api/overview"), overview => Row(overview, "s01").GetProperty("score").ValueKind == JsonValueKind.Number);

        // As an import does it: the last hours last.
        foreach (var hours in new[] { 200, 120, 60, 30, 10 })
            await _app.SendAsync([.. Enumerable.Range(hours * 1_000, 100).Select(number => Some.Service(ScoresApp.N01, number, now.AddHours(-hours), wait: 60, rating: 5))]);

        await Eventually.Async(async () =>
        {
            var overview = await _app.GetAsync("/api/overview");
            foreach (var (code, row) in new[] { ("n01", Row(overview, "n01")), ("north", Row(overview, "north")), ("hq", overview.GetProperty("organisation")) })
            {
                var changes = await _app.GetAsync($"/api/scores/{code}/changes?knowledge=now");
                var history = await _app.GetAsync($"/api/scores/{code}/history?step=hour&from={Uri.EscapeDataString(now.AddDays(-7).ToString("O", CultureInfo.InvariantCulture))}");
                var points = history.GetProperty("points").EnumerateArray().Reverse().ToList();
                var trend = row.GetProperty("trend").EnumerateArray().Reverse().ToList();
                Assert.Equal(changes.GetProperty("total").GetDouble(), row.GetProperty("change24h").GetDouble(), 1e-3);
                Assert.True(row.GetProperty("change24h").GetDouble() < -5);
                for (var back = 1; back < 20; back++)
                    Assert.Equal(points[6 * back].GetProperty("score").GetDouble(), trend[back].GetDouble(), 0.006);
            }
        });
        // Nothing came to the south.
        Assert.Equal(JsonValueKind.Null, Row(await _app.GetAsync("/api/overview"), "s01").GetProperty("change24h").ValueKind);
    }

    [Fact]
    public async Task A_past_window_that_says_too_little_is_not_drawn()
    {
        var now = TimeProvider.System.GetUtcNow();
        // n01 had a sliver of facts before yesterday, n02 one indicator of many.
        await _app.SendAsync([.. Enumerable.Range(0, 50).Select(number => Some.Service(ScoresApp.N01, number, now.AddHours(-40), wait: 60, rating: 5))]);
        await _app.SendAsync([.. Enumerable.Range(0, 50).Select(number => Some.Measured(ScoresApp.N02, number, now.AddHours(-40)))]);
        await _app.SendAsync([.. Enumerable.Range(1_000, 999).Select(number => Some.Service(ScoresApp.N01, number, now.AddMinutes(-5), wait: 600, rating: 3))]);
        await _app.SendAsync([.. Enumerable.Range(2_000, 999).Select(number => Some.Service(ScoresApp.N01, number, now.AddMinutes(-5), wait: 600, rating: 3))]);
        await _app.SendAsync([.. Enumerable.Range(1_000, 60).Select(number => Some.Service(ScoresApp.N02, number, now.AddMinutes(-5), wait: 600, rating: 3))]);
        // s01 has a past to tell of: once it is on the board, the past of the others is as well.
        await _app.SendAsync([.. Enumerable.Range(0, 60).Select(number => Some.Service(ScoresApp.S01, number, now.AddMinutes(-5), wait: 600, rating: 3))]);
        await _app.SendAsync([.. Enumerable.Range(1_000, 60).Select(number => Some.Service(ScoresApp.S01, number, now.AddHours(-40), wait: 60, rating: 5))]);
        await Eventually.Async(() => _app.GetAsync("/api/overview"), overview => Row(overview, "s01").GetProperty("change24h").ValueKind == JsonValueKind.Number && Row(overview, "n01").GetProperty("position").GetProperty("seq").GetInt64() == 2_048);

        foreach (var code in new[] { "n01", "n02" })
        {
            var changes = await _app.GetAsync($"/api/scores/{code}/changes?knowledge=now");
            Assert.Equal(JsonValueKind.Null, changes.GetProperty("total").ValueKind);
            Assert.Equal(JsonValueKind.Null, changes.GetProperty("from").GetProperty("score").ValueKind);
            var row = Row(await _app.GetAsync("/api/overview"), code);
            Assert.Equal(JsonValueKind.Null, row.GetProperty("change24h").ValueKind);
            Assert.All(row.GetProperty("trend").EnumerateArray().SkipLast(1), point => Assert.Equal(JsonValueKind.Null, point.ValueKind));
        }
    }

    [Fact]
    public async Task Changes_with_todays_knowledge_know_what_was_reported_late()
    {
        var now = TimeProvider.System.GetUtcNow();
        await _app.SendAsync([.. Enumerable.Range(0, 60).Select(number => Some.Service(ScoresApp.N01, number, now.AddHours(-40), wait: 60, rating: 5))]);
        await _app.SendAsync([.. Enumerable.Range(1_000, 60).Select(number => Some.Service(ScoresApp.N01, number, now.AddMinutes(-5), wait: 2_000, rating: 1))]);

        var then = await _app.GetAsync("/api/scores/n01/changes");
        var known = await _app.GetAsync("/api/scores/n01/changes?knowledge=now");

        Assert.Equal(JsonValueKind.Null, then.GetProperty("total").ValueKind);
        Assert.True(known.GetProperty("total").GetDouble() < -5);
        Assert.Equal(0, known.GetProperty("from").GetProperty("asOf").GetDateTimeOffset().Minute);
        var parts = known.GetProperty("leaves").EnumerateArray().Sum(leaf => leaf.GetProperty("total").GetDouble()) + known.GetProperty("adjustments").GetDouble() + known.GetProperty("clamping").GetDouble();
        Assert.Equal(known.GetProperty("total").GetDouble(), parts, 1e-9);
        var history = await _app.GetAsync("/api/scores/n01/history?step=hour");
        Assert.Equal(history.GetProperty("points").EnumerateArray().Reverse().ElementAt(24).GetProperty("score").GetDouble(), known.GetProperty("from").GetProperty("score").GetDouble(), 1e-9);
    }

    [Fact]
    public async Task An_overview_in_use_is_never_older_than_a_second_or_two_and_says_how_old_it_is()
    {
        await _app.SendServicesAsync(ScoresApp.N01, 60, rating: 5);
        await _app.GetAsync("/api/overview?indicators=true");
        for (var round = 1; round <= 5; round++)
        {
            await _app.SendServicesAsync(ScoresApp.N01, 60, rating: 1 + round % 2, from: 1_000 * round);
            var sent = TimeProvider.System.GetUtcNow();
            var overview = await Eventually.Async(() => _app.GetAsync("/api/overview?indicators=true"), overview => Row(overview, "n01").GetProperty("position").GetProperty("seq").GetInt64() == 60 * (round + 1));
            Assert.InRange(overview.GetProperty("asOf").GetDateTimeOffset() - sent, TimeSpan.FromSeconds(-1), TimeSpan.FromSeconds(8));
        }
    }

    [Fact]
    public async Task An_unchanged_overview_is_not_sent_again()
    {
        using var client = _app.ClientOf(Roles.HeadOffice, "hq/");
        using var first = await client.GetAsync("/api/overview", Token);
        client.DefaultRequestHeaders.IfNoneMatch.Add(first.Headers.ETag!);

        using var second = await client.GetAsync("/api/overview", Token);

        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    [Theory]
    [InlineData("/api/scores/s01")]
    [InlineData("/api/scores/s01/explanation")]
    [InlineData("/api/scores/s01/changes")]
    [InlineData("/api/scores/s01/history")]
    [InlineData("/api/scores/hq")]
    [InlineData("/api/scores/nobody")]
    [InlineData("/api/scores/01900000-0000-7000-8000-000000000000")]
    [InlineData("/api/journal/s01")]
    public async Task A_foreign_unit_and_an_unknown_one_look_the_same(string address)
    {
        Assert.Equal((403, "urn:service-quality:not-allowed"), await _app.StatusAsync(address, Roles.Branch, "hq/north/n01/"));
    }

    [Theory]
    [InlineData("/api/scores/n01?period=fortnight", "period-invalid")]
    [InlineData("/api/scores/n01?asOf=yesterday", "asOf-invalid")]
    [InlineData("/api/scores/n01?asOf=2026-11-20T08:00:00", "asOf-invalid")]
    [InlineData("/api/scores/n01?asOf=2990-01-01T00:00:00Z", "asOf-in-future")]
    [InlineData("/api/scores/n01?version=77", "version-invalid")]
    [InlineData("/api/scores/n01/history?step=minute", "step-invalid")]
    [InlineData("/api/scores/n01/history?from=2001-01-01T00:00:00Z", "range-too-long")]
    [InlineData("/api/scores/n01/changes?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "range-invalid")]
    [InlineData("/api/scores/n01/changes?knowledge=tomorrow", "knowledge-invalid")]
    [InlineData("/api/overview?period=", null)]
    [InlineData("/api/overview?period=x", "period-invalid")]
    [InlineData("/api/journal/n01?limit=0", "limit-invalid")]
    [InlineData("/api/journal/n01?limit=1001", "limit-invalid")]
    [InlineData("/api/journal/n01?after=-1", "after-invalid")]
    public async Task Bad_input_is_refused_with_a_stable_code(string address, string? code) =>
        Assert.Equal(code is null ? (200, null) : (400, $"urn:service-quality:{code}"), await _app.StatusAsync(address, Roles.HeadOffice, "hq/"));

    [Theory]
    [InlineData("/api/scores/nobody", "unknown-unit")]
    [InlineData("/api/schemes/nothing", "unknown-scheme")]
    public async Task Who_sees_everything_is_told_what_does_not_exist(string address, string code) =>
        Assert.Equal((404, $"urn:service-quality:{code}"), await _app.StatusAsync(address, Roles.HeadOffice, "hq/"));

    [Theory]
    [InlineData("24h")]
    [InlineData("30d")]
    [InlineData("day")]
    [InlineData("week")]
    [InlineData("month")]
    [InlineData("quarter")]
    [InlineData("half-year")]
    [InlineData("year")]
    public async Task Every_period_has_a_score_and_a_board(string period)
    {
        await _app.SendServicesAsync(ScoresApp.N01, 60);

        Assert.Equal(period, (await _app.GetAsync($"/api/scores/n01?period={period}")).GetProperty("period").GetString());
        Assert.Equal(period, (await _app.GetAsync($"/api/overview?period={period}")).GetProperty("period").GetString());
    }

    [Fact]
    public async Task The_journal_is_read_page_by_page_and_leads_back_to_the_post()
    {
        await _app.SendServicesAsync(ScoresApp.N01, 25);

        var first = await _app.GetAsync("/api/journal/n01?limit=20");
        var second = await _app.GetAsync($"/api/journal/n01?limit=20&after={first.GetProperty("next").GetInt64()}");

        Assert.Equal(20, first.GetProperty("items").GetArrayLength());
        Assert.Equal(5, second.GetProperty("items").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, second.GetProperty("next").ValueKind);
        Assert.StartsWith("00-4bf92f", first.GetProperty("items")[0].GetProperty("traceParent").GetString(), StringComparison.Ordinal);
        Assert.Equal("resolved", first.GetProperty("items")[0].GetProperty("data").GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task Verifying_a_journal_compares_live_with_recomputed()
    {
        await _app.SendServicesAsync(ScoresApp.N01, 25);
        using var auditor = _app.ClientOf(Roles.Auditor, "hq/");

        using var response = await auditor.PostAsync("/api/journal/n01/verify", null, Token);

        var verification = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
        Assert.True(verification.GetProperty("agrees").GetBoolean());
        Assert.Equal(25, verification.GetProperty("seq").GetInt64());
        Assert.Equal((403, "urn:service-quality:not-allowed"), await _app.StatusAsync("/api/journal/n01/verify", Roles.HeadOffice, "hq/", HttpMethod.Post));
    }

    [Fact]
    public async Task A_scheme_needs_two_people_and_a_day_in_the_future_and_leaves_a_trail()
    {
        var (author, approver) = (Person("Author"), Person("Approver"));
        var tomorrow = Some.OtherScheme(2, DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddDays(2));
        using var writing = TestTickets.ClientWith(_app.Address, TestTickets.For(author));
        using var approving = TestTickets.ClientWith(_app.Address, TestTickets.For(approver));
        await _app.SendServicesAsync(ScoresApp.N01, 60);

        using var drafted = await writing.PostAsync("/api/schemes", Json(tomorrow.Json), Token);
        using var again = await writing.PostAsync("/api/schemes", Json(tomorrow.Json), Token);
        using var byAuthor = await writing.PostAsync("/api/schemes/telecom/versions/2/approve", null, Token);
        using var approved = await approving.PostAsync("/api/schemes/telecom/versions/2/approve", null, Token);

        Assert.Equal(HttpStatusCode.Created, drafted.StatusCode);
        Assert.Equal("urn:service-quality:scheme-version-not-next", await TypeAsync(again));
        Assert.Equal("urn:service-quality:scheme-approver-is-author", await TypeAsync(byAuthor));
        Assert.Equal(HttpStatusCode.NoContent, approved.StatusCode);
        // The measures of the new version are folded in the background; the version in force is still the first.
        await Eventually.Async(async () => Assert.Equal(60, (await _app.GetAsync("/api/scores/n01?version=2")).GetProperty("position").GetProperty("seq").GetInt64()));
        Assert.Equal(1, (await _app.GetAsync("/api/scores/n01")).GetProperty("scheme").GetProperty("version").GetInt32());
        var content = await _app.GetAsync("/api/schemes/telecom?version=2");
        Assert.Equal(("Author", "Approver"), (content.GetProperty("author").GetString(), content.GetProperty("approver").GetString()));
        using var auditor = _app.ClientOf(Roles.Auditor, "hq/");
        Assert.Equal(2, (await auditor.GetStringAsync("/api/audit/scores", Token)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task A_scheme_that_would_restate_history_is_not_approved()
    {
        var today = Some.OtherScheme(2, DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddDays(-1));
        using var writing = TestTickets.ClientWith(_app.Address, TestTickets.For(Person("Author")));
        using var approving = TestTickets.ClientWith(_app.Address, TestTickets.For(Person("Approver")));
        await writing.PostAsync("/api/schemes", Json(today.Json), Token);

        using var approved = await approving.PostAsync("/api/schemes/telecom/versions/2/approve", null, Token);

        Assert.Equal("urn:service-quality:scheme-effective-date-passed", await TypeAsync(approved));
    }

    [Fact]
    public async Task A_faulty_scheme_is_answered_with_every_error_and_its_place()
    {
        var scheme = JsonNode.Parse((await _app.GetAsync("/api/schemes/telecom")).GetRawText())!;
        scheme["bands"]![0]!["from"] = 12;
        using var client = _app.ClientOf(Roles.HeadOffice, "hq/");

        using var response = await client.PostAsJsonAsync("/api/schemes/validate", scheme, Token);

        var check = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
        Assert.False(check.GetProperty("valid").GetBoolean());
        Assert.StartsWith("/bands", check.GetProperty("errors")[0].GetProperty("location").GetString(), StringComparison.Ordinal);
        Assert.Equal((403, "urn:service-quality:not-allowed"), await _app.StatusAsync("/api/schemes", Roles.HeadOffice, "hq/north/", HttpMethod.Post));
    }

    [Fact]
    public async Task The_stream_tells_changes_of_the_callers_subtree_and_resumes_where_it_broke_off()
    {
        await _app.SendServicesAsync(ScoresApp.N01, 60, rating: 5);
        await _app.SendServicesAsync(ScoresApp.S01, 60, rating: 5);
        await Eventually.Async(() => _app.GetAsync("/api/overview"), overview => Row(overview, "s01").GetProperty("score").ValueKind == JsonValueKind.Number && Row(overview, "n01").GetProperty("score").ValueKind == JsonValueKind.Number);

        string id;
        using (var events = await FollowAsync(null))
        {
            await _app.SendServicesAsync(ScoresApp.S01, 60, rating: 1, from: 2_000);
            await _app.SendServicesAsync(ScoresApp.N01, 60, rating: 1, from: 2_000);
            var change = await events.NextAsync("score");
            Assert.Contains(JsonDocument.Parse(change.Data).RootElement.GetProperty("code").GetString(), new[] { "n01", "north" });
            id = change.Id;
        }
        await _app.SendServicesAsync(ScoresApp.N01, 60, rating: 3, from: 4_000);
        var now = (await _app.GetAsync("/api/scores/n01")).GetProperty("score").GetDouble();

        using var resumed = await FollowAsync(id);
        await Eventually.Async(async () =>
        {
            var missed = await resumed.NextAsync("score");
            var data = JsonDocument.Parse(missed.Data).RootElement;
            Assert.Equal("n01", data.GetProperty("code").GetString());
            Assert.Equal(now, data.GetProperty("score").GetDouble(), 1e-5);
        });
        Assert.DoesNotContain("s01", resumed.Seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("never-heard-of")]
    [InlineData("abc-5")]
    public async Task A_client_that_comes_from_nowhere_is_told_to_read_again(string lastEventId)
    {
        using var events = await FollowAsync(lastEventId);

        await events.NextAsync("resync");
    }

    [Fact]
    public async Task Facts_over_the_broker_reach_the_score_and_the_service_is_described()
    {
        await using var app = await ScoresApp.StartAsync(servers, overRabbitMq: true);
        await app.SendServicesAsync(ScoresApp.N01, 60);
        await app.Services.GetRequiredService<IDurableSender>().SendAsync(Some.Batch(TimeProvider.System.GetUtcNow(), Some.Service(ScoresApp.N02, 1, TimeProvider.System.GetUtcNow())), Token);

        await Eventually.Async(async () => Assert.Equal(61, (await app.GetAsync("/api/scores/hq")).GetProperty("position").GetProperty("seq").GetInt64()));
        using var client = new HttpClient { BaseAddress = new Uri(app.Address) };
        var document = await client.GetFromJsonAsync<JsonElement>("/openapi/scores.json", Token);
        Assert.True(document.GetProperty("paths").TryGetProperty("/api/overview", out _));
        Assert.True(document.GetProperty("paths").TryGetProperty("/api/scores/{unit}/explanation", out _));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/readyz", Token)).StatusCode);
    }

    private static Caller Person(string name) => new(Guid.CreateVersion7(), name, IsMachine: false, [new Grant(Roles.HeadOffice, "hq/")]);

    private static ByteArrayContent Json(ReadOnlyMemory<byte> json) => new(json.ToArray()) { Headers = { ContentType = new("application/json") } };

    private static async Task<string?> TypeAsync(HttpResponseMessage response) => (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("type").GetString();

    private static JsonElement Leaf(JsonElement score, string code) => score.GetProperty("leaves").EnumerateArray().Single(leaf => leaf.GetProperty("code").GetString() == code);

    private static string Root(JsonElement score) => score.GetProperty("families").EnumerateArray().First().GetProperty("parent").GetString()!;

    private static JsonElement Row(JsonElement overview, string code) => overview.GetProperty("units").EnumerateArray().Single(row => row.GetProperty("unit").GetProperty("code").GetString() == code);

    private async Task<Events> FollowAsync(string? lastEventId)
    {
        var client = _app.ClientOf(Roles.Region, "hq/north/");
        if (lastEventId is not null)
            client.DefaultRequestHeaders.Add("Last-Event-ID", lastEventId);
        return new Events(client, new StreamReader(await client.GetStreamAsync("/api/scores/stream", Token), Encoding.UTF8));
    }

    private sealed class Events(HttpClient client, StreamReader reader) : IDisposable
    {
        public string Seen { get; private set; } = "";

        public async Task<(string Id, string Data)> NextAsync(string kind)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
            patience.CancelAfter(TimeSpan.FromSeconds(15));
            var (name, id, data) = ("", "", "");
            while (await reader.ReadLineAsync(patience.Token) is { } line)
            {
                Seen += line + "\n";
                if (line.StartsWith("event: ", StringComparison.Ordinal))
                    name = line[7..];
                else if (line.StartsWith("id: ", StringComparison.Ordinal))
                    id = line[4..];
                else if (line.StartsWith("data: ", StringComparison.Ordinal))
                    data = line[6..];
                else if (line.Length == 0 && name == kind)
                    return (id, data);
                else if (line.Length == 0)
                    (name, id, data) = ("", "", "");
            }
            throw new InvalidOperationException("The stream has ended.");
        }

        public void Dispose()
        {
            reader.Dispose();
            client.Dispose();
        }
    }
}
