using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using ServiceQuality.Testing;

namespace ServiceQuality.EndToEnd;

/// <summary>
/// The calls of a hotline go in by <c>sq import</c> as those of a branch would, and every indicator of every desk and of the branch above
/// comes out as plain LINQ over the file says (SCO-01 … 03, SCO-29).
/// </summary>
[Collection("suite")]
public sealed class HotlineImportTests(SuiteFixture suite, HotlineImport import, ITestOutputHelper output) : IClassFixture<HotlineImport>
{
    private static readonly TimeZoneInfo Shanghai = TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai");

    /// <summary>What hotline calls feed, by indicator: the calls that count, and what the indicator says about them.</summary>
    private static readonly Dictionary<string, (Func<HotlineCall, bool> Counts, Func<IReadOnlyList<HotlineCall>, double> Value)> Indicators = new()
    {
        ["resolution-rate"] = (call => call.Answered, calls => Share(calls, call => call.Resolved)),
        ["transfer-rate"] = (call => call.Answered, _ => 0),
        ["error-rate"] = (call => call.Answered, _ => 0),
        ["satisfaction-rate"] = (call => call.Rating is not null, calls => Share(calls, call => call.Rating >= 4)),
        ["rating-mean"] = (call => call.Rating is not null, calls => calls.Average(call => (double)call.Rating!)),
        ["poor-rating-rate"] = (call => call.Rating is not null, calls => Share(calls, call => call.Rating <= 2)),
        ["hotline-on-time"] = (_ => true, calls => Share(calls, call => call.Answered && call.WaitSeconds <= 20)),
        ["hotline-wait-mean"] = (call => call.WaitSeconds is not null, calls => calls.Average(call => call.WaitSeconds!.Value)),
        ["hotline-abandonment"] = (_ => true, calls => Share(calls, call => !call.Answered)),
        ["hotline-handle-mean"] = (call => call.Answered && call.TalkSeconds is not null, calls => calls.Average(call => call.TalkSeconds!.Value)),
    };

    [Fact]
    public void MON_05_Every_row_was_accepted() => Assert.Equal(
        (import.Calls.Count, import.Calls.Count, 0, 0),
        (Number(import.First, "rows"), Number(import.First, "accepted"), Number(import.First, "duplicate"), Number(import.First, "refused")));

    [Theory]
    [InlineData("7d", 7)]
    [InlineData("30d", 30)]
    public async Task SCO_01_SCO_29_Every_indicator_of_every_desk_and_of_the_branch_is_what_the_file_says(string period, int days)
    {
        using var director = await suite.SignInAsync("head-office");
        var compared = 0;
        foreach (var desk in HotlineCalls.Desks.Keys.Append(HotlineImport.Branch))
        {
            var score = await director.GetFromJsonAsync<JsonElement>($"/api/scores/{desk}?period={period}", TestContext.Current.CancellationToken);
            var asOf = score.GetProperty("asOf").GetDateTimeOffset();
            var from = TimeZoneInfo.ConvertTime(asOf, Shanghai).Date.AddDays(1 - days);
            Assert.Equal(from, TimeZoneInfo.ConvertTime(score.GetProperty("from").GetDateTimeOffset(), Shanghai).DateTime);
            var calls = import.Calls
                .Where(call => desk == HotlineImport.Branch || call.Agent == HotlineCalls.Desks[desk])
                .Where(call => call.Local.AddDays(import.ShiftDays) is var local && local >= from && local <= TimeZoneInfo.ConvertTime(asOf, Shanghai).DateTime)
                .ToList();
            Assert.True(calls.Count > 10, $"{desk} has only {calls.Count} calls in {period}");

            var leaves = score.GetProperty("leaves").EnumerateArray().ToDictionary(leaf => leaf.GetProperty("code").GetString()!);
            foreach (var (code, (counts, value)) in Indicators)
            {
                var (leaf, own) = (leaves[code], calls.Where(counts).ToList());
                Assert.True(own.Count == leaf.GetProperty("sample").GetInt64(), $"{desk} {period} {code}: {own.Count} calls count; {leaf}");
                if (leaf.GetProperty("value").ValueKind == JsonValueKind.Null)
                {
                    // Too few to say anything; every minimum of the delivered scheme is 20 or less.
                    Assert.True(own.Count < 20, $"{desk} {period} {code}: {leaf}");
                    continue;
                }
                Assert.True(Math.Abs(value(own) - leaf.GetProperty("value").GetDouble()) <= 1e-9, $"{desk} {period} {code}: {value(own):R} is right; {leaf}");
                compared++;
            }

            // Nothing but hotline calls happened there.
            string[] others = ["hall-wait-p90", "hall-on-time", "hall-handle-mean", "online-wait-p90", "field-on-time", "csat-mean", "nps", "ces-mean", "self-service-share", "online-share"];
            Assert.All(others, code => Assert.True(leaves[code].GetProperty("sample").GetInt64() == 0, $"{desk} {period}: {leaves[code]}"));
            var cost = leaves.Values.Sum(leaf => leaf.GetProperty("contribution").GetDouble());
            Assert.Equal(score.GetProperty("score").GetDouble() - 100, cost, 1e-9);
        }
        output.WriteLine($"{period}: {compared} indicators compared");
        Assert.True(compared > 80, $"only {compared} indicators had data");
    }

