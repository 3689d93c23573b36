using System.Globalization;
using ServiceQuality.Cli.Telemetry;
using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Cli.Simulation;

/// <summary>Draws the facts of one unit, step by step.</summary>
internal sealed class UnitPlayer(ulong seed, SimulatedUnit unit, Fortunes fortunes, double volume, string source)
{
    private const double RatingShare = 0.4;
    private const double SurveyShare = 0.12;
    private const int CustomersKnown = 4_000;

    private readonly ChannelProfile? profile = unit.Channel is { } channel ? ChannelProfile.Of(channel) : null;
    private readonly double leaning = Dice.For(seed, unit.Code + "/leaning").Unit() - 0.5;

    /// <summary>Mean number of facts a second over a week.</summary>
    public double MeanRate
    {
        get
        {
            if (profile is null)
                return 0;
            var monday = new DateTime(2026, 1, 5);
            var open = Enumerable.Range(0, 7 * 24).Select(hour => monday.AddHours(hour + 0.5)).Where(unit.Hours.IsOpen).Sum(HourlyMean);
            return open * (1 + SurveyShare) / (7 * 86_400);
        }
    }

    /// <summary>Adds the facts of the step that starts at <paramref name="starts"/>.</summary>
    public void Play(DateTimeOffset starts, List<CloudEvent> facts)
    {
        if (profile is null)
        {
            PlayAdjustments(starts, facts);
            return;
        }

        PlayServices(starts - BranchSimulator.Step, starts, facts);
        PlayServices(starts, starts, facts);
        PlayFaults(starts, facts);
        if (starts.Minute == 0)
            PlayMeasurements(starts, facts);
    }

    private double HourlyMean(DateTime local) =>
        volume * profile!.ServicesPerDay / (profile.MeanRhythm * OpenHoursPerMonday) * profile.Demand(local);

    private double OpenHoursPerMonday { get; } = Enumerable.Range(0, 24).Count(hour => unit.Hours.IsOpen(new DateTime(2026, 1, 5, hour, 30, 0))) is > 0 and var hours ? hours : 8;

    private Condition ConditionAt(DateTimeOffset moment)
    {
        var day = DateOnly.FromDateTime(moment.UtcDateTime);
        var strain = Math.Max(fortunes.IncidentOf(day)?.StrainAt(moment) ?? 0, fortunes.IncidentOf(day.AddDays(-1))?.StrainAt(moment) ?? 0);
        return new Condition(fortunes.QualityAt(moment, leaning), strain);
    }

    // Services of one step, and what falls into the wanted step: a survey is answered some minutes after the service.
    private void PlayServices(DateTimeOffset step, DateTimeOffset wanted, List<CloudEvent> facts)
    {
        var offset = unit.TimeZone.GetUtcOffset(step);
        var local = step.ToOffset(offset).DateTime;
        var peak = volume * profile!.ServicesPerDay / (profile.MeanRhythm * OpenHoursPerMonday) * profile.PeakDemand(local);
        var dice = Dice.For(seed, unit.Code + "/services", step.Ticks);
        var condition = ConditionAt(step);
        var candidates = dice.Poisson(peak * (1 + 0.4 * condition.Strain) * BranchSimulator.Step.TotalHours);
        for (var number = 0; number < candidates; number++)
        {
            var own = new Dice(dice.Next());
            var seconds = own.Between(0, BranchSimulator.Step.TotalSeconds);
            var arrives = Round(step.AddSeconds(seconds));
            var at = local.AddSeconds(seconds);
            if (!unit.Hours.IsOpen(arrives.ToOffset(offset).DateTime) || !own.Chance(HourlyMean(at) / peak))
                continue;

            var visit = Serve(ref own, condition, profile.Demand(at) / profile.MeanRhythm, out var mood);
            var id = string.Create(CultureInfo.InvariantCulture, $"{step.UtcDateTime:yyyyMMddHHmm}-{number}");
            Add(arrives, FactTypes.ServiceCompleted, id, visit);
            if (visit.Outcome != ServiceOutcome.Abandoned && own.Chance(SurveyShare))
                Add(Round(arrives.AddSeconds(own.Between(40, 280))), FactTypes.SurveyResponse, id + "-survey", Answer(ref own, mood));
        }

        void Add(DateTimeOffset time, string type, string id, FactData data)
        {
            if (time >= wanted && time < wanted + BranchSimulator.Step)
                facts.Add(Fact(time, type, id, data));
        }
    }

