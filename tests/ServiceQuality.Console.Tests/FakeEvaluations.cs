using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ServiceQuality.Console.Tests;

/// <summary>The evaluations, weights and panels that the console reads: c06 has everything, c01 nothing yet.</summary>
public sealed class FakeEvaluations
{
    /// <summary>A panel that waits for the reader's ratings, and one that is closed.</summary>
    public static readonly Guid OpenPanel = new("019aa000-0000-7000-8000-000000000001"), ClosedPanel = new("019aa000-0000-7000-8000-000000000002");

    private static readonly (string Code, string Zh, string En)[] Grades = [("excellent", "优秀", "Excellent"), ("good", "良好", "Good"), ("fair", "中等", "Fair"), ("pass", "合格", "Pass"), ("fail", "不合格", "Fail")];
    private static readonly (string Code, string Zh, string En)[] Dimensions = [("reliability", "可靠性", "Reliability"), ("responsiveness", "响应性", "Responsiveness"), ("assurance", "保证性", "Assurance"), ("empathy", "移情性", "Empathy"), ("tangibles", "有形性", "Tangibles")];

    /// <summary>Bodies that were posted, by path.</summary>
    public IDictionary<string, JsonElement> Posted { get; } = new Dictionary<string, JsonElement>();

    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/api/scores/{unit}/fuzzy", (string unit, string? @operator) => Of(unit, () => Fuzzy(unit == "c06", string.IsNullOrEmpty(@operator) ? "weighted-mean" : @operator))).AllowAnonymous();
        app.MapGet("/api/scores/{unit}/servqual", (string unit) => Of(unit, () => Servqual(unit == "c06"))).AllowAnonymous();
        app.MapGet("/api/scores/{unit}/gaps", (string unit) => Of(unit, () => Gaps(unit == "c06"))).AllowAnonymous();
        app.MapGet("/api/sub-dimensions", (int? version) => version is null or 1 or 2 ? Results.Json(Library(version ?? 2)) : Results.NotFound()).AllowAnonymous();
        app.MapPost("/api/sub-dimensions", (JsonElement body) => Keep("/api/sub-dimensions", body, () => body.GetProperty("reason").GetString() == "wrong"
            ? Results.Json(new { type = "urn:service-quality:malformed-request", errors = new Dictionary<string, string[]> { ["/subDimensions/0/checkPoints/1/code"] = ["code-invalid"] } }, statusCode: 400, contentType: "application/problem+json")
            : Results.Json(Library(2), statusCode: 201))).AllowAnonymous();
        app.MapGet("/api/panels", () => Results.Json(new { items = new[] { Panel(OpenPanel), Panel(ClosedPanel) } })).AllowAnonymous();
        app.MapGet("/api/panels/{id:guid}", (Guid id) => id == OpenPanel || id == ClosedPanel ? Results.Json(Panel(id)) : Results.NotFound()).AllowAnonymous();
        app.MapPost("/api/panels", (JsonElement body) => Keep("/api/panels", body, () => Results.Json(Panel(OpenPanel), statusCode: 201))).AllowAnonymous();
        app.MapPost("/api/panels/{id:guid}/{action}", (Guid id, string action, JsonElement body) => Keep($"/{action}", body, () => action == "sign"
            ? Results.Json(new { type = "urn:service-quality:panel-signer-is-author", detail = "…" }, statusCode: 409, contentType: "application/problem+json")
            : Results.Json(Panel(id)))).AllowAnonymous();
        app.MapPost("/api/weights/ahp", (JsonElement body) => Keep("/api/weights/ahp", body, () => Results.Json(Ahp(body)))).AllowAnonymous();
    }

    private static IResult Of(string unit, Func<object> answer) => unit switch
    {
        "c06" or "c01" => Results.Json(answer()),
        "nowhere" => Results.NotFound(),
        _ => Results.StatusCode(403),
    };

    private IResult Keep(string path, JsonElement body, Func<IResult> answer)
    {
        Posted[path] = body.Clone();
        return answer();
    }

    private static object Name((string Code, string Zh, string En) one) => new { zh = one.Zh, en = one.En };

    private static object Unit(string code) => new { id = Guid.Empty, code, name = new { zh = "枫渚", en = "Fengzhu" }, kind = "county-branch", path = $"hq/central/{code}/" };

    private static object Outcome(double[] memberships, string verdict, double? validity, double mean) => new
    {
        grades = Grades.Select((grade, i) => new { code = grade.Code, name = Name(grade), worth = 95 - 10 * i, membership = memberships[i] }),
        verdict = new { code = verdict, name = new { zh = verdict, en = verdict } }, tied = false, validity, doubtful = validity < 0.5, mean,
    };

    private static object Fuzzy(bool full, string composition) => new
    {
        unit = Unit(full ? "c06" : "c01"), asOf = FakeSuite.Now, @operator = composition, halfWidth = 5.0, score = full ? 77.8 : (double?)null, grade = full ? new { code = "fair", name = Name(Grades[2]) } : null,
        total = full ? Outcome([0.01, 0.47, 0.44, 0.02, 0.06], "good", 0.38, 76.7) : null, meanGrade = (object?)null, differs = full,
        reasons = full ? [new { code = "near-limit", text = new { zh = "得分距两个等级的界限 2.2 分", en = "The score is 2.2 points from the limit" } }] : Array.Empty<object>(),
        families = full ? [new { code = "efficiency", name = new { zh = "服务效率", en = "Efficiency" }, parent = (string?)null, weight = 0.35, result = Outcome([0, 0.2, 0.6, 0.2, 0], "fair", 1.1, 70.2) }] : Array.Empty<object>(),
    };

    private static object Servqual(bool full) => new
    {
        scaleLow = 1, scaleHigh = 7, answers = full ? 128 : 0, flagged = full ? 3 : 0, straightLines = full ? 2 : 0, incomplete = 0, truncated = false,
        total = full ? -0.556 : (double?)null, index = full ? 3.98 : (double?)null, coverage = full ? 1 : 0.0, totalWithoutStraightLines = full ? -0.57 : (double?)null,
        dimensions = Dimensions.Select((one, i) => new
        {
            code = one.Code, name = Name(one), count = full ? 128 : 0, expectation = full ? new[] { 4.8, 4.5, 4.4, 4.2, 4.3 }[i] : (double?)null, perception = full ? new[] { 4.0, 3.5, 4.2, 3.8, 4.5 }[i] : (double?)null,
            gap = full ? new[] { -0.8, -1.0, -0.2, -0.4, 0.2 }[i] : (double?)null, weight = full ? new[] { 0.32, 0.22, 0.19, 0.16, 0.11 }[i] : 0, weighted = full ? new[] { -0.256, -0.22, -0.038, -0.064, 0.022 }[i] : (double?)null,
            reliability = new { alpha = full ? 0.84 : (double?)null, items = 4, respondents = full ? 120 : 0, reason = full ? null : "few-respondents" },
        }),
        worstBySize = full ? [Item("responsiveness.quick", -1.4, -0.08), Item("reliability.on-time", -1.1, -0.12)] : Array.Empty<object>(),
        worstByWeight = full ? [Item("reliability.on-time", -1.1, -0.12), Item("responsiveness.quick", -1.4, -0.08)] : Array.Empty<object>(),
    };

    private static object Item(string key, double gap, double weighted) => new { key, name = key.StartsWith("reliability", StringComparison.Ordinal) ? new { zh = "按约定时间完成", en = "Done at the time agreed" } : new { zh = "办理迅速", en = "Served quickly" }, count = 128, gap, weighted };

    private static object Gaps(bool full) => new
    {
        unit = Unit(full ? "c06" : "c01"), asOf = FakeSuite.Now, widest = full ? 5 : (int?)null,
        gaps = new[]
        {
            Gap(1, "认识差距", "Knowledge gap", null, "scale", null, "customers"), Gap(2, "标准差距", "Standards gap", null, "share", null, "standards"),
            Gap(3, "传递差距", "Delivery gap", full ? -4.2 : null, "points", full ? 0.042 : null, full ? null : "monitoring"), Gap(4, "沟通差距", "Communication gap", null, "share", null, "standards"),
            Gap(5, "感知差距", "Perception gap", full ? -0.556 : null, "scale", full ? 0.0927 : null, full ? null : "monitoring"),
        },
    };

    private static object Gap(int number, string zh, string en, double? value, string unit, double? width, string? missing) => new
    {
        number, code = $"g{number}", name = new { zh, en }, meaning = new { zh = "应有与实有之差", en = "What is against what should be" }, value, unit, width, sample = value is null ? 0 : 24,
        parts = value is null ? Array.Empty<object>() : [new { code = "p", name = new { zh = "响应性", en = "Responsiveness" }, weight = 0.22, aim = 4.5, found = 3.5, gap = -1.0 }],
        missing = missing is null ? null : new { data = new { zh = "所需数据", en = "the data" }, service = missing },
    };

    private static object Library(int version)
    {
        var second = new { version = 2, effectiveFrom = (string?)"2026-12-01", state = "coming", author = (string?)"总部分析员", written = (DateTimeOffset?)FakeSuite.Now, reason = (string?)"<b>礼貌</b>" };
        var first = new { version = 1, effectiveFrom = (string?)null, state = "in-force", author = (string?)null, written = (DateTimeOffset?)null, reason = (string?)null };
        return new
        {
            version = version == 2 ? second : first, earliest = "2026-12-01", actions = version == 2 ? new[] { "change" } : [], history = new[] { second, first }, dimensions = Dimensions.Select(one => new { code = one.Code, name = Name(one) }),
            subDimensions = new[]
            {
                Sub("courtesy", "礼貌", "Courtesy", version == 2 ? "empathy" : "assurance", ("polite", "礼貌友善", "Polite and friendly"), ("neat", "仪容整洁", "Neat appearance")),
                Sub("security", "安全性", "Security", "assurance", ("money-safe", "资金安全", "Money is safe")),
            },
        };
    }

    private static object Sub(string code, string zh, string en, string dimension, params (string Code, string Zh, string En)[] points) =>
        new { code, name = new { zh, en }, dimension, importance = 3, checkPoints = points.Select(point => new { code = point.Code, name = Name(point) }) };

    private static object Panel(Guid id)
    {
        var open = id == OpenPanel;
        return new
        {
            id, kind = "weights", question = open ? "各类别应占多少权重？" : "服务态度应占多少？", elements = new[] { "质量", "效率" }, low = 0.0, high = 10.0, outlierShare = 0.25, fewest = 3, state = open ? "open" : "closed",
            author = "总部分析员", opened = FakeSuite.Now.AddDays(-2), closed = (DateTimeOffset?)null, signer = (string?)null, signed = (DateTimeOffset?)null, hash = (string?)null, given = 3,
            experts = open ? null : new[] { Expert("张岚", [8, 2], ["", ""]), Expert("李舟", [8, 2], ["", ""]), Expert("王澜", [2, 2], ["支行影响不了", ""]) },
            result = open ? null : new
            {
                elements = new[] { Element("质量", 6, 8, 3.46, 2, 8), Element("效率", 2, 2, 0, 2, 2) }, agreement = new { w = 0.67, chiSquare = 2.0, p = 0.157, reason = (string?)null },
                outliers = new[] { new { expert = "王澜", element = "质量", rating = 2.0, median = 8.0, explained = true } },
            },
            actions = open ? new[] { "rate" } : ["sign"],
        };
    }

    private static object Expert(string name, double[] ratings, string[] comments) => new { name, given = FakeSuite.Now, ratings, comments, own = false };

    private static object Element(string name, double mean, double median, double deviation, double lowest, double highest) => new { name, mean, median, deviation, lowest, highest, meanWeight = mean / 8, medianWeight = median / 10 };

    /// <summary>Two elements always agree; three do when the last judgement is 2.</summary>
    private static object Ahp(JsonElement body)
    {
        // The editor names no elements: its judgements are weighed by the score service's own code.
        if (!body.TryGetProperty("elements", out _))
            return FakeSuite.Judged(body);
        var cells = body.GetProperty("matrices")[0];
        var accepted = cells.GetArrayLength() == 2 || cells[1][2].GetDouble() == 2;
        return new
        {
            threshold = 0.1,
            group = new
            {
                weights = accepted ? cells.EnumerateArray().Select(_ => 1.0 / cells.GetArrayLength()) : null, lambdaMax = 3.9, consistencyIndex = 0.45, consistencyRatio = accepted ? 0.0 : 0.776, accepted,
                worstTriads = accepted ? Array.Empty<object>() : [new { from = 0, via = 1, to = 2, judged = 0.2, consistent = 6.0, inconsistency = 0.97 }],
            },
        };
    }
}
