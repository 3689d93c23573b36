using ServiceQuality.Scores.Branches;
using ServiceQuality.Scoring;
using ServiceQuality.Testing;

namespace ServiceQuality.Scores.Tests;

/// <summary>What every score tier must do. A tier's tests derive from this class and say how the tier is started on a database.</summary>
public abstract class ScoreTierContract(RealServers servers) : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _started = [];

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected static readonly Period Week = Period.Of(PeriodKind.SevenDays);

    protected ScoresDatabase Database { get; private set; } = null!;

    /// <summary>Starts a tier on the database, with every branch back; what is returned with it stops it.</summary>
    /// <param name="database">The database.</param>
    /// <param name="clock">Its clock.</param>
    /// <param name="zone">Time zone of a unit; null for a unit that is not in the tree.</param>
    protected abstract Task<(IScoreTier Tier, IAsyncDisposable Stop)> StartAsync(ScoresDatabase database, TimeProvider clock, Func<Guid, TimeZoneInfo?> zone);

    public async ValueTask InitializeAsync() => Database = await ScoresDatabase.CreateAsync(servers);

    public async ValueTask DisposeAsync()
    {
        foreach (var stop in _started)
            await stop.DisposeAsync();
        await Database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task An_append_is_in_the_next_reading()
    {
        var (tier, unit) = (await StartAsync(), Guid.CreateVersion7());

        var result = await tier.AppendAsync(unit, Append(unit, Some.Noon, 1, 20), Token);

        Assert.Equal(new AppendResult(20, 20, 0), result);
        var state = await ReadAsync(tier, unit);
        Assert.Equal(20, state.Seq);
        Assert.Equal(20, state.Readings[0]!.Facts);
        Assert.Equal(Some.Noon, state.Received);
    }

    [Fact]
    public async Task A_fact_counts_once_however_often_it_arrives()
    {
        var (tier, unit) = (await StartAsync(), Guid.CreateVersion7());
        await tier.AppendAsync(unit, Append(unit, Some.Noon, 1, 20), Token);

        var again = await tier.AppendAsync(unit, Append(unit, Some.Noon.AddMinutes(1), 1, 20), Token);
        var overlapping = await tier.AppendAsync(unit, Append(unit, Some.Noon.AddMinutes(2), 11, 20), Token);
        var redelivered = await tier.AppendAsync(unit, Append(unit, Some.Noon.AddMinutes(3), 1, 31) with { Redelivered = true }, Token);

        Assert.Equal(new AppendResult(20, 0, 20), again);
        Assert.Equal(new AppendResult(30, 10, 10), overlapping);
        Assert.Equal(new AppendResult(31, 1, 30), redelivered);
        Assert.Equal(31, (await ReadAsync(tier, unit)).Readings[0]!.Facts);
    }

    [Fact]
    public async Task Appends_at_once_are_all_written_without_gap_or_repetition()
    {
        var (tier, unit) = (await StartAsync(), Guid.CreateVersion7());

        var results = await Task.WhenAll(Enumerable.Range(0, 60).Select(number => tier.AppendAsync(unit, Append(unit, Some.Noon, number * 5, 10), Token)));

        Assert.Equal(305, results.Sum(result => result.Written));
        Assert.Equal(305, (await ReadAsync(tier, unit)).Seq);
        Assert.Equal(0, await GapsAsync());
        Assert.True((await tier.VerifyAsync(unit, Token))!.Agrees);
    }

    [Fact]
    public async Task A_tier_that_starts_again_gives_the_same_bits()
    {
        var unit = Guid.CreateVersion7();
        var before = await RunAsync(async tier =>
        {
            for (var append = 0; append < 5; append++)
                await tier.AppendAsync(unit, Append(unit, Some.Noon, append * 40, 50), Token);
            return await tier.VerifyAsync(unit, Token);
        });

        var after = await (await StartAsync()).VerifyAsync(unit, Token);

        Assert.True(before!.Agrees);
        Assert.Equal(before, after);
    }

    [Fact]
    public async Task An_owner_that_another_has_overtaken_reads_what_it_missed_before_it_writes()
    {
        var unit = Guid.CreateVersion7();
        var (paused, active) = (await StartAsync(), await StartAsync());
        await paused.AppendAsync(unit, Append(unit, Some.Noon, 1, 10), Token);
        await active.AppendAsync(unit, Append(unit, Some.Noon, 11, 10), Token);

        var result = await paused.AppendAsync(unit, Append(unit, Some.Noon, 16, 10), Token);

        Assert.Equal(new AppendResult(25, 5, 5), result);
        Assert.Equal(25, (await ReadAsync(paused, unit)).Readings[0]!.Facts);
        Assert.True((await paused.VerifyAsync(unit, Token))!.Agrees);
        Assert.Equal(0, await GapsAsync());
    }

    [Fact]
    public async Task Two_owners_in_turn_never_lose_or_repeat_a_fact()
    {
        var unit = Guid.CreateVersion7();
        var tiers = new[] { await StartAsync(), await StartAsync() };

        await Task.WhenAll(Enumerable.Range(0, 40).Select(number => tiers[number % 2].AppendAsync(unit, Append(unit, Some.Noon, number * 7, 10), Token)));

        Assert.Equal(283, await Database.ScalarAsync<long>("SELECT count(*) FROM journal"));
        Assert.Equal(0, await GapsAsync());
        foreach (var tier in tiers)
        {
            await tier.AppendAsync(unit, Append(unit, Some.Noon, 0, 283), Token);
            Assert.True((await tier.VerifyAsync(unit, Token))!.Agrees);
        }
    }

    [Fact]
    public async Task As_of_a_moment_is_what_was_known_then()
    {
        var (tier, unit) = (await StartAsync(), Guid.CreateVersion7());
        await tier.AppendAsync(unit, Append(unit, Some.Noon, 1, 10), Token);
        var then = await ReadAsync(tier, unit, Some.Noon.AddMinutes(5));
        // Told later about the same morning: it must not change what was known at five past.
        await tier.AppendAsync(unit, Append(unit, Some.Noon.AddMinutes(10), 11, 7), Token);

        var known = await ReadAsync(tier, unit, Some.Noon.AddMinutes(5));

        Assert.Equal((10, 10), (known.Seq, known.Readings[0]!.Facts));
        Assert.Equal(Evaluate(then.Readings[0]!), Evaluate(known.Readings[0]!));
        Assert.Equal(17, (await ReadAsync(tier, unit, Some.Noon.AddMinutes(10))).Seq);
        Assert.Equal(0, (await ReadAsync(tier, unit, Some.Noon.AddMinutes(-1))).Seq);
    }

    [Fact]
    public async Task Facts_of_a_unit_outside_the_tree_are_kept_and_scored_once_it_is_known()
    {
        var unit = Guid.CreateVersion7();
        await RunAsync(async tier =>
        {
            Assert.Equal(10, (await tier.AppendAsync(unit, Append(unit, Some.Noon, 1, 10), Token)).Written);
            Assert.Null(await tier.ReadAsync(unit, new BranchQuery([new WindowAt(Week)]), Token));
            return true;
        }, zone: _ => null);

        Assert.Equal(10, (await ReadAsync(await StartAsync(), unit)).Readings[0]!.Facts);
    }

    [Fact]
    public async Task A_unit_without_a_journal_has_no_state()
    {
        var tier = await StartAsync();

        Assert.Null(await tier.ReadAsync(Guid.CreateVersion7(), new BranchQuery([new WindowAt(Week)]), Token));
        Assert.Null(await tier.VerifyAsync(Guid.CreateVersion7(), Token));
        Assert.Empty(await tier.UnitsAsync(Token));
    }

    [Fact]
    public async Task Whoever_follows_the_tier_hears_of_every_unit_that_moved()
    {
        var (tier, unit) = (await StartAsync(), Guid.CreateVersion7());
        var heard = new System.Collections.Concurrent.ConcurrentBag<Movement>();
        using var following = tier.Subscribe(heard.Add);

        await tier.AppendAsync(unit, Append(unit, Some.Noon, 1, 1), Token);

        await Eventually.Async(() =>
        {
            Assert.Contains(new Movement(unit, Some.Noon.AddMinutes(-1), 1, 1), heard);
            return Task.CompletedTask;
        });
        Assert.Contains(unit, await tier.UnitsAsync(Token));
    }

    protected static FactsAppend Append(Guid unit, DateTimeOffset received, int from, int count) => FactsAppend.Of(Some.Batch(received,
        Enumerable.Range(from, count).Select(number => Some.Service(unit, number, Some.Noon.AddMinutes(-number), wait: 60 + number % 900, rating: 1 + number % 5))));

    protected async Task<IScoreTier> StartAsync(TimeProvider? clock = null, Func<Guid, TimeZoneInfo?>? zone = null)
    {
        var (tier, stop) = await StartAsync(Database, clock ?? new FixedClock(Some.Noon.AddHours(1)), zone ?? (_ => TimeZoneInfo.Utc));
        _started.Add(stop);
        return tier;
    }

    protected async Task<T> RunAsync<T>(Func<IScoreTier, Task<T>> act, Func<Guid, TimeZoneInfo?>? zone = null)
    {
        var (tier, stop) = await StartAsync(Database, new FixedClock(Some.Noon.AddHours(1)), zone ?? (_ => TimeZoneInfo.Utc));
        await using (stop)
            return await act(tier);
    }

    protected static async Task<BranchState> ReadAsync(IScoreTier tier, Guid unit, DateTimeOffset? asOf = null) =>
        await tier.ReadAsync(unit, new BranchQuery([new WindowAt(Week)], asOf), Token) ?? throw new InvalidOperationException("The unit has no state.");

    protected static string Evaluate(Readings readings)
    {
        var score = Scorer.Evaluate(DefaultSchemes.Telecom, readings);
        return $"{score.Value:R} {string.Join(' ', score.Leaves.Select(leaf => $"{leaf.Points:R}"))}";
    }

    protected Task<long> GapsAsync() => Database.ScalarAsync<long>(
        "SELECT count(*) FROM (SELECT seq, row_number() OVER (PARTITION BY branch ORDER BY seq) AS n FROM journal) numbered WHERE seq <> n");
}

/// <summary>A clock that stands still where a test puts it.</summary>
public sealed class FixedClock(DateTimeOffset now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now;
}
