using ServiceQuality.Scores.Board;
using ServiceQuality.Scores.Branches;
using ServiceQuality.Scoring;
using ServiceQuality.Testing;

namespace ServiceQuality.Scores.Tests;

public sealed class BranchLanesTests(RealServers servers) : IAsyncLifetime
{
    private static readonly MeasureCatalogue InUse = MeasureCatalogue.Of(DefaultSchemes.Telecom);
    private static readonly MeasureCatalogue Other = MeasureCatalogue.Of(DefaultSchemes.Telecom, Some.OtherScheme());
    private readonly Guid _unit = Guid.CreateVersion7();
    private ScoresDatabase _database = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await ScoresDatabase.CreateAsync(servers);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task A_catalogue_that_another_process_reads_by_is_answered_from_the_journal()
    {
        await using var lanes = NewLanes();
        await lanes.AppendAsync(_unit, Append(1, 30), Token);

        var state = await lanes.ReadAsync(_unit, Query(Other.Hash), Token);

        Assert.Equal((30, 30), (state!.Seq, state.Readings[0]!.Facts));
        Assert.Equal(Other.Hash, state.Readings[0]!.Catalogue.Hash);
        Assert.Equal(InUse.Hash, (await lanes.ReadAsync(_unit, Query(null), Token))!.Readings[0]!.Catalogue.Hash);
    }

    [Fact]
    public async Task A_catalogue_that_nobody_knows_here_yet_is_refused_for_the_moment()
    {
        await using var lanes = NewLanes();
        await lanes.AppendAsync(_unit, Append(1, 1), Token);

        await Assert.ThrowsAsync<TemporarilyUnavailableException>(() => lanes.ReadAsync(_unit, Query("of-a-later-version"), Token));
    }

    [Fact]
    public async Task A_new_catalogue_takes_over_before_the_former_is_dropped()
    {
        await using var lanes = NewLanes();
        await lanes.AppendAsync(_unit, Append(1, 10), Token);
        Task<BranchState?>? former = null;
        Task<BranchState?>? next = null;

        await lanes.UseAsync(Other, _ => (former, next) = (lanes.ReadAsync(_unit, Query(InUse.Hash), Token), lanes.ReadAsync(_unit, Query(Other.Hash), Token)), Token);

        Assert.Equal(InUse.Hash, (await former!)!.Readings[0]!.Catalogue.Hash);
        Assert.Equal(Other.Hash, (await next!)!.Readings[0]!.Catalogue.Hash);
    }

    [Fact]
    public async Task A_branch_that_leaves_saves_what_it_has_folded_and_comes_back_with_what_others_wrote()
    {
        await using var here = NewLanes();
        await using var elsewhere = NewLanes();
        await here.AppendAsync(_unit, Append(1, 10), Token);

        await here.CloseAsync(_unit, Token);

        Assert.Empty(here.Units);
        Assert.Equal(10, await _database.ScalarAsync<long>("SELECT seq FROM snapshot"));
        await elsewhere.AppendAsync(_unit, Append(11, 10), Token);
        Assert.Equal(20, (await here.ReadAsync(_unit, Query(null), Token))!.Readings[0]!.Facts);
    }

    [Fact]
    public async Task Nothing_opens_a_journal_but_a_fact()
    {
        await using var lanes = NewLanes();

        await lanes.OpenAsync(_unit, Token);
        Assert.Null(await lanes.ReadAsync(_unit, Query(null), Token));

        Assert.Empty(await lanes.HeadsAsync(Token));
    }

    [Fact]
    public async Task One_process_tells_and_another_takes_over_when_it_ends()
    {
        await using var first = new Teller(_database.Source);
        await using var second = new Teller(_database.Source);

        Assert.True(await first.IsHereAsync(Token));
        Assert.False(await second.IsHereAsync(Token));
        Assert.True(await first.IsHereAsync(Token));

        await first.DisposeAsync();
        Assert.True(await second.IsHereAsync(Token));
        Assert.False(await first.IsHereAsync(Token));
    }

    private BranchLanes NewLanes() => new(
        _database.Source, new FixedClock(Some.Noon.AddHours(1)), InUse, _ => TimeZoneInfo.Utc, hash => new[] { InUse, Other }.FirstOrDefault(one => one.Hash == hash));

    private FactsAppend Append(int from, int count) => FactsAppend.Of(Some.Batch(Some.Noon, Enumerable.Range(from, count).Select(number => Some.Service(_unit, number, Some.Noon))));

    private static BranchQuery Query(string? catalogue) => new([new WindowAt(Period.Of(PeriodKind.SevenDays))], Catalogue: catalogue);
}
