using System.Text.Json;
using ServiceQuality.Access;
using ServiceQuality.Scoring.Results;
using ServiceQuality.Testing;

namespace ServiceQuality.Scores.Tests;

/// <summary>A restatement goes up the tree: the documents above (and below) a unit change with its own, together or not at all (scoring.md §11, SCO-24).</summary>
public sealed class RestatedTreeTests(RealServers servers) : ResultsOverHttp(servers)
{
    [Fact]
    public async Task A_restated_branch_takes_its_region_and_the_head_office_along_with_number_hash_difference_and_cause()
    {
        await SendAsync(Some.Points(ScoresApp.N01, "a", October, 80), Some.Points(ScoresApp.N02, "b", October, 90), Some.Points(ScoresApp.S01, "c", October, 60));
        await PublishedAsync("2025-10");
        var former = (Hq: await DocumentAsync("hq", 0), North: await DocumentAsync("north", 0));
        await SendAsync(Some.Points(ScoresApp.N01, "late", October, 40));

        var compared = (await App.ReadAsync(Closer, "/api/results/units/n01/2025-10/comparison")).Body;
        var seenBelow = (await App.ReadAsync(Manager, "/api/results/units/n01/2025-10/comparison")).Body;
        var proposed = await ProposeAsync("n01");
        var before = await NumbersAsync();
        var confirmed = await DecideAsync(proposed.Body, confirm: true);

        // 80, 40, 90 and 60: the region goes from 85 to 70, the head office from 76.67 to 67.50.
        Assert.Equal(["hq 76.67 67.50 -9.17", "north 85.00 70.00 -15.00"], Affected(compared));
        Assert.Equal(JsonValueKind.Null, seenBelow.GetProperty("with").ValueKind);
        Assert.Equal(["hq 76.67 67.50 -9.17", "north 85.00 70.00 -15.00"], Affected(proposed.Body));
        Assert.Equal("hq0 n010 n01-hall10 n020 north0 s010 south0", before);
        Assert.Equal("confirmed", confirmed.Body.GetProperty("state").GetString());
        Assert.Equal("hq1 n011 n01-hall10 n020 north1 s010 south0", await NumbersAsync());
        var own = ResultSeal.Read(await DocumentAsync("n01", 1));
        Assert.Null(own.Restatement!.Cause);
        foreach (var (code, official, change) in new[] { ("n01", 60.00m, -20.00m), ("north", 70.00m, -15.00m), ("hq", 67.50m, -9.17m) })
        {
            var content = await DocumentAsync(code, 1);
            var document = ResultSeal.Read(content);
            Assert.Equal((official, change, "Late facts."), (document.Official!.Value, document.Restatement!.Difference.Official!.Value, document.Restatement.Reason));
            Assert.True(ResultSeal.Verify(content) is { Holds: true, AddsUp: true }, code);
            Assert.True((await App.PostAsync(Auditor, $"/api/results/units/{code}/2025-10/verify")).Body.GetProperty("agrees").GetBoolean(), code);
            if (code != "n01")
                Assert.Equal(new RestatementCause(ScoresApp.N01, "n01", 1, ResultSeal.Verify(await DocumentAsync("n01", 1)).Computed), document.Restatement.Cause);
        }
        Assert.Equal(former, (await DocumentAsync("hq", 0), await DocumentAsync("north", 0)));
        Assert.Equal((new SiblingRank(2, 2), new SiblingRank(1, 2)), (own.Rank, ResultSeal.Read(await DocumentAsync("north", 1)).Rank));
    }

