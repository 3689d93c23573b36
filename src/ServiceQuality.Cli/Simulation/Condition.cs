namespace ServiceQuality.Cli.Simulation;

/// <summary>How a unit is doing at a moment.</summary>
/// <param name="Quality">0 (worst) to 1 (best).</param>
/// <param name="Strain">0 in ordinary times, up to 1 in the middle of an incident.</param>
internal sealed record Condition(double Quality, double Strain)
{
    /// <summary>The figure between the worst and the best that belongs to this quality.</summary>
    public double Between((double Worst, double Best) range) => range.Worst + (range.Best - range.Worst) * Quality;
}

/// <summary>An incident of a branch: a failed system or a rush, which strains all its contact points for some hours.</summary>
/// <param name="Starts">When it starts.</param>
/// <param name="Ends">When it is over.</param>
/// <param name="Severity">Strain at its height.</param>
/// <param name="SystemFault">True when a system is down meanwhile.</param>
internal sealed record Incident(DateTimeOffset Starts, DateTimeOffset Ends, double Severity, bool SystemFault)
{
    private static readonly TimeSpan Ramp = TimeSpan.FromMinutes(15);

    /// <summary>Strain at a moment: rises and falls within a quarter of an hour.</summary>
    public double StrainAt(DateTimeOffset moment) => moment < Starts || moment >= Ends
        ? 0
        : Severity * Math.Min(1, Math.Min((moment - Starts) / Ramp, (Ends - moment) / Ramp));
}

/// <summary>The fortunes of one branch: its level, slow drifts and incidents; a pure function of seed, branch and time.</summary>
internal sealed class Fortunes(ulong seed, string group)
{
    private readonly double level = Dice.For(seed, group + "/level").Unit();
    private readonly (double Period, double Phase, double Swing)[] drifts = Drifts(Dice.For(seed, group + "/drift"));

    /// <summary>Level of the branch before drifts, 0–1.</summary>
    public double Level => level;

    /// <summary>Quality at a moment, with the own leaning of a unit (−0.5 … 0.5).</summary>
    public double QualityAt(DateTimeOffset moment, double leaning)
    {
        var days = moment.ToUnixTimeSeconds() / 86_400.0;
        var drift = drifts.Sum(wave => wave.Swing * Math.Sin(2 * Math.PI * (days / wave.Period + wave.Phase)));
        return Math.Clamp(0.28 + 0.64 * level + 0.14 * leaning + drift, 0, 1);
    }

    /// <summary>New practices that the branch has in use; changes from month to month.</summary>
    public int PracticesAt(DateTimeOffset moment) => Dice.For(seed, group + "/practices", moment.UtcDateTime.Year * 12 + moment.UtcDateTime.Month).Poisson(0.3 + 4 * level);

    /// <summary>Incidents that start on this UTC day; at most one.</summary>
    public Incident? IncidentOf(DateOnly day)
    {
        var dice = Dice.For(seed, group + "/incident", day.DayNumber);
        if (!dice.Chance(0.14 - 0.10 * level))
            return null;
        var starts = new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero).AddMinutes(dice.Pick(24 * 60));
        return new Incident(starts, starts.AddMinutes(dice.Between(45, 300 - 120 * level)), dice.Between(0.4, 1), dice.Chance(0.6));
    }

    private static (double, double, double)[] Drifts(Dice dice) =>
        [(dice.Between(19, 33), dice.Unit(), dice.Between(0.02, 0.06)), (dice.Between(70, 160), dice.Unit(), dice.Between(0.03, 0.08))];
}
