using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Cli.Simulation;

/// <summary>A unit that the simulator plays.</summary>
/// <param name="Code">Code of the unit; becomes the <c>subject</c> of its facts.</param>
/// <param name="Group">Code of the branch above; units of one branch share its level, drifts and incidents.</param>
/// <param name="Channel">Where it serves customers; null for a branch itself, which only receives deductions and bonuses.</param>
/// <param name="TimeZone">Time zone of its rhythm and opening hours.</param>
/// <param name="Hours">When it is open.</param>
public sealed record SimulatedUnit(string Code, string Group, Channel? Channel, TimeZoneInfo TimeZone, OpeningHours Hours)
{
    /// <summary>The unit as the organisation tree describes it, with the usual opening hours of its kind; null for kinds that report no facts.</summary>
    /// <param name="code">Code of the unit.</param>
    /// <param name="kind">Kind of the unit, as in the tree.</param>
    /// <param name="path">Codes from the root down, each followed by a slash.</param>
    /// <param name="timeZone">IANA time zone.</param>
    /// <param name="hours">Opening hours; the usual ones of the kind when left out.</param>
    public static SimulatedUnit? Of(string code, string kind, string path, string timeZone, OpeningHours? hours = null)
    {
        var (channel, usual) = kind switch
        {
            "outlet" => (Contracts.Facts.Channel.Hall, OpeningHours.Hall),
            "hotline" => (Contracts.Facts.Channel.Hotline, OpeningHours.AroundTheClock),
            "online-desk" => (Contracts.Facts.Channel.Online, OpeningHours.OnlineDesk),
            "field-team" => (Contracts.Facts.Channel.Field, OpeningHours.FieldTeam),
            "vip-desk" => (Contracts.Facts.Channel.Vip, OpeningHours.VipDesk),
            "county-branch" => ((Channel?)null, OpeningHours.Hall),
            _ => (null, null),
        };
        if (usual is null)
            return null;
        var codes = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var group = channel is null || codes.Length < 2 ? code : codes[^2];
        return new SimulatedUnit(code, group, channel, TimeZoneInfo.FindSystemTimeZoneById(timeZone), hours ?? usual);
    }
}
