using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using ServiceQuality.Access;
using ServiceQuality.Contracts.Scores;
using ServiceQuality.Scores.Deductions;
using ServiceQuality.Testing;

namespace ServiceQuality.Scores.Tests;

/// <summary>The deduction ledger over HTTP (SCO-18, SCO-19).</summary>
public sealed class DeductionsTests(RealServers servers) : IAsyncLifetime
{
    private static readonly Caller Proposer = ScoresApp.Person("Proposer", Roles.Region, "hq/north/");
    private static readonly Caller Decider = ScoresApp.Person("Decider");
    private static readonly Caller Judge = ScoresApp.Person("Judge");
    private static readonly Caller Manager = ScoresApp.Person("Manager", Roles.Branch, "hq/north/n01/");

    private ScoresApp _app = null!;

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public async ValueTask InitializeAsync() => _app = await ScoresApp.StartAsync(servers, Some.StraightScheme());

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task E_07_Two_confirmed_deductions_take_88_40_to_86_90()
    {
        await _app.SendAsync(Some.Points(ScoresApp.N01Hall, "p", Now.AddHours(-1), 88.40));

        await ConfirmedAsync("late-report", "report-2026-10");
        await ConfirmedAsync("supervision-order", "SO-17");

        var score = await Eventually.Async(() => _app.GetAsync("/api/scores/n01"), it => it.GetProperty("adjustments").GetArrayLength() == 2);
        Assert.Equal(86.90, score.GetProperty("score").GetDouble(), 1e-9);
        Assert.Equal([0.5m, 1m], score.GetProperty("adjustments").EnumerateArray().Select(rule => rule.GetProperty("counted").GetDecimal()));
    }

    [Fact]
    public async Task SCO_19_A_proposal_counts_only_once_it_is_confirmed_and_only_once()
    {
        await _app.SendAsync(Some.Points(ScoresApp.N01, "p", Now.AddHours(-1), 80));
        var id = await ProposedAsync("no-measure", "MI-1");

        var before = await _app.GetAsync("/api/scores/n01");
        var confirmed = await _app.PostAsync(Decider, $"/api/deductions/{id}/confirm");
        var again = await _app.PostAsync(Decider, $"/api/deductions/{id}/confirm");
        await MarkedAsync();

        Assert.Equal(80, before.GetProperty("score").GetDouble(), 1e-9);
        Assert.Equal(200, confirmed.Status);
        Assert.True(confirmed.Body.GetProperty("counts").GetBoolean());
        Assert.Equal((409, "deduction-already-decided"), (again.Status, ScoresApp.Code(again.Body)));
        Assert.Equal(1, await _app.Database.ScalarAsync<long>("SELECT count(*) FROM journal WHERE type = 'servicequality.deduction.v1'"));
        Assert.Equal(79, (await _app.GetAsync("/api/scores/n01")).GetProperty("score").GetDouble(), 1e-9);
    }

    [Fact]
    public async Task SCO_19_Nobody_confirms_or_rejects_an_own_proposal_and_the_view_says_why()
    {
        var own = await _app.PostAsync(Decider, "/api/deductions", Case("late-report", "R-1"));
        var id = own.Body.GetProperty("id").GetGuid();

        var confirmed = await _app.PostAsync(Decider, $"/api/deductions/{id}/confirm");
        var rejected = await _app.PostAsync(Decider, $"/api/deductions/{id}/reject", new { reason = "mine" });
        var seenByOther = (await _app.ReadAsync(Judge, $"/api/deductions/{id}")).Body;

        Assert.Equal(201, own.Status);
        Assert.Equal((409, "deduction-confirmer-is-proposer"), (confirmed.Status, ScoresApp.Code(confirmed.Body)));
        Assert.Equal((409, "deduction-confirmer-is-proposer"), (rejected.Status, ScoresApp.Code(rejected.Body)));
        Assert.Empty(own.Body.GetProperty("actions").EnumerateArray());
        Assert.Equal("deduction-confirmer-is-proposer", own.Body.GetProperty("barred").GetString());
        Assert.Equal(["confirm", "reject"], seenByOther.GetProperty("actions").EnumerateArray().Select(action => action.GetString()));
    }

