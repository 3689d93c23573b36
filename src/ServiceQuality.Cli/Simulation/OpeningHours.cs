using System.Collections.Frozen;

namespace ServiceQuality.Cli.Simulation;

/// <summary>When a contact point serves customers, in its own time zone (ORG-19).</summary>
public sealed class OpeningHours
{
    private readonly FrozenDictionary<DayOfWeek, IReadOnlyList<(TimeSpan From, TimeSpan To)>> week;
    private readonly FrozenDictionary<DateOnly, IReadOnlyList<(TimeSpan From, TimeSpan To)>> special;

    /// <summary>Opening hours by weekday and by date.</summary>
    /// <param name="week">Hours from (inclusive) to (exclusive) since midnight, at most 24; a weekday that is not named is closed.</param>
    /// <param name="special">Dates on which other hours hold.</param>
    public OpeningHours(
        IReadOnlyDictionary<DayOfWeek, IReadOnlyList<(TimeSpan From, TimeSpan To)>> week,
        IReadOnlyDictionary<DateOnly, IReadOnlyList<(TimeSpan From, TimeSpan To)>>? special = null) =>
        (this.week, this.special) = (week.ToFrozenDictionary(), special?.ToFrozenDictionary() ?? FrozenDictionary<DateOnly, IReadOnlyList<(TimeSpan, TimeSpan)>>.Empty);

    /// <summary>Never closed: hotlines (ORG-19).</summary>
    public static OpeningHours AroundTheClock { get; } = Weekly((0, 24), (0, 24), (0, 24));

    /// <summary>Halls: 9 to 18, shorter at weekends.</summary>
    public static OpeningHours Hall { get; } = Weekly((9, 18), (9, 17), (10, 16));

    /// <summary>Online desks: 8 to 22 every day.</summary>
    public static OpeningHours OnlineDesk { get; } = Weekly((8, 22), (8, 22), (8, 22));

    /// <summary>Field teams: 8 to 19, Sundays short.</summary>
    public static OpeningHours FieldTeam { get; } = Weekly((8, 19), (8, 19), (9, 16));

    /// <summary>VIP desks: 9 to 18 on working days.</summary>
    public static OpeningHours VipDesk { get; } = Weekly((9, 18), (0, 0), (0, 0));

    /// <summary>True when the contact point is open at this local time.</summary>
    public bool IsOpen(DateTime local)
    {
        var hours = special.TryGetValue(DateOnly.FromDateTime(local), out var exception) ? exception : week.GetValueOrDefault(local.DayOfWeek, []);
        var time = local.TimeOfDay;
        foreach (var (from, to) in hours)
        {
            if (time >= from && time < to)
                return true;
        }

        return false;
    }

    private static OpeningHours Weekly((int From, int To) workday, (int From, int To) saturday, (int From, int To) sunday) =>
        new(Enum.GetValues<DayOfWeek>().ToDictionary(day => day, IReadOnlyList<(TimeSpan, TimeSpan)> (day) =>
        {
            var (from, to) = day switch { DayOfWeek.Saturday => saturday, DayOfWeek.Sunday => sunday, _ => workday };
            return from < to ? [(TimeSpan.FromHours(from), TimeSpan.FromHours(to))] : [];
        }));
}
