using Npgsql;
using ServiceQuality.Scores.Journals;
using ServiceQuality.Testing;

namespace ServiceQuality.Scores.Tests;

public sealed class JournalWriterTests(RealServers servers) : IAsyncLifetime
{
    private ScoresDatabase _database = null!;
    private JournalWriter _writer = null!;
    private Journal _journal = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await ScoresDatabase.CreateAsync(servers);
        _writer = new JournalWriter(_database.Source, TimeProvider.System);
        _journal = new Journal(_database.Source);
    }

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Rows_are_numbered_from_one_in_the_order_of_the_append()
    {
        var head = await BranchAsync();

        var appended = await _writer.AppendAsync(head, Some.Entries(1, 3), []);

        Assert.Equal(3, appended.Head);
        var rows = await _journal.PageAsync(head.Branch, 0, 10, Token);
        Assert.Equal([1, 2, 3], rows.Select(row => row.Seq));
        Assert.Equal(["1", "2", "3"], rows.Select(row => row.Id));
        Assert.Equal(Some.Entries(1, 1)[0].Data.ToArray(), rows[0].Data.ToArray());
    }

    [Fact]
    public async Task A_fact_said_twice_in_one_append_is_one_row()
    {
        var head = await BranchAsync();

        var appended = await _writer.AppendAsync(head, [.. Some.Entries(1, 2), .. Some.Entries(2, 2)], []);

        Assert.Equal(3, appended.Head);
        Assert.Equal(3, appended.Written.Count);
    }

    [Fact]
    public async Task A_fact_of_an_earlier_append_is_left_out_and_the_rest_has_no_gap()
    {
        var head = await BranchAsync();
        var first = await _writer.AppendAsync(head, Some.Entries(1, 5), []);

        var second = await _writer.AppendAsync(head with { Head = first.Head }, Some.Entries(3, 5), []);

        Assert.Equal(["6", "7"], second.Written.Select(entry => entry.Id));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], (await _journal.PageAsync(head.Branch, 0, 10, Token)).Select(row => row.Seq));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_redelivered_append_writes_nothing(bool knownToBeRedelivered)
    {
        var head = await BranchAsync();
        var first = await _writer.AppendAsync(head, Some.Entries(1, 5), []);

        var again = await _writer.AppendAsync(head with { Head = first.Head }, Some.Entries(1, 5), [], knownToBeRedelivered);

        Assert.False(again.Stale);
        Assert.Empty(again.Written);
        Assert.Equal(5, await _database.ScalarAsync<long>("SELECT count(*) FROM journal"));
    }

    [Fact]
    public async Task The_same_fact_in_two_branches_is_two_facts()
    {
        var (one, other) = (await BranchAsync(), await BranchAsync());

        await Task.WhenAll(_writer.AppendAsync(one, Some.Entries(1, 4), []), _writer.AppendAsync(other, Some.Entries(1, 4), []));

        Assert.Equal(8, await _database.ScalarAsync<long>("SELECT count(*) FROM journal"));
    }

    [Fact]
    public async Task A_duplicate_in_one_branch_does_not_hold_up_the_others_of_its_group()
    {
        var heads = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => BranchAsync()));
        var first = await _writer.AppendAsync(heads[7], Some.Entries(1, 3), []);
        heads[7] = heads[7] with { Head = first.Head };

        var appended = await Task.WhenAll(heads.Select(head => _writer.AppendAsync(head, Some.Entries(2, 10), [])));

        Assert.All(appended, (one, index) => Assert.Equal(index == 7 ? 8 : 10, one.Written.Count));
        Assert.Equal(0, await GapsAsync());
    }

    [Fact]
    public async Task Received_never_falls_along_a_journal()
    {
        var head = await BranchAsync();
        var first = await _writer.AppendAsync(head, Some.Entries(1, 2, Some.Noon), []);

        await _writer.AppendAsync(head with { Head = first.Head, Received = first.Received }, [.. Some.Entries(3, 1, Some.Noon.AddMinutes(-5)), .. Some.Entries(4, 1, Some.Noon.AddMinutes(1))], []);

        var rows = await _journal.PageAsync(head.Branch, 0, 10, Token);
        Assert.Equal([Some.Noon, Some.Noon, Some.Noon, Some.Noon.AddMinutes(1)], rows.Select(row => row.Received));
        Assert.Equal(3, await _journal.SeqAsOfAsync(head.Branch, Some.Noon, Token));
        Assert.Equal(0, await _journal.SeqAsOfAsync(head.Branch, Some.Noon.AddTicks(-10), Token));
    }

    [Fact]
    public async Task A_row_leads_back_to_the_post_that_brought_it()
    {
        var head = await BranchAsync();
        var batch = new BatchOrigin(Guid.CreateVersion7(), Guid.CreateVersion7(), "00-trace", Some.Noon);

        await _writer.AppendAsync(head, [.. Some.Entries(1, 1).Select(entry => entry with { Batch = batch.Id })], [batch]);

        var row = Assert.Single(await _journal.PageAsync(head.Branch, 0, 10, Token));
        Assert.Equal(batch, (await _journal.OriginsAsync([row.Batch], Token))[batch.Id]);
    }

    [Fact]
    public async Task A_paused_owner_that_wakes_up_cannot_write_in_a_thousand_tries()
    {
        var paused = await BranchAsync();
        var owner = paused;
        await using var other = new JournalWriter(_database.Source, TimeProvider.System);

        for (var attempt = 0; attempt < 1_000; attempt++)
        {
            // The owner goes on; the paused one still believes in what it saw last, here one append ago.
            var stale = owner;
            var written = await other.AppendAsync(owner, Some.Entries(2 * attempt, 1), []);
            owner = owner with { Head = written.Head, Received = written.Received };

            var refused = await _writer.AppendAsync(attempt % 2 == 0 ? stale : paused, Some.Entries(1_000_000 + attempt, 1), []);

            Assert.True(refused.Stale);
        }
        Assert.Equal(1_000, await _database.ScalarAsync<long>("SELECT count(*) FROM journal"));
        Assert.Equal(0, await _database.ScalarAsync<long>("SELECT count(*) FROM journal WHERE id::int >= 1000000"));
    }

    [Fact]
    public async Task Of_owners_that_race_for_one_branch_exactly_one_wins_each_round()
    {
        var head = await BranchAsync();
        await using var other = new JournalWriter(_database.Source, TimeProvider.System);

        for (var round = 0; round < 100; round++)
        {
            var racers = await Task.WhenAll(Enumerable.Range(0, 10).Select(racer =>
                (racer % 2 == 0 ? _writer : other).AppendAsync(head, Some.Entries(round * 1_000 + racer * 10, 2), [])));

            var winner = Assert.Single(racers, racer => !racer.Stale);
            head = head with { Head = winner.Head, Received = winner.Received };
        }
        Assert.Equal(200, await _database.ScalarAsync<long>("SELECT count(*) FROM journal"));
        Assert.Equal(0, await GapsAsync());
    }

    [Fact]
    public async Task Sequences_have_no_gap_when_many_branches_write_with_duplicates_at_once()
    {
        var heads = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => BranchAsync()));

        await Task.WhenAll(heads.Select(async (head, index) =>
        {
            var random = new Random(index);
            for (var append = 0; append < 30; append++)
            {
                var written = await _writer.AppendAsync(head, Some.Entries(random.Next(400), random.Next(1, 40)), []);
                head = head with { Head = written.Head, Received = written.Received };
            }
        }));

        Assert.Equal(0, await GapsAsync());
        Assert.Equal(0, await _database.ScalarAsync<long>("SELECT count(*) FROM branch b WHERE head <> (SELECT count(*) FROM journal j WHERE j.branch = b.id)"));
    }

    [Fact]
    public async Task A_severed_connection_is_reported_and_leaves_nothing_half_written()
    {
        var head = await BranchAsync();
        await using var killer = NpgsqlDataSource.Create(servers.Postgres);
        var (failures, number) = (0, 0);
        for (var attempt = 0; attempt < 200 || (failures == 0 && attempt < 2_000); attempt++)
        {
            var append = _writer.AppendAsync(head, Some.Entries(number, 200), []);
            if (attempt % 3 == 0)
            {
                await using var kill = killer.CreateCommand($"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{new NpgsqlConnectionStringBuilder(_database.ConnectionString).Database}'");
                await kill.ExecuteScalarAsync(Token);
            }
            try
            {
                var written = await append;
                number += 200;
                head = head with { Head = written.Head, Received = written.Received };
            }
            catch (NpgsqlException)
            {
                // Nobody knows whether it was written: read the head and send the same facts again.
                failures++;
                head = await Eventually.Async(() => HeadAsync(head.Unit), found => found is not null) ?? head;
            }
        }

        Assert.True(failures > 0);
        Assert.Equal(0, await GapsAsync());
        Assert.Equal(await _database.ScalarAsync<long>("SELECT count(DISTINCT id) FROM journal"), await _database.ScalarAsync<long>("SELECT count(*) FROM journal"));
        Assert.Equal(number, await _database.ScalarAsync<long>($"SELECT count(*) FROM journal WHERE id::int < {number}"));
    }

    private async Task<JournalHead?> HeadAsync(Guid unit)
    {
        try
        {
            return await _journal.OpenAsync(unit, Token);
        }
        catch (NpgsqlException)
        {
            return null;
        }
    }

    private Task<JournalHead> BranchAsync() => _journal.OpenAsync(Guid.CreateVersion7(), Token);

    private Task<long> GapsAsync() => _database.ScalarAsync<long>(
        "SELECT count(*) FROM (SELECT seq, row_number() OVER (PARTITION BY branch ORDER BY seq) AS n FROM journal) numbered WHERE seq <> n");
}
