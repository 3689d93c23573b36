using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using ServiceQuality.Scoring.Results;
using ServiceQuality.Testing;

namespace ServiceQuality.Scores.Tests;

/// <summary>Closing a period over HTTP: which periods, which units, what the documents say (SCO-13, SCO-20, scoring.md §11).</summary>
public sealed class ClosingTests(RealServers servers) : ResultsOverHttp(servers)
{
    [Fact]
    public async Task E_07_A_deduction_enters_the_official_result_to_the_last_digit()
    {
        // The branch's halls have the facts; the branch itself answers for its report and its order, in full.
        await SendAsync(Some.Points(ScoresApp.N01Hall, "p", October, 88.40));
        await ConfirmedAsync("late-report", "R-1");
        await ConfirmedAsync("supervision-order", "SO-1");
        await Eventually.Async(() => App.Database.ScalarAsync<long>("SELECT count(*) FROM journal"), count => count == 3);

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

        var page = (await App.ReadAsync(Closer, $"/api/results/closings/{id}/units")).Body;
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
    public async Task A_period_is_closed_once_for_a_unit_and_what_is_discarded_can_be_closed_again()
    {
        await SendAsync(Some.Points(ScoresApp.N01, "p", October, 80));
        var id = await DraftAsync("2025-10", "north");

        var same = await App.PostAsync(Publisher, "/api/results/closings", new { unit = "north", period = "2025-10" });
        var above = await App.PostAsync(Publisher, "/api/results/closings", new { unit = "hq", period = "2025-10" });
        var below = await App.PostAsync(Publisher, "/api/results/closings", new { unit = "n01", period = "2025-10" });
        var beside = await App.PostAsync(Publisher, "/api/results/closings", new { unit = "south", period = "2025-10" });
        await App.PostAsync(Closer, $"/api/results/closings/{id}/discard", new { reason = "wrong scheme" });
        var afterwards = await App.PostAsync(Closer, "/api/results/closings", new { unit = "n01", period = "2025-10" });

        Assert.Equal(("period-closed-already", "period-closed-already", "period-closed-already"), (ScoresApp.Code(same.Body), ScoresApp.Code(above.Body), ScoresApp.Code(below.Body)));
        Assert.Equal((202, 202), (beside.Status, afterwards.Status));
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
        var answer = await App.PostAsync(Closer, "/api/results/closings", new { unit = "hq", period });

        Assert.Equal((status, code), (answer.Status, ScoresApp.Code(answer.Body)));
    }

    /// <summary>A failure in the middle, a stop and another process: what was written stays, what is missing follows, from the positions of the first moment.</summary>
    [Fact]
    public async Task A_closing_that_is_killed_in_the_middle_goes_on_where_it_stood()
    {
        await SendAsync(Some.Points(ScoresApp.N01Hall, "h", October, 70), Some.Points(ScoresApp.N01, "a", October, 80), Some.Points(ScoresApp.N02, "b", October, 90), Some.Points(ScoresApp.S01, "c", October, 60));
        await App.Database.ExecuteAsync("""
            CREATE FUNCTION scores.fall() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.unit IN (SELECT unit FROM scores.unit WHERE code = 's01') THEN RAISE EXCEPTION 'power cut'; END IF; RETURN NEW; END $$;
            CREATE TRIGGER fall BEFORE INSERT ON scores.result FOR EACH ROW EXECUTE FUNCTION scores.fall();
            """);
        var (_, started) = await App.PostAsync(Closer, "/api/results/closings", new { unit = "hq", period = "2025-10" });
        var id = started.GetProperty("id").GetGuid();
        await Eventually.Async(async () => (await App.ReadAsync(Closer, $"/api/results/closings/{id}")).Body, closing => closing.GetProperty("failure").GetString()?.Contains("power cut", StringComparison.Ordinal) == true);
        var before = await App.Database.ScalarAsync<string>("SELECT string_agg(hash || written::text, ',' ORDER BY unit) FROM result");
        Assert.InRange(await App.Database.ScalarAsync<long>("SELECT count(*) FROM result"), 1, 6);
        await App.StopAsync();

        // Meanwhile facts come in that must not count, and the next process finds the rest.
        await App.Database.ExecuteAsync("DROP TRIGGER fall ON scores.result");
        App = await ScoresApp.StartAsync(App.Database, rabbitMq: null, builder =>
        {
            builder.Configuration["Scores:Scheme"] = "straight";
            builder.Services.AddSingleton<TimeProvider>(Clock);
        });
        await SendAsync(Some.Points(ScoresApp.S01, "late", October, 0));
        await Eventually.Async(async () => (await App.ReadAsync(Closer, $"/api/results/closings/{id}")).Body, closing => closing.GetProperty("state").GetString() == "draft");

        Assert.Equal(7, await App.Database.ScalarAsync<long>("SELECT count(*) FROM result"));
        Assert.StartsWith(before[..64], await App.Database.ScalarAsync<string>($"SELECT hash FROM result WHERE hash = '{before[..64]}'"), StringComparison.Ordinal);
        Assert.Equal(before, await App.Database.ScalarAsync<string>($"SELECT string_agg(hash || written::text, ',' ORDER BY unit) FROM result WHERE '{before}' LIKE '%' || hash || '%'"));
        await PublishAsync(id);
        foreach (var code in new[] { "hq", "north", "n01", "n01-hall1", "n02", "south", "s01" })
            Assert.True((await App.PostAsync(Auditor, $"/api/results/units/{code}/2025-10/verify")).Body.GetProperty("agrees").GetBoolean(), code);
        Assert.Equal("60.00", (await ResultAsync("s01", "2025-10")).GetProperty("document").GetProperty("official").GetRawText());
    }

    [Fact]
    public async Task Export_gives_the_documents_as_they_were_sealed()
    {
        await SendAsync(Some.Points(ScoresApp.N01, "p", October, 80));
        var id = await PublishedAsync("2025-10");
        using var client = TestTickets.ClientWith(App.Address, TestTickets.For(Closer));

        var documents = JsonSerializer.Deserialize<JsonElement>(await client.GetStringAsync($"/api/results/closings/{id}/export", Token)).EnumerateArray().ToList();

        Assert.Equal(7, documents.Count);
        Assert.All(documents, document => Assert.True(ResultSeal.Verify(document.GetRawText()).Holds));
        Assert.Equal(400, (int)(await client.GetAsync($"/api/results/closings/{id}/export?format=xml", Token)).StatusCode);
    }

    [Fact]
    public async Task E_13_The_year_is_the_mean_of_the_published_quarters_less_a_point_per_order_not_held()
    {
        var year = 2024;
        Clock.GoTo(new DateTimeOffset(2025, 1, 9, 4, 0, 0, TimeSpan.Zero));
        var points = new[] { 86.9, 90.1, 84.0, 91.0 };
        await SendAsync([.. points.Select((value, quarter) => Some.Points(ScoresApp.N01, $"q{quarter}", new DateTimeOffset(year, (3 * quarter) + 2, 10, 4, 0, 0, TimeSpan.Zero), value))]);
        var order = await App.PostAsync(Closer, "/api/deductions", new { unit = "n01", rule = "order-not-held", @case = "SO-17", happened = new DateTimeOffset(year, 6, 1, 4, 0, 0, TimeSpan.Zero), reason = "Not held.", evidence = "Check of 1 June." });
        await App.PostAsync(Publisher, $"/api/deductions/{order.Body.GetProperty("id").GetGuid()}/confirm");
        await Eventually.Async(() => App.Database.ScalarAsync<long>("SELECT count(*) FROM journal"), count => count == 5);
        for (var quarter = 1; quarter <= 4; quarter++)
            await PublishedAsync($"{year}-Q{quarter}");

        var id = await DraftAsync($"{year}");
        await PublishAsync(id);

        Assert.Equal("90.10", (await ResultAsync("n01", $"{year}-Q2")).GetProperty("document").GetProperty("official").GetRawText());
        var document = (await ResultAsync("n01", $"{year}")).GetProperty("document");
        Assert.Equal(("88.00", "1.00", "87.00"), (Raw(document, "base"), Raw(document, "deductions"), document.GetProperty("official").GetRawText()));
        Assert.Equal(1, document.GetProperty("annual").GetProperty("orders").GetInt32());
        Assert.True((await App.PostAsync(Auditor, $"/api/results/units/n01/{year}/verify")).Body.GetProperty("agrees").GetBoolean());
        var findings = (await App.ReadAsync(Closer, $"/api/results/closings/{id}")).Body.GetProperty("findings").GetProperty("counts");
        Assert.Equal(16, findings.GetProperty("quarter-missing").GetInt32());
    }

    [Fact]
    public async Task Scoring_5_A_document_names_the_costliest_facts_by_their_place_in_the_journal_and_nothing_that_they_say()
    {
        await SendAsync(Some.Points(ScoresApp.N01, "secret-7", October, 90), Some.Points(ScoresApp.N01, "secret-8", October.AddHours(1), 60), Some.Points(ScoresApp.N01, "secret-9", October.AddHours(2), 100));
        await SendAsync(Some.Points(ScoresApp.S01, "secret-10", October, 70));
        await PublishedAsync("2025-10");

        var content = await DocumentAsync("n01", 0);
        var (own, hq) = (ResultSeal.Read(content), ResultSeal.Read(await DocumentAsync("hq", 0)));

        // 83.33 points: the branch lost 50 / 3 of them, four fifths by the 60 and one fifth by the 90.
        var leaf = Assert.Single(own.Leaves, one => one.Facts is not null);
        Assert.Equal([(null, 2L, 13.333, 60.0), (null, 1L, 3.333, 90.0)], leaf.Facts!.Select(fact => (fact.Code, fact.Seq, Math.Round(fact.Cost, 3), fact.Value!.Value)));
        Assert.Equal(-leaf.Contribution, leaf.Facts!.Sum(fact => fact.Cost), 1e-9);
        Assert.Equal(October.AddHours(1), leaf.Facts![0].Time);
        // Up the tree every fact keeps its share of the sample: 13.33 × 3 / 4, 30 × 1 / 4.
        Assert.Equal([("n01", 2L, 10.0), ("s01", 1L, 7.5), ("n01", 1L, 2.5)], hq.Leaves.Single(one => one.Facts is not null).Facts!.Select(fact => (fact.Code!, fact.Seq, Math.Round(fact.Cost, 9))));
        Assert.Equal((5, 5), (own.FactsPerLeaf, hq.FactsPerLeaf));
        Assert.DoesNotContain("secret", content, StringComparison.Ordinal);
        Assert.DoesNotContain("meter", content, StringComparison.Ordinal);
        foreach (var code in new[] { "n01", "south", "hq" })
            Assert.True((await App.PostAsync(Auditor, $"/api/results/units/{code}/2025-10/verify")).Body.GetProperty("agrees").GetBoolean(), code);
    }

    [Fact]
    public async Task A_closing_of_an_older_version_has_documents_without_facts_and_they_hold()
    {
        await SendAsync(Some.Points(ScoresApp.N01, "p", October, 80));
        await App.Database.ExecuteAsync("""
            CREATE FUNCTION scores.older() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.facts_per_leaf := NULL; RETURN NEW; END $$;
            CREATE TRIGGER older BEFORE INSERT ON scores.closing FOR EACH ROW EXECUTE FUNCTION scores.older();
            """);
        await PublishedAsync("2025-10");

        var content = await DocumentAsync("n01", 0);

        Assert.DoesNotContain("actsPerLeaf", content, StringComparison.Ordinal);
        Assert.DoesNotContain("\"cost\"", content, StringComparison.Ordinal);
        Assert.True((await App.PostAsync(Auditor, "/api/results/units/n01/2025-10/verify")).Body.GetProperty("agrees").GetBoolean());
    }
}
