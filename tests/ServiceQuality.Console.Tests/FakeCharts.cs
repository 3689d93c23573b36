using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ServiceQuality.Console.Tests;

/// <summary>The HTTP interfaces of charts, comparison, signals and alerts. Figures are made up but consistent.</summary>
public static class FakeCharts
{
    private static readonly (string Code, string Name)[] Units = [("c01", "梅屿 Meiyu"), ("c03", "柏川 Baichuan"), ("c06", "枫渚 Fengzhu"), ("c08", "澄湾 Chengwan")];

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/api/scores/{unit}/charts/{indicator}", (string indicator, string? type, string? rules, string? step) =>
            type is "p" && indicator.Contains("wait", StringComparison.Ordinal) ? Results.Problem(statusCode: 400, type: "urn:type-not-suitable") : Results.Json(Chart(indicator, type, rules, step))).AllowAnonymous();
        app.MapGet("/api/ranking", (string? under, string? level) => level == "crew" ? Results.Problem(statusCode: 400, type: "urn:units-none") : Results.Json(Ranking(under))).AllowAnonymous();
        app.MapGet("/api/funnel/{indicator}", (string indicator) => Results.Json(Funnel(indicator))).AllowAnonymous();
        app.MapGet("/api/signals", (string? day) => day == "2026-01-02" ? Results.Json(Signals(false)) : Results.Json(Signals(true))).AllowAnonymous();
        app.MapGet("/api/alerts", () => Results.Json(new { alerts = new[] { Alert("score-drop", "c06"), Alert("grade-band-crossed", "c08") }, next = (string?)null })).AllowAnonymous();
    }

    /// <summary>35 days about 400, two of them missing, the last but one far out.</summary>
    private static object Chart(string indicator, string? type, string? rules, string? step)
    {
        var random = new Random(5);
        var cusum = type == "cusum";
        var points = Enumerable.Range(0, 35).Select(i => new
        {
            at = FakeSuite.Now.AddDays(i - 34),
            value = i is 10 or 11 ? default(double?) : cusum ? Math.Max(0, (i - 20) * 3.0) : i == 33 ? 620 : 380 + (random.NextDouble() * 40),
            size = 120.0,
            lower = i is 10 or 11 || cusum ? default(double?) : 340.0,
            upper = i is 10 or 11 ? default(double?) : cusum ? 50.0 : 460.0 + (i % 3),
            z = 0.1,
            movingRange = (double?)null,
            lowerSum = cusum && i is not (10 or 11) ? 4.0 : default(double?),
        }).ToList();
        return new
        {
            indicator = Indicator(indicator), type = type is { Length: > 0 } ? type : "i-mr", rules = rules is { Length: > 0 } ? rules : "three-sigma", step = step ?? "day", baseline = (int?)null, center = 400.0, sigma = 20.0, movingRangeLimit = 70.0,
            estimated = 33, preliminary = false, reason = (string?)null, falseAlarmEvery = 370.4, falseAlarmsPerDay = 0.0027, points,
            signals = new[] { new { point = 33, at = points[33].at, rule = rules is "nelson" ? "nelson-1" : rules is "western-electric" ? "western-electric-1" : "three-sigma", number = 1, side = "upper", points = new[] { 33 }, p = 1e-9 } },
        };
    }

    private static object Ranking(string? under) => new
    {
        under = Unit(under is { Length: > 0 } ? under : "central", "中区 Central"), level = (string?)null, period = "30d", from = FakeSuite.Now.AddDays(-30), to = FakeSuite.Now, asOf = FakeSuite.Now, seed = 739_575, draws = 2000, days = 30,
        units = Units.Select((unit, i) => new
        {
            unit = Unit(unit.Code, unit.Name), score = new[] { 91.1, 85.8, 85.2, 63.4 }[i], rank = i + 1, bestRank = new[] { 1, 2, 2, 4 }[i], worstRank = new[] { 1, 3, 3, 4 }[i], interval = new { low = 84.0 - (7 * i), high = 92.0 - (7 * i) },
            tied = i is 1 or 2 ? 1 : 0, tiedWith = i == 1 ? ["c06"] : i == 2 ? new[] { "c03" } : [], shrunk = 84.0 - i, shrunkWeight = 0.8, days = 30,
        }),
        notScored = new[] { new { id = Guid.Empty, code = "c02", name = new { zh = "栖原", en = "Qiyuan" } } },
    };

    private static object Funnel(string indicator)
    {
        double Limit(double size, double sigmas) => Math.Clamp(0.8 + (sigmas * Math.Sqrt(0.16 / size)), 0, 1);
        object Wall(double size) => new { size, low3 = Limit(size, -3), low2 = Limit(size, -2), high2 = Limit(size, 2), high3 = Limit(size, 3) };
        return new
        {
            indicator = Indicator(indicator), kind = "share", minimum = 20, target = 0.8, dispersion = 2.4, overdispersed = true, walls = Enumerable.Range(1, 40).Select(i => Wall(i * 25)),
            units = Units.Select((unit, i) => new { unit = Unit(unit.Code, unit.Name), value = new[] { 0.83, 0.79, 0.6, 1.0 }[i], count = 1, size = new[] { 900, 400, 700, 8 }[i], low3 = 0.7, low2 = 0.75, high2 = 0.85, high3 = 0.9, place = new[] { "within", "within", "far-below", "too-small" }[i] }),
        };
    }

    private static object Signals(bool some) => new
    {
        day = some ? "2026-11-20" : "2026-01-02", rules = "western-electric", units = 24, charts = 216, falseAlarmEvery = 91.75, expectedFalseAlarms = 2.354, rate = 0.1, found = some ? 2 : 0, kept = some ? 1 : 0,
        signals = some ? new[] { Signal("c06", "hall-wait-p90", 1e-9, true), Signal("c08", "answered-20s", 0.0122, false) } : [],
    };

    private static object Signal(string code, string indicator, double p, bool kept) => new
    {
        unit = Unit(code, Units.First(unit => unit.Code == code).Name), indicator = Indicator(indicator), type = "i-mr", value = kept ? 620.0 : 0.62, center = kept ? 400.0 : 0.8, lower = kept ? 340.0 : 0.7, upper = kept ? 460.0 : 0.9,
        rules = new[] { new { rule = kept ? "western-electric-1" : "western-electric-3", number = kept ? 1 : 3, side = "upper" } }, p, adjusted = p * 200, kept,
    };

    private static object Alert(string kind, string code) => new
    {
        id = Guid.CreateVersion7(FakeSuite.Now), unit = Unit(code, Units.First(unit => unit.Code == code).Name), kind, period = "7d", at = FakeSuite.Now.AddHours(-2), score = 79.2, change24h = -6.1,
        from = new { code = "good", name = new { zh = "良好", en = "Good" } }, to = new { code = "fair", name = new { zh = "中等", en = "Fair" } }, isFall = true, scheme = "telecom@12",
        causes = new[] { new { indicator = "hall-wait-p90", name = new { zh = "营业厅等待 P90", en = "Hall wait P90" }, unit = "s", effect = -2.31, from = 600.0, to = 940.0 } },
    };

    private static object Indicator(string code) => new { code, name = code.Contains("wait", StringComparison.Ordinal) ? new { zh = "营业厅等待 P90", en = "Hall wait P90" } : new { zh = "20 秒接通率", en = "Answered in 20 s" }, unit = code.Contains("wait", StringComparison.Ordinal) ? "s" : "share", aggregator = "mean" };

    private static object Unit(string code, string name) => new { id = Guid.Empty, code, name = new { zh = name.Split(' ')[0], en = name.Split(' ')[1] }, kind = "county-branch", path = $"hq/central/{code}/", parent = (Guid?)null };
}
