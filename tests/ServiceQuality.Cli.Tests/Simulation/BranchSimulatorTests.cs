using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using ServiceQuality.Cli.Simulation;
using ServiceQuality.Cli.Telemetry;
using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Cli.Tests.Simulation;

public sealed class BranchSimulatorTests
{
    private static readonly DateTimeOffset Monday = new(2026, 11, 16, 0, 0, 0, TimeSpan.FromHours(8));

    private static readonly (string Suffix, string Kind)[] ContactPoints =
        [("hall1", "outlet"), ("hall2", "outlet"), ("hotline1", "hotline"), ("online1", "online-desk"), ("field1", "field-team"), ("vip1", "vip-desk")];

    internal static IReadOnlyList<SimulatedUnit> Branch(string code) =>
    [
        SimulatedUnit.Of(code, "county-branch", $"hq/north/{code}/", "Asia/Shanghai")!,
        .. ContactPoints.Select(point => SimulatedUnit.Of($"{code}-{point.Suffix}", point.Kind, $"hq/north/{code}/{code}-{point.Suffix}/", "Asia/Shanghai")!),
    ];

    private static List<CloudEvent> Facts(int seed, DateTimeOffset from, DateTimeOffset to, double volume = 1) => [.. new BranchSimulator(seed, Branch("n01"), volume).Between(from, to)];

    [Fact]
    public void Equal_seeds_give_equal_facts_and_others_do_not()
    {
        Assert.Equal(Text(Facts(7, Monday, Monday.AddDays(1))), Text(Facts(7, Monday, Monday.AddDays(1))));
        Assert.NotEqual(Text(Facts(7, Monday, Monday.AddDays(1))), Text(Facts(8, Monday, Monday.AddDays(1))));
    }

    [Fact]
    public void The_dice_fall_the_same_on_every_machine()
    {
        // The published first numbers of SplitMix64 for this seed.
        var dice = new Dice(1234567);

        Assert.Equal([6457827717110365317UL, 3203168211198807973UL, 9817491932198370423UL], new[] { dice.Next(), dice.Next(), dice.Next() });
    }

    [Fact]
    public void Wherever_time_is_cut_the_facts_are_the_same() => Prop.ForAll(
        Gen.Choose(0, 2 * 86_400).Two().ToArbitrary(),
        cuts =>
        {
            var (first, second) = (Monday.AddSeconds(Math.Min(cuts.Item1, cuts.Item2)), Monday.AddSeconds(Math.Max(cuts.Item1, cuts.Item2)));
            var simulator = new BranchSimulator(3, Branch("n01"));
            var parts = simulator.Between(Monday, first).Concat(simulator.Between(first, second)).Concat(simulator.Between(second, Monday.AddDays(2)));
            return Text(parts) == Whole.Value;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(10));

    private static readonly Lazy<string> Whole = new(() => Text(Facts(3, Monday, Monday.AddDays(2))));

    [Fact]
    public void Facts_come_in_order_within_the_time_asked_for_and_no_id_comes_twice()
    {
        var facts = Facts(5, Monday, Monday.AddDays(7));

        Assert.All(facts, fact => Assert.InRange(fact.Time, Monday, Monday.AddDays(7).AddTicks(-1)));
        Assert.Equal(facts.Select(fact => fact.Time).Order(), facts.Select(fact => fact.Time));
        Assert.Equal(facts.Count, facts.DistinctBy(fact => (fact.Source, fact.Id)).Count());
    }

    [Fact]
    public void Nobody_is_served_in_closed_hours()
    {
        var units = Branch("n01").ToDictionary(unit => unit.Code);
        var services = Facts(5, Monday, Monday.AddDays(14), volume: 3).Where(fact => fact.Data is ServiceCompleted).ToList();

        Assert.All(services, fact => Assert.True(units[fact.Subject].Hours.IsOpen(fact.Time.ToOffset(TimeSpan.FromHours(8)).DateTime), $"{fact.Subject} served at {fact.Time}"));
        Assert.DoesNotContain(services, fact => fact.Subject == "n01-vip1" && fact.Time.ToOffset(TimeSpan.FromHours(8)).DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday);
    }

    [Fact]
    public void Opening_hours_of_a_half_hour_time_zone_are_kept_too()
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Asia/Kolkata");
        var hall = SimulatedUnit.Of("k1", "outlet", "hq/k/k1/", "Asia/Kolkata")!;

        Assert.All(new BranchSimulator(1, [hall], 20).Between(Monday, Monday.AddDays(2)).Where(fact => fact.Data is ServiceCompleted),
            fact => Assert.True(hall.Hours.IsOpen(TimeZoneInfo.ConvertTime(fact.Time, zone).DateTime)));
    }