    [Fact]
    public async Task MON_05_Importing_the_same_file_again_changes_nothing()
    {
        using var director = await suite.SignInAsync("head-office");
        var asOf = TimeProvider.System.GetUtcNow();
        var before = await ScoreAsync(director, asOf);

        // The same shift, from the first row on.
        var state = JsonNode.Parse(await File.ReadAllTextAsync(import.StateFile, TestContext.Current.CancellationToken))!;
        (state["rows"], state["finished"], state["counts"]) = (0, false, new JsonObject());
        var again = Path.Combine(import.Folder, "again.sq-import");
        await File.WriteAllTextAsync(again, state.ToJsonString(), TestContext.Current.CancellationToken);
        var second = await import.ImportAsync(again, "--resume");

        Assert.Equal((0, import.Calls.Count, 0), (Number(second, "accepted"), Number(second, "duplicate"), Number(second, "refused")));
        await import.MarkAsync("again");
        Assert.Equal(import.Calls.Count, await import.JournalAsync());
        Assert.Equal(before, await ScoreAsync(director, asOf));
    }

    [Fact]
    public async Task SCO_26_PLT_07_The_command_line_shows_the_score_replays_the_journals_and_verifies_the_audit_trail()
    {
        using var auditor = await suite.SignInAsync("auditor");
        var token = auditor.DefaultRequestHeaders.Authorization!.Parameter!;

        var score = await import.SqAsync(["score", "desk-diane", "--json"], token);
        Assert.Equal("desk-diane", JsonDocument.Parse(score.Output).RootElement.GetProperty("unit").GetProperty("code").GetString());
        var shown = await import.SqAsync(["score", HotlineImport.Branch, "--period", "30d"], token);
        Assert.Contains("hotline-on-time", shown.Output, StringComparison.Ordinal);

        var replay = await import.SqAsync(["replay", .. HotlineCalls.Desks.Keys, "--json"], token);
        var replayed = JsonDocument.Parse(replay.Output).RootElement.EnumerateArray().ToList();
        Assert.Equal(HotlineCalls.Desks.Count, replayed.Count);
        Assert.All(replayed, desk => Assert.Equal(desk.GetProperty("live").GetString(), desk.GetProperty("recomputed").GetString()));

        foreach (var service in new[] { "organisation", "scores", "monitoring" })
        {
            var trail = JsonDocument.Parse((await import.SqAsync(["verify", "--service", service, "--json"], token)).Output).RootElement;
            Assert.True(service != "organisation" || trail.GetProperty("records").GetInt64() >= HotlineCalls.Desks.Count + 1, $"{trail}");
        }
    }

