using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ServiceQuality.Console.Tests;

/// <summary>The HTTP interfaces of the deduction ledger and of official results, with made-up cases of the branch c06. What is posted is kept.</summary>
public sealed class FakeRecords
{
    public const string Draft = "01900000-0000-7000-8000-0000000000d1", Published = "01900000-0000-7000-8000-0000000000d2", Computing = "01900000-0000-7000-8000-0000000000d3";
    public const string Proposed = "01900000-0000-7000-8000-0000000000c1", Own = "01900000-0000-7000-8000-0000000000c2";
    private static readonly string Hash = string.Concat(Enumerable.Repeat("5f3a9c01", 8));

    /// <summary>What was posted, by address.</summary>
    public ConcurrentQueue<(string Path, JsonNode Body)> Posted { get; } = new();

    /// <summary>The refusal of the next post to an address that ends so.</summary>
    public ConcurrentDictionary<string, string> Refusals { get; } = new();

    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/api/deductions", (string? state) => Json(new { items = state == "rejected" ? [] : new[] { Case(Proposed, "SO-17", ["confirm", "reject"], null), Case(Own, "R-2026-10", [], "deduction-confirmer-is-proposer") }, next = (string?)null })).AllowAnonymous();
        app.MapGet("/api/deductions/rules", () => Json(new { items = new[] { Rule("late-report", "报告迟报", "Late report", 0.5), Rule("supervision-order", "督办单", "Supervision order", 1), Rule("order-not-held", "整改未巩固", "Order not held", 1) } })).AllowAnonymous();
        app.MapGet("/api/deductions/{id}", (string id) => id == Own ? Json(Case(Own, "R-2026-10", [], "deduction-confirmer-is-proposer")) : id == Proposed ? Json(Case(Proposed, "SO-17", ["confirm", "reject"], null)) : Results.StatusCode(403)).AllowAnonymous();
        app.MapPost("/api/deductions", (HttpContext context, CancellationToken _) => Keep(context, new { id = Proposed })).AllowAnonymous();
        app.MapPost("/api/deductions/{id}/{action}", (HttpContext context, CancellationToken _) => Keep(context, new { })).AllowAnonymous();
        app.MapGet("/api/results/closings", () => Json(new { items = new[] { Closing(Computing, "2026-Q3", "computing", []), Closing(Draft, "2026-09", "checked", ["check", "publish", "discard"]), Closing(Published, "2026-10", "published", []) } })).AllowAnonymous();
        app.MapPost("/api/results/closings", (HttpContext context, CancellationToken _) => Keep(context, new { id = Draft })).AllowAnonymous();
        app.MapGet("/api/results/closings/{id}", (string id) => id switch
        {
            Draft => Json(Closing(Draft, "2026-09", "checked", ["check", "publish", "discard"])),
            Published => Json(Closing(Published, "2026-10", "published", [])),
            Computing => Json(Closing(Computing, "2026-Q3", "computing", [])),
            _ => Results.StatusCode(403),
        }).AllowAnonymous();
        app.MapPost("/api/results/closings/{id}/{action}", (HttpContext context, CancellationToken _) => Keep(context, new { })).AllowAnonymous();
        app.MapGet("/api/results/closings/{id}/units", (string id) => Json(new
        {
            closing = Closing(id, "2026-10", "published", []), total = 2, next = (int?)null,
            items = new object[]
            {
                new { unit = Unit, period = "2026-10", number = 1, official = 86.90m, grade = "good", coverage = 0.97, rank = new { place = 3, of = 8 }, hash = Hash, live = Live, difference = -9.4 },
                new { unit = Unit, period = "2026-10", number = 0, official = (decimal?)null, grade = (string?)null, coverage = 0.0, rank = (object?)null, hash = Hash, live = (object?)null, difference = (double?)null },
            },
        })).AllowAnonymous();
        app.MapGet("/api/results/appeals", () => Json(new { items = new[] { Appeal } })).AllowAnonymous();
        app.MapGet("/api/results/restatements", () => Json(new { items = new[] { Restatement } })).AllowAnonymous();
        app.MapGet("/api/results/units/{unit}/{period}", (string unit, string period) => unit == "c06" ? Json(Result(period)) : Results.StatusCode(403)).AllowAnonymous();
        app.MapGet("/api/results/units/{unit}/{period}/comparison", () => Json(new { number = 1, official = 86.90m, recomputed = 86.40m, asOf = FakeSuite.Now, differs = true, difference = Difference, with = new[] { Affected(2, 86.40m) } })).AllowAnonymous();
        app.MapPost("/api/results/{**rest}", (HttpContext context, CancellationToken _) => Keep(context, new { })).AllowAnonymous();
    }

    private static object Unit => new { id = new Guid("01900000-0000-7000-8000-00000000c006"), code = "c06", name = new { zh = "枫渚", en = "Fengzhu" }, kind = "county-branch", path = "hq/central/c06/" };

    private static object Live => new { period = "7d", score = 77.5, grade = "fair", coverage = 0.96, asOf = FakeSuite.Now };

    private static object Difference => new { official = 1.00m, exact = 1.0, adjustments = 1m, limit = 0.0, leaves = new[] { new { code = "hall-wait-p90", fromPoints = 70.0, toPoints = 68.0, pointsEffect = -0.28, weightEffect = 0.0 } } };

    private static object Affected(int number, decimal official) => new
    {
        unit = new { id = new Guid("01900000-0000-7000-8000-0000000000c0"), code = "central", name = new { zh = "中部大区", en = "Central region" }, kind = "region", path = "hq/central/" }, number, former = 83.90m, official,
        difference = official - 83.90m, formerGrade = "good", grade = "good",
    };

    private static object Appeal => new
    {
        id = new Guid("01900000-0000-7000-8000-0000000000a1"), unit = Unit, period = "2026-10", number = 0, state = "filed", reason = "SO-17 was mended in time.", evidence = "Photo of 12 October.",
        filer = "枫渚分公司经理", filed = FakeSuite.Now.AddDays(-1), judge = (string?)null, judged = (DateTimeOffset?)null, judgement = (string?)null, actions = new[] { "accept", "reject" }, barred = (string?)null,
    };

    private static object Restatement => new
    {
        id = new Guid("01900000-0000-7000-8000-0000000000b1"), unit = Unit, period = "2026-10", number = 2, state = "proposed", appeal = (Guid?)null, reason = "Late facts of 3 October.", difference = Difference,
        official = 87.90m, hash = Hash, with = new[] { Affected(1, 84.20m) }, proposer = "总部质量总监", proposed = FakeSuite.Now, decider = (string?)null, actions = Array.Empty<string>(), barred = "restatement-decider-is-proposer",
    };

    private static IResult Json(object body) => Results.Json(body);

    private static object Rule(string rule, string zh, string en, double points) => new { rule, kind = "deduction", name = new { zh, en }, points, cap = 5 };

    private static object Case(string id, string reference, string[] actions, string? barred) => new
    {
        id, unit = Unit, rule = "supervision-order", ruleName = new { zh = "督办单", en = "Supervision order" }, kind = "deduction", points = 1.0, @case = reference, happened = FakeSuite.Now.AddDays(-3),
        reason = "Not mended in time.", evidence = "Order SO-17, due on 12 October.", state = "proposed", counts = false, proposal = new { name = "improvement", at = FakeSuite.Now.AddDays(-2), text = (string?)null },
        decision = (object?)null, appeal = (object?)null, judgement = (object?)null, actions, barred,
    };

    internal static object ClosingOf(string id) => Closing(id, "2026-10", "published", []);

    private static object Closing(string id, string period, string state, string[] actions) => new
    {
        id, unit = Unit, period, state, moment = FakeSuite.Now.AddDays(-2), scheme = "telecom@1", units = 25, done = state == "computing" ? 10 : 25, failure = (string?)null, closer = "总部分析员", started = FakeSuite.Now.AddDays(-2),
        computed = FakeSuite.Now.AddDays(-2), @checked = FakeSuite.Now.AddDays(-1), publisher = state == "published" ? "总部质量总监" : null, published = state == "published" ? FakeSuite.Now.AddDays(-1) : (DateTimeOffset?)null,
        comment = state == "published" ? "R-2026-10 counts next month." : null, appealsUntil = state == "published" ? FakeSuite.Now.AddDays(5) : (DateTimeOffset?)null, frozen = (DateTimeOffset?)null, actions,
        findings = state == "checked" ? new { total = 2, counts = new Dictionary<string, int> { ["late-facts"] = 1, ["outlier"] = 1 }, items = new object[] { new { code = "outlier", unit = (Guid?)null, unitCode = "c06", value = "-4.2" }, new { code = "late-facts", unit = (Guid?)null, unitCode = "c07", value = "12" } } } : null,
        barred = (string?)null,
    };

    private static object Result(string period) => new
    {
        unit = Unit, period, state = "published", published = FakeSuite.Now.AddDays(-1), appealsUntil = FakeSuite.Now.AddDays(5), frozen = (DateTimeOffset?)null,
        document = new
        {
            number = 1, from = FakeSuite.Now.AddDays(-50), to = FakeSuite.Now.AddDays(-20), asOf = FakeSuite.Now.AddDays(-2), scheme = new { id = "telecom", version = 1 }, journals = new[] { new { unit = Guid.Empty, seq = 48_211 } },
            official = 86.90m, grade = "good", coverage = 0.97, rank = new { place = 3, of = 8 }, sum = new { @base = 88.40m, bonuses = 0.00m, deductions = 1.50m, limit = 0.00m, official = 86.90m },
            families = new[] { Family("efficiency", 80.1, 0.35, -6.9651), Family("outcome", 90.2, 0.25, -2.4501), Family("perception", 94.4, 0.25, -1.4), Family("reliability", 94.8, 0.15, -0.7848) },
            adjustments = new[] { new { rule = "late-report", kind = "deduction", points = 0.5m, counted = 0.5m, facts = 1, reason = (string?)null }, new { rule = "supervision-order", kind = "deduction", points = 1m, counted = 1m, facts = 1, reason = (string?)null } },
            notScored = new[] { new { code = "c06-hall2", name = new { zh = "枫渚二厅", en = "Fengzhu hall 2" } } }, annual = (object?)null,
            restatement = new { former = Hash, reason = "MI-1 was carried out.", difference = Difference, cause = new { code = "c06-hall1", number = 1, hash = Hash } }, hash = Hash,
            factsPerLeaf = 5, leaves = new object[]
            {
                new { code = "hall-wait-p90", contribution = -1.2, facts = new object[] { new { seq = 17, time = FakeSuite.Now.AddDays(-20), cost = 0.42, value = 1830.0 }, new { unit = new Guid("01900000-0000-7000-8000-0000000000c1"), code = "c06-hall1", seq = 9, time = FakeSuite.Now.AddDays(-21), cost = 0.00123, value = (double?)null } } },
                new { code = "online-wait-p90", contribution = -0.1 },
            },
        },
        documents = new[] { Document(period, 0, 85.90m), Document(period, 1, 86.90m) }, appeals = new[] { Appeal }, live = Live, difference = -9.4, actions = new[] { "appeal", "restate" }, barred = (string?)null,
    };

    private static object Family(string code, double points, double effectiveWeight, double contribution) => new { code, points, effectiveWeight, contribution, coverage = 1.0 };

    private static object Document(string period, int number, decimal official) => new { period, number, official, grade = "good", coverage = 0.97, rank = (object?)null, hash = Hash, author = "ServiceQuality", written = FakeSuite.Now };

    private async Task<IResult> Keep(HttpContext context, object answer)
    {
        var path = context.Request.Path.Value!;
        if (Refusals.FirstOrDefault(pair => path.EndsWith(pair.Key, StringComparison.Ordinal)) is { Value: { } code } refusal && Refusals.TryRemove(refusal.Key, out _))
            return Results.Problem("no", statusCode: StatusCodes.Status409Conflict, type: $"urn:service-quality:{code}");
        Posted.Enqueue((path, (await JsonNode.ParseAsync(context.Request.Body))!));
        return Results.Json(answer);
    }
}
