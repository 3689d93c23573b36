using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Npgsql;
using ServiceQuality.Access;
using ServiceQuality.Standalone;
using ServiceQuality.Testing;

namespace ServiceQuality.EndToEnd.Chaos;

/// <summary>The invariants (design.md), asked of the database itself and of every process of the score tier.</summary>
internal sealed class JournalCheck(SuiteProcesses suite, string scoresDatabase)
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(120);

    /// <summary>
    /// Nothing acknowledged is lost, no fact counts twice, seq has no gap, and at every process of the score tier the live score is the one
    /// recomputed from the whole journal. Waits until everything has come to rest, for two minutes at most.
    /// </summary>
    public async Task HoldsAsync(FactTraffic traffic, IReadOnlyList<UnitRow> units, CancellationToken ct)
    {
        foreach (var name in suite.Names)
            await suite.ReadyAsync(name, ct);
        await Eventually.Async(async () => Assert.Equal(traffic.Accepted.Count, (await JournalAsync(traffic.Source, ct)).Count), Rest);

        var journal = await JournalAsync(traffic.Source, ct);
        Assert.Equal(journal.Count, journal.Distinct().Count());
        Assert.Empty(traffic.Accepted.Keys.Except(journal));
        Assert.Equal(0L, await ScalarAsync("select count(*) from (select branch, count(*) n, min(seq) low, max(seq) high from scores.journal group by branch) j where low <> 1 or high <> n", null, ct));
        foreach (var process in suite.Names.Where(name => name.StartsWith("scores", StringComparison.Ordinal)))
            await LiveEqualsRecomputedAsync(process, units, ct);
    }

    /// <summary>Every process of the score tier answers the same for each unit.</summary>
    public async Task AgreeAsync(IReadOnlyList<UnitRow> units, CancellationToken ct)
    {
        var processes = suite.Names.Where(name => name.StartsWith("scores", StringComparison.Ordinal)).ToList();
        var asOf = Uri.EscapeDataString(TimeProvider.System.GetUtcNow().ToString("O"));
        foreach (var unit in units)
        {
            var answers = new List<string>();
            foreach (var process in processes)
            {
                using var client = ClientOf(process);
                answers.Add(await client.GetStringAsync(new Uri($"/api/scores/{unit.Id}?period=30d&asOf={asOf}", UriKind.Relative), ct));
            }
            Assert.All(answers, answer => Assert.Equal(answers[0], answer));
        }
    }

    private async Task LiveEqualsRecomputedAsync(string process, IReadOnlyList<UnitRow> units, CancellationToken ct)
    {
        using var auditor = ClientOf(process);
        foreach (var unit in units)
        {
            var head = await ScalarAsync("select coalesce(max(head), 0) from scores.branch where unit = $1", unit.Id, ct);
            if (head == 0)
                continue;
            var result = default(JsonElement);
            // A process that does not take the facts itself follows the journal once a second.
            await Eventually.Async(async () =>
            {
                using var answer = await auditor.PostAsync(new Uri($"/api/journal/{unit.Id}/verify", UriKind.Relative), null, ct);
                Assert.True(answer.IsSuccessStatusCode, $"{process}, {unit.Code}: {await answer.Content.ReadAsStringAsync(ct)}");
                result = await answer.Content.ReadFromJsonAsync<JsonElement>(ct);
                Assert.True(result.GetProperty("seq").GetInt64() == head, $"{process}, {unit.Code}: {result}, the journal ends at {head}");
            }, Rest);
            Assert.Equal(result.GetProperty("recomputed").GetString(), result.GetProperty("live").GetString());
        }
    }

    /// <summary>An auditor at one process, past the gateway.</summary>
    private HttpClient ClientOf(string process)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(suite.SigningKey);
        var now = TimeProvider.System.GetUtcNow();
        var client = TestTickets.ClientWith(suite.AddressOf(process), Ticket.Sign(new Caller(Guid.CreateVersion7(now), "auditor", IsMachine: false, [new Grant(Roles.Auditor, "hq/")]), key, now));
        client.Timeout = TimeSpan.FromSeconds(60);
        return client;
    }

    private async Task<List<string>> JournalAsync(string source, CancellationToken ct)
    {
        await using var db = NpgsqlDataSource.Create(scoresDatabase);
        await using var read = db.CreateCommand("select id from scores.journal where source like $1");
        read.Parameters.Add(new() { Value = $"{source}%" });
        await using var rows = await read.ExecuteReaderAsync(ct);
        var ids = new List<string>();
        while (await rows.ReadAsync(ct))
            ids.Add(rows.GetString(0));
        return ids;
    }

    private async Task<long> ScalarAsync(string sql, object? argument, CancellationToken ct)
    {
        await using var db = NpgsqlDataSource.Create(scoresDatabase);
        await using var read = db.CreateCommand(sql);
        if (argument is not null)
            read.Parameters.Add(new() { Value = argument });
        return (long)(await read.ExecuteScalarAsync(ct))!;
    }
}
