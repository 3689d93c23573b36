using ServiceQuality.Access;
using ServiceQuality.Console.Shell;
using ServiceQuality.Console.Suite;

namespace ServiceQuality.Console.Trends;

/// <summary>What the address of a unit's trend says.</summary>
public sealed record TrendQuery(string? Period, string? Rules);

/// <summary>How steady a unit is, where it goes and what to expect of it (SCO-30, RPT-11).</summary>
internal static class TrendsApi
{
    private const string UsualRules = "three-sigma";

    public static void MapTrends(this WebApplication app) => app.MapGet("/units/{code}/trend", Show).AsOpenPage().RequirePermission(Permissions.ReadScores);

    private static async Task<IResult> Show(string code, [AsParameters] TrendQuery query, SuiteReader suite, SchemeShelf schemes, Reader reader, CancellationToken ct)
    {
        var rules = query.Rules is { Length: > 0 } asked ? asked : UsualRules;
        var (stability, forecast) = (suite.ScoresAsync<Stability>($"api/scores/{code}/stability?period={query.Period}&rules={rules}", ct), suite.ScoresAsync<MonthsAhead>($"api/scores/{code}/forecast", ct));
        var score = await suite.ScoreAsync(code, "30d", null, ct);
        var view = new TrendView(code, rules, Periods(reader.Local(reader.Now)), await stability, await forecast, await schemes.OfAsync(score.Value?.Scheme, suite, ct));
        return view.Stability.Obstacle switch
        {
            Obstacle.Unknown => Pages.Problem("missing", StatusCodes.Status404NotFound),
            Obstacle.NotAllowed => Pages.Problem("refused", StatusCodes.Status403Forbidden),
            _ => Pages.Show<TrendPage>(new { View = view }),
        };
    }

    /// <summary>The running quarter and the one before, the running year and the one before.</summary>
    internal static IReadOnlyList<string> Periods(DateTimeOffset today)
    {
        var before = new DateOnly(today.Year, today.Month, 1).AddMonths(-3);
        return [Quarter(today.Year, today.Month), Quarter(before.Year, before.Month), FormattableString.Invariant($"{today.Year}"), FormattableString.Invariant($"{today.Year - 1}")];
    }

    private static string Quarter(int year, int month) => FormattableString.Invariant($"{year}-Q{(month + 2) / 3}");
}
