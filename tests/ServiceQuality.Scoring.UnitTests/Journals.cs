using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Scoring.UnitTests;

/// <summary>Random journals of one unit, always the same for the same seed: late, out of order, ahead of time, with faults, adjustments and withdrawals.</summary>
public static class Journals
{
    /// <summary>The days before the end of a journal in which most of its facts happen.</summary>
    public static readonly DateTimeOffset End = new(2026, 11, 20, 6, 30, 0, TimeSpan.Zero);

    /// <summary>A journal of unique facts, numbered 1, 2, 3 …, received over <paramref name="days"/> days up to <see cref="End"/>.</summary>
    public static IReadOnlyList<Fact> Random(int seed, int count, double days = 60)
    {
        var random = new Random(seed);
        var received = Enumerable.Range(0, count).Select(_ => End.AddDays(-days * random.NextDouble())).Order().ToList();
        var facts = new List<Fact>(count);
        var faults = 0;
        for (var i = 0; i < count; i++)
        {
            // The receivers' clocks differ by some milliseconds.
            var at = received[i].AddMilliseconds(random.Next(-50, 50));
            facts.Add(new(i + 1, $"branch/{random.Next(3)}", $"id-{i}", Time(random, at), at, Data(random, facts, ref faults)));
        }
        return facts;
    }

    /// <summary>A journal in which half of the facts are domain events: inspections, complaints, training, risks and SERVQUAL answers.</summary>
    public static IReadOnlyList<Fact> WithDomain(int seed, int count, double days = 60)
    {
        var random = new Random(seed);
        return [.. Random(seed, count, days).Select(fact => random.Next(2) == 0 ? fact with { Data = Domain(random) } : fact)];
    }

    private static FactData Domain(Random random)
    {
        var (severity, channel) = ((Severity)random.Next(4), (Channel)random.Next(5));
        bool? inTime = random.Next(3) switch { 0 => null, 1 => true, _ => false };
        return random.Next(12) switch
        {
            < 4 => new InspectionScored(
                new[] { "mystery-visit", "service-test", "crew-check", "manager-check", "full-service", "short-board", "other" }[random.Next(7)], (InspectionLevel)random.Next(3), channel,
                Math.Round(100 * random.NextDouble(), random.Next(3)), random.Next(4) == 0 ? 1 : 0),
            4 => new ComplaintReceived($"c{random.Next(90)}", severity, channel, "bill"),
            5 => new ComplaintAcknowledged($"c{random.Next(90)}", severity, channel, "bill", AckSeconds: random.Next(4000), WithinTarget: inTime),
            6 => random.Next(3) switch
            {
                0 => new ComplaintReopened($"c{random.Next(90)}", severity, channel, "bill"),
                1 => new ComplaintOverdue($"c{random.Next(90)}", severity, channel, "bill"),
                _ => new ComplaintResolved($"c{random.Next(90)}", severity, channel, "bill", ResolveSeconds: random.Next(90_000), WithinTarget: inTime),
            },
            7 => new ComplaintClosed($"c{random.Next(90)}", severity, channel, "bill", "skill", Accepted: inTime),
            8 => random.Next(3) == 0 ? new TrainingCoverage(random.Next(0, 20), random.Next(0, 3) * 20) : new TrainingCompleted("safety", "s", random.Next(4) > 0, random.Next(101), random.Next(1, 20) / 2.0),
            9 => random.Next(3) == 0 ? new RiskEvent(severity) : new RiskAssessed($"r{random.Next(5)}", random.Next(1, 26), random.Next(1, 26)),
            10 => new SurveyResponse("relationship", SurveyKind.Servqual, new Dictionary<string, double>(), Pairs(random)),
            _ => new SurveyResponse("phone-satisfaction", SurveyKind.Csat, new Dictionary<string, double> { ["a"] = random.Next(1, 6) }, null,
                new[] { "mobile", "home", null }[random.Next(3)], random.Next(8) == 0 ? ["straight-lining"] : null),
        };
    }

    private static Dictionary<string, ServqualPair> Pairs(Random random) => new[] { "reliability.on-time", "reliability.first-time", "responsiveness", "assurance", "empathy", "tangibles.place" }
        .Where(_ => random.Next(5) > 0).Append("reliability").ToDictionary(key => key, _ => new ServqualPair(random.Next(1, 8), random.Next(1, 8)));

    /// <summary>Event times: mostly just before, sometimes hours or days ago, rarely beyond the horizon, now and then ahead.</summary>
    private static DateTimeOffset Time(Random random, DateTimeOffset received) => random.Next(100) switch
    {
        < 70 => received.AddSeconds(-random.Next(0, 120)),
        < 82 => received.AddHours(-random.NextDouble() * 30),
        < 90 => received.AddDays(-random.NextDouble() * 60),
        < 93 => received.AddDays(-random.NextDouble() * 420),
        < 95 => new DateTimeOffset(received.Year, received.Month, received.Day, received.Hour, 0, 0, received.Offset),
        _ => received.AddSeconds(random.Next(1, 300)),
    };

    private static FactData Data(Random random, List<Fact> facts, ref int faults)
    {
        switch (random.Next(100))
        {
            case < 74:
                return new ServiceCompleted(
                    (Channel)random.Next(5), random.Next(2) == 0 ? "move" : "bill", $"agent-{random.Next(4)}",
                    random.Next(10) == 0 ? null : Math.Round(-Math.Log(1 - random.NextDouble()) * 200, random.Next(4)),
                    random.Next(10) == 0 ? null : -Math.Log(1 - random.NextDouble()) * 300,
                    (ServiceOutcome)random.Next(4), random.Next(12) == 0 ? random.Next(1, 4) : 0, random.Next(3) == 0 ? random.Next(1, 6) : null, null);
            case < 80:
                return new SurveyResponse("wave", (SurveyKind)random.Next(3), new Dictionary<string, double> { ["a"] = random.Next(1, 8), ["b"] = random.Next(0, 11) });
            case < 84:
                return new Measurement("self-service-share", random.NextDouble(), random.Next(2) == 0 ? null : random.Next(1, 40));
            case < 87:
                return new Measurement("new-practices", random.Next(0, 6), null);
            case < 88:
                return new Measurement("nobody-asks", random.NextDouble(), null);
            case < 92:
                return new FaultOpened($"asset-{random.Next(2)}", $"fault-{faults++ % 12}", null);
            case < 96:
                return new FaultRestored($"asset-{random.Next(2)}", $"fault-{random.Next(12)}", null);
            case 96:
                return new Deduction(random.Next(3) switch { 0 => "late-report", 1 => "supervision-order", _ => "unheard-of" }, random.Next(1, 8) / 4m, "reason", null);
            case 97:
                return new Bonus("commendation", 0.2m, "reason", null);
            default:
                // Withdraws an adjustment that came before, or one that is still to come.
                var known = facts.Where(f => f.Data is Deduction or Bonus).ToList();
                return known.Count > 0 && random.Next(3) > 0 && known[random.Next(known.Count)] is var target
                    ? new AdjustmentWithdrawn(target.Source, target.Id, "appeal")
                    : new AdjustmentWithdrawn($"branch/{random.Next(3)}", $"id-{facts.Count + random.Next(40)}", "appeal");
        }
    }
}
