using FsCheck;
using FsCheck.Fluent;
using ServiceQuality.Organisation.Calendars;

namespace ServiceQuality.Organisation.Tests;

/// <summary>Opening calendars (ORG-19): pure arithmetic, against an oracle that asks minute by minute.</summary>
public sealed class OpeningTimesTests
{
    private static readonly string[] Zones = ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC", "America/Santiago", "Pacific/Apia"];
    private static readonly OpeningCalendar Office = new(new Dictionary<string, IReadOnlyList<string>>
    {
        ["mon"] = ["08:30-12:00", "14:00-18:00"], ["tue"] = ["08:30-18:00"], ["sun"] = ["00:00-24:00"],
    });

    [Fact]
    public void A_hall_is_open_from_the_first_minute_until_before_the_last()
    {
        var times = Of("Asia/Shanghai", Office);

        Assert.False(times.IsOpen(At("2026-03-02T08:29:59+08:00")));
        Assert.True(times.IsOpen(At("2026-03-02T08:30:00+08:00")));
        Assert.True(times.IsOpen(At("2026-03-02T03:59:59Z")));
        Assert.False(times.IsOpen(At("2026-03-02T04:00:00Z")));
    }

    [Fact]
    public void A_lunch_break_does_not_count() =>
        Assert.Equal(TimeSpan.FromHours(7.5), Of("Asia/Shanghai", Office).OpenTime(At("2026-03-02T00:00:00+08:00"), At("2026-03-03T00:00:00+08:00")));

    [Theory]
    [InlineData("2026-03-29", 23)] // an hour is skipped
    [InlineData("2026-10-25", 25)] // an hour is repeated
    [InlineData("2026-06-07", 24)]
    public void A_day_that_is_open_throughout_lasts_as_long_as_the_clocks_make_it(string sunday, double hours)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
        var midnight = DateTime.Parse(sunday, System.Globalization.CultureInfo.InvariantCulture);

        var open = Of("Europe/Berlin", Office).OpenTime(new DateTimeOffset(midnight, zone.GetUtcOffset(midnight)), new DateTimeOffset(midnight.AddDays(1), zone.GetUtcOffset(midnight.AddDays(1))));

