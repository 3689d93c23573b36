using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using ServiceQuality.Cli.Import;

namespace ServiceQuality.Cli.Tests.Import;

public sealed class ImportCommandTests : IDisposable
{
    private const string Map = """
        version: 1
        facts:
          - type: servicequality.measurement.v1
            id: "m{no}"
            source: urn:example:meter
            subject: { column: unit }
            time: { column: at }
            data: { measure: load, value: { column: value } }
        """;

    private readonly Sq sq = new();

    public void Dispose() => sq.Dispose();

    private (string File, string Map) Files(int rows, Func<int, string>? unit = null, Func<int, string>? value = null)
    {
        var text = new StringBuilder("no,unit,at,value\n");
        for (var row = 1; row <= rows; row++)
            text.Append(null, $"{row},{unit?.Invoke(row) ?? "n01"},2026-11-20T01:00:00Z,{value?.Invoke(row) ?? "1.5"}\n");
        return (sq.Write("data.csv", text.ToString()), sq.Write("map.yaml", Map));
    }

    private Task<Ran> ImportAsync(FakeSuite suite, string file, string map, params string[] more) =>
        sq.RunAsync(["import", file, "--map", map, "--url", suite.Url, "--key", FakeSuite.Key, .. more]);

    [Fact]
    public async Task All_facts_are_taken_once_and_a_repeat_changes_nothing()
    {
        await using var suite = await FakeSuite.StartAsync();
        var (file, map) = Files(1_234);

        var first = await ImportAsync(suite, file, map, "--batch", "100", "--json");
        var second = await ImportAsync(suite, file, map, "--batch", "70", "--json");

        Assert.Equal((ExitCodes.Done, ExitCodes.Done), (first.Code, second.Code));
        Assert.Equal(1_234, suite.Journal.Count);
        Assert.Equal((1_234, 0, 0), Counts(first));
        Assert.Equal((0, 1_234, 0), Counts(second));
    }

