using System.Diagnostics;
using Npgsql;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.LocalServers;
using ServiceQuality.Scores.Intake;

namespace ServiceQuality.Benchmarks;

/// <summary>Journal append, deduplication and fold in process: accepted batches of 500 facts, each of ten units, as the service takes them from its queue.</summary>
internal static class AppendFigure
{
    public const string Name = "journal append + dedupe + fold in process, batches of 500";
    private const int Branches = 240;
    private const int FactsPerBranch = 1_000;
    private const int Warming = 250;
    private const int UnitsPerBatch = 10;
    private const int FactsPerUnit = 50;
    private const int AtOnce = 32;
    private const int Rounds = 3;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(string folder, CancellationToken ct)
    {
        await using var postgres = await PrivatePostgres.StartAsync(Path.Combine(folder, "postgres"), durable: true, ct);
        var facts = new BranchFacts(FactsPerBranch);
        var (append, copy) = (0.0, 0.0);
        for (var round = 0; round < Rounds; round++)
        {
            await using var data = await ScoresData.CreateAsync(postgres, $"append{round}", Branches, ct);
            copy = Math.Max(copy, await CopyAsync(data, facts, ct));
            append = Math.Max(append, await AppendAsync(data, facts, ct));
        }
        return [new(Name, "≥ 0.6 ×", $"{append:N0} facts/s", $"`COPY` of the same rows into a table with the same indexes: {copy:N0} rows/s", append / copy, append / copy >= 0.6) { Value = append }];
    }

    /// <summary>The rate, from this run's figures if it is among them.</summary>
    public static async Task<double> RateAsync(IReadOnlyList<Figure> before, string folder, CancellationToken ct) =>
        (before.FirstOrDefault(figure => figure.Name == Name) ?? (await MeasureAsync(Path.Combine(folder, "append"), ct))[0]).Value;

    private static async Task<double> AppendAsync(ScoresData data, BranchFacts facts, CancellationToken ct)
    {
        await using var tier = data.NewTier();
        var intake = new AppendFactsAccepted(tier, new FactsPulse(TimeProvider.System), TimeProvider.System);
        await RunAsync(intake, Batches(data, facts, 0, Warming), ct);
        var batches = Batches(data, facts, Warming, FactsPerBranch);
        GC.Collect();
        var clock = Stopwatch.StartNew();
        await RunAsync(intake, batches, ct);
        return Branches * (FactsPerBranch - Warming) / clock.Elapsed.TotalSeconds;
    }

    private static Task RunAsync(AppendFactsAccepted intake, IReadOnlyList<FactsAccepted> batches, CancellationToken ct) =>
        Parallel.ForEachAsync(batches, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (batch, _) => await intake.HandleAsync(batch, redelivered: false, ct));

    private static List<FactsAccepted> Batches(ScoresData data, BranchFacts facts, int from, int to)
    {
        var batches = new List<FactsAccepted>();
        for (var number = from; number < to; number += FactsPerUnit)
        {
            foreach (var branches in Enumerable.Range(0, Branches).Chunk(UnitsPerBatch))
            {
                var now = TimeProvider.System.GetUtcNow();
                batches.Add(new(Guid.CreateVersion7(now), null, null, now,
                    [.. branches.SelectMany(branch => Enumerable.Range(number, FactsPerUnit).Select(one => facts.Accepted(data.Units[branch], branch, one)))]));
            }
        }
        return batches;
    }

    private static async Task<double> CopyAsync(ScoresData data, BranchFacts facts, CancellationToken ct)
    {
        await using var create = data.Db.CreateCommand("CREATE TABLE yardstick (LIKE journal INCLUDING ALL)");
        await create.ExecuteNonQueryAsync(ct);
        await ScoresData.CopyAsync(data.Db, "yardstick", facts, Parts(0, Warming), ct);
        var clock = Stopwatch.StartNew();
        await ScoresData.CopyAsync(data.Db, "yardstick", facts, Parts(Warming, FactsPerBranch), ct);
        return Branches * (FactsPerBranch - Warming) / clock.Elapsed.TotalSeconds;
    }

    /// <summary>The rows in the order in which the batches bring them: both fill their indexes alike.</summary>
    private static IEnumerable<(int Branch, int From, int To)> Parts(int from, int to)
    {
        for (var number = from; number < to; number += FactsPerUnit)
        {
            for (var branch = 0; branch < Branches; branch++)
                yield return (branch, number, number + FactsPerUnit);
        }
    }
}