    [Fact]
    public async Task SCO_19_A_reversed_deduction_counts_no_longer_and_its_history_stays()
    {
        await _app.SendAsync(Some.Points(ScoresApp.N01, "p", Now.AddHours(-1), 80));
        var id = await ConfirmedAsync("untrue-statement", "INV-3");
        await Eventually.Async(() => _app.GetAsync("/api/scores/n01"), score => score.GetProperty("score").GetDouble() < 79.6);

        var appealed = await _app.PostAsync(Manager, $"/api/deductions/{id}/appeal", new { reason = "The report was right." });
        var byDecider = await _app.PostAsync(Decider, $"/api/deductions/{id}/reverse", new { reason = "mine" });
        var reversed = await _app.PostAsync(Judge, $"/api/deductions/{id}/reverse", new { reason = "It was right." });

        Assert.Equal("appealed", appealed.Body.GetProperty("state").GetString());
        Assert.Equal((409, "deduction-judge-took-part"), (byDecider.Status, ScoresApp.Code(byDecider.Body)));
        Assert.Equal("reversed", reversed.Body.GetProperty("state").GetString());
        Assert.Equal("Manager", reversed.Body.GetProperty("appeal").GetProperty("name").GetString());
        await Eventually.Async(() => _app.GetAsync("/api/scores/n01"), score => Math.Abs(score.GetProperty("score").GetDouble() - 80) < 1e-9);
        Assert.Equal(1, await _app.Database.ScalarAsync<long>("SELECT count(*) FROM journal WHERE type = 'servicequality.adjustment.withdrawn.v1'"));
        using var auditor = _app.ClientOf(Roles.Auditor, "hq/");
        var trail = await auditor.GetStringAsync("/api/audit/scores", TestContext.Current.CancellationToken);
        foreach (var action in new[] { "deduction.proposed", "deduction.confirmed", "deduction.appealed", "deduction.reversed" })
            Assert.Single(trail.Split('\n'), line => line.Contains($"\"{action}\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task SCO_19_An_upheld_deduction_stays_and_is_not_appealed_against_again()
    {
        var id = await ConfirmedAsync("late-report", "R-2");
        await _app.PostAsync(Manager, $"/api/deductions/{id}/appeal", new { reason = "No." });

        var upheld = await _app.PostAsync(Judge, $"/api/deductions/{id}/uphold", new { reason = "It was late." });
        var again = await _app.PostAsync(Manager, $"/api/deductions/{id}/appeal", new { reason = "Still no." });

        Assert.Equal(("upheld", true), (upheld.Body.GetProperty("state").GetString(), upheld.Body.GetProperty("counts").GetBoolean()));
        Assert.Equal((409, "deduction-not-confirmed"), (again.Status, ScoresApp.Code(again.Body)));
    }

    [Fact]
    public async Task SCO_19_The_same_case_counts_once_per_rule_and_a_rejected_one_may_come_again()
    {
        var first = await ProposedAsync("late-report", "R-3");

        var second = await _app.PostAsync(Judge, "/api/deductions", Case("late-report", "r-3"));
        var otherRule = await _app.PostAsync(Judge, "/api/deductions", Case("untrue-statement", "R-3"));
        await _app.PostAsync(Decider, $"/api/deductions/{first}/reject", new { reason = "No evidence." });
        var afterwards = await _app.PostAsync(Judge, "/api/deductions", Case("late-report", "R-3"));

        Assert.Equal((409, "deduction-case-known"), (second.Status, ScoresApp.Code(second.Body)));
        Assert.Equal((201, 201), (otherRule.Status, afterwards.Status));
    }

    [Fact]
    public async Task A_bonus_adds_points_in_the_same_way()
    {
        await _app.SendAsync(Some.Points(ScoresApp.N01, "p", Now.AddHours(-1), 80));

        await ConfirmedAsync("best-practice", "BP-1");

        await Eventually.Async(() => _app.GetAsync("/api/scores/n01"), score => Math.Abs(score.GetProperty("score").GetDouble() - 80.5) < 1e-9);
    }

    [Fact]
    public async Task A_branch_sees_and_appeals_only_its_own()
    {
        var own = await ConfirmedAsync("late-report", "R-4");
        var foreign = (await _app.PostAsync(Judge, "/api/deductions", Case("late-report", "R-4", "s01"))).Body.GetProperty("id").GetGuid();

        var list = (await _app.ReadAsync(Manager, "/api/deductions")).Body;
        var all = (await _app.ReadAsync(Judge, "/api/deductions?rule=late-report")).Body;

        Assert.Equal([own], list.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetGuid()));
        Assert.Equal(["appeal"], list.GetProperty("items")[0].GetProperty("actions").EnumerateArray().Select(action => action.GetString()));
        Assert.Equal([foreign, own], all.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetGuid()));
        Assert.Equal(403, (await _app.ReadAsync(Manager, $"/api/deductions/{foreign}")).Status);
        Assert.Equal(403, (await _app.PostAsync(Manager, $"/api/deductions/{foreign}/appeal", new { reason = "x" })).Status);
        Assert.Equal(403, (await _app.ReadAsync(Manager, "/api/deductions?unit=s01")).Status);
        Assert.Equal(403, (await _app.PostAsync(Proposer, "/api/deductions", Case("late-report", "R-5", "s01"))).Status);
        Assert.Equal(403, (await _app.PostAsync(Manager, "/api/deductions", Case("late-report", "R-5"))).Status);
        Assert.Equal((404, 403), ((await _app.ReadAsync(Judge, $"/api/deductions/{Guid.CreateVersion7()}")).Status, (await _app.ReadAsync(Manager, $"/api/deductions/{Guid.CreateVersion7()}")).Status));
    }

    [Fact]
    public async Task The_ledger_is_filtered_and_read_page_by_page()
    {
        for (var number = 0; number < 5; number++)
            await ProposedAsync("late-report", $"R-{number}");
        await ConfirmedAsync("no-measure", "MI-9");

        var first = (await _app.ReadAsync(Judge, "/api/deductions?state=proposed&limit=3")).Body;
        var second = (await _app.ReadAsync(Judge, $"/api/deductions?state=proposed&limit=3&after={first.GetProperty("next").GetGuid()}")).Body;
        var confirmed = (await _app.ReadAsync(Judge, "/api/deductions?state=confirmed&unit=north")).Body;

        Assert.Equal(["R-4", "R-3", "R-2"], Cases(first));
        Assert.Equal(["R-1", "R-0"], Cases(second));
        Assert.Equal(JsonValueKind.Null, second.GetProperty("next").ValueKind);
        Assert.Equal(["MI-9"], Cases(confirmed));
    }

    [Theory]
    [InlineData("late-report", "", 0, "malformed-request", 400)]
    [InlineData("no-such-rule", "R-1", 0, "unknown-rule", 400)]
    [InlineData("late-report", "R-1", 2, "happened-in-future", 400)]
    [InlineData("late-report", "R-1", -9_600, "happened-too-long-ago", 400)]
    public async Task Bad_proposals_are_refused_with_a_stable_code(string rule, string reference, int hours, string code, int status)
    {
        var answer = await _app.PostAsync(Proposer, "/api/deductions", Case(rule, reference, hours: hours));

        Assert.Equal((status, code), (answer.Status, ScoresApp.Code(answer.Body)));
    }

    [Theory]
    [InlineData("/api/deductions?limit=0", "limit-invalid")]
    [InlineData("/api/deductions?limit=201", "limit-invalid")]
    [InlineData("/api/deductions?state=maybe", "state-invalid")]
    [InlineData("/api/deductions?from=yesterday", "malformed-request")]
    public async Task Bad_questions_are_refused_with_a_stable_code(string address, string code)
    {
        var answer = await _app.ReadAsync(Judge, address);

        Assert.Equal((400, code), (answer.Status, ScoresApp.Code(answer.Body)));
    }

    [Fact]
    public async Task A_reason_has_a_limit_and_the_answer_names_the_field()
    {
        var id = await ProposedAsync("late-report", "R-1");

        var answer = await _app.PostAsync(Decider, $"/api/deductions/{id}/reject", new { reason = new string('x', 4_001) });

        Assert.Equal((400, "malformed-request"), (answer.Status, ScoresApp.Code(answer.Body)));
        Assert.True(answer.Body.GetProperty("errors").TryGetProperty("reason", out _));
    }

    [Fact]
    public async Task XR_23_A_service_proposes_over_the_broker_once_per_case_and_rule_and_hears_of_the_decision()
    {
        await using var app = await ScoresApp.StartAsync(servers, Some.StraightScheme(), overRabbitMq: true);
        var bus = app.Services.GetRequiredService<IBus>();
        var proposal = new DeductionProposed("improvement", ScoresApp.N01, "supervision-order", "SO-17", Now.AddDays(-1), "Not mended in time.", "Order SO-17, due yesterday.");
        var id = Guid.CreateVersion7();
        await app.SendAsync(Some.Points(ScoresApp.N01, "p", Now.AddHours(-1), 88.4));

        // The same delivery twice, then the same case in a delivery of its own, and another case; each of the three takes effect once, in any order.
        await bus.Publish(proposal, message => message.MessageId = id, TestContext.Current.CancellationToken);
        await Eventually.Async(() => HeardAsync(1));
        await bus.Publish(proposal, message => message.MessageId = id, TestContext.Current.CancellationToken);
        await bus.Publish(proposal with { Reason = "Told again." }, TestContext.Current.CancellationToken);
        await bus.Publish(proposal with { Case = "SO-18" }, TestContext.Current.CancellationToken);
        await Eventually.Async(() => HeardAsync(3));
        var items = (await app.ReadAsync(Judge, "/api/deductions")).Body.GetProperty("items").EnumerateArray().ToList();

        Assert.Equal(["SO-17", "SO-18"], items.Select(item => item.GetProperty("case").GetString()).Order());
        var first = items.Single(item => item.GetProperty("case").GetString() == "SO-17");
        Assert.Equal("improvement", first.GetProperty("proposal").GetProperty("name").GetString());
        Assert.Equal("Not mended in time.", first.GetProperty("reason").GetString());
        // Rejected once, a service does not bring the case back.
        await app.PostAsync(Decider, $"/api/deductions/{items.Single(item => item.GetProperty("case").GetString() == "SO-18").GetProperty("id").GetGuid()}/reject", new { reason = "no" });
        await bus.Publish(proposal with { Case = "SO-18" }, TestContext.Current.CancellationToken);
        await Eventually.Async(() => HeardAsync(4));
        Assert.Equal(2, await app.Database.ScalarAsync<long>("SELECT count(*) FROM deduction"));

        await app.PostAsync(Decider, $"/api/deductions/{first.GetProperty("id").GetGuid()}/confirm");

        await Eventually.Async(() => app.GetAsync("/api/scores/n01"), score => Math.Abs(score.GetProperty("score").GetDouble() - 87.4) < 1e-9);

        async Task HeardAsync(long messages) =>
            Assert.Equal(messages, await app.Database.ScalarAsync<long>($"SELECT count(*) FROM inbox WHERE consumer = '{nameof(ProposeOnDeductionProposed)}'"));
    }

    [Theory]
    [InlineData("proposed", "improvement", false)]
    [InlineData("confirmed", "nobody", false)]
    public void Somebody_who_took_part_never_judges(string state, string name, bool expected)
    {
        var (proposer, decider, appellant) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        Step By(Guid who) => new(who, name, Some.Noon, null);
        var it = new DeductionCase(Guid.CreateVersion7(), ScoresApp.N01, "late-report", "deduction", 0.5m, "R", Some.Noon, "r", "e", DeductionCase.Appealed, By(proposer), By(decider), By(appellant));

        foreach (var who in new[] { proposer, decider, appellant })
            Assert.Equal(expected, !DeductionRules.Judge(it, who).IsRefused);
        Assert.False(DeductionRules.Judge(it, Guid.CreateVersion7()).IsRefused);
        Assert.Equal("deduction-not-appealed", DeductionRules.Judge(it with { State = state }, Guid.CreateVersion7()).Code);
    }

    private static IEnumerable<string?> Cases(JsonElement page) => page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("case").GetString());

