using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ServiceQuality.Cli.Access;
using ServiceQuality.Cli.Import;
using ServiceQuality.Cli.Organisation;
using ServiceQuality.Cli.Telemetry;

namespace ServiceQuality.Cli.Simulation;

/// <summary>`sq simulate`: believable branches.</summary>
internal sealed class SimulateCommand
{
    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(5);

    private readonly Surroundings surroundings;
    private readonly Connection connection;
    private readonly Option<string[]> units = new("--units") { Description = "Codes of units, comma-separated; CODE=KIND (outlet, hotline, online-desk, field-team, vip-desk, county-branch) needs no sign-in. Default: every active unit that you see", HelpName = "CODES" };
    private readonly Option<double?> rate = new("--rate") { Description = "Facts a second in the mean of a week; busy hours bring more, nights less. Default: what such units usually have", HelpName = "N" };
    private readonly Option<int> seed = new("--seed") { Description = "Equal seeds give equal facts", DefaultValueFactory = _ => 1, HelpName = "N" };
    private readonly Option<double> days = new("--days") { Description = "First send this many past days", HelpName = "N" };
    private readonly Option<string?> duration = new("--duration") { Description = "How long to follow the clock: 90s, 15m, 8h or forever. Default: forever, or not at all after --days", HelpName = "TIME" };
    private readonly Option<string> timeZone = new("--time-zone") { Description = "Time zone of units given as CODE=KIND", DefaultValueFactory = _ => "Asia/Shanghai", HelpName = "ZONE" };
    private readonly Option<int> parallel = new("--parallel") { Description = "Requests at the same time while sending past days", DefaultValueFactory = _ => 4, HelpName = "N" };
    private readonly Option<bool> json = new("--json") { Description = "Write the summary as JSON, show no progress" };

    private SimulateCommand(Surroundings surroundings) => (this.surroundings, connection) = (surroundings, new Connection(surroundings));

