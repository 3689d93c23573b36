using FsCheck;
using FsCheck.Fluent;
using ServiceQuality.Cli.Import;

namespace ServiceQuality.Cli.Tests.Import;

public sealed class TimeShiftTests : IDisposable
{
    private readonly Sq sq = new();

    public void Dispose() => sq.Dispose();

    private (ImportMap Map, string File) Calls()
    {
        var file = sq.Write("calls.csv", HotlineCallsTests.Calls);
        return (ImportMap.Read(File.ReadAllText(Repository.File("docs/examples/hotline-calls.yaml")), "map", ".", form => new CsvSource(file, form).Columns), file);
    }

    [Theory]
    [InlineData("2026-11-20T18:30:00+08:00", "2026-11-20")]
    [InlineData("2026-11-20T18:00:00+08:00", "2026-11-20")]
    [InlineData("2026-11-20T17:59:59+08:00", "2026-11-19")]
    public void The_last_day_becomes_today_unless_a_fact_would_lie_ahead_of_now(string now, string lastDay)
    {
        var (map, file) = Calls();

        var days = TimeShift.Days(map, file, DateTimeOffset.Parse(now, null));

        Assert.Equal(DateOnly.Parse(lastDay, null), new DateOnly(2026, 2, 5).AddDays(days));
    }

    [Fact]
    public void No_fact_is_ever_ahead_of_now_and_the_newest_is_less_than_a_day_old_per_day_of_the_clock()
    {
        var (map, file) = Calls();
        var start = new DateTimeOffset(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);
        Prop.ForAll(Gen.Choose(0, 86_400 * 400).ToArbitrary(), seconds =>
        {
            var now = start.AddSeconds(seconds);
            var state = new ImportState { Data = "", Map = "", ShiftDays = TimeShift.Days(map, file, now) };
            var newest = new ImportRun(map, file, state, 500).Batches().SelectMany(batch => batch.Facts).Max(fact => fact.Time);
            return newest <= now && newest > now.AddDays(-1);
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("2026-03-29 02:30", "2026-03-29T01:30:00Z")]
    [InlineData("2026-10-25 02:30", "2026-10-25T00:30:00Z")]
    public void Times_that_clocks_skip_or_show_twice_have_one_meaning(string local, string moment)
    {
        var rule = new TimeRule(["at"], ["yyyy-MM-dd HH:mm"], TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));

        Assert.Equal(DateTimeOffset.Parse(moment, null), rule.Moment(DateTime.Parse(local, null), 0));
    }
}
