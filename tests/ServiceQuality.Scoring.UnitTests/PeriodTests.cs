namespace ServiceQuality.Scoring.UnitTests;

/// <summary>Periods (scoring.md §4).</summary>
public sealed class PeriodTests
{
    [Theory]
    [InlineData("24h"), InlineData("7d"), InlineData("30d"), InlineData("day"), InlineData("week"), InlineData("month"), InlineData("quarter"), InlineData("half-year"), InlineData("year")]
    [InlineData("2026-11-20"), InlineData("2026-W47"), InlineData("2026-W53"), InlineData("2026-11"), InlineData("2026-Q4"), InlineData("2026-H2"), InlineData("2026")]
    public void An_identifier_is_read_and_written_alike(string text) => Assert.Equal(text, Period.Parse(text).ToString());

    [Theory]
    [InlineData(null), InlineData(""), InlineData("8d"), InlineData("2026-W54"), InlineData("2025-W53"), InlineData("2026-13"), InlineData("2026-Q5"), InlineData("2026-H0"), InlineData("2026-02-29"), InlineData("2026-1"), InlineData("26"), InlineData("Week")]
    public void What_is_no_period_is_refused(string? text) => Assert.False(Period.TryParse(text, out _));

    [Theory]
    [InlineData("24h", "2026-11-19T15:00", "2026-11-20T14:32")]
    [InlineData("7d", "2026-11-14T00:00", "2026-11-20T14:32")]
    [InlineData("30d", "2026-10-22T00:00", "2026-11-20T14:32")]
    [InlineData("day", "2026-11-20T00:00", "2026-11-20T14:32")]
    [InlineData("week", "2026-11-16T00:00", "2026-11-20T14:32")]
    [InlineData("month", "2026-11-01T00:00", "2026-11-20T14:32")]
    [InlineData("quarter", "2026-10-01T00:00", "2026-11-20T14:32")]
    [InlineData("half-year", "2026-07-01T00:00", "2026-11-20T14:32")]
    [InlineData("year", "2026-01-01T00:00", "2026-11-20T14:32")]
    [InlineData("2026-11-20", "2026-11-20T00:00", "2026-11-20T14:32")]
    [InlineData("2026-11-19", "2026-11-19T00:00", "2026-11-20T00:00")]
    [InlineData("2026-W46", "2026-11-09T00:00", "2026-11-16T00:00")]
    [InlineData("2026-02", "2026-02-01T00:00", "2026-03-01T00:00")]
    [InlineData("2026-Q1", "2026-01-01T00:00", "2026-04-01T00:00")]
    [InlineData("2026-H1", "2026-01-01T00:00", "2026-07-01T00:00")]
    [InlineData("2025", "2025-01-01T00:00", "2026-01-01T00:00")]
    public void A_window_begins_and_ends_where_the_period_says(string period, string from, string to)
    {
        var window = Period.Parse(period).Window(Local("2026-11-20T14:32"), Schemes.Shanghai);
        Assert.Equal((Local(from), Local(to)), (window.From, window.To));
    }

    [Theory]
    [InlineData("2020-W53", "2020-12-28", "2021-01-03")]
    [InlineData("2021-W01", "2021-01-04", "2021-01-10")]
    [InlineData("2025-W01", "2024-12-30", "2025-01-05")]
    public void The_first_and_last_week_of_a_year_are_those_of_iso_8601(string week, string first, string last)
    {
        var period = Period.Parse(week);
        Assert.Equal((DateOnly.Parse(first, null), DateOnly.Parse(last, null)), (period.Start!.Value, period.End!.Value));
        Assert.Equal(week, Period.Whole(PeriodKind.Week, period.End.Value).ToString());
    }

    [Fact]
    public void The_week_to_date_on_new_years_day_began_last_year()
    {
        var window = Period.Parse("week").Window(Local("2027-01-01T08:00"), Schemes.Shanghai);
        Assert.Equal(Local("2026-12-28T00:00"), window.From);
    }

    [Theory]
    [InlineData("Europe/Berlin", "2026-03-29", 23)]
    [InlineData("Europe/Berlin", "2026-10-25", 25)]
    [InlineData("America/Santiago", "2026-09-06", 23)]
    [InlineData("Africa/Cairo", "2026-04-24", 23)]
    [InlineData("Asia/Kolkata", "2026-03-29", 24)]
    public void A_day_of_daylight_saving_is_as_long_as_the_clocks_make_it(string zone, string day, int hours)
    {
        var window = Period.Parse(day).Window(new(2026, 12, 31, 0, 0, 0, TimeSpan.Zero), TimeZoneInfo.FindSystemTimeZoneById(zone));
        Assert.Equal(hours, window.Length.TotalHours);
    }

    [Fact]
    public void Every_instant_belongs_to_exactly_one_day_whatever_the_zone()
    {
        foreach (var name in new[] { "Europe/Berlin", "America/Havana", "America/Santiago", "Asia/Kathmandu", "Australia/Lord_Howe", "Asia/Beirut", "Pacific/Apia" })
        {
            var grid = TimeGrid.Of(TimeZoneInfo.FindSystemTimeZoneById(name));
            var first = new DateOnly(2026, 1, 1).DayNumber;
            for (var day = first; day < first + 400; day++)
            {
                Assert.True(grid.DayStart(day) < grid.DayStart(day + 1), name);
                Assert.Equal(day, grid.Day(grid.DayStart(day)));
                Assert.Equal(day, grid.Day(grid.DayStart(day + 1) - 1));
                Assert.Equal(grid.DayStart(day), grid.HourStart(grid.Hour(grid.DayStart(day))));
            }
        }
    }

    private static DateTimeOffset Local(string time) => new(DateTime.Parse(time, null), TimeSpan.FromHours(8));
}
