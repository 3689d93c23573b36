namespace ServiceQuality.Scoring.Results;

/// <summary>Working days, Monday to Friday, with the days that a country's calendar moves.</summary>
/// <param name="NotWorked">Days on which nobody works although it is Monday to Friday.</param>
/// <param name="Worked">Saturdays and Sundays that are worked (调休).</param>
public sealed record WorkingDays(IReadOnlySet<DateOnly> NotWorked, IReadOnlySet<DateOnly> Worked)
{
    /// <summary>Monday to Friday, without exceptions.</summary>
    public static WorkingDays MondayToFriday { get; } = new(new HashSet<DateOnly>(), new HashSet<DateOnly>());

    /// <summary>Whether a day is worked.</summary>
    public bool Holds(DateOnly day) => Worked.Contains(day) || (day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday) && !NotWorked.Contains(day));

    /// <summary>The n-th working day after a day: an appeal window of 5 that opens on a Friday closes with the Friday after (SCO-24).</summary>
    /// <param name="day">The day itself does not count.</param>
    /// <param name="count">1–60.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is out of range.</exception>
    /// <exception cref="ArgumentException">Nobody works for a year.</exception>
    public DateOnly After(DateOnly day, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 60);
        for (var ahead = 1; ahead <= 500; ahead++)
        {
            if (Holds(day.AddDays(ahead)) && --count == 0)
                return day.AddDays(ahead);
        }
        throw new ArgumentException("There are not enough working days.", nameof(day));
    }
}
