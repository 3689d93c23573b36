using System.Globalization;
using ServiceQuality.Cli.Telemetry;
using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Cli.Simulation;

/// <summary>
/// Believable branches: daily and weekly rhythm, opening hours, a level of quality for every branch and unit, slow drifts, incidents,
/// and facts of every type that the delivered scheme looks at. Pure: the facts are a function of seed, units, volume and time alone, and
/// <c>Between(a, b)</c> followed by <c>Between(b, c)</c> is <c>Between(a, c)</c>; so a simulator that restarts repeats nothing and skips nothing.
/// </summary>
public sealed class BranchSimulator
{
    /// <summary>Facts are drawn in steps of this length.</summary>
    internal static readonly TimeSpan Step = TimeSpan.FromMinutes(5);

    private readonly ulong seed;
    private readonly double volume;
    private readonly string source;
    private readonly UnitPlayer[] players;

    private sealed record Drawn(long Step, IReadOnlyList<CloudEvent> Facts);

    private volatile Drawn? last;

    /// <summary>A simulator of these units.</summary>
    /// <param name="seed">Equal seeds give equal facts.</param>
    /// <param name="units">The units to play.</param>
    /// <param name="volume">Customers against the usual number of the kind of contact point; 1 is usual.</param>
    public BranchSimulator(int seed, IReadOnlyList<SimulatedUnit> units, double volume = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(volume);
        this.seed = (ulong)seed;
        this.volume = volume;

        // The volume belongs to the source: the same seed at another volume draws other facts, which must not bear the same ids.
        source = string.Create(CultureInfo.InvariantCulture, $"urn:service-quality:simulator:{seed}x{volume:0.###}:");
        var fortunes = new Dictionary<string, Fortunes>();
        players = [.. units.Select(unit =>
        {
            if (!fortunes.TryGetValue(unit.Group, out var shared))
                fortunes[unit.Group] = shared = new Fortunes(this.seed, unit.Group);
            return new UnitPlayer(this.seed, unit, shared, volume, source + unit.Code);
        })];
    }

    /// <summary>Mean number of facts a second over a week, of all units together.</summary>
    public double MeanRate => players.Sum(player => player.MeanRate);

    /// <summary>The volume at which these units report <paramref name="rate"/> facts a second in the mean of a week.</summary>
    public static double VolumeFor(double rate, IReadOnlyList<SimulatedUnit> units)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rate);
        var usual = new BranchSimulator(0, units).MeanRate;
        return usual > 0 ? Math.Round(rate / usual, 3, MidpointRounding.AwayFromZero) is > 0 and var volume ? volume : 0.001 : 1;
    }

    /// <summary>The facts with <c>from ≤ time &lt; to</c>, in order of time.</summary>
    public IEnumerable<CloudEvent> Between(DateTimeOffset from, DateTimeOffset to)
    {
        for (var step = from.UtcTicks / Step.Ticks; step * Step.Ticks < to.UtcTicks; step++)
        {
            foreach (var fact in Draw(step).Where(fact => fact.Time >= from && fact.Time < to))
                yield return fact;
        }
    }

    // A live caller asks for the same step again every second.
    private IReadOnlyList<CloudEvent> Draw(long step)
    {
        if (last is { } drawn && drawn.Step == step)
            return drawn.Facts;
        var starts = new DateTimeOffset(step * Step.Ticks, TimeSpan.Zero);
        var facts = new List<CloudEvent>();
        foreach (var player in players)
            player.Play(starts, facts);
        facts.Sort((one, other) => one.Time != other.Time
            ? one.Time.CompareTo(other.Time)
            : string.CompareOrdinal(one.Source, other.Source) is not 0 and var order ? order : string.CompareOrdinal(one.Id, other.Id));
        last = new Drawn(step, facts);
        return facts;
    }
}
