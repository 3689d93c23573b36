using System.Diagnostics;
using ServiceQuality.LocalServers;
using ServiceQuality.Scores.Branches;
using ServiceQuality.Scores.Journals;
using ServiceQuality.Scoring;

namespace ServiceQuality.Benchmarks;

/// <summary>Folding a whole journal again from the database, as a verification does.</summary>
internal static class ReplayFigure
{
    private const int Count = 400_000;
    private const int Rounds = 3;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(string folder, CancellationToken ct)
    {
        await using var postgres = await PrivatePostgres.StartAsync(Path.Combine(folder, "postgres"), durable: true, ct);
        await using var data = await ScoresData.CreateAsync(postgres, "replay", 1, ct);
        await data.FillAsync(new BranchFacts(Count), 0, Count, ct);

        var (replay, read) = (0.0, 0.0);
        var hashes = new HashSet<string>();
        for (var round = 0; round < Rounds; round++)
        {
            read = Math.Max(read, await RateAsync(data, null, ct));
            var ledger = new Ledger(MeasureCatalogue.Of(DefaultSchemes.Telecom), BranchFacts.Zone);
            replay = Math.Max(replay, await RateAsync(data, ledger, ct));
            hashes.Add(ledger.Hash());
        }
        return
        [
            new("replay of a journal", "≥ 300 k facts/s; two replays give equal hashes", $"{replay:N0} facts/s; {(hashes.Count == 1 ? "equal hashes" : "**different hashes**")} of {Rounds} replays",
                $"reading the same rows: {read:N0} rows/s", replay / read, replay >= 300_000 && hashes.Count == 1),
        ];
    }

    private static async Task<double> RateAsync(ScoresData data, Ledger? ledger, CancellationToken ct)
    {
        var clock = Stopwatch.StartNew();
        var count = 0;
        await using (var rows = await JournalCursor.OpenAsync(data.Db, branch: 1, after: 0, upTo: long.MaxValue, received: null, ct))
        {
            for (; await rows.MoveNextAsync(ct); count++)
                ledger?.Fold(FactOf.Row(rows));
        }
        return count == Count ? count / clock.Elapsed.TotalSeconds : throw new InvalidOperationException($"The journal has {count} rows.");
    }
}
