using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using ServiceQuality.Testing;

namespace ServiceQuality.EndToEnd;

/// <summary>One part of the suite is dead and the others do what they can without it (PLT-05).</summary>
[Collection("suite")]
public sealed class ResilienceTests(SuiteFixture fixture)
{
    private const string WithoutScores = "urn:test:without-scores";
    private const string WithoutOrganisation = "urn:test:without-organisation";
    private static readonly TimeSpan RememberedByTheGateway = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task PLT_05_Facts_are_taken_and_pages_shown_while_the_score_tier_is_dead_and_every_fact_is_there_once_afterwards()
    {
        var ct = TestContext.Current.CancellationToken;
        using var system = await fixture.KeyOfAsync("central");
        using var pages = await PagesAsync(ct);
        var sent = Enumerable.Range(0, 50).Select(number => BranchSystem.Visit("c05-hall1", WithoutScores, $"dark-{number}", 200, "resolved", 4)).ToList();

        await using (await fixture.Suite.TakeDownAsync("scores"))
        {
            await system.AcceptedAsync(sent);
            await AcceptedOrKnownAsync(system, sent);
            foreach (var page in new[] { "/", "/units/c05" })
            {
                using var answer = await pages.GetAsync(new Uri(page, UriKind.Relative), ct);
                var html = await answer.Content.ReadAsStringAsync(ct);
                Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{page}: {answer.StatusCode}\n{html}");
                Assert.Contains("""<div class="hole gap" role="status">""", html, StringComparison.Ordinal);
                Assert.Contains("This part cannot be read right now", html, StringComparison.Ordinal);
            }
            using var tree = await pages.GetAsync(new Uri("/units", UriKind.Relative), ct);
            Assert.Equal(HttpStatusCode.OK, tree.StatusCode);
            Assert.Contains("/units/c05-hall1", await tree.Content.ReadAsStringAsync(ct), StringComparison.Ordinal);
        }

        await system.AcceptedAsync([BranchSystem.Marker("c05-hall1", WithoutScores, "light")]);
        await Eventually.Async(async () => Assert.Contains("light", await JournalAsync(WithoutScores, ct)), TimeSpan.FromSeconds(60));
        Assert.Equal([.. sent.Select(fact => (string)fact["id"]!).Append("light").Order()], (await JournalAsync(WithoutScores, ct)).Order());
        // The console asks again once its circuit breaker has closed.
        await Eventually.Async(async () => Assert.DoesNotContain("hole gap", await pages.GetStringAsync(new Uri("/units/c05", UriKind.Relative), ct), StringComparison.Ordinal), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task PLT_05_People_who_are_signed_in_go_on_reading_and_branch_systems_reporting_while_organisation_is_dead()
    {
        var ct = TestContext.Current.CancellationToken;
        using var person = await fixture.SignInAsync("head-office");
        using var pages = await PagesAsync(ct);
        using var system = await fixture.KeyOfAsync("central");
        await system.AcceptedAsync([BranchSystem.Marker("c06-hall1", WithoutOrganisation, "before")]);
        await Eventually.Async(async () => Assert.Contains("before", await JournalAsync(WithoutOrganisation, ct)), TimeSpan.FromSeconds(30));

        await using (await fixture.Suite.TakeDownAsync("organisation"))
        {
            // Longer than the gateway remembers an answer: it has to decide without Organisation.
            for (var dead = Stopwatch.StartNew(); dead.Elapsed < RememberedByTheGateway * 1.5;)
            {
                foreach (var address in new[] { "/api/scores/c06", "/api/overview", "/api/telemetry/status" })
                    Assert.Equal(HttpStatusCode.OK, (await person.GetAsync(new Uri(address, UriKind.Relative), ct)).StatusCode);
                await Task.Delay(100, ct);
            }
            Assert.Equal(HttpStatusCode.OK, (await pages.GetAsync(new Uri("/", UriKind.Relative), ct)).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await pages.GetAsync(new Uri("/units/c06", UriKind.Relative), ct)).StatusCode);
            await ComesBackAsync(await person.GetAsync(new Uri("/api/units", UriKind.Relative), ct));
            await system.AcceptedAsync([BranchSystem.Marker("c06-hall1", WithoutOrganisation, "meanwhile")]);
        }

        await Eventually.Async(async () => Assert.Equal(HttpStatusCode.OK, (await person.GetAsync(new Uri("/api/units", UriKind.Relative), ct)).StatusCode));
        await system.AcceptedAsync([BranchSystem.Marker("c06-hall1", WithoutOrganisation, "after")]);
        await Eventually.Async(async () => Assert.Equal(["after", "before", "meanwhile"], (await JournalAsync(WithoutOrganisation, ct)).Order()), TimeSpan.FromSeconds(30));
    }

    private static async Task ComesBackAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout, $"{answer.StatusCode}: {text}");
            Assert.True(JsonDocument.Parse(text).RootElement.GetProperty("retryable").GetBoolean(), text);
            Assert.NotNull(answer.Headers.RetryAfter);
        }
    }

    private static async Task AcceptedOrKnownAsync(HttpClient system, List<Dictionary<string, object?>> sent)
    {
        using var answer = await system.PostAsync(sent);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var receipt = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(sent.Count, receipt.GetProperty("accepted").GetInt32() + receipt.GetProperty("duplicate").GetInt32());
    }

    /// <summary>A browser without scripts, signed in as the director.</summary>
    private async Task<HttpClient> PagesAsync(CancellationToken ct)
    {
        var director = fixture.Demo.Accounts.First(account => account.User == "director");
        var client = new HttpClient { BaseAddress = new Uri(fixture.Suite.Address), Timeout = TimeSpan.FromSeconds(30) };
        client.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        client.DefaultRequestHeaders.AcceptLanguage.ParseAdd("en");
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["user"] = director.User, ["password"] = director.Password, ["returnUrl"] = "/units" });
        await Eventually.Async(async () =>
        {
            using var answer = await client.PostAsync(new Uri("/sign-in", UriKind.Relative), form, ct);
            Assert.Equal("/units", answer.RequestMessage!.RequestUri!.AbsolutePath);
        });
        return client;
    }

    private async Task<List<string>> JournalAsync(string source, CancellationToken ct)
    {
        await using var db = NpgsqlDataSource.Create(fixture.ScoresDatabase);
        await using var read = db.CreateCommand("select id from scores.journal where source = $1");
        read.Parameters.Add(new NpgsqlParameter { Value = source });
        await using var rows = await read.ExecuteReaderAsync(ct);
        var ids = new List<string>();
        while (await rows.ReadAsync(ct))
            ids.Add(rows.GetString(0));
        return ids;
    }
}
