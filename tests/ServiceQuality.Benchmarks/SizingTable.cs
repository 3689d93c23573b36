using System.Diagnostics;
using System.Globalization;
using System.Text;
using Npgsql;
using ServiceQuality.LocalServers;
using ServiceQuality.Scores.Branches;

namespace ServiceQuality.Benchmarks;

/// <summary>
/// How cost grows with the number of branches: the same facts, of one week, spread over 24 to 30,000 branches. Writes <c>docs/sizing.md</c>, from which
/// docs/operations.md takes its advice.
/// </summary>
internal static class SizingTable
{
    private const int Facts = 1_200_000;
    private const int Appended = 120_000;
    private const int FactsPerUnit = 10;
    private const int AppendsAtOnce = 256;
    private const int Requests = 30;
    private const string Overview = "/api/overview?indicators=true";
    private static readonly int[] Sizes = [24, 300, 3_000, 30_000];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private sealed record Row(
        int Branches, double BytesPerFact, double AppendRate, double LedgerKibibytes, double Cold, double Warm, double WorkingSet, double OverviewP50, double OverviewBytes, double SnapshotBytes);

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(string folder, CancellationToken ct)
    {
        await using var postgres = await PrivatePostgres.StartAsync(Path.Combine(folder, "postgres"), durable: true, ct);
        await using var rabbit = await PrivateRabbit.StartAsync(Path.Combine(folder, "rabbit"), ct);
        var rows = new List<Row>();
        foreach (var branches in Sizes)
        {
            rows.Add(await MeasureAsync(postgres, rabbit, branches, folder, ct));
            System.Console.WriteLine($"  {Line(rows[^1])}");
            await WriteAsync(rows, ct);
        }
        return [];
    }

    private static async Task<Row> MeasureAsync(PrivatePostgres postgres, PrivateRabbit rabbit, int branches, string folder, CancellationToken ct)
    {
        await using var data = await ScoresData.CreateAsync(postgres, $"sizing{branches}", branches, ct);
        var perBranch = Facts / branches;
        var facts = new BranchFacts(perBranch + Appended / branches + FactsPerUnit);
        await data.FillAsync(facts, 0, perBranch, ct);
        var bytes = await ScalarAsync(data.Db, "SELECT pg_total_relation_size('journal')", ct) / ((double)perBranch * branches);

        var (cold, kibibytes, rate) = await InProcessAsync(data, facts, perBranch, ct);
        var snapshots = await ScalarAsync(data.Db, "SELECT coalesce(sum(octet_length(state)), 0)::bigint FROM snapshot", ct) / (double)branches;

        var clock = Stopwatch.StartNew();
        await using var scores = new ScoresProcess(data.ConnectionString, rabbit.Uri, folder);
        await scores.ReadyAsync(ct);
        var warm = clock.Elapsed.TotalSeconds;
        var (p50, size) = await AskAsync(scores, ct);
        return new(branches, bytes, rate, kibibytes, cold, warm, await WorkingSetAsync(scores, ct), p50, size, snapshots);
    }

    /// <summary>A tier in this process: everything folded from the journal, then appends to all branches in turn; what it holds is saved at the end.</summary>
    private static async Task<(double Cold, double Kibibytes, double Rate)> InProcessAsync(ScoresData data, BranchFacts facts, int perBranch, CancellationToken ct)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var clock = Stopwatch.StartNew();
        await using var tier = data.NewTier();
        await tier.RecoverAsync(ct);
        var cold = clock.Elapsed.TotalSeconds;
        var kibibytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / 1024.0 / data.Units.Count;

        var batch = Math.Max(FactsPerUnit, Appended / data.Units.Count);
        var units = Math.Min(data.Units.Count, Appended / batch);
        clock.Restart();
        await Parallel.ForEachAsync(Enumerable.Range(0, units), new ParallelOptions { MaxDegreeOfParallelism = AppendsAtOnce, CancellationToken = ct }, async (branch, _) =>
        {
            foreach (var part in Enumerable.Range(perBranch, batch).Chunk(50))
                await tier.AppendAsync(data.Units[branch], new FactsAppend([.. part.Select(number => facts.Entry(branch, number))], []), ct);
        });
        return (cold, kibibytes, units * batch / clock.Elapsed.TotalSeconds);
    }

    private static async Task<(double P50, double Bytes)> AskAsync(ScoresProcess scores, CancellationToken ct)
    {
        // Until the board is drawn the answer is 503, and then grows while trends are filled in.
        var settling = Stopwatch.StartNew();
        var (size, last) = (0, -1);
        while (size != last || size == 0)
        {
            last = size;
            await Task.Delay(500, ct);
            try
            {
                size = await scores.ReadAsync(Overview, ct);
            }
            catch (HttpRequestException) when (settling.Elapsed < Patience)
            {
                size = 0;
            }
        }
        var times = new List<double>(Requests);
        for (var i = 0; i < Requests; i++)
        {
            var clock = Stopwatch.StartNew();
            await scores.ReadAsync(Overview, ct);
            times.Add(clock.Elapsed.TotalMilliseconds);
        }
        return (times.Percentile(0.5), size);
    }

    private static async Task<double> WorkingSetAsync(ScoresProcess scores, CancellationToken ct)
    {
        const string name = "dotnet_process_memory_working_set_bytes ";
        var page = Encoding.UTF8.GetString(await scores.GetAsync("/metrics", ct));
        return double.Parse(page.Split('\n').First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..], CultureInfo.InvariantCulture);
    }

    private static async Task<long> ScalarAsync(NpgsqlDataSource db, string sql, CancellationToken ct)
    {
        await using var command = db.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    private static string Line(Row row) => string.Create(CultureInfo.InvariantCulture,
        $"| {row.Branches:N0} | {Facts / row.Branches:N0} | {row.AppendRate:N0} | {row.BytesPerFact:0} MB | {row.LedgerKibibytes:0.0} KiB | {row.SnapshotBytes / 1024:0.0} KiB | {row.WorkingSet / (1 << 20):N0} MiB | {row.Cold:0.0} s | {row.Warm:0.0} s | {row.OverviewP50:0.0} ms | {row.OverviewBytes / 1e6:0.00} MB |");

    private static async Task WriteAsync(List<Row> rows, CancellationToken ct)
    {
        var text = new StringBuilder();
        text.AppendLine("# Sizing, measured").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"Regenerated by `./build.sh bench --only sizing`: {Facts:N0} facts of one week with the delivered scheme, spread over more and more branches. What to buy: [operations.md](operations.md), \"Sizing\".").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"* Run: {TimeProvider.System.GetUtcNow():yyyy-MM-dd HH:mm} UTC, {Report.Machine()}.");
        text.AppendLine("* One score process and PostgreSQL on the same machine. *Journalled*: append, deduplication, commit and fold in one process, groups of up to 50 facts of a branch. *Ledger*: live memory of a branch. *Cold*: every journal folded from its first fact. *Warm*: the process started on its snapshots, until ready. *Overview*: every branch with every indicator.").AppendLine();
        text.AppendLine("| branches | facts each | journalled, facts/s | disk per million facts | ledger | snapshot | score process | cold | warm | overview p50 | overview |");
        text.AppendLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var row in rows)
            text.AppendLine(Line(row));
        await File.WriteAllTextAsync("docs/sizing.md", text.ToString(), ct);
    }
}