    private ServiceCompleted Serve(ref Dice dice, Condition condition, double load, out double mood)
    {
        var usual = condition.Between(profile!.Wait) * Math.Pow(Math.Max(load, 0.2), 0.6) * (1 + 2.2 * condition.Strain);
        var wait = Math.Min(dice.LogNormal(usual, 0.6), 80_000);
        var service = profile.Services[dice.Pick(profile.Services.Length)];
        var agent = string.Create(CultureInfo.InvariantCulture, $"{unit.Code}-a{dice.Pick(profile.Agents) + 1}");
        var customer = string.Create(CultureInfo.InvariantCulture, $"c{(uint)Dice.For(seed, unit.Group, dice.Pick(CustomersKnown)).Next():x8}");
        var channel = unit.Channel!.Value;

        var endures = dice.LogNormal(profile.GivesUp, 0.7);
        if (wait > endures)
        {
            mood = 1;
            return new ServiceCompleted(channel, service, null, Math.Round(endures, 1), null, ServiceOutcome.Abandoned, 0, null, customer);
        }

        var handle = Math.Min(dice.LogNormal(condition.Between(profile.Handle), 0.45), 600_000);
        var resolved = dice.Chance(condition.Between((0.74, 0.975)) - 0.2 * condition.Strain);
        var outcome = resolved ? ServiceOutcome.Resolved : dice.Chance(0.45) ? ServiceOutcome.Transferred : ServiceOutcome.Unresolved;
        var errors = dice.Chance(condition.Between((0.017, 0.001)) + 0.02 * condition.Strain) ? dice.Chance(0.15) ? 2 : 1 : 0;

        // People forgive a wait up to what the channel does well; after that every doubling costs them half a star.
        var patience = Math.Max(0, Math.Log2(wait / (1.5 * profile.Wait.Best)));
        mood = condition.Between((4.0, 5.0)) - 0.3 * patience - (resolved ? 0 : 1.4) - 0.6 * errors - 0.5 * condition.Strain + 0.55 * dice.Normal();
        int? rating = dice.Chance(RatingShare) ? Scale(mood, 1, 5) : null;
        return new ServiceCompleted(channel, service, agent, Math.Round(wait, 1), Math.Round(handle, 1), outcome, errors, rating, customer);
    }

    private static SurveyResponse Answer(ref Dice dice, double mood) => dice.Pick(10) switch
    {
        < 5 => new SurveyResponse("after-service", SurveyKind.Csat, new Dictionary<string, double>
        {
            ["attitude"] = Scale(mood + 0.25 + 0.3 * dice.Normal(), 1, 5),
            ["efficiency"] = Scale(mood - 0.1 + 0.3 * dice.Normal(), 1, 5),
            ["quality"] = Scale(mood + 0.3 * dice.Normal(), 1, 5),
            ["experience"] = Scale(mood + 0.3 * dice.Normal(), 1, 5),
        }),
        < 8 => new SurveyResponse("recommendation", SurveyKind.Nps, new Dictionary<string, double> { ["recommend"] = Scale(1.2 + mood * 1.85 + 0.8 * dice.Normal(), 0, 10) }),
        _ => new SurveyResponse("effort", SurveyKind.Ces, new Dictionary<string, double> { ["easy"] = Scale(mood * 1.35 + 0.25 + 0.5 * dice.Normal(), 1, 7) }),
    };

