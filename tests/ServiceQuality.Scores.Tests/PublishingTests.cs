using System.Text.Json;
using ServiceQuality.Access;
using ServiceQuality.Testing;

namespace ServiceQuality.Scores.Tests;

/// <summary>Publishing what was closed: check, second person, who sees it, appeal window, live and official apart (SCO-24, SCO-25).</summary>
public sealed class PublishingTests(RealServers servers) : ResultsOverHttp(servers)
{
    [Fact]
    public async Task SCO_24_Publishing_takes_a_check_a_second_person_and_a_comment_about_findings()
    {
        await SendAsync(Some.Points(ScoresApp.N01, "p", October, 80));
        var proposed = await App.PostAsync(Publisher, "/api/deductions", Case("late-report", "R-1"));
        var id = await DraftAsync("2025-10");

        var unchecked_ = await App.PostAsync(Publisher, $"/api/results/closings/{id}/publish", new { comment = "x" });
        var check = await App.PostAsync(Closer, $"/api/results/closings/{id}/check");
        var byCloser = await App.PostAsync(Closer, $"/api/results/closings/{id}/publish", new { comment = "x" });
        var silent = await App.PostAsync(Publisher, $"/api/results/closings/{id}/publish");
        var published = await App.PostAsync(Publisher, $"/api/results/closings/{id}/publish", new { comment = "R-1 is decided next month." });

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
        using var auditor = App.ClientOf(Roles.Auditor, "hq/");
        var trail = await auditor.GetStringAsync("/api/audit/scores", Token);
        foreach (var action in new[] { "result.closed", "result.checked", "result.published" })
            Assert.Single(trail.Split('\n'), line => line.Contains($"\"{action}\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task SCO_24_What_came_since_the_check_has_to_be_looked_at_before_publishing()
    {
        await SendAsync(Some.Points(ScoresApp.N01, "p", October, 80));
        var id = await DraftAsync("2025-10");
        await App.PostAsync(Closer, $"/api/results/closings/{id}/check");
        await SendAsync(Some.Points(ScoresApp.N01, "late", October, 10));

        var published = await App.PostAsync(Publisher, $"/api/results/closings/{id}/publish", new { comment = "silent units" });
        var again = await App.PostAsync(Closer, $"/api/results/closings/{id}/check");

        Assert.Equal("closing-findings-changed", ScoresApp.Code(published.Body));
        Assert.Equal(1, again.Body.GetProperty("findings").GetProperty("counts").GetProperty("late-facts").GetInt32());
    }

    [Fact]
    public async Task A_draft_is_seen_by_those_who_close_periods_only_and_a_result_by_its_own_unit()
    {
        await SendAsync(Some.Points(ScoresApp.N01, "p", October, 80), Some.Points(ScoresApp.S01, "p", October, 70));
        var id = await DraftAsync("2025-10");

        Assert.Equal(403, (await App.ReadAsync(Manager, $"/api/results/closings/{id}")).Status);
        Assert.Equal(404, (await App.ReadAsync(Manager, "/api/results/units/n01/2025-10")).Status);
        Assert.Equal(0, (await App.ReadAsync(Manager, "/api/results/closings")).Body.GetProperty("items").GetArrayLength());
        Assert.Equal(200, (await App.ReadAsync(Auditor, $"/api/results/closings/{id}/units")).Status);
        Assert.Equal(403, (await App.PostAsync(Auditor, $"/api/results/closings/{id}/check")).Status);

        await PublishAsync(id);

        var seen = (await App.ReadAsync(Manager, $"/api/results/closings/{id}/units")).Body.GetProperty("items").EnumerateArray().Select(line => line.GetProperty("unit").GetProperty("code").GetString());
        Assert.Equal(["n01", "n01-hall1"], seen);
        Assert.Equal(200, (await App.ReadAsync(Manager, "/api/results/units/n01/2025-10")).Status);
        Assert.Equal(403, (await App.ReadAsync(Manager, "/api/results/units/s01/2025-10")).Status);
        Assert.Equal(403, (await App.ReadAsync(Manager, "/api/results/units/s01/2025-10/documents/0")).Status);
        Assert.Equal(403, (await App.PostAsync(Manager, "/api/results/units/s01/2025-10/appeals", new { reason = "r", evidence = "e" })).Status);
        Assert.Equal(403, (await App.PostAsync(Manager, "/api/results/closings", new { unit = "n01", period = "2025-09" })).Status);
        using var manager = TestTickets.ClientWith(App.Address, TestTickets.For(Manager));
        var export = await manager.GetStringAsync($"/api/results/closings/{id}/export?format=csv", Token);
        Assert.Contains("\nn01,", export, StringComparison.Ordinal);
        Assert.DoesNotContain("s01", export, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SCO_24_After_the_window_the_result_is_frozen_unless_an_appeal_is_open()
    {
        await SendAsync(Some.Points(ScoresApp.N01, "p", October, 80));
        var id = await PublishedAsync("2025-10");
        var appeal = await App.PostAsync(Manager, "/api/results/units/n01/2025-10/appeals", new { reason = "r", evidence = "e" });

        Clock.GoTo(new DateTimeOffset(2025, 11, 28, 15, 59, 0, TimeSpan.Zero));
        Assert.Equal("published", (await App.ReadAsync(Closer, $"/api/results/closings/{id}")).Body.GetProperty("state").GetString());
        Clock.GoTo(new DateTimeOffset(2025, 11, 28, 16, 1, 0, TimeSpan.Zero));
        var late = await App.PostAsync(ScoresApp.Person("Other", Roles.Branch, "hq/north/n02/"), "/api/results/units/n02/2025-10/appeals", new { reason = "r", evidence = "e" });
        var byFiler = await App.PostAsync(Both(), $"/api/results/appeals/{appeal.Body.GetProperty("id").GetGuid()}/judge", new { accept = false, reason = "mine" });
        Assert.Equal("published", (await App.ReadAsync(Closer, $"/api/results/closings/{id}")).Body.GetProperty("state").GetString());
        await App.PostAsync(Publisher, $"/api/results/appeals/{appeal.Body.GetProperty("id").GetGuid()}/judge", new { accept = false, reason = "No." });

        await Eventually.Async(async () => (await App.ReadAsync(Closer, $"/api/results/closings/{id}")).Body, closing => closing.GetProperty("state").GetString() == "frozen");
        Assert.Equal((409, "appeal-window-over"), (late.Status, ScoresApp.Code(late.Body)));
        Assert.Equal("appeal-judge-is-filer", ScoresApp.Code(byFiler.Body));
    }

    [Fact]
    public async Task SCO_25_The_live_score_stands_apart_with_its_own_period_and_the_difference()
    {
        await SendAsync(Some.Points(ScoresApp.N01, "p", October, 80), Some.Points(ScoresApp.N01, "now", Clock.GetUtcNow().AddHours(-1), 91));
        await PublishedAsync("2025-10");

        var result = await Eventually.Async(() => ResultAsync("n01", "2025-10"), it => it.GetProperty("live").GetProperty("score").ValueKind == JsonValueKind.Number);

        Assert.Equal(("80.00", 91.0, "7d"), (result.GetProperty("document").GetProperty("official").GetRawText(), Math.Round(result.GetProperty("live").GetProperty("score").GetDouble(), 9), result.GetProperty("live").GetProperty("period").GetString()));
        Assert.Equal(11, result.GetProperty("difference").GetDouble(), 1e-9);
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
        var answer = await App.ReadAsync(Closer, address);

        Assert.Equal((status, code), (answer.Status, ScoresApp.Code(answer.Body)));
    }
}
