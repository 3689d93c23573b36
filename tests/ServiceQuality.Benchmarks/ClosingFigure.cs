using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Npgsql;
using ServiceQuality.LocalServers;
using ServiceQuality.Scores.Journals;

namespace ServiceQuality.Benchmarks;

/// <summary>
/// A month of 3,000 branches is closed by the running service (scoring.md §11): every document with its figures, hash and costliest facts. Beside it the same closing
/// without facts, and one branch compared with what is known now, which computes what a restatement would make of its region and the head office.
/// </summary>
internal static class ClosingFigure
{
    private const int Branches = 3_000;
    private const int FactsPerBranch = 1_667;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(string folder, CancellationToken ct)
    {
        await using var postgres = await PrivatePostgres.StartAsync(Path.Combine(folder, "postgres"), durable: true, ct);
        await using var rabbit = await PrivateRabbit.StartAsync(Path.Combine(folder, "rabbit"), ct);
        await using var data = await ScoresData.CreateAsync(postgres, "scores", Branches, ct);
        var end = new DateTimeOffset(BranchFacts.Today.Year, BranchFacts.Today.Month, 1, 0, 0, 0, BranchFacts.Today.Offset);
        var period = end.AddDays(-1).ToString("yyyy-MM", CultureInfo.InvariantCulture);
        await data.FillAsync(new BranchFacts(FactsPerBranch, days: 28, end), 0, FactsPerBranch, ct);

        var (without, _) = await CloseAsync(data, rabbit, folder, period, factsPerLeaf: 0, discard: true, ct);
        var (seconds, compared) = await CloseAsync(data, rabbit, folder, period, factsPerLeaf: 5, discard: false, ct);
        var read = await ReadAsync(data, ct);
        var (documents, units, bytes, saved) = await SizesAsync(data, ct);
        return
        [
            new($"closing a month of {Branches:N0} units and {Branches * FactsPerBranch / 1e6:0.0} M facts", "< 60 s, one document for every unit",
                string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s; {documents:N0} documents of {units:N0} units, {bytes / 1e6:0} MB as text and {saved / 1e6:0} MB of readings stored; without facts {without:0.0} s"),
                string.Create(CultureInfo.InvariantCulture, $"reading the same rows alone: {read:0.0} s"), seconds / read, seconds < 60 && documents == units),
            new($"a branch compared with what is known now, and what a restatement makes of the tree above it, {Branches:N0} units", "< 5 s",
                string.Create(CultureInfo.InvariantCulture, $"{compared:0.00} s"), "—", null, compared < 5),
        ];
    }

    private static async Task<(double Closing, double Comparison)> CloseAsync(ScoresData data, PrivateRabbit rabbit, string folder, string period, int factsPerLeaf, bool discard, CancellationToken ct)
    {
        await using var scores = new ScoresProcess(data.ConnectionString, rabbit.Uri, folder, new Dictionary<string, string> { ["Results__FactsPerLeaf"] = factsPerLeaf.ToString(CultureInfo.InvariantCulture) });
        await scores.ReadyAsync(ct);
        using var begun = JsonDocument.Parse(await scores.PostAsync("/api/results/closings", new { unit = "hq", period }, other: false, ct));
        var address = $"/api/results/closings/{begun.RootElement.GetProperty("id").GetGuid()}";
        JsonElement closing;
        do
        {
            await Task.Delay(100, ct);
            closing = JsonSerializer.Deserialize<JsonElement>(await scores.GetAsync(address, ct));
        }
        while (closing.GetProperty("state").GetString() == "computing");
        var took = closing.GetProperty("computed").GetDateTimeOffset() - closing.GetProperty("started").GetDateTimeOffset();
        if (discard)
        {
            await scores.PostAsync($"{address}/discard", new { reason = "once more, with facts" }, other: false, ct);
            return (took.TotalSeconds, 0);
        }
        await scores.PostAsync($"{address}/check", new { }, other: false, ct);
        await scores.PostAsync($"{address}/publish", new { comment = "measured" }, other: true, ct);
        var clock = Stopwatch.StartNew();
        await scores.GetAsync($"/api/results/units/b0000/{period}/comparison", ct);
        return (took.TotalSeconds, clock.Elapsed.TotalSeconds);
    }

    private static async Task<double> ReadAsync(ScoresData data, CancellationToken ct)
    {
        var clock = Stopwatch.StartNew();
        await using var rows = await JournalCursor.OpenTailsAsync(data.Db, Enumerable.Range(1, Branches).Select(branch => (branch, 0L)), ct);
        var count = 0;
        while (await rows.MoveNextAsync(ct))
            count++;
        return count == Branches * FactsPerBranch ? clock.Elapsed.TotalSeconds : throw new InvalidOperationException("Rows are missing.");
    }

    private static async Task<(long Documents, long Units, long Bytes, long Saved)> SizesAsync(ScoresData data, CancellationToken ct)
    {
        await using var command = data.Db.CreateCommand("""
            SELECT (SELECT count(*) FROM result r JOIN closing c ON c.id = r.closing AND c.state = 'published'), (SELECT count(*) FROM unit),
                   (SELECT sum(octet_length(r.content)) FROM result r JOIN closing c ON c.id = r.closing AND c.state = 'published'), pg_total_relation_size('closing_reading')
            """);
        await using NpgsqlDataReader row = await command.ExecuteReaderAsync(ct);
        await row.ReadAsync(ct);
        return (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3));
    }
}
