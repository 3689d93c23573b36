using ServiceQuality.Access;
using ServiceQuality.Console.Shell;
using ServiceQuality.Console.Suite;

namespace ServiceQuality.Console.Charts;

/// <summary>What the address of the comparison page says.</summary>
public sealed record ComparisonQuery(string? Under, string? Level, string? Period, string? Indicator);

/// <summary>What the address of the signals page says.</summary>
public sealed record SignalsQuery(string? Day, string? Rules);

/// <summary>Everything the comparison page shows.</summary>
public sealed record ComparisonView(ComparisonQuery Query, Reading<Ranking> Ranking, IReadOnlyList<LeafScore> Indicators, string? Indicator, Reading<FunnelPlot> Funnel, Scheme Scheme);

/// <summary>Everything the signals page shows.</summary>
public sealed record SignalsView(SignalsQuery Query, Reading<SignalsOfDay> Signals, Reading<AlertPage> Alerts);

/// <summary>Units side by side (RPT-08), and what alarmed on a day (scoring.md §9, SCO-31).</summary>
internal static class ChartsApi
{
    private const string UsualPeriod = "30d";

    public static void MapCharts(this WebApplication app)
    {
        app.MapGet("/comparison", ShowComparison).AsOpenPage().RequirePermission(Permissions.ReadScores);
        app.MapGet("/signals", ShowSignals).AsOpenPage().RequirePermission(Permissions.ReadScores);
    }

    private static async Task<IResult> ShowComparison([AsParameters] ComparisonQuery query, SuiteReader suite, SchemeShelf schemes, CancellationToken ct)
    {
        var period = query.Period is { Length: > 0 } asked ? asked : UsualPeriod;
        var ranking = await suite.ScoresAsync<Ranking>($"api/ranking?under={query.Under?.Trim()}&level={query.Level}&period={period}", ct);
        var score = ranking.Value is { } known ? await suite.ScoreAsync(known.Under.Code, UsualPeriod, null, ct) : default;
        // A funnel takes shares and rates only.
        var indicators = (score.Value?.Leaves ?? []).Where(leaf => leaf.Unit is "share" or "ratio" or "per-thousand").ToList();
        var indicator = indicators.FirstOrDefault(leaf => leaf.Code == query.Indicator)?.Code ?? indicators.FirstOrDefault()?.Code;
        var funnel = indicator is null ? default : await suite.ScoresAsync<FunnelPlot>($"api/funnel/{indicator}?under={query.Under?.Trim()}&level={query.Level}&period={period}", ct);
        var scheme = await schemes.OfAsync(score.Value?.Scheme, suite, ct);
        return Pages.Show<ComparisonPage>(new { View = new ComparisonView(query with { Period = period }, ranking, indicators, indicator, funnel, scheme) });
    }

    private static async Task<IResult> ShowSignals([AsParameters] SignalsQuery query, SuiteReader suite, CancellationToken ct)
    {
        var signals = suite.ScoresAsync<SignalsOfDay>($"api/signals?day={query.Day}&rules={query.Rules}", ct);
        var alerts = suite.ScoresAsync<AlertPage>($"api/alerts?limit=50", ct);
        return Pages.Show<SignalsPage>(new { View = new SignalsView(query, await signals, await alerts) });
    }
}