    [Fact]
    public void Made_up_calls_are_the_same_every_time_and_of_the_shape_of_real_ones()
    {
        var file = Path.Combine(import.Folder, "made-up.csv");
        File.WriteAllText(file, HotlineCalls.Generate(2_000, new DateTime(2021, 1, 1), 30));
        Assert.Equal(File.ReadAllText(file), HotlineCalls.Generate(2_000, new DateTime(2021, 1, 1), 30));

        var calls = HotlineCalls.Read(file);
        Assert.Equal(2_000, calls.Select(call => call.Id).Distinct().Count());
        Assert.Equal(HotlineCalls.Desks.Values.Order(), calls.Select(call => call.Agent).Distinct().Order());
        Assert.All(calls, call => Assert.Equal(call.Answered, call is { WaitSeconds: not null, TalkSeconds: not null, Rating: not null }));
        Assert.InRange(Share(calls, call => call.Answered), 0.75, 0.9);
    }

    private static double Share(IReadOnlyList<HotlineCall> calls, Func<HotlineCall, bool> hit) => (double)calls.Count(hit) / calls.Count;

    private static int Number(JsonElement summary, string name) => summary.GetProperty(name).GetInt32();

    private static async Task<string> ScoreAsync(HttpClient client, DateTimeOffset asOf)
    {
        var score = await client.GetFromJsonAsync<JsonElement>($"/api/scores/{HotlineImport.Branch}?period=30d&asOf={Uri.EscapeDataString(asOf.ToString("O"))}", TestContext.Current.CancellationToken);
        return $"{score.GetProperty("score")} {score.GetProperty("leaves")}";
    }
}

/// <summary>A branch of the north region with a desk for every agent, and the calls imported into it once.</summary>
public sealed class HotlineImport(SuiteFixture suite) : IAsyncLifetime
{
    /// <summary>The branch above the desks.</summary>
    internal const string Branch = "n90";

    private const string CallsSource = "urn:example:hotline-calls";
    private const string MarkerUnit = "n91";
    private const string MarkerSource = "urn:test:hotline";

    internal string Folder { get; } = Directory.CreateTempSubdirectory("sq-hotline-").FullName;

    internal string StateFile => Path.Combine(Folder, "first.sq-import");

    internal IReadOnlyList<HotlineCall> Calls { get; private set; } = [];

    /// <summary>Summary of the first import.</summary>
    internal JsonElement First { get; private set; }

    /// <summary>Whole days by which <c>--shift</c> moved the calls, computed without it.</summary>
    internal int ShiftDays { get; private set; }

    private string CallsFile => Path.Combine(Folder, "hotline-calls.csv");

    private string Key => suite.Demo.Keys.First(key => key.Region == "north").Key;

    public async ValueTask InitializeAsync()
    {
        HotlineCalls.Provide(CallsFile);
        Calls = HotlineCalls.Read(CallsFile);
        using var admin = await suite.SignInAsync("administrator");
        await AddAsync(admin, new { code = Branch, kind = "county-branch", parent = "north", name = Names("呼叫中心"), functions = new[] { "county-branch" }, state = "active" });
        await AddAsync(admin, new { code = MarkerUnit, kind = "hotline", parent = "north", name = Names("标记"), contactPoint = "hotline", state = "active" });
        foreach (var desk in HotlineCalls.Desks.Keys)
            await AddAsync(admin, new { code = desk, kind = "hotline", parent = Branch, name = Names(desk), contactPoint = "hotline", customersServed = 100, state = "active" });
        foreach (var desk in HotlineCalls.Desks.Keys.Append(MarkerUnit))
            await KnownAsync(desk);

        First = await ImportAsync(StateFile, "--shift");
        var today = TimeZoneInfo.ConvertTimeBySystemTimeZoneId(TimeProvider.System.GetUtcNow(), "Asia/Shanghai").DateTime;
        var last = Calls.Max(call => call.Local);
        ShiftDays = (today.Date - last.Date).Days;
        ShiftDays -= last.AddDays(ShiftDays) > today ? 1 : 0;
        Assert.Equal(ShiftDays, First.GetProperty("shiftDays").GetInt32());
        await MarkAsync("first");
        using var director = await suite.SignInAsync("head-office");
        await Eventually.Async(async () => Assert.Contains($"\"{Branch}\"", await director.GetStringAsync(new Uri($"/api/scores/{Branch}", UriKind.Relative)), StringComparison.Ordinal), TimeSpan.FromSeconds(30));
    }

