using ServiceQuality.EndToEnd.Chaos;

namespace ServiceQuality.EndToEnd;

/// <summary>
/// The invariants on a broker of three nodes of which one after the other hangs for a while, and one dies. Run by <c>./build.sh chaos</c>.
/// </summary>
[Collection("suite")]
public sealed class QuorumTests(ChaosReport report, ITestOutputHelper output)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Hangs = TimeSpan.FromSeconds(ChaosReport.IsLong ? 7 : 3);

    [Fact(Explicit = true)]
    public async Task PLT_03_PLT_04_Nothing_accepted_is_lost_or_counted_twice_while_nodes_of_the_broker_hang_and_die()
    {
        await using var suite = await DrillSuite.StartAsync(brokers: 3);
        Assert.Equal(3, (await suite.Nodes[0].MembersAsync("scores-facts", TestContext.Current.CancellationToken)).Count);

        await new Drill(suite, report, output).RunAsync("broker quorum", async ct =>
        {
            var pauses = ChaosReport.IsLong ? 4 : 1;
            for (var pause = 0; pause < pauses; pause++)
            {
                var node = suite.Nodes[pause % suite.Nodes.Count];
                await node.PauseAsync();
                await Task.Delay(Hangs, ct);
                await node.ContinueAsync();
                if (pause < pauses - 1)
                    await Task.Delay(Every - Hangs, ct);
            }

            await suite.Nodes[1].CrashAsync();
            await Task.Delay(TimeSpan.FromSeconds(ChaosReport.IsLong ? 5 : 1), ct);
            await suite.Nodes[1].LaunchAsync(ct);
            return new Harm { Pauses = pauses, Kills = 1 };
        });
    }
}
