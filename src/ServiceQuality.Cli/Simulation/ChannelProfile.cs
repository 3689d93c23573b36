using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Cli.Simulation;

/// <summary>
/// What is usual at a channel. Pairs are (worst, best): the figure of a unit of quality 0 and of quality 1.
/// </summary>
/// <param name="ServicesPerDay">Customers on a Monday.</param>
/// <param name="Rhythm">Relative demand by hour of the day, 24 figures.</param>
/// <param name="Saturday">Demand on a Saturday against a Monday.</param>
/// <param name="Sunday">Demand on a Sunday against a Monday.</param>
/// <param name="Wait">Median wait in seconds at mean demand.</param>
/// <param name="GivesUp">Median wait in seconds after which a customer leaves.</param>
/// <param name="Handle">Median handling time in seconds.</param>
/// <param name="Agents">People at the desk.</param>
/// <param name="Services">What customers come for.</param>
/// <param name="Assets">What can fail.</param>
internal sealed record ChannelProfile(
    double ServicesPerDay, double[] Rhythm, double Saturday, double Sunday,
    (double Worst, double Best) Wait, double GivesUp, (double Worst, double Best) Handle,
    int Agents, string[] Services, string[] Assets)
{
    // Two humps: late morning and mid-afternoon, with the dip of lunch between them.
    private static readonly double[] Day = [0, 0, 0, 0, 0, 0, 0.1, 0.4, 0.8, 1.3, 1.7, 1.5, 0.8, 0.9, 1.3, 1.5, 1.3, 1.0, 0.7, 0.5, 0.3, 0.2, 0.1, 0];
    private static readonly double[] DayAndNight = [0.25, 0.15, 0.1, 0.1, 0.1, 0.15, 0.3, 0.6, 1.0, 1.5, 1.7, 1.6, 1.1, 1.1, 1.4, 1.5, 1.4, 1.2, 1.1, 1.2, 1.2, 1.0, 0.7, 0.4];
    private static readonly double[] DayAndEvening = [0, 0, 0, 0, 0, 0, 0.1, 0.3, 0.7, 1.1, 1.3, 1.2, 0.9, 0.9, 1.1, 1.2, 1.1, 1.0, 1.1, 1.4, 1.6, 1.3, 0.7, 0.3];

    /// <summary>Mean demand of an hour in which there is any.</summary>
    public double MeanRhythm { get; } = Rhythm.Where(demand => demand > 0).Average();

    /// <summary>The profile of a channel.</summary>
    public static ChannelProfile Of(Channel channel) => channel switch
    {
        Channel.Hall => new(150, Day, 0.8, 0.6, (480, 130), 2_400, (700, 400), 6,
            ["new-contract", "tariff-change", "bill-enquiry", "payment", "device-return", "identity-update"], ["queue-machine", "terminal", "card-reader"]),
        Channel.Hotline => new(320, DayAndNight, 0.75, 0.65, (26, 7), 90, (360, 210), 12,
            ["fault-report", "bill-enquiry", "tariff-advice", "complaint-line", "sim-service"], ["call-distributor", "knowledge-base"]),
        Channel.Online => new(180, DayAndEvening, 0.9, 0.85, (95, 18), 300, (520, 330), 8,
            ["bill-enquiry", "tariff-advice", "order-status", "self-care-help"], ["chat-system", "knowledge-base"]),
        Channel.Field => new(26, Day, 0.9, 0.4, (7_000, 2_400), 30 * 3_600, (5_400, 3_200), 5,
            ["new-installation", "fault-repair", "move", "line-upgrade"], ["service-vehicle", "line-tester"]),
        Channel.Vip => new(20, Day, 0.2, 0.1, (420, 80), 2_400, (1_500, 1_000), 3,
            ["account-review", "group-contract", "priority-repair"], ["customer-file"]),
        _ => throw new ArgumentOutOfRangeException(nameof(channel)),
    };

    /// <summary>Demand at a local time against the mean, between the hours by straight line.</summary>
    public double Demand(DateTime local)
    {
        var position = local.TimeOfDay.TotalHours - 0.5;
        var hour = (int)Math.Floor(position);
        var (before, after) = (Rhythm[(hour + 24) % 24], Rhythm[(hour + 1) % 24]);
        return (before + (after - before) * (position - hour)) * DayOfWeek(local);
    }

    /// <summary>Highest value that <see cref="Demand"/> can take on this day.</summary>
    public double PeakDemand(DateTime local) => Rhythm.Max() * DayOfWeek(local);

    private double DayOfWeek(DateTime local) => local.DayOfWeek switch
    {
        System.DayOfWeek.Saturday => Saturday,
        System.DayOfWeek.Sunday => Sunday,
        System.DayOfWeek.Monday => 1.0,
        System.DayOfWeek.Friday => 0.98,
        _ => 0.93,
    };
}
