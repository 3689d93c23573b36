using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Scoring.UnitTests;

/// <summary>Short ways to say a fact.</summary>
internal static class Tell
{
    /// <summary>Friday, 20 November 2026, noon in Shanghai.</summary>
    public static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.FromHours(8));

    public static ServiceCompleted Service(Channel channel = Channel.Hall, double? wait = null, ServiceOutcome outcome = ServiceOutcome.Resolved, int errors = 0, int? rating = null) =>
        new(channel, "service", null, wait, null, outcome, errors, rating, null);

    public static Fact Fact(long seq, DateTimeOffset time, FactData data, DateTimeOffset? received = null) => new(seq, "test", $"fact-{seq}", time, received ?? time, data);

    /// <summary>Facts one second after the other from noon on.</summary>
    public static IReadOnlyList<Fact> Journal(IEnumerable<FactData> data) => [.. data.Select((d, i) => Fact(i + 1, Noon.AddSeconds(i), d))];
}
