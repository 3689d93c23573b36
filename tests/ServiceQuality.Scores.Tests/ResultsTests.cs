using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ServiceQuality.Access;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Messaging;
using ServiceQuality.Scoring.Results;
using ServiceQuality.Testing;

namespace ServiceQuality.Scores.Tests;

/// <summary>Official results over HTTP: the whole way from closing to a restatement (scoring.md §11, SCO-13, SCO-20, SCO-24, SCO-25).</summary>
public sealed class ResultsTests(RealServers servers) : IAsyncLifetime
{
    private static readonly Caller Closer = ScoresApp.Person("Closer");
    private static readonly Caller Publisher = ScoresApp.Person("Publisher");
    private static readonly Caller Manager = ScoresApp.Person("Manager", Roles.Branch, "hq/north/n01/");
    private static readonly Caller Auditor = ScoresApp.Person("Auditor", Roles.Auditor);
    // A Friday in November; October is over.
    private static readonly DateTimeOffset Start = new(2025, 11, 21, 4, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset October = new(2025, 10, 15, 4, 0, 0, TimeSpan.Zero);

    private readonly MovedClock _clock = new(Start);
    private ScoresApp _app = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _app = await ScoresApp.StartAsync(servers, Some.StraightScheme(), _clock);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task E_07_A_deduction_enters_the_official_result_to_the_last_digit()
    {
        // The branch's halls have the facts; the branch itself answers for its report and its order, in full.
        await SendAsync(Some.Points(ScoresApp.N01Hall, "p", October, 88.40));
        await ConfirmedAsync("late-report", "R-1");
        await ConfirmedAsync("supervision-order", "SO-1");
        await Eventually.Async(() => _app.Database.ScalarAsync<long>("SELECT count(*) FROM journal"), count => count == 3);

        await PublishedAsync("2025-10");

        var result = await ResultAsync("n01", "2025-10");
        var document = result.GetProperty("document");
        Assert.Equal("86.90", document.GetProperty("official").GetRawText());
        Assert.Equal(("88.40", "0.00", "1.50", "86.90"), (Raw(document, "base"), Raw(document, "bonuses"), Raw(document, "deductions"), Raw(document, "official")));
        Assert.Equal("good", document.GetProperty("grade").GetString());
        Assert.Equal(("published", 3), (result.GetProperty("state").GetString(), document.GetProperty("journals").EnumerateArray().Sum(journal => journal.GetProperty("seq").GetInt64())));
    }

    [Fact]
    public async Task SCO_13_Every_unit_has_a_document_with_its_rank_and_regions_list_who_was_not_scored()
    {
        await SendAsync(Some.Points(ScoresApp.N01, "a", October, 80), Some.Points(ScoresApp.N02, "b", October, 90));

        var id = await PublishedAsync("2025-10");

        var page = (await _app.ReadAsync(Closer, $"/api/results/closings/{id}/units")).Body;
        var lines = page.GetProperty("items").EnumerateArray().ToDictionary(line => line.GetProperty("unit").GetProperty("code").GetString()!);
        Assert.Equal(["hq", "n01", "n01-hall1", "n02", "north", "s01", "south"], lines.Keys.Order(StringComparer.Ordinal));
        Assert.Equal((2, 1), (Place(lines["n01"]), Place(lines["n02"])));
        Assert.Equal("85.00", lines["north"].GetProperty("official").GetRawText());
        Assert.Equal(JsonValueKind.Null, lines["s01"].GetProperty("official").ValueKind);
        Assert.Equal(JsonValueKind.Null, lines["s01"].GetProperty("rank").ValueKind);
        var hq = (await ResultAsync("hq", "2025-10")).GetProperty("document");
        Assert.Equal(["n01-hall1", "south"], hq.GetProperty("notScored").EnumerateArray().Select(unit => unit.GetProperty("code").GetString()));
        Assert.Equal(2, hq.GetProperty("journals").GetArrayLength());
        Assert.Equal("2025-10-01T00:00:00+08:00", hq.GetProperty("from").GetDateTimeOffset().ToOffset(TimeSpan.FromHours(8)).ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task SCO_24_Publishing_takes_a_check_a_second_person_and_a_comment_about_findings()
    {
        await SendAsync(Some.Points(ScoresApp.N01, "p", October, 80));
        var proposed = await _app.PostAsync(Publisher, "/api/deductions", Case("late-report", "R-1"));
        var id = await DraftAsync("2025-10");

        var unchecked_ = await _app.PostAsync(Publisher, $"/api/results/closings/{id}/publish", new { comment = "x" });
        var check = await _app.PostAsync(Closer, $"/api/results/closings/{id}/check");
        var byCloser = await _app.PostAsync(Closer, $"/api/results/closings/{id}/publish", new { comment = "x" });
        var silent = await _app.PostAsync(Publisher, $"/api/results/closings/{id}/publish");
        var published = await _app.PostAsync(Publisher, $"/api/results/closings/{id}/publish", new { comment = "R-1 is decided next month." });

        Assert.Equal(201, proposed.Status);
        Assert.Equal("closing-not-checked", ScoresApp.Code(unchecked_.Body));
        var counts = check.Body.GetProperty("findings").GetProperty("counts");
        Assert.Equal(1, counts.GetProperty("open-deductions").GetInt32());
        Assert.Equal(4, counts.GetProperty("no-score").GetInt32());
        Assert.Equal("closing-publisher-is-closer", check.Body.GetProperty("barred").GetString());
        Assert.Equal("closing-publisher-is-closer", ScoresApp.Code(byCloser.Body));
        Assert.Equal((409, "closing-comment-needed"), (silent.Status, ScoresApp.Code(silent.Body)));
        Assert.Equal(("published", "Publisher"), (published.Body.GetProperty("state").GetString(), published.Body.GetProperty("publisher").GetString()));
        // From a Friday on, five working days end with the Friday after, at midnight in the organisation's zone.
        Assert.Equal(new DateTimeOffset(2025, 11, 29, 0, 0, 0, TimeSpan.FromHours(8)), published.Body.GetProperty("appealsUntil").GetDateTimeOffset());
        using var auditor = _app.ClientOf(Roles.Auditor, "hq/");
        var trail = await auditor.GetStringAsync("/api/audit/scores", Token);
        foreach (var action in new[] { "result.closed", "result.checked", "result.published" })
            Assert.Single(trail.Split('\n'), line => line.Contains($"\"{action}\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task SCO_24_What_came_since_the_check_has_to_be_looked_at_before_publishing()
    {
        await SendAsync(Some.Points(ScoresApp.N01, "p", October, 80));
        var id = await DraftAsync("2025-10");
        await _app.PostAsync(Closer, $"/api/results/closings/{id}/check");
        await SendAsync(Some.Points(ScoresApp.N01, "late", October, 10));

        var published = await _app.PostAsync(Publisher, $"/api/results/closings/{id}/publish", new { comment = "silent units" });
        var again = await _app.PostAsync(Closer, $"/api/results/closings/{id}/check");

        Assert.Equal("closing-findings-changed", ScoresApp.Code(published.Body));
        Assert.Equal(1, again.Body.GetProperty("findings").GetProperty("counts").GetProperty("late-facts").GetInt32());
    }

    [Fact]
    public async Task A_period_is_closed_once_for_a_unit_and_what_is_discarded_can_be_closed_again()
    {
        await SendAsync(Some.Points(ScoresApp.N01, "p", October, 80));
        var id = await DraftAsync("2025-10", "north");

        var same = await _app.PostAsync(Publisher, "/api/results/closings", new { unit = "north", period = "2025-10" });
        var above = await _app.PostAsync(Publisher, "/api/results/closings", new { unit = "hq", period = "2025-10" });
        var below = await _app.PostAsync(Publisher, "/api/results/closings", new { unit = "n01", period = "2025-10" });
        var beside = await _app.PostAsync(Publisher, "/api/results/closings", new { unit = "south", period = "2025-10" });
        await _app.PostAsync(Closer, $"/api/results/closings/{id}/discard", new { reason = "wrong scheme" });
        var afterwards = await _app.PostAsync(Closer, "/api/results/closings", new { unit = "n01", period = "2025-10" });

        Assert.Equal(("period-closed-already", "period-closed-already", "period-closed-already"), (ScoresApp.Code(same.Body), ScoresApp.Code(above.Body), ScoresApp.Code(below.Body)));
        Assert.Equal((202, 202), (beside.Status, afterwards.Status));
    }

    [Fact]
    public async Task A_draft_is_seen_by_those_who_close_periods_only_and_a_result_by_its_own_unit()
    {
        await SendAsync(Some.Points(ScoresApp.N01, "p", October, 80), Some.Points(ScoresApp.S01, "p", October, 70));
        var id = await DraftAsync("2025-10");

        Assert.Equal(403, (await _app.ReadAsync(Manager, $"/api/results/closings/{id}")).Status);
        Assert.Equal(404, (await _app.ReadAsync(Manager, "/api/results/units/n01/2025-10")).Status);
        Assert.Equal(0, (await _app.ReadAsync(Manager, "/api/results/closings")).Body.GetProperty("items").GetArrayLength());
        Assert.Equal(200, (await _app.ReadAsync(Auditor, $"/api/results/closings/{id}/units")).Status);
        Assert.Equal(403, (await _app.PostAsync(Auditor, $"/api/results/closings/{id}/check")).Status);

        await PublishAsync(id);

        var seen = (await _app.ReadAsync(Manager, $"/api/results/closings/{id}/units")).Body.GetProperty("items").EnumerateArray().Select(line => line.GetProperty("unit").GetProperty("code").GetString());
        Assert.Equal(["n01", "n01-hall1"], seen);
        Assert.Equal(200, (await _app.ReadAsync(Manager, "/api/results/units/n01/2025-10")).Status);
        Assert.Equal(403, (await _app.ReadAsync(Manager, "/api/results/units/s01/2025-10")).Status);
        Assert.Equal(403, (await _app.ReadAsync(Manager, "/api/results/units/s01/2025-10/documents/0")).Status);
        Assert.Equal(403, (await _app.PostAsync(Manager, "/api/results/units/s01/2025-10/appeals", new { reason = "r", evidence = "e" })).Status);
        Assert.Equal(403, (await _app.PostAsync(Manager, "/api/results/closings", new { unit = "n01", period = "2025-09" })).Status);
        using var manager = TestTickets.ClientWith(_app.Address, TestTickets.For(Manager));
        var export = await manager.GetStringAsync($"/api/results/closings/{id}/export?format=csv", Token);
        Assert.Contains("\nn01,", export, StringComparison.Ordinal);
        Assert.DoesNotContain("s01", export, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SCO_24_An_accepted_appeal_leads_to_a_restatement_and_leaves_the_former_document_bit_for_bit()
    {
        await SendAsync(Some.Points(ScoresApp.N01, "p", October, 80));
        var deduction = await ConfirmedAsync("no-measure", "MI-1");
        await Eventually.Async(() => _app.Database.ScalarAsync<long>("SELECT count(*) FROM journal"), count => count == 2);
        await PublishedAsync("2025-10");
        var former = await DocumentAsync("n01", 0);

        // The unit appeals, against the deduction and the result; others judge; the deduction is withdrawn.
        await _app.PostAsync(Manager, $"/api/deductions/{deduction}/appeal", new { reason = "The measure was carried out." });
        Assert.Equal(200, (await _app.PostAsync(Auditing(), $"/api/deductions/{deduction}/reverse", new { reason = "It was." })).Status);
        var appeal = await _app.PostAsync(Manager, "/api/results/units/n01/2025-10/appeals", new { reason = "MI-1 was carried out.", evidence = "Photo of 12 October." });
        var second = await _app.PostAsync(Manager, "/api/results/units/n01/2025-10/appeals", new { reason = "again", evidence = "again" });
        var id = appeal.Body.GetProperty("id").GetGuid();
        var early = await _app.PostAsync(Closer, "/api/results/units/n01/2025-10/restatements", new { reason = "x", appeal = id });
        var judged = await _app.PostAsync(Publisher, $"/api/results/appeals/{id}/judge", new { accept = true, reason = "The photo shows it." });
        await Eventually.Async(() => _app.Database.ScalarAsync<long>("SELECT count(*) FROM journal"), count => count == 3);
        var compared = (await _app.ReadAsync(Manager, "/api/results/units/n01/2025-10/comparison")).Body;
        var proposed = await _app.PostAsync(Closer, "/api/results/units/n01/2025-10/restatements", new { reason = "Appeal accepted.", appeal = id });
        var restatement = proposed.Body.GetProperty("id").GetGuid();
        var bySame = await _app.PostAsync(Closer, $"/api/results/restatements/{restatement}/decide", new { confirm = true });
        var confirmed = await _app.PostAsync(Publisher, $"/api/results/restatements/{restatement}/decide", new { confirm = true });

        Assert.Equal((201, "appeal-already-filed", "appeal-not-accepted"), (appeal.Status, ScoresApp.Code(second.Body), ScoresApp.Code(early.Body)));
        Assert.Equal("accepted", judged.Body.GetProperty("state").GetString());
        Assert.Equal((true, "79.00", "80.00"), (compared.GetProperty("differs").GetBoolean(), compared.GetProperty("official").GetRawText(), compared.GetProperty("recomputed").GetRawText()));
        Assert.Equal("restatement-decider-is-proposer", ScoresApp.Code(bySame.Body));
        Assert.Equal("confirmed", confirmed.Body.GetProperty("state").GetString());
        var result = await ResultAsync("n01", "2025-10");
        Assert.Equal("80.00", result.GetProperty("document").GetProperty("official").GetRawText());
        var difference = result.GetProperty("document").GetProperty("restatement").GetProperty("difference");
        Assert.Equal(("1.00", "1"), (difference.GetProperty("official").GetRawText(), difference.GetProperty("adjustments").GetRawText().TrimEnd('0').TrimEnd('.')));
        Assert.Equal([0, 1], result.GetProperty("documents").EnumerateArray().Select(document => document.GetProperty("number").GetInt32()));
        Assert.Equal(former, await DocumentAsync("n01", 0));
        Assert.Equal(ResultSeal.Verify(former).Computed, result.GetProperty("document").GetProperty("restatement").GetProperty("former").GetString());
        foreach (var number in new[] { 0, 1 })
        {
            var proof = (await _app.PostAsync(Auditor, $"/api/results/units/n01/2025-10/verify?number={number}")).Body;
            Assert.True(proof.GetProperty("agrees").GetBoolean());
            Assert.True(ResultSeal.Verify(await DocumentAsync("n01", number)) is { Holds: true, AddsUp: true });
        }
        var nothing = await _app.PostAsync(Closer, "/api/results/units/n01/2025-10/restatements", new { reason = "again" });
        Assert.Equal((409, "nothing-to-restate"), (nothing.Status, ScoresApp.Code(nothing.Body)));
    }

    [Fact]
    public async Task Late_facts_never_overwrite_a_result_and_the_comparison_tells_them_leaf_by_leaf()
    {
        await SendAsync(Some.Points(ScoresApp.N01, "p", October, 80));
        await PublishedAsync("2025-10");
        var former = await DocumentAsync("north", 0);
        await SendAsync(Some.Points(ScoresApp.N01, "late", October, 60));

        var compared = (await _app.ReadAsync(Manager, "/api/results/units/n01/2025-10/comparison")).Body;

        Assert.Equal(("80.00", "70.00"), (compared.GetProperty("official").GetRawText(), compared.GetProperty("recomputed").GetRawText()));
        var leaf = compared.GetProperty("difference").GetProperty("leaves").EnumerateArray().Single(one => one.GetProperty("pointsEffect").GetDouble() != 0);
        Assert.Equal((1, 2, -10.0), (leaf.GetProperty("fromSample").GetInt64(), leaf.GetProperty("toSample").GetInt64(), Math.Round(leaf.GetProperty("pointsEffect").GetDouble(), 9)));
        Assert.Equal(former, await DocumentAsync("north", 0));
        Assert.True((await _app.PostAsync(Auditor, "/api/results/units/north/2025-10/verify")).Body.GetProperty("agrees").GetBoolean());
    }

    [Theory]
    [InlineData("UPDATE result SET official = 100")]
    [InlineData("DELETE FROM result")]
    [InlineData("TRUNCATE result CASCADE")]
    public async Task The_database_refuses_to_change_a_result(string sql)
    {
        await SendAsync(Some.Points(ScoresApp.N01, "p", October, 80));
        await DraftAsync("2025-10");

        var refused = await Assert.ThrowsAsync<PostgresException>(() => _app.Database.ExecuteAsync(sql));

        Assert.Contains("never change", refused.MessageText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SCO_24_After_the_window_the_result_is_frozen_unless_an_appeal_is_open()
    {
        await SendAsync(Some.Points(ScoresApp.N01, "p", October, 80));
        var id = await PublishedAsync("2025-10");
        var appeal = await _app.PostAsync(Manager, "/api/results/units/n01/2025-10/appeals", new { reason = "r", evidence = "e" });

        _clock.GoTo(new DateTimeOffset(2025, 11, 28, 15, 59, 0, TimeSpan.Zero));
        Assert.Equal("published", (await _app.ReadAsync(Closer, $"/api/results/closings/{id}")).Body.GetProperty("state").GetString());
        _clock.GoTo(new DateTimeOffset(2025, 11, 28, 16, 1, 0, TimeSpan.Zero));
        var late = await _app.PostAsync(ScoresApp.Person("Other", Roles.Branch, "hq/north/n02/"), "/api/results/units/n02/2025-10/appeals", new { reason = "r", evidence = "e" });
        var byFiler = await _app.PostAsync(Both(), $"/api/results/appeals/{appeal.Body.GetProperty("id").GetGuid()}/judge", new { accept = false, reason = "mine" });
        Assert.Equal("published", (await _app.ReadAsync(Closer, $"/api/results/closings/{id}")).Body.GetProperty("state").GetString());
        await _app.PostAsync(Publisher, $"/api/results/appeals/{appeal.Body.GetProperty("id").GetGuid()}/judge", new { accept = false, reason = "No." });

        await Eventually.Async(async () => (await _app.ReadAsync(Closer, $"/api/results/closings/{id}")).Body, closing => closing.GetProperty("state").GetString() == "frozen");
        Assert.Equal((409, "appeal-window-over"), (late.Status, ScoresApp.Code(late.Body)));
        Assert.Equal("appeal-judge-is-filer", ScoresApp.Code(byFiler.Body));
    }

    [Fact]
    public async Task SCO_25_The_live_score_stands_apart_with_its_own_period_and_the_difference()
    {
        await SendAsync(Some.Points(ScoresApp.N01, "p", October, 80), Some.Points(ScoresApp.N01, "now", _clock.GetUtcNow().AddHours(-1), 91));
        await PublishedAsync("2025-10");

        var result = await Eventually.Async(() => ResultAsync("n01", "2025-10"), it => it.GetProperty("live").GetProperty("score").ValueKind == JsonValueKind.Number);

        Assert.Equal(("80.00", 91.0, "7d"), (result.GetProperty("document").GetProperty("official").GetRawText(), Math.Round(result.GetProperty("live").GetProperty("score").GetDouble(), 9), result.GetProperty("live").GetProperty("period").GetString()));
        Assert.Equal(11, result.GetProperty("difference").GetDouble(), 1e-9);
    }

    [Theory]
    [InlineData("2025-11", "period-not-over", 409)]
    [InlineData("2024-01", "period-too-old", 409)]
    [InlineData("2025-W40", "period-invalid", 400)]
    [InlineData("2025-10-01", "period-invalid", 400)]
    [InlineData("month", "period-invalid", 400)]
    [InlineData("rubbish", "period-invalid", 400)]
    [InlineData("", "malformed-request", 400)]
    public async Task What_cannot_be_closed_is_refused_with_a_stable_code(string period, string code, int status)
    {
        var answer = await _app.PostAsync(Closer, "/api/results/closings", new { unit = "hq", period });

        Assert.Equal((status, code), (answer.Status, ScoresApp.Code(answer.Body)));
    }

    [Theory]
    [InlineData("/api/results/closings?state=maybe", 400, "state-invalid")]
    [InlineData("/api/results/closings?period=maybe", 400, "period-invalid")]
    [InlineData("/api/results/closings/01900000-0000-7000-8000-000000000000", 404, "unknown-closing")]
    [InlineData("/api/results/units/n01/maybe", 400, "period-invalid")]
    [InlineData("/api/results/units/n01/2025-10", 404, "no-result")]
    [InlineData("/api/results/units/nobody", 404, "unknown-unit")]
    [InlineData("/api/results/appeals?state=maybe", 400, "state-invalid")]
    [InlineData("/api/results/restatements?state=maybe", 400, "state-invalid")]
    public async Task Bad_questions_are_refused_with_a_stable_code(string address, int status, string code)
    {
        var answer = await _app.ReadAsync(Closer, address);

        Assert.Equal((status, code), (answer.Status, ScoresApp.Code(answer.Body)));
    }

    /// <summary>A failure in the middle, a stop and another process: what was written stays, what is missing follows, from the positions of the first moment.</summary>
    [Fact]
    public async Task A_closing_that_is_killed_in_the_middle_goes_on_where_it_stood()
    {
        await SendAsync(Some.Points(ScoresApp.N01Hall, "h", October, 70), Some.Points(ScoresApp.N01, "a", October, 80), Some.Points(ScoresApp.N02, "b", October, 90), Some.Points(ScoresApp.S01, "c", October, 60));
        await _app.Database.ExecuteAsync("""
            CREATE FUNCTION scores.fall() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.unit IN (SELECT unit FROM scores.unit WHERE code = 's01') THEN RAISE EXCEPTION 'power cut'; END IF; RETURN NEW; END $$;
            CREATE TRIGGER fall BEFORE INSERT ON scores.result FOR EACH ROW EXECUTE FUNCTION scores.fall();
            """);
        var (_, started) = await _app.PostAsync(Closer, "/api/results/closings", new { unit = "hq", period = "2025-10" });
        var id = started.GetProperty("id").GetGuid();
        await Eventually.Async(async () => (await _app.ReadAsync(Closer, $"/api/results/closings/{id}")).Body, closing => closing.GetProperty("failure").GetString()?.Contains("power cut", StringComparison.Ordinal) == true);
        var before = await _app.Database.ScalarAsync<string>("SELECT string_agg(hash || written::text, ',' ORDER BY unit) FROM result");
        Assert.InRange(await _app.Database.ScalarAsync<long>("SELECT count(*) FROM result"), 1, 6);
        await _app.StopAsync();

        // Meanwhile facts come in that must not count, and the next process finds the rest.
        await _app.Database.ExecuteAsync("DROP TRIGGER fall ON scores.result");
        _app = await ScoresApp.StartAsync(_app.Database, rabbitMq: null, builder =>
        {
            builder.Configuration["Scores:Scheme"] = "straight";
            builder.Services.AddSingleton<TimeProvider>(_clock);
        });
        await SendAsync(Some.Points(ScoresApp.S01, "late", October, 0));
        await Eventually.Async(async () => (await _app.ReadAsync(Closer, $"/api/results/closings/{id}")).Body, closing => closing.GetProperty("state").GetString() == "draft");

        Assert.Equal(7, await _app.Database.ScalarAsync<long>("SELECT count(*) FROM result"));
        Assert.StartsWith(before[..64], await _app.Database.ScalarAsync<string>($"SELECT hash FROM result WHERE hash = '{before[..64]}'"), StringComparison.Ordinal);
        Assert.Equal(before, await _app.Database.ScalarAsync<string>($"SELECT string_agg(hash || written::text, ',' ORDER BY unit) FROM result WHERE '{before}' LIKE '%' || hash || '%'"));
        await PublishAsync(id);
        foreach (var code in new[] { "hq", "north", "n01", "n01-hall1", "n02", "south", "s01" })
            Assert.True((await _app.PostAsync(Auditor, $"/api/results/units/{code}/2025-10/verify")).Body.GetProperty("agrees").GetBoolean(), code);
        Assert.Equal("60.00", (await ResultAsync("s01", "2025-10")).GetProperty("document").GetProperty("official").GetRawText());
    }

    [Fact]
    public async Task A_forged_document_is_found_by_verification()
    {
        await SendAsync(Some.Points(ScoresApp.N01, "p", October, 80));
        await PublishedAsync("2025-10");
        var sealed_ = ResultSeal.Seal(ResultSeal.Read(await DocumentAsync("n01", 0)) with { Coverage = 0.9 });

        // Somebody with the rights of the database's owner swaps the document and seals it anew.
        await _app.Database.ExecuteAsync($"ALTER TABLE result DISABLE TRIGGER result_append_only; UPDATE result SET content = '{sealed_.Content}', hash = '{sealed_.Hash}' WHERE unit = '{ScoresApp.N01}'");

        var proof = (await _app.PostAsync(Auditor, "/api/results/units/n01/2025-10/verify")).Body;
        Assert.False(proof.GetProperty("agrees").GetBoolean());
        Assert.NotEqual(proof.GetProperty("stated").GetString(), proof.GetProperty("recomputed").GetString());
    }

    [Fact]
    public async Task Export_gives_the_documents_as_they_were_sealed()
    {
        await SendAsync(Some.Points(ScoresApp.N01, "p", October, 80));
        var id = await PublishedAsync("2025-10");
        using var client = TestTickets.ClientWith(_app.Address, TestTickets.For(Closer));

        var documents = JsonSerializer.Deserialize<JsonElement>(await client.GetStringAsync($"/api/results/closings/{id}/export", Token)).EnumerateArray().ToList();

        Assert.Equal(7, documents.Count);
        Assert.All(documents, document => Assert.True(ResultSeal.Verify(document.GetRawText()).Holds));
        Assert.Equal(400, (int)(await client.GetAsync($"/api/results/closings/{id}/export?format=xml", Token)).StatusCode);
    }

    [Fact]
    public async Task E_13_The_year_is_the_mean_of_the_published_quarters_less_a_point_per_order_not_held()
    {
        var year = 2024;
        _clock.GoTo(new DateTimeOffset(2025, 1, 9, 4, 0, 0, TimeSpan.Zero));
        var points = new[] { 86.9, 90.1, 84.0, 91.0 };
        await SendAsync([.. points.Select((value, quarter) => Some.Points(ScoresApp.N01, $"q{quarter}", new DateTimeOffset(year, (3 * quarter) + 2, 10, 4, 0, 0, TimeSpan.Zero), value))]);
        var order = await _app.PostAsync(Closer, "/api/deductions", new { unit = "n01", rule = "order-not-held", @case = "SO-17", happened = new DateTimeOffset(year, 6, 1, 4, 0, 0, TimeSpan.Zero), reason = "Not held.", evidence = "Check of 1 June." });
        await _app.PostAsync(Publisher, $"/api/deductions/{order.Body.GetProperty("id").GetGuid()}/confirm");
        await Eventually.Async(() => _app.Database.ScalarAsync<long>("SELECT count(*) FROM journal"), count => count == 5);
        for (var quarter = 1; quarter <= 4; quarter++)
            await PublishedAsync($"{year}-Q{quarter}");

        var id = await DraftAsync($"{year}");
        await PublishAsync(id);

        Assert.Equal("90.10", (await ResultAsync("n01", $"{year}-Q2")).GetProperty("document").GetProperty("official").GetRawText());
        var document = (await ResultAsync("n01", $"{year}")).GetProperty("document");
        Assert.Equal(("88.00", "1.00", "87.00"), (Raw(document, "base"), Raw(document, "deductions"), document.GetProperty("official").GetRawText()));
        Assert.Equal(1, document.GetProperty("annual").GetProperty("orders").GetInt32());
        Assert.True((await _app.PostAsync(Auditor, $"/api/results/units/n01/{year}/verify")).Body.GetProperty("agrees").GetBoolean());
        var findings = (await _app.ReadAsync(Closer, $"/api/results/closings/{id}")).Body.GetProperty("findings").GetProperty("counts");
        Assert.Equal(16, findings.GetProperty("quarter-missing").GetInt32());
    }

    private static int Place(JsonElement line) => line.GetProperty("rank").GetProperty("place").GetInt32();

    private static string Raw(JsonElement document, string part) => document.GetProperty("sum").GetProperty(part).GetRawText();

    private static Caller Auditing() => ScoresApp.Person("Third");

    private static Caller Both() => Manager with { Grants = [.. Manager.Grants, new Grant(Roles.HeadOffice, "hq/")] };

    private static object Case(string rule, string reference) => new { unit = "n01", rule, @case = reference, happened = October, reason = "Late by a day.", evidence = "Mail of the office." };

    private async Task SendAsync(params AcceptedFact[] facts) => await _app.Services.GetRequiredService<IDurableSender>().SendAsync(Some.Batch(_clock.GetUtcNow(), facts), Token);

    private async Task<Guid> ConfirmedAsync(string rule, string reference)
    {
        var id = (await _app.PostAsync(Closer, "/api/deductions", Case(rule, reference))).Body.GetProperty("id").GetGuid();
        Assert.Equal(200, (await _app.PostAsync(Publisher, $"/api/deductions/{id}/confirm")).Status);
        return id;
    }

    private async Task<Guid> DraftAsync(string period, string unit = "hq")
    {
        var (status, body) = await _app.PostAsync(Closer, "/api/results/closings", new { unit, period });
        Assert.Equal(202, status);
        var id = body.GetProperty("id").GetGuid();
        await Eventually.Async(async () => (await _app.ReadAsync(Closer, $"/api/results/closings/{id}")).Body, closing => closing.GetProperty("state").GetString() == "draft");
        return id;
    }

    private async Task PublishAsync(Guid id)
    {
        await _app.PostAsync(Closer, $"/api/results/closings/{id}/check");
        Assert.Equal("published", (await _app.PostAsync(Publisher, $"/api/results/closings/{id}/publish", new { comment = "Looked at." })).Body.GetProperty("state").GetString());
    }

    private async Task<Guid> PublishedAsync(string period)
    {
        var id = await DraftAsync(period);
        await PublishAsync(id);
        return id;
    }

    private async Task<JsonElement> ResultAsync(string unit, string period) => (await _app.ReadAsync(Closer, $"/api/results/units/{unit}/{period}")).Body;

    private async Task<string> DocumentAsync(string unit, int number)
    {
        using var client = TestTickets.ClientWith(_app.Address, TestTickets.For(Closer));
        return await client.GetStringAsync($"/api/results/units/{unit}/2025-10/documents/{number}", Token);
    }
}