    public static Command Create(Surroundings surroundings)
    {
        var simulate = new SimulateCommand(surroundings);
        var command = new CommandWithExamples("simulate", "Play believable branches: daily and weekly rhythm, drifts, incidents, all channels. The same seed gives the same facts.",
            "sq simulate --key-file key.txt --days 30",
            "sq simulate --key-file key.txt --rate 50 --duration 15m",
            "sq simulate --url http://127.0.0.1:8080 --key-file key.txt --units n01-hall1=outlet,n01-hotline1=hotline --seed 7")
        {
            simulate.connection.Url, simulate.connection.Key, simulate.connection.KeyFile, simulate.connection.Token, simulate.units, simulate.rate,
            simulate.seed, simulate.days, simulate.duration, simulate.timeZone, simulate.parallel, simulate.connection.GiveUp, simulate.json,
        };
        command.SetAction(simulate.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        var past = TimeSpan.FromDays(parsed.GetValue(days));
        var follow = Duration(parsed, past);
        if (past < TimeSpan.Zero || past > TimeSpan.FromDays(400) || parsed.GetValue(rate) is <= 0 || parsed.GetValue(parallel) is < 1 or > 32)
            throw new UsageException("--days must be 0 to 400, --rate above 0, --parallel 1 to 32");
        var played = await UnitsAsync(parsed, ct);
        using var http = connection.Anonymous(connection.Address(parsed));
        var sender = new TelemetrySender(http, await connection.KeyAsync(parsed, ct), surroundings.Clock, connection.Patience(parsed));
        var simulator = new BranchSimulator(parsed.GetValue(seed), played, parsed.GetValue(rate) is { } wanted ? BranchSimulator.VolumeFor(wanted, played) : 1);

        var started = surroundings.Clock.GetUtcNow();
        var end = new FeedProgress(started - past, 0, 0, 0);
        var told = started;
        var feed = new SimulationFeed(simulator, sender, surroundings.Clock, new Telling(now =>
        {
            end = now;
            if (parsed.GetValue(json) || surroundings.Clock.GetUtcNow() - told < ReportEvery)
                return;
            told = surroundings.Clock.GetUtcNow();
            surroundings.Error.WriteLine(Line(now));
        }));
        try
        {
            await feed.BackfillAsync(started - past, started, parsed.GetValue(parallel), ct);
            if (follow != TimeSpan.Zero)
                await feed.FollowAsync(started, follow is { } time ? started + time : null, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested && follow is null)
        {
            // Ctrl-C is how a simulation without end is ended.
        }

        var refusals = feed.Refusals;
        if (parsed.GetValue(json))
            await surroundings.Output.WriteLineAsync(JsonSerializer.Serialize(new { units = played.Count, end.Accepted, end.Duplicate, end.Refused, until = end.Until, refusals }, CloudEvent.DataForm));
        else
            await surroundings.Output.WriteLineAsync(Line(end) + string.Concat(refusals.Select(pair => $"{Environment.NewLine}  {pair.Key}: {pair.Value}")));
        return end.Refused > 0 ? ExitCodes.Findings : ExitCodes.Done;
    }

    private TimeSpan? Duration(ParseResult parsed, TimeSpan past) => parsed.GetValue(duration) switch
    {
        null => past > TimeSpan.Zero ? TimeSpan.Zero : null,
        "forever" => null,
        var text => CellParsers.Duration(text) is >= 0 and < 100_000_000 and var seconds
            ? TimeSpan.FromSeconds((double)seconds)
            : throw new UsageException($"--duration: '{text}' is not a time; write 90s, 15m, 8h or forever"),
    };

    private async Task<IReadOnlyList<SimulatedUnit>> UnitsAsync(ParseResult parsed, CancellationToken ct)
    {
        var codes = (parsed.GetValue(units) ?? []).SelectMany(text => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).ToList();
        if (codes.Count > 0 && codes.All(code => code.Contains('=', StringComparison.Ordinal)))
            return [.. codes.Select(code => Described(code, parsed.GetValue(timeZone)!))];

        var tree = await OrgUnit.AllAsync(await connection.AsPersonAsync(parsed, ct), ct);
        if (codes.Where(code => tree.All(unit => unit.Code != code)).ToList() is { Count: > 0 } unknown)
            throw new UsageException($"--units: there is no unit {string.Join(", ", unknown)} that you may see");
        var chosen = tree.Where(unit => codes.Count == 0 ? unit.State is "active" or "suspended" : codes.Contains(unit.Code)).Select(unit => unit.Simulated).OfType<SimulatedUnit>().ToList();
        return chosen.Count > 0 ? chosen : throw new UsageException("none of the units reports facts; contact points and county branches do");
    }

    private static SimulatedUnit Described(string text, string zone)
    {
        var parts = text.Split('=', 2);
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
            throw new UsageException($"--time-zone: '{zone}' is not a time zone");
        var group = parts[0].LastIndexOf('-') is > 0 and var dash ? parts[0][..dash] : parts[0];
        return SimulatedUnit.Of(parts[0], parts[1], $"{group}/{parts[0]}/", zone) ?? throw new UsageException($"--units: '{parts[1]}' is not a kind that reports facts");
    }

    private string Line(FeedProgress now) => surroundings.Chinese
        ? string.Create(CultureInfo.InvariantCulture, $"至 {now.Until:yyyy-MM-dd HH:mm:ss}Z：接受 {now.Accepted:N0}，重复 {now.Duplicate:N0}，拒绝 {now.Refused:N0}")
        : string.Create(CultureInfo.InvariantCulture, $"up to {now.Until:yyyy-MM-dd HH:mm:ss}Z: {now.Accepted:N0} accepted, {now.Duplicate:N0} duplicate, {now.Refused:N0} refused");

    // Progress<T> would report on another thread, after the summary.
    private sealed class Telling(Action<FeedProgress> tell) : IProgress<FeedProgress>
    {
        public void Report(FeedProgress value) => tell(value);
    }
}
