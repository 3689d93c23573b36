using System.Globalization;
using System.Text.Json;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Scores.Journals;
using ServiceQuality.Scoring;

namespace ServiceQuality.Benchmarks;

/// <summary>
/// What branches report, the same at every run: services of all channels with ratings, surveys, measurements and faults, spread over the
/// opening hours of the days, so that every indicator of the delivered scheme has something to say.
/// </summary>
internal sealed class BranchFacts
{
    private const int Variants = 16;
    private const int OpeningHour = 8;
    private const int OpenHours = 12;
    private static readonly string[] Services = ["new-line", "move", "bill", "enquiry", "complaint", "repair"];

    private readonly (string Type, byte[] Json, FactData Data)[][] _variants;
    private readonly DateTimeOffset _from;
    private readonly int _perDay;

    /// <summary>Facts of whole days that ended last midnight.</summary>
    /// <param name="perBranch">Facts of each branch.</param>
    /// <param name="days">Days over which they are spread.</param>
    /// <param name="end">The midnight at which they end; null for the last one.</param>
    public BranchFacts(int perBranch, int days = 7, DateTimeOffset? end = null)
    {
        _from = (end ?? Today).AddDays(-days);
        _perDay = (perBranch + days - 1) / days;
        _variants = [.. Enumerable.Range(0, Variants).Select(seed => Variant(seed, perBranch))];
    }

    public static TimeZoneInfo Zone { get; } = TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai");

    /// <summary>The last midnight.</summary>
    public static DateTimeOffset Today
    {
        get
        {
            var now = TimeZoneInfo.ConvertTime(TimeProvider.System.GetUtcNow(), Zone);
            return new DateTimeOffset(now.Date, now.Offset);
        }
    }

    /// <summary>The fact with this number, from 0 on, as it goes into a journal.</summary>
    public Entry Entry(int branch, int number)
    {
        var (type, json, _) = Of(branch, number);
        var (source, id, time) = (Source(branch), Id(number), Time(number));
        return new(Scores.Journals.Entry.KeyOf(source, id), source, id, type, time, time.AddSeconds(2), Guid.Empty, json);
    }

    /// <summary>The same fact as Monitoring hands it on.</summary>
    public AcceptedFact Accepted(Guid unit, int branch, int number)
    {
        var (type, json, _) = Of(branch, number);
        return new(unit, Source(branch), Id(number), type, Time(number), JsonSerializer.Deserialize<JsonElement>(json));
    }

    /// <summary>The same fact as it is folded.</summary>
    public Fact Fact(int branch, int number) => new(number + 1, Source(branch), Id(number), Time(number), Time(number).AddSeconds(2), Of(branch, number).Data);

    /// <summary>The same fact, read from its JSON again, so that nothing is shared with other ledgers.</summary>
    public Fact OwnFact(int branch, int number)
    {
        var (type, json, _) = Of(branch, number);
        return Fact(branch, number) with { Data = FactReader.Read(type, json) };
    }

    private static string Source(int branch) => string.Create(CultureInfo.InvariantCulture, $"urn:bench:branch-{branch:0000}");

    private static string Id(int number) => string.Create(CultureInfo.InvariantCulture, $"{number:D20}");

    private (string Type, byte[] Json, FactData Data) Of(int branch, int number)
    {
        var variant = _variants[branch % Variants];
        return variant[number % variant.Length];
    }

    private DateTimeOffset Time(int number)
    {
        var (day, place) = Math.DivRem(number, _perDay);
        return _from.AddDays(day).AddHours(OpeningHour).AddSeconds(Math.Floor(OpenHours * 3600.0 * place / _perDay));
    }

    private static (string, byte[], FactData)[] Variant(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(number => Data(random, number)).Select(data => (FactReader.TypeOf(data), FactReader.Write(data), data))];
    }

    private static FactData Data(Random random, int number) => (number % 100) switch
    {
        3 => new SurveyResponse("after-visit", SurveyKind.Csat, new Dictionary<string, double> { ["overall"] = random.Next(2, 6) }),
        23 => new SurveyResponse("quarterly", SurveyKind.Nps, new Dictionary<string, double> { ["recommend"] = random.Next(3, 11) }),
        43 => new SurveyResponse("after-visit", SurveyKind.Ces, new Dictionary<string, double> { ["effort"] = random.Next(3, 8) }),
        53 => new Measurement("self-service-share", 0.3 + 0.4 * random.NextDouble(), random.Next(20, 60)),
        63 => new Measurement("new-practices", random.Next(0, 6), null),
        73 => new FaultOpened($"queue-machine-{number / 100 % 3}", $"fault-{number / 100}", null),
        83 => new FaultRestored($"queue-machine-{number / 100 % 3}", $"fault-{number / 100}", null),
        _ => Service(random),
    };

    private static ServiceCompleted Service(Random random)
    {
        var channel = random.Next(100) switch { < 45 => Channel.Hall, < 70 => Channel.Hotline, < 85 => Channel.Online, < 96 => Channel.Field, _ => Channel.Vip };
        var patience = channel switch { Channel.Hall => 300, Channel.Hotline => 14, Channel.Online => 40, Channel.Field => 4_000, _ => 90 };
        return new(
            channel, Services[random.Next(Services.Length)], $"a{random.Next(20)}",
            Math.Round(-Math.Log(1 - random.NextDouble()) * patience), Math.Round(-Math.Log(1 - random.NextDouble()) * 400),
            random.Next(100) switch { < 90 => ServiceOutcome.Resolved, < 94 => ServiceOutcome.Unresolved, < 97 => ServiceOutcome.Transferred, _ => ServiceOutcome.Abandoned },
            random.Next(200) == 0 ? 1 : 0, random.Next(3) == 0 ? random.Next(2, 6) : null, null);
    }
}