    [Fact]
    public void Every_value_is_one_that_intake_takes()
    {
        var units = Enumerable.Range(1, 6).SelectMany(number => Branch($"b{number}")).ToList();
        foreach (var fact in new BranchSimulator(11, units).Between(Monday, Monday.AddDays(10)))
        {
            Assert.InRange(fact.Id.Length, 1, 256);
            Assert.InRange(fact.Source.Length, 1, 256);
            switch (fact.Data)
            {
                case ServiceCompleted service:
                    Assert.InRange(service.Service.Length, 1, 100);
                    Assert.InRange(service.WaitSeconds ?? 0, 0, 86_400);
                    Assert.InRange(service.HandleSeconds ?? 0, 0, 604_800);
                    Assert.InRange(service.Rating ?? 1, 1, 5);
                    Assert.InRange(service.Errors, 0, 10);
                    break;
                case SurveyResponse survey:
                    var (lowest, highest) = survey.Kind switch { SurveyKind.Csat => (1, 5), SurveyKind.Nps => (0, 10), _ => (1, 7) };
                    Assert.NotEmpty(survey.Answers);
                    Assert.All(survey.Answers.Values, answer => Assert.InRange(answer, lowest, highest));
                    break;
                case Measurement measurement:
                    Assert.True(double.IsFinite(measurement.Value));
                    break;
                case Deduction deduction:
                    Assert.InRange(deduction.Points, 0.1m, 1);
                    break;
                case Bonus bonus:
                    Assert.InRange(bonus.Points, 0.1m, 1);
                    break;
            }
        }
    }

    [Fact]
    public void Days_have_their_rhythm_and_weekends_are_quieter()
    {
        var hours = Facts(5, Monday, Monday.AddDays(28)).Where(fact => fact.Subject == "n01-hotline1" && fact.Data is ServiceCompleted)
            .Select(fact => fact.Time.ToOffset(TimeSpan.FromHours(8))).ToList();

        Assert.True(hours.Count(time => time.Hour is 10 or 11) > 5 * hours.Count(time => time.Hour is 3 or 4));
        Assert.True(hours.Count(time => time.DayOfWeek == DayOfWeek.Sunday) < 0.85 * hours.Count(time => time.DayOfWeek == DayOfWeek.Monday));
    }

    [Fact]
    public void Every_fault_that_opens_is_restored_later()
    {
        var facts = new BranchSimulator(2, [.. Enumerable.Range(1, 8).SelectMany(number => Branch($"b{number}"))], 0.05).Between(Monday, Monday.AddDays(30)).ToList();
        var restored = facts.Where(fact => fact.Data is FaultRestored).ToDictionary(fact => (fact.Subject, ((FaultRestored)fact.Data).Fault), fact => fact.Time);
        var opened = facts.Where(fact => fact.Data is FaultOpened && fact.Time < Monday.AddDays(28)).ToList();

        Assert.NotEmpty(opened);
        Assert.All(opened, fact => Assert.InRange(restored[(fact.Subject, ((FaultOpened)fact.Data).Fault)], fact.Time, fact.Time.AddDays(1)));
    }

    [Fact]
    public void Those_who_wait_long_are_less_content()
    {
        var rated = Facts(5, Monday, Monday.AddDays(28)).Select(fact => fact.Data).OfType<ServiceCompleted>()
            .Where(service => service is { Channel: Channel.Hall, Rating: not null, Outcome: ServiceOutcome.Resolved }).OrderBy(service => service.WaitSeconds).ToList();
        var third = rated.Count / 3;

        Assert.True(rated.Take(third).Average(service => service.Rating!.Value) > rated.TakeLast(third).Average(service => service.Rating!.Value) + 0.2);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(1)]
    public void The_rate_that_is_asked_for_is_the_mean_of_a_week(double rate)
    {
        var units = Branch("n01");
        var facts = new BranchSimulator(9, units, BranchSimulator.VolumeFor(rate, units)).Between(Monday, Monday.AddDays(7)).Count(fact => fact.Data is ServiceCompleted or SurveyResponse);

        Assert.InRange(facts / (7 * 86_400.0), 0.85 * rate, 1.2 * rate);
    }

    [Fact]
    public void Adjustments_fall_on_branches_only()
    {
        var facts = new BranchSimulator(2, [.. Enumerable.Range(1, 8).SelectMany(number => Branch($"b{number}"))], 0.05).Between(Monday, Monday.AddDays(60)).ToList();

        Assert.All(facts.Where(fact => fact.Data is Deduction or Bonus), fact => Assert.DoesNotContain('-', fact.Subject));
        Assert.Contains(facts, fact => fact.Data is Deduction);
        Assert.Contains(facts, fact => fact.Data is Bonus);
    }

    private static string Text(IEnumerable<CloudEvent> facts)
    {
        using var text = new MemoryStream();
        using (var writer = new Utf8JsonWriter(text))
        {
            writer.WriteStartArray();
            foreach (var fact in facts)
                fact.WriteTo(writer);
            writer.WriteEndArray();
        }

        return System.Text.Encoding.UTF8.GetString(text.ToArray());
    }
}