    internal async Task<JsonElement> ImportAsync(string state, string option)
    {
        var run = await RunAsync(["import", CallsFile, "--map", Repository.PathOf("docs/examples/hotline-calls.yaml"), option, "--state", state, "--key", Key, "--json"], null);
        return JsonDocument.Parse(run.Output).RootElement;
    }

    /// <summary>Runs the command line as a person.</summary>
    internal Task<ProgramRun> SqAsync(IReadOnlyList<string> arguments, string token) => RunAsync(arguments, token);

    /// <summary>Posts a fact behind everything posted before and waits until it is in the journal.</summary>
    internal async Task MarkAsync(string id)
    {
        using var system = await suite.KeyOfAsync("north");
        await system.AcceptedAsync([BranchSystem.Marker(MarkerUnit, MarkerSource, id)]);
        await Eventually.Async(async () => Assert.Equal(1, await CountAsync(MarkerSource, id)), TimeSpan.FromSeconds(60));
    }

    /// <summary>Rows of the journal that the calls have become.</summary>
    internal Task<int> JournalAsync() => CountAsync(CallsSource, null);

    private async Task<int> CountAsync(string source, string? id)
    {
        await using var db = NpgsqlDataSource.Create(suite.ScoresDatabase);
        await using var count = db.CreateCommand("select count(*)::int from scores.journal where source = $1 and ($2::text is null or id = $2)");
        count.Parameters.Add(new NpgsqlParameter { Value = source });
        count.Parameters.Add(new NpgsqlParameter { Value = (object?)id ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        return (int)(await count.ExecuteScalarAsync())!;
    }

    private async Task<ProgramRun> RunAsync(IReadOnlyList<string> arguments, string? token)
    {
        // A home of its own: nobody's sign-in is used or changed.
        var environment = new Dictionary<string, string> { ["SQ_URL"] = suite.Suite.Address, ["HOME"] = Folder, ["XDG_CONFIG_HOME"] = Folder, ["LC_ALL"] = "C.UTF-8" };
        if (token is not null)
            environment["SQ_TOKEN"] = token;
        var run = await Repository.RunAsync(Repository.Sq, arguments, Folder, environment);
        Assert.True(run.ExitCode == 0, $"sq {string.Join(' ', arguments)}: {run}");
        return run;
    }

    /// <summary>Waits until intake knows a unit, which it hears of by an event; asks with a fact that is too old to count anywhere.</summary>
    private async Task KnownAsync(string unit)
    {
        using var system = await suite.KeyOfAsync("north");
        var old = BranchSystem.Marker(unit, MarkerSource, "too-old");
        old["time"] = "2020-01-01T00:00:00Z";
        await Eventually.Async(async () =>
        {
            using var answer = await system.PostAsync([old]);
            Assert.Contains("older-than-horizon", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }, TimeSpan.FromSeconds(30));
    }

    private static object Names(string name) => new { zh = name, en = name };

    private static async Task AddAsync(HttpClient admin, object unit)
    {
        using var answer = await admin.PostAsJsonAsync("/api/units", unit);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
