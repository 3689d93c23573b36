using ServiceQuality.EndToEnd.Chaos;
using ServiceQuality.Testing;

namespace ServiceQuality.EndToEnd;

/// <summary>
/// The invariants while lines between services, broker and database fail in every way that lines fail, with two processes of the score tier.
/// <c>./build.sh chaos</c> runs the long form; SQ_CHAOS_FAULT picks faults by a part of their name.
/// </summary>
[Collection("suite")]
public sealed class LineTests(LineTests.Fixture fixture, ChaosReport report, ITestOutputHelper output) : IClassFixture<LineTests.Fixture>
{
    private const string Everywhere = "everywhere";
    private static readonly TimeSpan Short = DrillSuite.Heartbeat * 0.6;
    private static readonly TimeSpan Long = DrillSuite.Heartbeat * 2.8;

    /// <summary>Faults and lines; each line by itself in the long form.</summary>
    public static TheoryData<string, string> Faults()
    {
        (string, string)[] faults = ChaosReport.IsLong
            ?
            [
                ("cut", Everywhere),
                .. new[] { "short silence", "long silence" }.SelectMany(fault => new[] { DrillSuite.MonitoringToBroker, DrillSuite.ScoresToBroker, DrillSuite.ScoresToDatabase }.Select(line => (fault, line))),
                ("servers unheard", Everywhere), ("services unheard", Everywhere), ("slow", Everywhere),
            ]
            : [("cut", Everywhere), ("long silence", Everywhere)];
        var wanted = Environment.GetEnvironmentVariable("SQ_CHAOS_FAULT") ?? "";
        return [.. faults.Where(fault => fault.Item1.Contains(wanted, StringComparison.OrdinalIgnoreCase))];
    }

    [Theory(Explicit = true, SkipTestWithoutData = true), MemberData(nameof(Faults))]
    public async Task PLT_03_PLT_05_Nothing_accepted_is_lost_or_counted_twice_while_lines_fail(string fault, string where)
    {
        var lines = fixture.Suite.Lines.Where(line => where == Everywhere || line.Kind == where).ToList();
        await new Drill(fixture.Suite, report, output).RunAsync($"{fault}, {where}", async ct =>
        {
            try
            {
                return fault switch
                {
                    "cut" => await CutAsync(lines, ct),
                    "short silence" => await OnceAsync(lines, line => line.Swallow(), Short, ct),
                    "long silence" => await OnceAsync(lines, line => line.Swallow(), Long, ct),
                    "servers unheard" => await OnceAsync(lines, line => line.Swallow(toServer: false), Long, ct),
                    "services unheard" => await OnceAsync(lines, line => line.Swallow(toClient: false), Long, ct),
                    "slow" => await OnceAsync(lines, line => line.Slow(TimeSpan.FromMilliseconds(20)), TimeSpan.FromSeconds(10), ct),
                    _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, "No such fault."),
                };
            }
            finally
            {
                foreach (var line in lines)
                    line.Proxy.Heal();
            }
        });
    }

    /// <summary>One line after the other, for less than a second or two.</summary>
    private static async Task<Harm> CutAsync(List<Line> lines, CancellationToken ct)
    {
        var (random, cuts) = (new Random(7), ChaosReport.IsLong ? 20 : 5);
        for (var cut = 0; cut < cuts; cut++)
        {
            await Task.Delay(random.Next(200, 1000), ct);
            var line = lines[cut % lines.Count];
            line.Proxy.Cut();
            await Task.Delay(random.Next(50, 1500), ct);
            line.Proxy.Heal();
        }
        return new Harm { Cuts = cuts };
    }

    private static async Task<Harm> OnceAsync(List<Line> lines, Action<TcpProxy> fault, TimeSpan duration, CancellationToken ct)
    {
        await Task.Delay(TimeSpan.FromSeconds(1), ct);
        lines.ForEach(line => fault(line.Proxy));
        await Task.Delay(duration, ct);
        lines.ForEach(line => line.Proxy.Heal());
        await Task.Delay(TimeSpan.FromSeconds(1), ct);
        return new Harm { Cuts = lines.Count };
    }

    /// <summary>One suite for all faults.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        internal DrillSuite Suite { get; private set; } = null!;

        /// <inheritdoc/>
        public async ValueTask InitializeAsync() => Suite = await DrillSuite.StartAsync(brokers: 1);

        /// <inheritdoc/>
        public async ValueTask DisposeAsync()
        {
            if (Suite is not null)
                await Suite.DisposeAsync();
        }
    }
}