    private void PlayFaults(DateTimeOffset starts, List<CloudEvent> facts)
    {
        var today = DateOnly.FromDateTime(starts.UtcDateTime);
        for (var day = today.AddDays(-1); day <= today; day = day.AddDays(1))
        {
            if (fortunes.IncidentOf(day) is { SystemFault: true } incident)
                AddFault($"{day:yyyyMMdd}-system", "business-system", Round(incident.Starts), Round(incident.Ends), "system failure");

            var dice = Dice.For(seed, unit.Code + "/faults", day.DayNumber);
            var condition = new Condition(fortunes.QualityAt(Midnight(day), leaning), 0);
            if (!dice.Chance(condition.Between((0.22, 0.02))))
                continue;
            var opened = Round(Midnight(day).AddSeconds(dice.Between(0, 86_400)));
            var minutes = Math.Min(dice.LogNormal(condition.Between((200, 25)), 0.5), 20 * 60);
            AddFault($"{day:yyyyMMdd}-device", profile!.Assets[dice.Pick(profile.Assets.Length)], opened, Round(opened.AddMinutes(minutes)), "device failure");
        }

        void AddFault(string fault, string asset, DateTimeOffset opened, DateTimeOffset restored, string cause)
        {
            if (opened >= starts && opened < starts + BranchSimulator.Step)
                facts.Add(Fact(opened, FactTypes.FaultOpened, fault + "-opened", new FaultOpened(asset, fault, cause)));
            if (restored >= starts && restored < starts + BranchSimulator.Step)
                facts.Add(Fact(restored, FactTypes.FaultRestored, fault + "-restored", new FaultRestored(asset, fault, cause)));
        }
    }

    private void PlayMeasurements(DateTimeOffset starts, List<CloudEvent> facts)
    {
        var condition = ConditionAt(starts);
        var dice = Dice.For(seed, unit.Code + "/measurements", starts.Ticks);
        var local = starts.ToOffset(unit.TimeZone.GetUtcOffset(starts)).DateTime;
        if (!unit.Hours.IsOpen(local))
            return;
        foreach (var reading in Readings.Of(unit.Channel!.Value, condition, fortunes.PracticesAt(starts), local, ref dice))
            facts.Add(Fact(starts, FactTypes.Measurement, string.Create(CultureInfo.InvariantCulture, $"{starts.UtcDateTime:yyyyMMddHHmm}-{reading.Measure}"), reading));
    }

    // Once in a while head office takes or adds a point; decided per day, at ten in the morning of the branch.
    private void PlayAdjustments(DateTimeOffset starts, List<CloudEvent> facts)
    {
        var local = starts.ToOffset(unit.TimeZone.GetUtcOffset(starts)).DateTime;
        if (local is not { Hour: 10, Minute: 0 })
            return;
        var dice = Dice.For(seed, unit.Code + "/adjustments", starts.UtcDateTime.Date.Ticks);
        var condition = ConditionAt(starts);
        var id = string.Create(CultureInfo.InvariantCulture, $"{starts.UtcDateTime:yyyyMMdd}");
        if (dice.Chance(condition.Between((0.05, 0.005))))
            facts.Add(Fact(starts, FactTypes.Deduction, id + "-deduction", new Deduction(Readings.DeductionRule, 0.5m, "Monthly report handed in late", null)));
        else if (dice.Chance(condition.Between((0.002, 0.03))))
            facts.Add(Fact(starts, FactTypes.Bonus, id + "-bonus", new Bonus(Readings.BonusRule, 0.5m, "Improvement taken over by other branches", null)));
    }

    private CloudEvent Fact(DateTimeOffset time, string type, string id, FactData data) => new(id, source, type, unit.Code, time, data);

    private static DateTimeOffset Midnight(DateOnly day) => new(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);

    // Whole milliseconds: the precision that survives every clock and database on the way.
    private static DateTimeOffset Round(DateTimeOffset time) => new(time.UtcTicks - time.UtcTicks % TimeSpan.TicksPerMillisecond, TimeSpan.Zero);

    private static int Scale(double mood, int lowest, int highest) => (int)Math.Clamp(Math.Round(mood), lowest, highest);
}
