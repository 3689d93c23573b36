using System.Collections.Concurrent;
using System.Diagnostics;
using Orleans.TestingHost;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Scores.Branches;
using ServiceQuality.Scores.Silo.Branches;
using ServiceQuality.Scores.Tests;
using ServiceQuality.Scoring;
using ServiceQuality.Testing;

namespace ServiceQuality.Scores.Silo.Tests;

/// <summary>Silos come and go under appends: no acknowledged fact is lost or counted twice, and live = recomputed.</summary>
public sealed class KillASiloTests(RealServers servers, ITestOutputHelper output) : IAsyncLifetime
{
    private const int Units = 24;
    private static readonly BranchQuery Week = new([new WindowAt(Period.Of(PeriodKind.SevenDays))]);
    private readonly Guid[] _units = [.. Enumerable.Range(0, Units).Select(_ => Guid.CreateVersion7())];
    private readonly ConcurrentDictionary<(Guid Unit, int Number), byte> _acknowledged = new();
    private ScoresDatabase _database = null!;
    private Cluster _cluster = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await ScoresDatabase.CreateAsync(servers);
        _cluster = await Cluster.StartAsync(_database, new FixedClock(Some.Noon.AddHours(1)), _ => TimeZoneInfo.Utc);
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task PLT_03_A_killed_silo_takes_no_acknowledged_fact_with_it()
    {
        var killed = Stopwatch.StartNew();
        await AppendWhileAsync(async () =>
        {
            await Task.Delay(500, Token);
            killed.Restart();
            await _cluster.KillAsync(_cluster.Silos[1]);
            foreach (var unit in _units)
                await ReadAsync(_cluster.Silos[0], unit);
            output.WriteLine($"every branch answered {killed.Elapsed.TotalSeconds:0.0} s after the kill began; {_acknowledged.Count} facts acknowledged by then");
        });

        await EverythingAcknowledgedIsThereOnceAsync();
    }

    [Fact]
    public async Task PLT_03_Branches_spread_over_a_silo_that_joins_and_leave_one_that_stops()
    {
        await AppendWhileAsync(async () =>
        {
            var third = await _cluster.AddAsync();
            await Eventually.Async(() =>
            {
                var shares = _cluster.Silos.Select(silo => Cluster.LanesOf(silo).Units.Count).ToList();
                Assert.Equal(Units, shares.Sum());
                Assert.True(Cluster.LanesOf(third).Units.Count >= 2, string.Join(", ", shares));
                return Task.CompletedTask;
            }, TimeSpan.FromSeconds(30));
            await _cluster.StopAsync(_cluster.Silos[0]);
            Assert.Equal(2, _cluster.Silos.Count);
        });

        await EverythingAcknowledgedIsThereOnceAsync();
    }

    [Fact]
    public async Task PLT_06_A_silo_that_stops_saves_its_branches()
    {
        foreach (var unit in _units)
            await AppendAsync(Cluster.TierOf(_cluster.Silos[0]), unit, 1);
        var leaving = _cluster.Silos[1];
        var there = Cluster.LanesOf(leaving).Units;
        Assert.NotEmpty(there);

        await _cluster.StopAsync(leaving);

        Assert.Equal(there.Count, await _database.ScalarAsync<long>("SELECT count(*) FROM snapshot"));
        foreach (var unit in there)
            Assert.Equal(10, (await ReadAsync(_cluster.Silos[0], unit)).Seq);
    }

    [Fact]
    public async Task Every_silo_hears_of_every_movement()
    {
        // Told with how much was written; what is only noticed at the journal's head says nothing of that.
        var heard = _cluster.Silos.Select(_ => new ConcurrentDictionary<Guid, int>()).ToList();
        var listening = _cluster.Silos.Select((silo, index) => Cluster.TierOf(silo).Subscribe(moved => heard[index].AddOrUpdate(moved.Unit, moved.Written, (_, before) => before + moved.Written))).ToList();

        foreach (var unit in _units)
            await AppendAsync(Cluster.TierOf(_cluster.Silos[0]), unit, 1);

        await Eventually.Async(() =>
        {
            Assert.All(heard, one => Assert.Equal(_units.Order(), one.Where(moved => moved.Value == 10).Select(moved => moved.Key).Order()));
            return Task.CompletedTask;
        });
        foreach (var silo in _cluster.Silos)
            Assert.Equal(Units, (await Cluster.TierOf(silo).UnitsAsync(Token)).Count);
        listening.ForEach(one => one.Dispose());
    }