    private static object Case(string rule, string reference, string unit = "n01", int hours = 0) =>
        new { unit, rule, @case = reference, happened = Now.AddMinutes(-10).AddHours(hours), reason = "Late by a day.", evidence = "Mail of the office." };

    private async Task<Guid> ProposedAsync(string rule, string reference)
    {
        var (status, body) = await _app.PostAsync(Proposer, "/api/deductions", Case(rule, reference));
        Assert.Equal(201, status);
        return body.GetProperty("id").GetGuid();
    }

    private async Task<Guid> ConfirmedAsync(string rule, string reference)
    {
        var id = await ProposedAsync(rule, reference);
        Assert.Equal(200, (await _app.PostAsync(Decider, $"/api/deductions/{id}/confirm")).Status);
        return id;
    }

    /// <summary>A case confirmed behind the others: when its fact is in the journal, so is everything before it.</summary>
    private async Task MarkedAsync()
    {
        var marker = (await _app.PostAsync(Proposer, "/api/deductions", Case("commendation", Guid.CreateVersion7().ToString(), "n02"))).Body.GetProperty("id").GetGuid();
        await _app.PostAsync(Decider, $"/api/deductions/{marker}/confirm");
        await Eventually.Async(() => _app.Database.ScalarAsync<long>("SELECT count(*) FROM journal WHERE type = 'servicequality.bonus.v1'"), count => count == 1);
    }
}
