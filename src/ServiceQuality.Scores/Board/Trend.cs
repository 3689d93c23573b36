using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Board;

/// <summary>At which moments a period's little trend line has its points: full hours back from now, at most 28.</summary>
internal static class Trend
{
    /// <summary>Points of the line; the newest one is the live score and is not among the moments.</summary>
    public const int Points = 28;

    private const double LeastCoverage = 0.5;
    private const double LeastRate = 20;

    public static TimeSpan Step(Period period) => period.Kind switch
    {
        PeriodKind.TwentyFourHours or PeriodKind.Day => TimeSpan.FromHours(1),
        PeriodKind.SevenDays or PeriodKind.Week => TimeSpan.FromHours(6),
        _ => TimeSpan.FromDays(1),
    };

    /// <summary>The full hour that is so many steps back; the same point for every unit of a zone.</summary>
    public static DateTimeOffset Moment(TimeZoneInfo zone, DateTimeOffset now, Period period, int stepsBack) => zone.HourAt(now) - Step(period) * stepsBack;

    /// <summary>The newest moment of the past that a board shows; facts that happened after it change no point of the past.</summary>
    public static DateTimeOffset Newest(TimeZoneInfo zone, DateTimeOffset now, Period period)
    {
        var (last, dayBefore) = (Moment(zone, now, period, stepsBack: 1), DayBefore(zone, now));
        return last > dayBefore ? last : dayBefore;
    }

    /// <summary>
    /// A score of the past that says something, else null: at least half of the indicators by weight had data, and facts came at no less than a
    /// twentieth of the present rate. A week of which only the first hour was reported is no week to compare with.
    /// </summary>
    public static Score? Telling(Score score, Readings past, Readings? present) =>
        score.Coverage >= LeastCoverage && (present is null || past.Facts * LeastRate / Hours(past.Window) >= present.Facts / Hours(present.Window)) ? score : null;

    private static double Hours(PeriodWindow window) => Math.Max(1, (window.To - window.From).TotalHours);

    /// <summary>What the 24-hour change is measured from: the same window, ending at the last full hour a day ago.</summary>
    public static DateTimeOffset DayBefore(TimeZoneInfo zone, DateTimeOffset now) => zone.HourAt(now.AddDays(-1));
}
