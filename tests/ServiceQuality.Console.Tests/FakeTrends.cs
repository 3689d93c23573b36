using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ServiceQuality.Console.Tests;

/// <summary>Stability and forecast of units, and the official ranking of a closing: c06 has everything, c01 nothing yet.</summary>
public static class FakeTrends
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/api/scores/{unit}/stability", (string unit, string? period, string? rules) => period == "2031" ? Results.Problem(statusCode: 400, type: "urn:period-not-suitable") : Of(unit, full => Stability(full, period, rules))).AllowAnonymous();
        app.MapGet("/api/scores/{unit}/forecast", (string unit) => Of(unit, Forecast)).AllowAnonymous();
        app.MapGet("/api/results/closings/{id}/ranking", (string id, string? under, string? level) => id == FakeRecords.Published && under != "nowhere" ? Results.Json(Ranking(id, level)) : Results.NotFound()).AllowAnonymous();
    }

    private static IResult Of(string unit, Func<bool, object> answer) => unit switch
    {
        "c06" or "c01" => Results.Json(answer(unit == "c06")),
        "nowhere" => Results.NotFound(),
        _ => Results.StatusCode(403),
    };

    private static object Stability(bool full, string? period, string? rules)
    {
        var random = new Random(7);
        var days = Enumerable.Range(0, 50).Select(i => new { day = new DateOnly(2026, 10, 1).AddDays(i), score = full && i is not (12 or 13) ? i == 40 ? 62.0 : 80 + (0.02 * i) + random.NextDouble() : default(double?) }).ToList();
        return new
        {
            unit = Unit("c06", "枫渚", "Fengzhu"), period = period is { Length: > 0 } ? period : "2026-Q4",
            months = new[] { Month("2026-10", full ? 80.4 : null, false), Month("2026-11", full ? period is "2026" ? 80.1 : 81.2 : null, true) },
            before = new[] { Month("2025-10", full ? 78.1 : null, false, "official"), Month("2025-11", null, false) },
            range = full ? 0.8 : (double?)null, deviation = full ? 0.57 : (double?)null,
            slope = full ? new { perDay = 0.0131, interval = new { low = 0.004, high = 0.022 }, perMonth = 0.4, monthInterval = new { low = 0.12, high = 0.67 }, significant = true, days = 48 } : null,
            verdict = full ? "improving" : "few-days", center = full ? 80.6 : (double?)null, lower = full ? 78.9 : (double?)null, upper = full ? 82.3 : (double?)null, reason = full ? null : "no-data",
            falseAlarmEvery = rules == "nelson" ? 73.4 : 370.4, days,
            signals = full ? [new { day = days[40].day, rule = rules == "nelson" ? "nelson-1" : "three-sigma", number = 1, side = "lower" }] : Array.Empty<object>(),
            siblings = full
                ? new[] { Sibling("c03", "柏川", "Baichuan", [86.0, 85.2]), Sibling("c06", "枫渚", "Fengzhu", [80.4, 81.2]), Sibling("c01", "梅屿", "Meiyu", [null, null]) }
                : [Sibling("c01", "梅屿", "Meiyu", [null, null])],
        };
    }

    private static object Forecast(bool full) => full
        ? new
        {
            method = "level", alpha = 0.31, beta = (double?)null, phi = (double?)null, level = 80.1, trend = (double?)null, deviation = 1.12, points = 12, needed = 6, reason = (string?)null,
            months = Enumerable.Range(0, 12).Select(i => Month($"{(i < 2 ? 2025 : 2026)}-{((i + 10) % 12) + 1:00}", 78 + (0.2 * i) + (i % 3 * 0.7), false, i == 0 ? "official" : "live")),
            steps = Enumerable.Range(0, 3).Select(i => new { month = i < 2 ? $"2026-{11 + i}" : "2027-01", value = 80.1, interval = new { low = 77.6 - (0.2 * i), high = 82.6 + (0.2 * i) }, error = 1.2 + (0.1 * i) }),
        }
        : new { method = (string?)null, alpha = (double?)null, beta = (double?)null, phi = (double?)null, level = (double?)null, trend = (double?)null, deviation = (double?)null, points = 2, needed = 6, reason = (string?)"few-points", months = Enumerable.Empty<object>(), steps = Enumerable.Empty<object>().Select(_ => new { month = "", value = 0.0, interval = new { low = 0.0, high = 0.0 }, error = 0.0 }) };

    private static object Ranking(string id, string? level) => new
    {
        closing = FakeRecords.ClosingOf(id), under = Unit("central", "中区", "Central"), level = level is { Length: > 0 } ? level : null, levels = new[] { "county-branch", "outlet" }, ranked = 4, hidden = 1,
        units = new[] { Place(1, 0, "c03", "柏川", "Baichuan", 88.20m, "good"), Place(2, 1, "c06", "枫渚", "Fengzhu", 86.90m, "good"), Place(2, 1, "c08", "澄湾", "Chengwan", 86.90m, "good"), Place(4, 0, "c01", "梅屿", "Meiyu", 71.00m, null) },
        notAssessed = new[] { new { unit = Unit("c02", "栖原", "Qiyuan"), reason = "no-data" }, new { unit = Unit("c09", "云泊", "Yunbo"), reason = "not-active" } },
    };

    private static object Place(int place, int tied, string code, string zh, string en, decimal official, string? grade) => new { place, tied, unit = Unit(code, zh, en), official, grade, coverage = grade is null ? 0.4 : 0.97, number = code == "c06" ? 1 : 0, hash = "5f3a9c01" };

    private static object Month(string month, double? score, bool toDate, string source = "live") => new { month, score, interval = score is { } known && source == "live" ? new { low = known - 1.2, high = known + 1.1 } : null, coverage = score is null ? 0 : 0.96, source, toDate };

    private static object Sibling(string code, string zh, string en, double?[] months) => new { unit = Unit(code, zh, en), months, mean = months.Average(), range = months.Max() - months.Min(), change = months[^1] - months[0] };

    private static object Unit(string code, string zh, string en) => new { id = Guid.Empty, code, name = new { zh, en }, kind = "county-branch", path = $"hq/central/{code}/" };
}