    [Fact]
    public async Task What_came_in_at_a_sibling_stays_out_of_the_region_until_the_sibling_itself_is_restated()
    {
        await SendAsync(Some.Points(ScoresApp.N01, "a", October, 80), Some.Points(ScoresApp.N02, "b", October, 90));
        await PublishedAsync("2025-10");
        await SendAsync(Some.Points(ScoresApp.N01, "late", October, 40), Some.Points(ScoresApp.N02, "late", October, 30));

        await DecideAsync((await ProposeAsync("n01")).Body, confirm: true);
        var first = ResultSeal.Read(await DocumentAsync("north", 1));
        // What was saved at the closing is a convenience: without it the journals are folded again, to the same bits.
        await App.Database.ExecuteAsync("DELETE FROM closing_reading");
        Clock.GoTo(Start.AddHours(2));
        await DecideAsync((await ProposeAsync("n02")).Body, confirm: true);
        var second = ResultSeal.Read(await DocumentAsync("north", 2));

        Assert.Equal((70.00m, 60.00m), (first.Official, second.Official));
        var closed = ResultSeal.Read(await DocumentAsync("north", 0)).AsOf;
        Assert.Equal([(ScoresApp.N01, 2L, null), (ScoresApp.N02, 1L, (DateTimeOffset?)closed)], first.Journals.Select(journal => (journal.Unit, journal.Seq, journal.AsOf)));
        Assert.Equal([(ScoresApp.N01, 2L, (DateTimeOffset?)first.AsOf), (ScoresApp.N02, 2L, null)], second.Journals.Select(journal => (journal.Unit, journal.Seq, journal.AsOf)));
        foreach (var (code, number) in new[] { ("n01", 1), ("n02", 1), ("north", 1), ("north", 2), ("hq", 1), ("hq", 2) })
            Assert.True((await App.PostAsync(Auditor, $"/api/results/units/{code}/2025-10/verify?number={number}")).Body.GetProperty("agrees").GetBoolean(), $"{code} {number}");
    }

    [Fact]
    public async Task A_restated_region_takes_the_branches_below_it_along()
    {
        await SendAsync(Some.Points(ScoresApp.N01, "a", October, 80), Some.Points(ScoresApp.N02, "b", October, 90), Some.Points(ScoresApp.S01, "c", October, 60));
        await PublishedAsync("2025-10");
        await SendAsync(Some.Points(ScoresApp.N01, "late", October, 40));

        var proposed = await ProposeAsync("north");
        await DecideAsync(proposed.Body, confirm: true);

        Assert.Equal(["hq 76.67 67.50 -9.17", "n01 80.00 60.00 -20.00"], Affected(proposed.Body));
        Assert.Equal("hq1 n011 n01-hall10 n020 north1 s010 south0", await NumbersAsync());
        Assert.Equal("north", ResultSeal.Read(await DocumentAsync("n01", 1)).Restatement!.Cause!.Code);
    }

    [Fact]
    public async Task Of_two_restatements_that_change_the_same_documents_the_second_waits_for_the_decision_on_the_first()
    {
        await SendAsync(Some.Points(ScoresApp.N01, "a", October, 80), Some.Points(ScoresApp.N02, "b", October, 90));
        await PublishedAsync("2025-10");
        await SendAsync(Some.Points(ScoresApp.N01, "late", October, 40), Some.Points(ScoresApp.N02, "late", October, 30));

        var first = await ProposeAsync("n01");
        var again = await ProposeAsync("n01");
        var sibling = await ProposeAsync("n02");
        var declined = await DecideAsync(first.Body, confirm: false);
        var afterwards = await ProposeAsync("n02");
        var twice = await DecideAsync(first.Body, confirm: true);

        Assert.Equal((409, "restatement-already-proposed"), (again.Status, ScoresApp.Code(again.Body)));
        Assert.Equal((409, "restatement-in-the-way"), (sibling.Status, ScoresApp.Code(sibling.Body)));
        Assert.Contains("n01, proposed by Closer", sibling.Body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(("declined", 201), (declined.Body.GetProperty("state").GetString(), afterwards.Status));
        Assert.Equal((409, "restatement-already-decided"), (twice.Status, ScoresApp.Code(twice.Body)));
        Assert.Equal("hq0 n010 n01-hall10 n020 north0 s010 south0", await NumbersAsync());
    }

    [Fact]
    public async Task Two_who_propose_or_confirm_at_once_do_it_once()
    {
        await SendAsync(Some.Points(ScoresApp.N01, "a", October, 80), Some.Points(ScoresApp.N02, "b", October, 90));
        await PublishedAsync("2025-10");
        await SendAsync(Some.Points(ScoresApp.N01, "late", October, 40), Some.Points(ScoresApp.N02, "late", October, 30));

        var proposals = await Task.WhenAll(ProposeAsync("n01"), ProposeAsync("n02"), ProposeAsync("n01"), ProposeAsync("n02"));
        var open = Assert.Single(proposals, one => one.Status == 201);
        var decisions = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => DecideAsync(open.Body, confirm: true)));

