using ServiceQuality.Contracts.Facts;
using ServiceQuality.Scores.Branches;
using ServiceQuality.Scores.Journals;
using ServiceQuality.Scoring;
using ServiceQuality.Testing;

namespace ServiceQuality.Scores.Tests;

public sealed class LocalScoreTierTests(RealServers servers) : ScoreTierContract(servers)
{
    protected override async Task<(IScoreTier Tier, IAsyncDisposable Stop)> StartAsync(ScoresDatabase database, TimeProvider clock, Func<Guid, TimeZoneInfo?> zone)
    {
        var tier = new LocalScoreTier(database.Source, clock, MeasureCatalogue.Of(DefaultSchemes.Telecom), zone);
        await tier.RecoverAsync(Token);
        return (tier, tier);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Live_is_recomputed_bit_for_bit_through_restarts_and_snapshots_at_any_point(int seed)
    {
        var random = new Random(seed);
        Guid[] units = [.. Enumerable.Range(0, 6).Select(_ => Guid.CreateVersion7())];
        var zones = new[] { "Asia/Shanghai", "UTC", "Asia/Kolkata" }.Select(TimeZoneInfo.FindSystemTimeZoneById).ToArray();
        TimeZoneInfo Zone(Guid unit) => zones[Array.IndexOf(units, unit) % zones.Length];
        var received = Some.Noon.AddDays(-3);

        for (var life = 0; life < 6; life++)
        {
            await using var tier = new LocalScoreTier(Database.Source, new FixedClock(Some.Noon.AddHours(1)), MeasureCatalogue.Of(DefaultSchemes.Telecom), Zone);
            await tier.RecoverAsync(Token);
            for (var append = random.Next(2, 12); append > 0; append--)
            {
                var unit = units[random.Next(units.Length)];
                received = received.AddMinutes(random.Next(-30, 300));
                await tier.AppendAsync(unit, FactsAppend.Of(Some.Batch(received, Enumerable.Range(0, random.Next(1, 120)).Select(_ => Some.Random(random, unit, received)))), Token);
                if (random.Next(4) == 0)
                    await tier.Lanes.SaveSnapshotsAsync(all: true, Token);
            }
            foreach (var unit in units)
                Assert.True((await tier.VerifyAsync(unit, Token))?.Agrees ?? true);
            // Some lives end without a last snapshot, as after a crash.
            if (random.Next(2) == 0)
                await Database.ExecuteAsync("DELETE FROM snapshot WHERE seq % 2 = 0");
        }
        Assert.Equal(0, await GapsAsync());
    }

    [Fact]
    public async Task Recovery_folds_only_the_rows_after_the_newest_snapshot()
    {
        var unit = Guid.CreateVersion7();
        await RunAsync(async tier =>
        {
            await tier.AppendAsync(unit, Append(unit, Some.Noon, 1, 500), Token);
            return true;
        });
        Assert.Equal(500, await Database.ScalarAsync<long>("SELECT seq FROM snapshot"));
        // If recovery read the rows under the snapshot it would find them damaged.
        await Database.ExecuteAsync("UPDATE journal SET data = '\\x00' WHERE seq < 500");

        Assert.Equal(500, (await ReadAsync(await StartAsync(), unit)).Readings[0]!.Facts);
    }

    [Fact]
    public async Task A_damaged_snapshot_is_as_good_as_none()
    {
        var unit = Guid.CreateVersion7();
        await RunAsync(async tier =>
        {
            await tier.AppendAsync(unit, Append(unit, Some.Noon, 1, 50), Token);
            return true;
        });
        await Database.ExecuteAsync("UPDATE snapshot SET state = '\\xdeadbeef'");

        var tier = await StartAsync();

        Assert.Equal(50, (await ReadAsync(tier, unit)).Readings[0]!.Facts);
        Assert.True((await tier.VerifyAsync(unit, Token))!.Agrees);
    }

    [Fact]
    public async Task Rows_that_another_process_wrote_are_noticed_although_nothing_is_appended_here()
    {
        var unit = Guid.CreateVersion7();
        var (reader, writer) = ((LocalScoreTier)await StartAsync(), await StartAsync());
        await writer.AppendAsync(unit, Append(unit, Some.Noon, 1, 10), Token);
        await reader.FollowHeadsAsync(Token);
        await reader.FollowHeadsAsync(Token);
        await writer.AppendAsync(unit, Append(unit, Some.Noon, 11, 10), Token);

        await reader.FollowHeadsAsync(Token);
        await reader.FollowHeadsAsync(Token);

        Assert.Equal(20, (await ReadAsync(reader, unit)).Readings[0]!.Facts);
    }

    [Fact]
    public async Task A_fact_that_this_version_cannot_read_keeps_its_place_and_bears_on_nothing()
    {
        var (tier, unit) = (await StartAsync(), Guid.CreateVersion7());
        var batch = Some.Batch(Some.Noon, Some.Service(unit, 1, Some.Noon), Some.Service(unit, 2, Some.Noon) with { Type = "servicequality.later.v9" }, Some.Service(unit, 3, Some.Noon) with { Type = FactTypes.Deduction });

        await tier.AppendAsync(unit, FactsAppend.Of(batch), Token);

        var state = await ReadAsync(tier, unit);
        Assert.Equal((3, 1), (state.Seq, state.Readings[0]!.Facts));
        Assert.True((await tier.VerifyAsync(unit, Token))!.Agrees);
    }

    [Fact]
    public async Task Another_time_zone_folds_the_journal_again()
    {
        var unit = Guid.CreateVersion7();
        var zone = TimeZoneInfo.Utc;
        var tier = (LocalScoreTier)await StartAsync(zone: _ => zone);
        await tier.AppendAsync(unit, Append(unit, Some.Noon, 1, 100), Token);
        zone = TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai");

        await tier.Lanes.FollowZonesAsync(Token);

        Assert.Equal(new DateTimeOffset(2026, 11, 13, 16, 0, 0, TimeSpan.Zero), (await ReadAsync(tier, unit)).Readings[0]!.Window.From);
        Assert.True((await tier.VerifyAsync(unit, Token))!.Agrees);
        Assert.Equal(101, (await tier.AppendAsync(unit, Append(unit, Some.Noon, 101, 1), Token)).Seq);
    }

    [Fact]
    public async Task Other_measures_take_over_without_a_stop_while_facts_come_in()
    {
        Guid[] units = [.. Enumerable.Range(0, 8).Select(_ => Guid.CreateVersion7())];
        var tier = (LocalScoreTier)await StartAsync();
        foreach (var unit in units)
            await tier.AppendAsync(unit, Append(unit, Some.Noon, 1, 200), Token);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var number = 201;
        var appending = Task.Run(async () =>
        {
            for (; !stop.IsCancellationRequested; number++)
            {
                foreach (var unit in units)
                {
                    await tier.AppendAsync(unit, Append(unit, Some.Noon, number, 1), Token);
                    Assert.NotNull((await ReadAsync(tier, unit)).Readings[0]);
                }
            }
        }, Token);

        var next = MeasureCatalogue.Of(DefaultSchemes.Telecom, Some.OtherScheme());
        await tier.Lanes.UseAsync(next, null, Token);
        await stop.CancelAsync();
        await appending;

        Assert.Equal(next.Hash, tier.Lanes.Catalogue.Hash);
        foreach (var unit in units)
        {
            Assert.Equal(number - 1, (await ReadAsync(tier, unit)).Readings[0]!.Facts);
            Assert.True((await tier.VerifyAsync(unit, Token))!.Agrees);
        }
    }

    [Fact]
    public async Task A_severed_database_loses_nothing_and_repeats_nothing()
    {
        var unit = Guid.CreateVersion7();
        var tier = await StartAsync();
        var failures = 0;
        for (var number = 0; number < 120; number++)
        {
            for (var sent = false; !sent;)
            {
                var append = tier.AppendAsync(unit, Append(unit, Some.Noon, number * 10, 10), Token);
                if (Random.Shared.Next(3) == 0)
                    await SeverAsync();
                try
                {
                    await append;
                    sent = true;
                }
                catch (TemporarilyUnavailableException)
                {
                    failures++;
                }
            }
        }

        Assert.True(failures > 0);
        // What is asked next must not meet a connection that the last cut has left in the pool.
        Database.Source.Clear();
        Assert.Equal(1_200, (await ReadAsync(tier, unit)).Readings[0]!.Facts);
        Assert.True((await tier.VerifyAsync(unit, Token))!.Agrees);
        Assert.Equal(0, await GapsAsync());
    }

    [Fact]
    public async Task A_line_that_breaks_while_the_journal_is_read_is_told_as_such()
    {
        var unit = Guid.CreateVersion7();
        var tier = await StartAsync();
        await tier.AppendAsync(unit, Append(unit, Some.Noon, 1, 500), Token);
        var branch = await Database.ScalarAsync<int>("SELECT branch FROM journal LIMIT 1");

        await Assert.ThrowsAnyAsync<Npgsql.NpgsqlException>(async () =>
        {
            // Far more than the buffers of the line hold.
            await using var rows = await JournalCursor.OpenTailsAsync(Database.Source, Enumerable.Repeat((branch, 0L), 500), Token);
            Assert.True(await rows.MoveNextAsync(Token));
            await SeverAsync();
            while (await rows.MoveNextAsync(Token))
            {
            }
        });
    }

    private async Task SeverAsync()
    {
        var connection = new Npgsql.NpgsqlConnectionStringBuilder(Database.ConnectionString);
        var name = connection.Database;
        connection.Database = "postgres";
        await using var killer = Npgsql.NpgsqlDataSource.Create(connection);
        await using var kill = killer.CreateCommand($"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{name}'");
        await kill.ExecuteScalarAsync(Token);
    }
}
