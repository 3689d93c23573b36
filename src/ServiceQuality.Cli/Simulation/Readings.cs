using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Cli.Simulation;

/// <summary>What branch systems compute themselves and report as measurements, and the rules of deductions and bonuses; codes of the delivered scheme.</summary>
internal static class Readings
{
    public const string DeductionRule = "late-report";
    public const string BonusRule = "best-practice";

    private const int DailyReport = 10;

    /// <summary>The readings of one hour: kiosks and portal count self-service all day, innovations are reported once a day.</summary>
    public static IEnumerable<Measurement> Of(Channel channel, Condition condition, int practices, DateTime local, ref Dice dice)
    {
        var readings = new List<Measurement>();
        if (channel is Channel.Hall or Channel.Online)
        {
            var share = Math.Clamp(condition.Between((0.12, 0.62)) + 0.05 * dice.Normal(), 0, 1);
            readings.Add(new Measurement("self-service-share", Math.Round(share, 4), 5 + dice.Poisson(15)));
        }

        if (local.Hour == DailyReport)
            readings.Add(new Measurement("new-practices", practices, null));
        return readings;
    }
}
