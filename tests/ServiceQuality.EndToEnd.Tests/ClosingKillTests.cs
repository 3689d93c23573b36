using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using ServiceQuality.Testing;

namespace ServiceQuality.EndToEnd;

/// <summary>A closing whose process is ended by SIGKILL is finished by another, to the bits of one that nobody disturbed (scoring.md §11, SCO-13, PLT-03).</summary>
[Collection("suite")]
public sealed class ClosingKillTests(SuiteFixture fixture)
{
    private const string Source = "urn:test:closing";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_closing_whose_process_is_killed_is_finished_by_another_with_one_document_for_every_unit_and_the_same_hashes()
    {
        var now = TimeZoneInfo.ConvertTime(TimeProvider.System.GetUtcNow(), TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai"));
        var month = new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, now.Offset).AddMonths(-1);
        await SendAsync(month);
        await using var db = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(fixture.ScoresDatabase) { SearchPath = "scores" }.ConnectionString);
        await Eventually.Async(async () => Assert.Equal(60L, await OneAsync(db, $"SELECT count(*) FROM journal WHERE source = '{Source}'")), TimeSpan.FromSeconds(60));
        using var director = await fixture.SignInAsync("head-office");
        // Every write takes its time, so that the kill hits between the first and the last.
        await RunAsync(db, "CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.3); RETURN NULL; END $$; CREATE TRIGGER linger AFTER INSERT ON result FOR EACH STATEMENT EXECUTE FUNCTION linger();");

        using var begun = await director.PostAsJsonAsync("/api/results/closings", new { unit = "hq", period = month.ToString("yyyy-MM", CultureInfo.InvariantCulture) }, Token);
        var closing = (await begun.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("id").GetGuid();
        var written = $"SELECT count(*) FROM result WHERE closing = '{closing}'";
        await Eventually.Async(async () => Assert.True((long)(await OneAsync(db, written))! > 20), TimeSpan.FromSeconds(60));
        Dictionary<Guid, string> before;
        await using (await fixture.Suite.TakeDownAsync("scores"))
        {
            before = await DocumentsAsync(db, closing);
            await RunAsync(db, "DROP TRIGGER linger ON result; DROP FUNCTION linger();");
        }
        await ComputedAsync(db, closing);
        var after = await DocumentsAsync(db, closing);
        var units = (long)(await OneAsync(db, $"SELECT count(*) FROM closing_unit WHERE closing = '{closing}'"))!;

        // Nobody disturbs it this time: the same positions, from the first document on.
        await RunAsync(db, $"""
            ALTER TABLE result DISABLE TRIGGER result_append_only; DELETE FROM result WHERE closing = '{closing}'; ALTER TABLE result ENABLE TRIGGER result_append_only;
            DELETE FROM closing_reading WHERE closing = '{closing}'; UPDATE closing SET state = 'computing', done = 0 WHERE id = '{closing}';
            """);
        await ComputedAsync(db, closing);
        var undisturbed = await DocumentsAsync(db, closing);
        using var discarded = await director.PostAsJsonAsync($"/api/results/closings/{closing}/discard", new { reason = "A test." }, Token);

        Assert.InRange(before.Count, 21, units - 1);
        Assert.Equal(units, after.Count);
        Assert.All(before, one => Assert.Equal(one.Value, after[one.Key]));
        Assert.Equal(undisturbed, after);
        Assert.True(discarded.IsSuccessStatusCode);
        // Other tests of this suite have sent facts to other units.
        var journals = (long)(await OneAsync(db, $"SELECT count(*) FROM closing_unit WHERE closing = '{closing}' AND seq > 0"))!;
        Assert.InRange(journals, 6, units);
        Assert.Equal(journals, await OneAsync(db, $"SELECT count(DISTINCT unit) FROM closing_reading WHERE closing = '{closing}'"));
    }

    /// <summary>Ten visits to each of six halls of three regions, on the tenth.</summary>
    private async Task SendAsync(DateTimeOffset month)
    {
        var halls = (await fixture.UnitsAsync("outlet")).ToList();
        foreach (var region in fixture.Demo.Keys.Select(key => key.Region))
        {
            using var system = await fixture.KeyOfAsync(region);
            foreach (var hall in halls.Where(hall => hall.Path.Contains($"/{region}/", StringComparison.Ordinal)).Take(2))
            {
                await system.AcceptedAsync([.. Enumerable.Range(0, 10).Select(number => BranchSystem.Event(hall.Code, Source, $"{hall.Code}-{number}", "service.completed",
                    new { channel = "hall", service = "enquiry", waitSeconds = 120 + (97 * number), handleSeconds = 300, outcome = "resolved", errors = 0, rating = 3 + (number % 3) }, month.AddDays(9).AddHours(10).AddMinutes(number)))]);
            }
        }
    }

    private static Task ComputedAsync(NpgsqlDataSource db, Guid closing) =>
        Eventually.Async(async () => Assert.Equal("draft", await OneAsync(db, $"SELECT state FROM closing WHERE id = '{closing}'")), TimeSpan.FromSeconds(60));

    private static async Task<Dictionary<Guid, string>> DocumentsAsync(NpgsqlDataSource db, Guid closing)
    {
        await using var command = db.CreateCommand($"SELECT unit, hash FROM result WHERE closing = '{closing}' AND number = 0");
        await using var row = await command.ExecuteReaderAsync(Token);
        var documents = new Dictionary<Guid, string>();
        while (await row.ReadAsync(Token))
            documents.Add(row.GetGuid(0), row.GetString(1));
        return documents;
    }

    private static async Task<object?> OneAsync(NpgsqlDataSource db, string sql)
    {
        await using var command = db.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Token);
    }

    private static async Task RunAsync(NpgsqlDataSource db, string sql)
    {
        await using var command = db.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Token);
    }
}
