using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ServiceQuality.LocalServers;
using ServiceQuality.Scores.Branches;
using ServiceQuality.Scoring;

namespace ServiceQuality.Benchmarks;

/// <summary>
/// A killed score service comes back: 3,000 branches with five million facts. Snapshots are as the running service leaves them, at most five
/// minutes old: the last 100 facts of each branch are in the journal only. Compared are the scores of the last whole week, in which all facts lie:
/// they do not change while time passes.
/// </summary>
internal static class RestartFigure
{
    private const int Branches = 3_000;
    private const int FactsPerBranch = 1_667;
    private const int Tail = 100;
    private const int AppendsAtOnce = 256;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(string folder, CancellationToken ct)
    {
        await using var postgres = await PrivatePostgres.StartAsync(Path.Combine(folder, "postgres"), durable: true, ct);
        await using var data = await ScoresData.CreateAsync(postgres, "scores", Branches, ct);
        var monday = BranchFacts.Today.AddDays(-(((int)BranchFacts.Today.DayOfWeek + 6) % 7));
        var facts = new BranchFacts(FactsPerBranch, days: 7, end: monday);
        var week = Period.TryParse(string.Create(CultureInfo.InvariantCulture, $"{ISOWeek.GetYear(monday.AddDays(-7).DateTime)}-W{ISOWeek.GetWeekOfYear(monday.AddDays(-7).DateTime):00}"), out var period)
            ? period : throw new InvalidOperationException("The week has no name.");
        await data.FillAsync(facts, 0, FactsPerBranch - Tail, ct);

        // What a killed process leaves behind: it has saved its ledgers, gone on, and never says goodbye.
        var killed = data.NewTier();
        var clock = Stopwatch.StartNew();
        await killed.RecoverAsync(ct);
        var unaided = clock.Elapsed;
        await killed.Lanes.SaveSnapshotsAsync(all: true, ct);
        await Parallel.ForEachAsync(Enumerable.Range(0, Branches), new ParallelOptions { MaxDegreeOfParallelism = AppendsAtOnce, CancellationToken = ct }, async (branch, _) =>
            await killed.AppendAsync(data.Units[branch], new FactsAppend([.. Enumerable.Range(FactsPerBranch - Tail, Tail).Select(number => facts.Entry(branch, number))], []), ct));
        var expected = await ExpectedAsync(killed, data, week, ct);

        await using var rabbit = await PrivateRabbit.StartAsync(Path.Combine(folder, "rabbit"), ct);
        clock.Restart();
        await using var scores = new ScoresProcess(data.ConnectionString, rabbit.Uri, folder);
        await scores.ReadyAsync(ct);
        var ready = clock.Elapsed;
        int right;
        while ((right = await RightAsync(scores, week, expected, ct)) < Branches && clock.Elapsed < TimeSpan.FromSeconds(60))
            await Task.Delay(50, ct);
        var seconds = clock.Elapsed.TotalSeconds;
        return
        [
            new($"restart with {Branches:N0} branches and {Branches * FactsPerBranch / 1e6:0.0} M facts until every score is right", "< 10 s",
                string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s (ready after {ready.TotalSeconds:0.0} s); {right:N0} of {Branches:N0} scores equal to those before"),
                string.Create(CultureInfo.InvariantCulture, $"folding everything, without snapshots: {unaided.TotalSeconds:0.0} s"), null, right == Branches && seconds < 10),
        ];
    }

    /// <summary>Score and journal position of every branch, from the ledgers of the process that was killed.</summary>
    private static async Task<Dictionary<Guid, (double? Score, long Seq)>> ExpectedAsync(LocalScoreTier tier, ScoresData data, Period period, CancellationToken ct)
    {
        var expected = new Dictionary<Guid, (double?, long)>();
        var scheme = DefaultSchemes.Telecom;
        foreach (var unit in data.Units)
        {
            var state = await tier.ReadAsync(unit, new BranchQuery([new WindowAt(period)]), ct);
            expected[unit] = (Rounded(Scorer.Evaluate(scheme, state!.Readings[0]!).Value), state.Seq);
        }
        return expected;
    }

    private static async Task<int> RightAsync(ScoresProcess scores, Period period, Dictionary<Guid, (double? Score, long Seq)> expected, CancellationToken ct)
    {
        using var overview = JsonDocument.Parse(await scores.GetAsync($"/api/overview?period={period}", ct));
        return overview.RootElement.GetProperty("units").EnumerateArray().Count(row =>
            expected.TryGetValue(row.GetProperty("unit").GetProperty("id").GetGuid(), out var one)
            && row.GetProperty("score") is { ValueKind: JsonValueKind.Number } score && one.Score == score.GetDouble()
            && row.GetProperty("position").GetProperty("seq").GetInt64() == one.Seq && one.Seq == FactsPerBranch);
    }

    private static double? Rounded(double? score) => score is { } value ? Math.Round(value, 6) : null;
}