        Assert.Equal(TimeSpan.FromHours(hours), open);
    }

    [Fact]
    public void A_holiday_of_the_head_office_closes_halls_but_not_the_hotline()
    {
        var headOffice = Office with { Exceptions = [new SpecialDay(new DateOnly(2026, 3, 2), [])] };
        var hotline = Office with { ObservesHolidays = false };

        Assert.False(Of("Asia/Shanghai", Office, headOffice).IsOpen(At("2026-03-02T10:00:00+08:00")));
        Assert.True(Of("Asia/Shanghai", hotline, headOffice).IsOpen(At("2026-03-02T10:00:00+08:00")));
    }

    [Fact]
    public void The_nearer_calendar_wins_a_date()
    {
        var branch = Office with { Exceptions = [new SpecialDay(new DateOnly(2026, 3, 2), ["10:00-11:00"])] };
        var headOffice = Office with { Exceptions = [new SpecialDay(new DateOnly(2026, 3, 2), [])] };

        Assert.True(Of("Asia/Shanghai", branch, headOffice).IsOpen(At("2026-03-02T10:30:00+08:00")));
    }

    [Fact]
    public void Time_that_runs_backwards_is_no_time() =>
        Assert.Equal(TimeSpan.Zero, Of("UTC", Office).OpenTime(At("2026-03-03T00:00:00Z"), At("2026-03-01T00:00:00Z")));

    [Theory]
    [InlineData("mon", "8:30-18:00")]
    [InlineData("mon", "18:00-08:30")]
    [InlineData("mon", "08:30-24:30")]
    [InlineData("mon", "08:30")]
    [InlineData("monday", "08:30-18:00")]
    public void A_malformed_calendar_is_told_in_words(string day, string hours) =>
        Assert.NotNull(OpeningCalendar.Problem(new OpeningCalendar(new Dictionary<string, IReadOnlyList<string>> { [day] = [hours] })));

    [Fact]
    public void Overlapping_hours_are_refused() =>
        Assert.Contains("begins before", OpeningCalendar.Problem(new OpeningCalendar(new Dictionary<string, IReadOnlyList<string>> { ["mon"] = ["08:00-12:00", "11:00-15:00"] })), StringComparison.Ordinal);

    [Fact]
    public void Open_time_equals_what_a_minute_by_minute_count_finds() => Prop.ForAll(Arb.From(Cases()), example =>
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(example.Zone);
        var times = OpeningTimes.Of(zone, [example.Calendar]);

        var minutes = 0;
        for (var at = example.From; at < example.To; at = at.AddMinutes(1))
            if (OpenByTheBook(example.Calendar, zone, at))
                minutes++;

        return times.OpenTime(example.From, example.To) == TimeSpan.FromMinutes(minutes)
            && times.IsOpen(example.From) == OpenByTheBook(example.Calendar, zone, example.From);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(200).WithQuietOnSuccess(true));

    [Fact]
    public void Open_time_of_two_stretches_is_the_open_time_of_both_together() => Prop.ForAll(Arb.From(Cases()), example =>
    {
        var times = OpeningTimes.Of(TimeZoneInfo.FindSystemTimeZoneById(example.Zone), [example.Calendar]);
        var middle = example.From + (example.To - example.From) / 3;
        return times.OpenTime(example.From, example.To) == times.OpenTime(example.From, middle) + times.OpenTime(middle, example.To);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(200).WithQuietOnSuccess(true));

    internal sealed record Example(string Zone, OpeningCalendar Calendar, DateTimeOffset From, DateTimeOffset To);

    /// <summary>Up to twelve days around clock changes and elsewhere, whole minutes.</summary>
    private static Gen<Example> Cases() =>
        from zone in Gen.Elements(Zones)
        from start in Gen.Elements("2026-03-26T00:00:00Z", "2026-10-23T00:00:00Z", "2026-03-06T00:00:00Z", "2026-10-30T00:00:00Z", "2026-04-02T00:00:00Z", "2026-10-01T00:00:00Z", "2026-09-04T00:00:00Z", "2011-12-28T00:00:00Z")
        from offset in Gen.Choose(0, 2 * 1440)
        from length in Gen.Choose(0, 10 * 1440)
        from days in Gen.ListOf(Hours(), 7)
        from holiday in Gen.Choose(0, 9)
        from special in Hours()
        let from_ = At(start).AddMinutes(offset)
        select new Example(zone, Calendar(days, DateOnly.FromDateTime(from_.UtcDateTime).AddDays(holiday), special), from_, from_.AddMinutes(length));

    private static Gen<IReadOnlyList<string>> Hours() =>
        from cuts in Gen.ListOf(Gen.Choose(0, 1440), 4)
        from count in Gen.Choose(0, 2)
        let sorted = cuts.Distinct().Order().ToList()
        select (IReadOnlyList<string>)[.. Enumerable.Range(0, Math.Min(count, sorted.Count / 2)).Select(i => $"{Clock(sorted[2 * i])}-{Clock(sorted[2 * i + 1])}")];

    private static string Clock(int minute) => $"{minute / 60:00}:{minute % 60:00}";

    private static OpeningCalendar Calendar(IEnumerable<IReadOnlyList<string>> days, DateOnly holiday, IReadOnlyList<string> special) =>
        new(new[] { "sun", "mon", "tue", "wed", "thu", "fri", "sat" }.Zip(days).ToDictionary(pair => pair.First, pair => pair.Second), [new SpecialDay(holiday, special)]);

    private static bool OpenByTheBook(OpeningCalendar calendar, TimeZoneInfo zone, DateTimeOffset at)
    {
        var local = TimeZoneInfo.ConvertTime(at, zone);
        var special = calendar.Exceptions!.FirstOrDefault(day => day.Date == DateOnly.FromDateTime(local.DateTime));
        var hours = special?.Open ?? calendar.Weekly[local.DayOfWeek.ToString()[..3].ToLowerInvariant()];
        var clock = $"{local:HH:mm}";
        return hours.Any(span => string.CompareOrdinal(span[..5], clock) <= 0 && string.CompareOrdinal(clock, span[6..]) < 0);
    }

    private static OpeningTimes Of(string zone, params OpeningCalendar[] calendars) => OpeningTimes.Of(TimeZoneInfo.FindSystemTimeZoneById(zone), calendars);

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