        Assert.All(proposals.Where(one => one.Status != 201), one => Assert.Contains(ScoresApp.Code(one.Body), new[] { "restatement-already-proposed", "restatement-in-the-way" }));
        Assert.Single(decisions, one => one.Status == 200);
        Assert.All(decisions.Where(one => one.Status != 200), one => Assert.Equal((409, "restatement-already-decided"), (one.Status, ScoresApp.Code(one.Body))));
        Assert.Equal(3, await App.Database.ScalarAsync<long>("SELECT count(*) FROM result WHERE number > 0"));
        Assert.Equal(1, await App.Database.ScalarAsync<long>("SELECT max(number)::bigint FROM result"));
    }

    [Theory]
    [InlineData("UPDATE restatement SET parts = NULL")]
    [InlineData("INSERT INTO result SELECT closing, unit, 1, period, parent, official, score, grade, coverage, place, places, moment, content, 'other', hash, 'x', written FROM result WHERE unit IN (SELECT unit FROM unit WHERE code = 'north')")]
    public async Task A_proposal_that_was_overtaken_is_refused_and_nothing_is_written(string meanwhile)
    {
        await SendAsync(Some.Points(ScoresApp.N01, "a", October, 80));
        await PublishedAsync("2025-10");
        await SendAsync(Some.Points(ScoresApp.N01, "late", October, 40));
        var proposed = await ProposeAsync("n01");
        await App.Database.ExecuteAsync(meanwhile);

        var confirmed = await DecideAsync(proposed.Body, confirm: true);

        Assert.Equal((409, "restatement-overtaken"), (confirmed.Status, ScoresApp.Code(confirmed.Body)));
        Assert.Equal(0, await App.Database.ScalarAsync<long>($"SELECT count(*) FROM result WHERE number > 0 AND unit = '{ScoresApp.N01}'"));
        Assert.Equal(200, (await DecideAsync(proposed.Body, confirm: false)).Status);
    }

    [Fact]
    public async Task A_failure_in_the_middle_of_a_confirmation_leaves_every_document_as_it_was()
    {
        await SendAsync(Some.Points(ScoresApp.N01, "a", October, 80));
        await PublishedAsync("2025-10");
        await SendAsync(Some.Points(ScoresApp.N01, "late", October, 40));
        var proposed = await ProposeAsync("n01");
        await App.Database.ExecuteAsync("""
            CREATE FUNCTION scores.fall() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.unit IN (SELECT unit FROM scores.unit WHERE code = 'hq') THEN RAISE EXCEPTION 'power cut'; END IF; RETURN NEW; END $$;
            CREATE TRIGGER fall BEFORE INSERT ON scores.result FOR EACH ROW EXECUTE FUNCTION scores.fall();
            """);

        var failed = await DecideAsync(proposed.Body, confirm: true);
        var between = await NumbersAsync();
        await App.Database.ExecuteAsync("DROP TRIGGER fall ON scores.result");
        var confirmed = await DecideAsync(proposed.Body, confirm: true);

        Assert.InRange(failed.Status, 500, 599);
        Assert.Equal("hq0 n010 n01-hall10 n020 north0 s010 south0", between);
        Assert.Equal("confirmed", confirmed.Body.GetProperty("state").GetString());
        Assert.Equal("hq1 n011 n01-hall10 n020 north1 s010 south0", await NumbersAsync());
    }

    [Fact]
    public async Task XR_50_Every_document_that_is_restated_is_told_to_the_suite_and_stands_in_the_trail()
    {
        await SendAsync(Some.Points(ScoresApp.N01, "a", October, 80));
        await PublishedAsync("2025-10");
        await SendAsync(Some.Points(ScoresApp.N01, "late", October, 40));

        Assert.Equal(7, (await Eventually.Async(() => Task.FromResult(Heard.Published.Count), count => count == 7)));
        var proposed = await ProposeAsync("n01");
        await DecideAsync(proposed.Body, confirm: true);

        await Eventually.Async(() => Task.FromResult(Heard.Published.Count), count => count == 10);
        var told = Heard.Published.Where(one => one.Number == 1).ToDictionary(one => one.Unit);
        Assert.Equal(60.00m, told[ScoresApp.N01].Official);
        Assert.Equal(told[ScoresApp.North].Hash, ResultSeal.Verify(await DocumentAsync("north", 1)).Computed);
        Assert.Equal(60.00m, told[ScoresApp.Hq].Official);
        using var auditor = App.ClientOf(Roles.Auditor, "hq/");
        var line = Assert.Single((await auditor.GetStringAsync("/api/audit/scores", Token)).Split('\n'), one => one.Contains("\"restatement.confirmed\"", StringComparison.Ordinal));
        foreach (var code in new[] { "hq", "north" })
            Assert.Contains(ResultSeal.Verify(await DocumentAsync(code, 1)).Computed, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_began_more_than_400_days_ago_is_neither_compared_nor_restated()
    {
        Clock.GoTo(new DateTimeOffset(2025, 1, 9, 4, 0, 0, TimeSpan.Zero));
        await SendAsync(Some.Points(ScoresApp.N01, "a", new DateTimeOffset(2024, 12, 15, 4, 0, 0, TimeSpan.Zero), 80));
        await PublishedAsync("2024-12");
        await SendAsync(Some.Points(ScoresApp.N01, "late", new DateTimeOffset(2024, 12, 15, 4, 0, 0, TimeSpan.Zero), 40));
        Clock.GoTo(new DateTimeOffset(2026, 1, 4, 15, 0, 0, TimeSpan.Zero));
        Assert.Equal(200, (await App.ReadAsync(Closer, "/api/results/units/n01/2024-12/comparison")).Status);
        Clock.GoTo(new DateTimeOffset(2026, 1, 4, 16, 1, 0, TimeSpan.Zero));

        var compared = await App.ReadAsync(Closer, "/api/results/units/n01/2024-12/comparison");
        var proposed = await App.PostAsync(Closer, "/api/results/units/n01/2024-12/restatements", new { reason = "Late facts." });

        Assert.Equal((409, "period-too-old"), (compared.Status, ScoresApp.Code(compared.Body)));
        Assert.Equal((409, "period-too-old"), (proposed.Status, ScoresApp.Code(proposed.Body)));
    }

    private static IEnumerable<string> Affected(JsonElement answer) => answer.GetProperty("with").EnumerateArray().Select(one =>
        $"{one.GetProperty("unit").GetProperty("code").GetString()} {one.GetProperty("former").GetRawText()} {one.GetProperty("official").GetRawText()} {one.GetProperty("difference").GetRawText()}");

    private Task<(int Status, JsonElement Body)> ProposeAsync(string unit) => App.PostAsync(Closer, $"/api/results/units/{unit}/2025-10/restatements", new { reason = "Late facts." });

    private Task<(int Status, JsonElement Body)> DecideAsync(JsonElement proposed, bool confirm) =>
        App.PostAsync(Publisher, $"/api/results/restatements/{proposed.GetProperty("id").GetGuid()}/decide", new { confirm });

    private Task<string> NumbersAsync() => App.Database.ScalarAsync<string>(
        "SELECT string_agg(u.code || n.number, ' ' ORDER BY u.code COLLATE \"C\") FROM (SELECT unit, max(number) AS number FROM result GROUP BY unit) n JOIN unit u ON u.unit = n.unit");
}
