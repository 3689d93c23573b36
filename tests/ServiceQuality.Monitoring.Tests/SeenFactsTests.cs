using Microsoft.Extensions.DependencyInjection;
using ServiceQuality.Monitoring.Telemetry;
using ServiceQuality.Testing;

namespace ServiceQuality.Monitoring.Tests;

/// <summary>MON-05: what was accepted is recognised, also when the same was accepted twice at the same time.</summary>
public sealed class SeenFactsTests(RealServers servers)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Keys_that_are_noted_again_keep_what_was_noted_first_and_do_not_keep_others_from_being_noted()
    {
        await using var app = await MonitoringApp.StartAsync(await servers.CreateDatabaseAsync("monitoring"), broker: null);
        var seen = app.Services.GetRequiredService<SeenFacts>();
        Guid[] keys = [.. Enumerable.Range(0, 6).Select(_ => Guid.CreateVersion7())];

        await seen.RememberAsync(keys[..4], [1, 2, 3, 4], Token);
        await seen.RememberAsync([keys[3], keys[4], keys[4], keys[5]], [40, 5, 50, 6], Token);

        var found = await seen.FindAsync(keys, Token);
        Assert.Equal([1, 2, 3, 4, 5, 6], keys.Select(key => found[key]));
    }
}