    [Fact]
    public async Task A_movement_that_nobody_told_is_noticed_by_its_journal()
    {
        var unit = _units[0];
        await AppendAsync(Cluster.TierOf(_cluster.Silos[0]), unit, 1);
        var heard = _cluster.Silos.Select(_ => new ConcurrentBag<Movement>()).ToList();
        var listening = _cluster.Silos.Select((silo, index) => Cluster.TierOf(silo).Subscribe(heard[index].Add)).ToList();

        // A process that is not in the cluster writes to the same journal.
        await using (var stranger = new BranchLanes(_database.Source, TimeProvider.System, Cluster.Catalogue, _ => TimeZoneInfo.Utc))
            await stranger.AppendAsync(unit, Append(unit, 2), Token);

        await Eventually.Async(() =>
        {
            Assert.All(heard, one => Assert.Contains(one, moved => moved.Unit == unit && moved.Seq == 20));
            return Task.CompletedTask;
        });
        Assert.Equal(20, (await ReadAsync(_cluster.Silos[0], unit)).Readings[0]!.Facts);
        listening.ForEach(one => one.Dispose());
    }

    [Fact]
    public async Task Both_silos_answer_alike_to_the_last_bit()
    {
        foreach (var unit in _units)
            await Cluster.TierOf(_cluster.Silos[0]).AppendAsync(unit, FactsAppend.Of(Some.Batch(Some.Noon, Enumerable.Range(0, 300).Select(_ => Some.Random(Random.Shared, unit, Some.Noon)))), Token);

        foreach (var unit in _units)
        {
            var answers = new List<BranchState>();
            foreach (var silo in _cluster.Silos)
                answers.Add(await ReadAsync(silo, unit));
            Assert.Equal(Packed(answers[0]), Packed(answers[1]));
            Assert.Equal((answers[0].Seq, answers[0].Received, answers[0].Newest, answers[0].Late), (answers[1].Seq, answers[1].Received, answers[1].Newest, answers[1].Late));
        }
        Assert.All(_cluster.Silos, silo => Assert.NotEmpty(Cluster.LanesOf(silo).Units));
    }

    private static string Packed(BranchState state) => string.Join('|', new BranchAnswer(state).Pack().Readings.Select(packed => Convert.ToHexString(packed!)));

    private static async Task<BranchState> ReadAsync(InProcessSiloHandle silo, Guid unit) =>
        await Cluster.TierOf(silo).ReadAsync(unit, Week, Token) ?? throw new InvalidOperationException("The unit has no state.");

    /// <summary>Appends to all branches, through every silo that is there, while something happens.</summary>
    private async Task AppendWhileAsync(Func<Task> act)
    {
        // Every branch has a journal before anything happens.
        foreach (var unit in _units)
            await AppendAsync(Cluster.TierOf(_cluster.Silos[0]), unit, 0);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var appending = Enumerable.Range(0, 8).Select(sender => Task.Run(async () =>
        {
            for (var number = 1; !done.IsCancellationRequested; number++)
            {
                for (var unit = sender; unit < Units; unit += 8)
                    await AppendAsync(_units[unit], number);
            }
        }, Token)).ToList();

        await act();
        await done.CancelAsync();
        await Task.WhenAll(appending);
    }

    private async Task AppendAsync(Guid unit, int number)
    {
        while (true)
        {
            try
            {
                var silos = _cluster.Silos;
                await AppendAsync(Cluster.TierOf(silos[number % silos.Count]), unit, number);
                return;
            }
            catch (Exception e) when (e is TemporarilyUnavailableException or ObjectDisposedException or OrleansException or InvalidOperationException)
            {
                // As a queue would: again, perhaps through another silo.
                await Task.Delay(50, Token);
            }
        }
    }

    private async Task AppendAsync(OrleansScoreTier tier, Guid unit, int number)
    {
        await tier.AppendAsync(unit, Append(unit, number), Token);
        for (var fact = 0; fact < 10; fact++)
            _acknowledged[(unit, 10 * number + fact)] = 1;
    }

    private static FactsAppend Append(Guid unit, int number) =>
        FactsAppend.Of(Some.Batch(Some.Noon, Enumerable.Range(10 * number, 10).Select(fact => Some.Service(unit, fact, Some.Noon.AddMinutes(-fact % 900), wait: fact % 600))));

    private async Task EverythingAcknowledgedIsThereOnceAsync()
    {
        var rows = await _database.ScalarAsync<long>("SELECT count(*) FROM journal");
        Assert.Equal(rows, await _database.ScalarAsync<long>("SELECT count(DISTINCT (branch, key)) FROM journal"));
        Assert.Equal(_acknowledged.Count, rows);
        Assert.Equal(rows, await _database.ScalarAsync<long>("SELECT sum(head)::bigint FROM branch"));
        foreach (var unit in _units)
        {
            Assert.Equal(_acknowledged.Keys.Count(fact => fact.Unit == unit), (await ReadAsync(_cluster.Silos[0], unit)).Readings[0]!.Facts);
            Assert.True((await Cluster.TierOf(_cluster.Silos[0]).VerifyAsync(unit, Token))!.Agrees);
        }
        output.WriteLine($"{rows} facts");
    }
}