    [Fact]
    public async Task Refusals_are_told_by_code_with_their_first_lines()
    {
        await using var suite = await FakeSuite.StartAsync();
        suite.Units = new HashSet<string> { "n01" };
        var (file, map) = Files(40, row => row % 4 == 0 ? "x99" : "n01", row => row == 7 ? "much" : "2");

        var ran = await ImportAsync(suite, file, map, "--batch", "5");

        Assert.Equal(ExitCodes.Findings, ran.Code);
        Assert.Contains("29 accepted, 0 duplicate, 11 refused", ran.Output, StringComparison.Ordinal);
        Assert.Contains("unknown-unit: 10", ran.Output, StringComparison.Ordinal);
        Assert.Contains("line 5 (m4): /subject", ran.Output, StringComparison.Ordinal);
        Assert.Contains("… 5 more", ran.Output, StringComparison.Ordinal);
        Assert.Contains("line 8: value ← value: 'much' is not a number", ran.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(503)]
    [InlineData(429)]
    [InlineData(502)]
    public async Task What_may_pass_later_is_tried_again_when_the_suite_says(int status)
    {
        await using var suite = await FakeSuite.StartAsync();
        suite.Misbehave(1, status, retryAfter: "1");
        var (file, map) = Files(3);

        var ran = await ImportAsync(suite, file, map, "--parallel", "1", "--json");

        Assert.Equal(ExitCodes.Done, ran.Code);
        Assert.Equal(3, suite.Journal.Count);
        var asked = suite.Requests.ToArray();
        Assert.InRange(asked[1] - asked[0], TimeSpan.FromMilliseconds(950), TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_single_fact_that_may_pass_later_is_sent_again()
    {
        await using var suite = await FakeSuite.StartAsync();
        suite.RefuseOnce["m2"] = true;
        var (file, map) = Files(3);

        var ran = await ImportAsync(suite, file, map, "--json");

        Assert.Equal((ExitCodes.Done, (3, 0, 0)), (ran.Code, Counts(ran)));
    }

    [Fact]
    public async Task Exit_codes_tell_what_went_wrong()
    {
        await using var suite = await FakeSuite.StartAsync();
        var (file, map) = Files(3);

        Assert.Equal(ExitCodes.NotAllowed, (await sq.RunAsync("import", file, "--map", map, "--url", suite.Url, "--key", "another")).Code);
        Assert.Equal(ExitCodes.Usage, (await sq.RunAsync("import", file, "--map", map, "--url", suite.Url)).Code);
        Assert.Equal(ExitCodes.Usage, (await sq.RunAsync("import", file)).Code);
        Assert.Equal(ExitCodes.Usage, (await sq.RunAsync("import", file, "--map", sq.Write("bad.yaml", "version: 1"), "--url", suite.Url)).Code);
        Assert.Equal(ExitCodes.Usage, (await ImportAsync(suite, file, map, "--batch", "1001")).Code);
        Assert.Equal(ExitCodes.Usage, (await ImportAsync(suite, file + ".none", map)).Code);
        suite.Misbehave(10, 413, code: "too-large");
        Assert.Equal(ExitCodes.Refused, (await ImportAsync(suite, file, map)).Code);
        Assert.Equal(ExitCodes.Unreachable, (await sq.RunAsync("import", file, "--map", map, "--url", $"http://127.0.0.1:{FreePort()}", "--key", "k", "--patience", "0s")).Code);
    }

    [Fact]
    public async Task The_key_comes_from_a_file_standard_input_or_the_environment_and_is_never_shown()
    {
        await using var suite = await FakeSuite.StartAsync();
        var (file, map) = Files(3);
        string[] arguments = ["import", file, "--map", map, "--url", suite.Url];

        var fromFile = await sq.RunAsync([.. arguments, "--key-file", sq.Write("key.txt", FakeSuite.Key + "\n")]);
        sq.Input = FakeSuite.Key + "\n";
        var fromInput = await sq.RunAsync([.. arguments, "--key-file", "-"]);
        sq["SQ_KEY"] = FakeSuite.Key;
        var fromEnvironment = await sq.RunAsync(arguments);

        Assert.All([fromFile, fromInput, fromEnvironment], ran =>
        {
            Assert.Equal(ExitCodes.Done, ran.Code);
            Assert.DoesNotContain(FakeSuite.Key, ran.Output + ran.Error, StringComparison.Ordinal);
        });
        Assert.DoesNotContain(FakeSuite.Key, File.ReadAllText(file + ".sq-import"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_sends_nothing_and_needs_no_suite()
    {
        var (file, map) = Files(3);

        var ran = await sq.RunAsync("import", file, "--map", map, "--dry-run");

        Assert.Equal(ExitCodes.Done, ran.Code);
        Assert.Contains("3 rows → 3 facts", ran.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(file + ".sq-import"));
    }

    [Fact]
    public async Task An_import_that_is_killed_goes_on_where_it_stopped_with_the_same_shift()
    {
        await using var suite = await FakeSuite.StartAsync();
        var arrived = new TaskCompletionSource();
        suite.BeforeAnswer = async count =>
        {
            if (count < 12)
                return;
            arrived.TrySetResult();
            await Task.Delay(Timeout.Infinite, TestContext.Current.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        };
        var (file, map) = Files(2_000);
        string[] arguments = ["import", file, "--map", map, "--url", suite.Url, "--batch", "50", "--parallel", "3", "--shift"];
        sq["SQ_KEY"] = FakeSuite.Key;

        using (var first = sq.Start(arguments))
        {
            await arrived.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
            first.Kill();
            await first.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        suite.BeforeAnswer = _ => Task.CompletedTask;
        var state = ImportState.Load(file + ".sq-import")!;
        Assert.InRange(state.Rows, 50, 1_950);
        Assert.False(state.Finished);

        // Another day: a resume that chose a shift of its own would report the same facts at other times.
        sq.Clock = new StoppedClock(TimeProvider.System.GetUtcNow().AddDays(3));
        var requests = suite.Requests.Count;
        var resumed = await sq.RunAsync([.. arguments, "--resume", "--json"]);
        var again = await sq.RunAsync([.. arguments, "--resume", "--json"]);

        Assert.Equal((ExitCodes.Done, ExitCodes.Done), (resumed.Code, again.Code));
        Assert.Equal(2_000, suite.Journal.Count);
        Assert.Empty(suite.Refused);
        var (accepted, duplicate, refused) = Counts(resumed);
        Assert.Equal((2_000, 0), (accepted + duplicate, refused));
        Assert.Equal(state.ShiftDays, JsonDocument.Parse(resumed.Output).RootElement.GetProperty("shiftDays").GetInt32());
        Assert.Equal((2_000 - state.Rows + 49) / 50, suite.Requests.Count - requests);
    }

    [Fact]
    public async Task A_file_that_changed_is_not_resumed()
    {
        await using var suite = await FakeSuite.StartAsync();
        var (file, map) = Files(3);
        await ImportAsync(suite, file, map);
        Files(4);

        var ran = await ImportAsync(suite, file, map, "--resume");

        Assert.Equal(ExitCodes.Usage, ran.Code);
        Assert.Contains("has changed since", ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_suite_that_goes_away_for_good_leaves_a_state_to_go_on_from()
    {
        await using var suite = await FakeSuite.StartAsync();
        var (file, map) = Files(100);
        suite.BeforeAnswer = count =>
        {
            if (count == 3)
                suite.Misbehave(100, 503, retryAfter: "600");
            return Task.CompletedTask;
        };

        var ran = await ImportAsync(suite, file, map, "--batch", "10", "--parallel", "1", "--patience", "1s");

        Assert.Equal(ExitCodes.Unreachable, ran.Code);
        Assert.Contains("stopped after row 30; go on with --resume", ran.Error, StringComparison.Ordinal);
        Assert.Equal(30, ImportState.Load(file + ".sq-import")!.Rows);
    }

    private static (int Accepted, int Duplicate, int Refused) Counts(Ran ran)
    {
        using var summary = JsonDocument.Parse(ran.Output);
        return (summary.RootElement.GetProperty("accepted").GetInt32(), summary.RootElement.GetProperty("duplicate").GetInt32(), summary.RootElement.GetProperty("refused").GetInt32());
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
